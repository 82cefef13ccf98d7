"""What the records page says: rows of the list, and one record, as frozen values. Pure and without Qt. Everything it is given is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from courier_check.clock import at
from courier_check.desk.lookups import Record
from courier_check.desk.rights import SignedIn
from courier_check.inspection.findings import Answer, FindingKind
from courier_check.inspection.rules import RuleSet
from courier_check.store.acts import Act
from courier_check.store.inbox import ReturnedItem
from courier_check.wording import Wording
from ui.board_work import LabelTold
from ui.counter.parcelfacts import spaced
from ui.shown import Fact, LineShown, Tone, VerdictShown

KINDS = {"acceptance": ("✔", "收寄", Tone.GO), "refusal": ("✖", "拒收", Tone.STOP), "referral": ("!", "复核", Tone.REFER)}
FIELDS = {
    "waybill": "运单号",
    "name": "寄件人姓名",
    "number": "证件号码",
    "phone": "寄件人电话",
    "address": "寄件人地址",
    "addressee_name": "收件人姓名",
    "addressee_phone": "收件人电话",
    "addressee_address": "收件人地址",
    "contents": "内件",
}
"""What may be corrected, in the order of the core's list."""
ANSWERS = {Answer.YES.value: "通过", Answer.NO.value: "不通过", Answer.DOUBT.value: "存疑"}
FOUND_KINDS = {
    FindingKind.PROHIBITED.value: "禁寄物品",
    FindingKind.OVER_LIMIT.value: "限寄超限",
    FindingKind.MISMATCH.value: "与申报不符",
    FindingKind.UNPROVEN.value: "不能确认安全且无证明",
    FindingKind.UNIDENTIFIED.value: "不明物",
}
CONFIRMED = {
    "document": "寄件人出示证件，号码与收寄时一致",
    "supervisor": "没有出示证件，主管退还",
    "not-kept": "收寄时没有留存身份，未核对",
}
"""How it was known who took a withdrawn parcel back."""
GONE = "已销毁"
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})|(?:([0-9]{4})[-/.])?([0-9]{1,2})[-/.]([0-9]{1,2})")
_MOST_CATEGORIES = 2


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: carriers, document types, categories and classes of contents, papers."""

    carriers: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    goods: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Days:
    """A preset period: the digit that chooses it, its words, and how many days up to today (None: all)."""

    key: str
    words: str
    days: int | None

    def period(self, today: date) -> tuple[date | None, date | None]:
        return (None, None) if self.days is None else (today - timedelta(days=self.days - 1), today)


PRESETS = (Days("1", "今天", 1), Days("2", "近 7 天", 7), Days("3", "近 30 天", 30), Days("4", "全部", None))


@dataclass(frozen=True, slots=True)
class Opened:
    """One record with what the page shows beside it. `before`: what its index part said first; `returned`: items still to be answered;
    `label`: how its label stands, None where none was asked for nor confirmed."""

    record: Record
    before: Mapping[str, str] = field(default_factory=dict)
    returned: tuple[ReturnedItem, ...] = ()
    label: LabelTold | None = None


@dataclass(frozen=True, slots=True)
class PhotoSaid:
    """A photo of a record: what it shows, and what became of its file."""

    name: str
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class RecordShown:
    """The whole record."""

    verified: VerdictShown
    verdict: VerdictShown
    parcel: tuple[Fact, ...]
    people: tuple[Fact, ...]
    checklist: tuple[LineShown, ...]
    outcome: tuple[LineShown, ...]
    corrections: tuple[LineShown, ...]
    entry: tuple[Fact, ...]
    receipt: tuple[Fact, ...]
    disputes: tuple[LineShown, ...]
    returned: tuple[LineShown, ...]
    photos: tuple[PhotoSaid, ...]
    withdrawal: tuple[LineShown, ...] = ()
    intercepts: tuple[LineShown, ...] = ()
    told: tuple[LineShown, ...] = ()


def parse_day(text: str, today: date) -> date | None:
    """A day as people type it: 2026-11-23, 20261123, 11-23 (this year); None for nothing. ValueError(text) for anything else."""
    given = text.strip()
    if not given:
        return None
    found = _DAY.fullmatch(given)
    if found is None:
        raise ValueError(given)
    year, month, day = found[1] or found[4] or str(today.year), found[2] or found[5], found[3] or found[6]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(given) from None


def row_of(act: Act, names: Names) -> tuple[str, ...]:
    """受理号, 时间, 结论, 运单, 寄件人, 承运商与品类, 收寄员, 回执, 补录、更正与异议."""
    sign, words, _ = KINDS.get(act.kind, ("", act.kind, Tone.PLAIN))
    people = " ".join(part for part in (act.name_mask, act.number_mask, act.phone_mask) if part)
    return (
        f"#{act.seq}",
        f"{at(act.at_ms):%Y-%m-%d %H:%M:%S}",
        f"{sign} {words}{f' {act.refusal}' if act.refusal else ''}",
        spaced(act.waybill) if act.waybill else "—",
        people or "未留存",
        _carrier_and_goods(act, names),
        act.operator or "—",
        "待传" if act.acknowledged_at_ms is None else "已回执",
        " ".join(
            words
            for words, so in (
                ("已撤件", act.withdrawn),
                ("已拦截", act.is_stopped),
                ("有线索", act.lead is not None),
                ("补录", act.late),
                ("已更正", act.corrected),
                ("有异议", act.disputed),
                ("答得过快", act.hurried > 0),
                ("改判过", act.taken_back > 0),
                ("安检不合格", act.security == "fail"),
            )
            if so
        ),
    )


def _carrier_and_goods(act: Act, names: Names) -> str:
    carrier = names.carriers.get(act.carrier, act.carrier) if act.carrier else ""
    known = [names.categories.get(each, each).partition("、")[0] for each in act.categories]
    goods = "、".join(known[:_MOST_CATEGORIES]) + (f" 等 {len(known)} 类" if len(known) > _MOST_CATEGORIES else "")
    return " · ".join(part for part in (carrier, goods) if part) or "—"


def verdict_of(act: Act, rules: RuleSet | None, *, waits: bool = False) -> VerdictShown:
    """`waits`: a referral that nothing has taken up yet."""
    sign, words, tone = KINDS.get(act.kind, ("", act.kind, Tone.PLAIN))
    refusal = rules.refusals.refusal(act.refusal) if rules is not None and act.refusal else None
    reason = " ".join(part for part in (act.refusal or "", refusal.zh if refusal else "") if part)
    marks = "".join(f"　{mark}" for mark, so in (("已撤件", act.withdrawn), ("有异议", act.disputed)) if so)
    if act.is_stopped:
        return VerdictShown(Tone.STOP, "✖", f"已拦截{marks}", "停止分拣、运输、投递，不得交出；主管解除以后才能放行。")
    if failed_check(act):
        return VerdictShown(Tone.STOP, "✖", f"安检不合格{marks}", f"{words}以后安检不合格：停止分拣、运输、投递；看护并报告，不得退还。")
    return VerdictShown(Tone.REFER if act.withdrawn else tone, sign, f"{words}{marks}", _SETTLING if waits else reason)


_SETTLING = "主管看过实物，在收寄台扫这个单号重新办：核定后收寄，或拒收。"


def failed_check(act: Act) -> bool:
    """Accepted, and its newest security check failed."""
    return act.kind == "acceptance" and act.security == "fail"


def may_withdraw(act: Act) -> bool:
    """Whether 撤件 is worth offering: an acceptance that stands, and that may go back to the sender. The desk decides again."""
    return act.kind == "acceptance" and not (act.withdrawn or act.is_stopped or failed_check(act))


def verified_of(record: Record, wording: Wording) -> VerdictShown:
    """What was verified when the record was opened, or what failed."""
    failures = record.verification.failures
    if failures:
        told = "".join(dict.fromkeys(wording.of(found.what) for found in failures))
        return VerdictShown(Tone.STOP, "✖", "核验不通过", told)
    checked = ["签名", "链", "部件"]
    if any(photo.held for photo in record.photos):
        checked.append("照片")
    if record.receipt is not None:
        checked.append("回执")
    pending = "" if record.receipt is not None else "；回执待传"
    return VerdictShown(Tone.GO, "✔", f"核验通过：{'、'.join(checked)}{pending}", "")


def correction_lines(opened: Opened) -> Iterator[tuple[str, str]]:
    """Each correction: what was, what is right, why; the oldest first. A field corrected twice was last what the correction before said."""
    was = dict(_originals(opened))
    for one in opened.record.corrections:
        when = f"#{one.seq}　{at(one.at_ms):%Y-%m-%d %H:%M:%S}　{one.operator or ''}"
        for place, name in enumerate(one.fields):
            now = (one.changes or {}).get(name, GONE)
            yield f"{FIELDS.get(name, name)}：{was.get(name, '—')} → {now}", "" if place else when
            was[name] = now
        answers = f"答复退回 {one.answers_returned}　" if one.answers_returned is not None else ""
        yield f"{answers}原因：{one.reason or GONE}", "" if one.fields else when
        if one.stops:
            yield "按更正后的内容不能收寄：应当拦截", ""


def dispute_lines(record: Record) -> Iterator[tuple[str, str]]:
    """Each dispute: why, and who said so when; the oldest first."""
    for one in record.disputes:
        yield one.reason or GONE, f"#{one.seq}　{at(one.at_ms):%Y-%m-%d %H:%M:%S}　{one.operator or ''}"


def withdrawal_lines(record: Record) -> Iterator[tuple[str, str]]:
    """撤件: why, by whom, and how it was known who took the parcel back."""
    one = record.withdrawal
    if one is not None:
        yield f"原因：{one.reason or GONE}", f"#{one.seq}　{at(one.at_ms):%Y-%m-%d %H:%M:%S}　{one.operator or ''}"
        yield f"{CONFIRMED.get(one.confirmed, '')}；单号可以重新收寄。".lstrip("；"), ""


def may_dispute(act: Act, who: SignedIn | None) -> bool:
    """Whether it is worth opening the form; the desk decides again."""
    return who is None or who.role.value == "supervisor" or act.operator == who.code


def _originals(opened: Opened) -> Iterator[tuple[str, str]]:
    yield from opened.before.items()
    kept = opened.record.kept
    if kept is None:
        return
    yield "address", kept.sender.address_mask or "—"
    yield "contents", "、".join(item.name for item in kept.items) or "—"
    if kept.addressee is not None:
        yield "addressee_name", kept.addressee.name_mask or "—"
        yield "addressee_phone", kept.addressee.phone_mask or "—"
        yield "addressee_address", kept.addressee.address_mask or "—"

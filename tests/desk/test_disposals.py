"""处置: a lead where the rule says so, who was told and when, and nothing handed over without a list."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from courier_check.desk import lookups
from courier_check.desk.acceptances import Recorded, Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.disposals import LONGEST_TEXT, Handover, Report
from courier_check.desk.rights import SignedIn
from courier_check.desk.shown import HeaderShown
from courier_check.errors import UserError
from courier_check.inspection.findings import Answer, ContentsFinding, Finding, FindingKind
from courier_check.inspection.verdict import Outcome
from courier_check.refusal_slip import refusal_slip
from courier_check.station import PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station
from courier_check.store import journal, views
from courier_check.store.acts import act_at
from courier_check.store.evidence import Photo
from courier_check.wording import Language, Wording
from support.entries import Prepared, facts, part, stored
from support.parcels import DOCUMENT, TODAY

WAYBILL = "SF1000000000014"
DAY_MS = 86_400_000
LIGHTER = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04")
HIDDEN = ContentsFinding(FindingKind.PROHIBITED, "打火机", "04", concealed=True)
KNIFE = ContentsFinding(FindingKind.PROHIBITED, "弹簧刀(跳刀)", "02")
FAKES = ContentsFinding(FindingKind.PROHIBITED, "仿冒运动鞋", "16")
PICTURE = Photo("photo-contents-1", "image/jpeg", b"\xff\xd8 made up")
Refuse = Callable[..., Recorded]


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


@pytest.fixture
def refuse(station: Station, prepared: Prepared, clerk: SignedIn) -> Refuse:
    """A refusal on the spot: for what was found, or with a code of the clerk's own."""
    book = station.desk().acceptances.rules.rulebook

    def make(found: ContentsFinding | None = None, *, code: str = "", no: str = "", waybill: str = WAYBILL) -> Recorded:
        session = prepared(waybill)
        session = session.answered(Finding(no, Answer.NO), book, TODAY) if no else session
        session = session.found(found, book) if found is not None else session
        session = session.refused(code, book) if code else session
        seen = found is not None or bool(no) or code in ("R07", "R10", "R11")
        session = session.photographed("photo-contents", hashlib.sha256(PICTURE.data).hexdigest()) if seen else session
        recorded = station.desk().acceptances.submit(Submission(session, clerk, photos=(PICTURE,) if seen else ()))
        assert recorded.outcome is Outcome.REFUSE
        return recorded

    return make


def seq_of(recorded: Recorded) -> int:
    return recorded.seq or 0


def report(station: Station, seq: int, by: SignedIn | None, **said: str) -> int:
    given = {"authority": "public-security", "person": "值班民警 李", "reference": "110，受理 0417", **said}
    return station.desk().disposals.report(Report(current(station), seq, **given), by).entry.header.seq


def hand_over(
    station: Station, seq: int, by: SignedIn | None, *, officers: tuple[str, ...] = ("0110234567", "0110234999"), **said: str
) -> int:
    given = {"authority": "public-security", "list_number": "样公扣字〔2026〕12号", **said}
    return station.desk().disposals.hand_over(Handover(current(station), seq, officers=officers, **given), by).entry.header.seq


def test_what_is_grave_makes_a_lead_with_a_number_and_says_whom_to_tell(station: Station, refuse: Refuse) -> None:
    seq = seq_of(refuse(KNIFE))
    said = facts(station, seq)
    assert said["report_to"] == ["public-security", "postal"]
    county, day = station.enrolled().certificate.station.region, station.clock.read().at.date()  # type: ignore[union-attr]
    number = f"XS{county}-{day:%Y%m%d}-{current(station)[:12].upper()}-1"
    assert said["lead"] == {"number": number, "county": county}
    kept = part(station, seq, "kept")
    assert kept["lead"] == {"number": number, "county": county, "sender_county": str(DOCUMENT.number)[:6]}
    act = act_at(station.database, current(station), seq)
    assert act is not None
    assert act.lead == number
    assert all(each.equal for each in views.compare(station.database))


def test_an_ordinary_lighter_carried_openly_makes_none_but_a_hidden_one_does(station: Station, refuse: Refuse) -> None:
    plain, hidden = seq_of(refuse(LIGHTER)), seq_of(refuse(HIDDEN, waybill="SF1000000000028"))
    assert "lead" not in facts(station, plain)
    assert facts(station, plain)["dispositions"] == ["hand-back"]
    assert "lead" in facts(station, hidden)
    assert len(station.desk().disposals.leads(0, 10**15)) == 1


def slip_text(station: Station, seq: int) -> str:
    rules = station.desk().acceptances.rules.rulebook.rules
    record = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    return "\n".join(f"{item} {text}" for item, text in refusal_slip(record, rules, Wording(Language.CHINESE), outlet="样例网点").rows)


@pytest.mark.parametrize(
    ("no", "code"), [("", "R07"), ("nothing-prohibited", ""), ("nothing-prohibited", "R07"), ("nothing-unidentified", "")]
)
def test_what_nobody_named_is_guarded_and_reported_like_a_named_find(
    station: Station, refuse: Refuse, clerk: SignedIn, no: str, code: str
) -> None:
    seq = seq_of(refuse(no=no, code=code))
    said = facts(station, seq)
    assert (said["dispositions"], said["prohibited"]) == (["evacuate-and-report"], [])
    assert said["report_to"] == ["public-security", "emergency", "postal"]
    (lead,) = station.desk().disposals.leads(0, 10**15)
    assert said["lead"]["number"] == lead.number  # type: ignore[index]  # a mapping
    told = slip_text(station, seq)
    assert "看护并报告" in told
    assert "当场退还" not in told
    report(station, seq, clerk)
    assert facts(station, hand_over(station, seq, clerk))["lead"] == lead.number


def test_what_is_known_and_lacks_a_proof_goes_back_and_makes_no_lead(station: Station, refuse: Refuse, clerk: SignedIn) -> None:
    seq = seq_of(refuse(code="R10"))
    assert (facts(station, seq)["dispositions"], "lead" in facts(station, seq)) == ([], False)
    assert "当场退还" in slip_text(station, seq)
    with pytest.raises(UserError):
        hand_over(station, seq, clerk)


@pytest.mark.parametrize(
    ("changes", "back"),
    [
        ({"dispositions": ("hand-back",), "refusals": ("R07",)}, True),
        ({"dispositions": ("refuse-and-lead",), "refusals": ("R11",)}, True),
        ({"dispositions": ("hand-back", "guard-and-report"), "refusals": ("R07",)}, False),
        ({"dispositions": ("of-other-rules",), "refusals": ("R07",)}, False),
        ({"refusals": ("R07",)}, False),
        ({"refusals": ("R04", "R07")}, False),
        ({"refusals": ("R10",), "answers": {"nothing-unidentified": "no"}}, False),
        ({"refusals": ("R10",), "answers": {"nothing-unidentified": "doubt"}}, True),
    ],
)
def test_the_slip_says_that_goods_went_back_only_where_they_did(
    station: Station, refuse: Refuse, changes: dict[str, object], back: bool
) -> None:
    """Entries of before what nobody named was guarded too say of it neither: nobody knows from them where it went."""
    rules = station.desk().acceptances.rules.rulebook.rules
    record = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq_of(refuse(code="R04")))
    header = HeaderShown(**changes)  # type: ignore[arg-type]  # its fields, by name
    act = replace(record.act, refusal=header.refusals[0])
    sheet = refusal_slip(replace(record, act=act, header=header), rules, Wording(Language.CHINESE), outlet="样例网点")
    assert any("当场退还" in text for _, text in sheet.rows) is back
    unread = refusal_slip(replace(record, act=act, header=None), rules, Wording(Language.CHINESE), outlet="样例网点")
    assert not any("当场退还" in text for _, text in unread.rows)


def test_numbers_never_repeat_and_carry_no_personal_data(station: Station, refuse: Refuse) -> None:
    for waybill in ("SF1000000000014", "SF1000000000028", "SF1000000000035"):
        refuse(KNIFE, waybill=waybill)
    numbers = [lead.number for lead in station.desk().disposals.leads(0, 10**15)]
    assert len(set(numbers)) == 3
    assert [number.rpartition("-")[2] for number in numbers] == ["1", "2", "3"]
    assert all(re.fullmatch(r"XS\d{6}-\d{8}-[0-9A-F]{12}-\d+", number) for number in numbers)


@pytest.mark.parametrize(("found", "code"), [(FAKES, ""), (None, "R11")])
def test_suspected_infringement_keeps_since_when_the_lists_were_here(
    station: Station, refuse: Refuse, found: ContentsFinding | None, code: str
) -> None:
    said = facts(station, seq_of(refuse(found, code=code)))
    assert said["refusal"] == "R11"
    assert "lead" in said
    held = {(one["name"], one["version"], one["installed_at_ms"]) for one in said["lists_held"]}  # type: ignore[attr-defined]
    installed = station.database.rows("SELECT name, version, installed_at_ms FROM installed_packages WHERE kind = 'list'")
    assert held == set(installed)
    assert held


def test_other_refusals_do_not_date_the_lists(station: Station, refuse: Refuse) -> None:
    assert "lists_held" not in facts(station, seq_of(refuse(KNIFE)))
    assert "lists_held" not in facts(station, seq_of(refuse(code="R04")))


def test_a_report_is_an_entry_of_its_own_and_says_nothing_of_anybody_in_its_header(
    station: Station, refuse: Refuse, clerk: SignedIn
) -> None:
    seq = seq_of(refuse(KNIFE))
    before = stored(station, seq)
    made = report(station, seq, clerk)
    assert stored(station, seq) == before
    act = act_at(station.database, current(station), seq)
    assert act is not None
    said = facts(station, made)
    assert 0 < station.clock.read().wall_ms - int(str(said.pop("told_ms"))) < 1000
    assert said == {"about": {"journal_id": current(station), "seq": seq}, "authority": "public-security", "lead": act.lead}
    assert part(station, made, "kept") == {"v": 1, "person": "值班民警 李", "reference": "110，受理 0417"}
    assert "李" not in stored(station, made).header_bytes.decode()
    assert json.loads(stored(station, made).header_bytes)["operator"] == clerk.code
    shown = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq)
    assert [(one.kind, one.authority, one.reference) for one in shown.told] == [("report-made", "public-security", "110，受理 0417")]
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_lead_is_open_then_reported_then_handed_over(station: Station, refuse: Refuse, clerk: SignedIn) -> None:
    seq = seq_of(refuse(KNIFE))
    disposals = station.desk().disposals
    number = disposals.leads(0, 10**15)[0].number
    assert disposals.lead(number).state == "open"
    report(station, seq, clerk, told="09:00")
    report(station, seq, clerk, authority="postal")
    assert (disposals.lead(number).state, disposals.lead(number).reported_to) == ("reported", ("public-security", "postal"))
    made = hand_over(station, seq, clerk)
    assert disposals.lead(number.lower()).state == "handed-over"
    assert part(station, made, "kept") == {"v": 1, "list_number": "样公扣字〔2026〕12号", "officers": ["4567", "4999"]}
    assert all(each.equal for each in views.compare(station.database))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"authority": "nobody"}, DisposalCode.AUTHORITY_UNKNOWN),
        ({"person": "  "}, DisposalCode.TOLD_WHOM),
        ({"reference": ""}, DisposalCode.TOLD_REFERENCE),
        ({"told": "刚才"}, DisposalCode.TOLD_UNREADABLE),
        ({"told": "2026-12-31 10:00"}, DisposalCode.TOLD_IN_FUTURE),
        ({"person": "长" * (LONGEST_TEXT + 1)}, DisposalCode.TEXT_TOO_LONG),
    ],
)
def test_a_report_that_says_too_little_is_not_written(
    station: Station, refuse: Refuse, clerk: SignedIn, said: dict[str, str], code: DisposalCode
) -> None:
    seq = seq_of(refuse(KNIFE))
    with pytest.raises(UserError) as raised:
        report(station, seq, clerk, **said)
    assert raised.value.code == code
    assert station.database.value("SELECT COUNT(*) FROM told_authorities") == 0


def test_a_report_needs_an_act_and_somebody_signed_in(station: Station, refuse: Refuse, clerk: SignedIn) -> None:
    seq = seq_of(refuse(KNIFE))
    for place, by, code in ((seq, None, DeskCode.NOT_SIGNED_IN), (1, clerk, DeskCode.NO_ACT), (9999, clerk, DeskCode.ENTRY_UNKNOWN)):
        with pytest.raises(UserError) as raised:
            report(station, place, by)
        assert raised.value.code == code


def test_nothing_is_handed_over_without_a_list_and_two_officers(station: Station, refuse: Refuse, clerk: SignedIn) -> None:
    seq = seq_of(refuse(KNIFE))
    for officers, said, code in (
        (("0110234567", "0110234999"), {"list_number": " "}, DisposalCode.LIST_MISSING),
        (("0110234567",), {}, DisposalCode.OFFICERS_TWO),
        (("0110234567", " 011 0234567 "), {}, DisposalCode.OFFICERS_TWO),
        (("0110234567", "张"), {}, DisposalCode.OFFICERS_TWO),
    ):
        with pytest.raises(UserError) as raised:
            hand_over(station, seq, clerk, officers=officers, **said)
        assert raised.value.code == code


def test_what_went_back_to_its_sender_is_not_handed_over(station: Station, prepared: Prepared, refuse: Refuse, clerk: SignedIn) -> None:
    lighter = seq_of(refuse(LIGHTER))
    accepted = station.desk().acceptances.submit(Submission(prepared("SF1000000000028"), clerk))
    for seq in (lighter, seq_of(accepted)):
        with pytest.raises(UserError) as raised:
            hand_over(station, seq, clerk)
        assert raised.value.code == DisposalCode.NOTHING_GUARDED


@pytest.mark.parametrize("code", ["R01", "R06"])
def test_refusing_to_show_or_to_open_leaves_nothing_of_the_sender(station: Station, refuse: Refuse, clerk: SignedIn, code: str) -> None:
    seq = seq_of(refuse(code=code))
    held = stored(station, seq)
    said = held.header_bytes + b"".join(held.openings.values())
    secrets = (DOCUMENT.name, str(DOCUMENT.number), "13800138000")
    assert not [secret for secret in secrets if secret and secret.encode() in said]
    assert "reported" not in held.openings
    assert part(station, seq, "index")["sender"] == {}
    assert part(station, seq, "index")["tokens"] == {}
    act = act_at(station.database, current(station), seq)
    assert act is not None
    assert (act.name_mask, act.number_mask, act.phone_mask) == (None, None, None)
    assert station.database.value("SELECT COUNT(*) FROM act_tokens WHERE seq = ?", (seq,)) == 0
    assert not [
        path for path in Path(station.folder.path).rglob("*") if path.is_file() and str(DOCUMENT.number).encode() in path.read_bytes()
    ]


def test_a_report_that_the_law_requires_keeps_the_identity_all_the_same(
    station: Station, prepared: Prepared, clerk: SignedIn, refuse: Refuse
) -> None:
    seq = seq_of(refuse(KNIFE, code="R06"))
    assert part(station, seq, "index")["sender"] != {}
    assert stored(station, seq).openings["reported"]


def test_a_report_may_be_late(station: Station, refuse: Refuse, clerk: SignedIn) -> None:
    seq = seq_of(refuse(KNIFE))
    earlier = station.clock.read().at - timedelta(hours=1)
    made = report(station, seq, clerk, told=f"{earlier:%Y-%m-%d %H:%M}")
    assert 0 <= station.clock.read().wall_ms - int(str(facts(station, made)["told_ms"])) - 3_600_000 < 60_000


def test_who_is_barred_by_a_list_is_told_the_list_s_own_remedy(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    phone = "13800001234"
    listed = (
        "list_id,list_type,source_org,issuer_kind,doc_no,legal_basis,remedy,subject_type,name,phone,reason,listed_on,expires_on,action\n"
        f"barred,【样本】拦截名单,样例局（虚构）,机关,样例〔2026〕9号,样例决定书,六十日内申请行政复议（样本）,电话,,{phone},样例,2026-01-15,2029-01-15,拦截\n"
    )
    by = station.desk().operators.sign_in(PRACTICE_SUPERVISOR, PRACTICE_PASSWORD)
    station.desk().lists.install_csv(listed, by)
    book = station.desk().acceptances.rules.rulebook
    recorded = station.desk().acceptances.submit(Submission(prepared(WAYBILL).refused("R12", book), clerk))
    assert recorded.outcome is Outcome.REFUSE
    assert "lists_held" in facts(station, seq_of(recorded))
    record = lookups.record(station.database, station.enrolled(), station.evidence, current(station), seq_of(recorded))
    text = "\n".join(str(row) for row in refusal_slip(record, book.rules, Wording(Language.CHINESE), outlet="样例网点").rows)
    assert "六十日内申请行政复议" in text
    assert "样例〔2026〕9号" in text
    assert phone not in text

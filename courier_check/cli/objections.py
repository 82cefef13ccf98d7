"""objections: what listed parties say against their entries (名单异议); lists decisions, lists revoke: decisions on hits that hold on."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output
from courier_check.clock import at
from courier_check.desk.objections import Answer, Objection, ObjectionOutcome, state_of
from courier_check.desk.rescreening import Pace
from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.store import journal


@click.group(help="名单异议：登记、现状、答复")
def objections() -> None:
    pass


@objections.command(help="登记名单当事人的异议，给编号；机关的名单随同步转发布机关")
@click.option("--list", "list_id", required=True, help="名单编号")
@click.option("--entry", "entry_id", required=True, help="条目编号")
@click.option("--who", required=True, help="提出异议的是谁")
@click.option("--contact", required=True, help="怎样联系；只留本网点")
@click.option("--statement", required=True, help="异议的内容和理由")
@with_operator
def record(out: Output, access: Access, **said: str) -> int:
    with access.open() as station:
        number, composed = station.desk().objections.record(Objection(**said), access.sign_in(station))
        station.keep_head()
    header = composed.entry.header
    fields = {"number": number, "seq": header.seq, "hash": composed.entry.hash, "to_issuer": header.facts["to_issuer"]}
    told = "objection-recorded-to-issuer" if fields["to_issuer"] else "objection-recorded"
    out.say(fields, told, number=number, seq=header.seq)
    return 0


@objections.command(name="list", help="异议的现状：已登记、已转、已答复")
@with_station
def listed(out: Output, access: Access) -> int:
    with access.open() as station:
        held = station.desk().objections.newest()
    for each in held:
        state = state_of(each)
        fields = {
            "number": each.number,
            "seq": each.seq,
            "at": at(each.at_ms).isoformat(),
            "list": each.list_id,
            "entry": each.entry_id,
            "to_issuer": each.to_issuer,
            "state": state.value.removeprefix("objection-"),
            "outcome": each.outcome,
        }
        outcome = out.wording.of(f"objection-outcome-{each.outcome}") if each.outcome else ""
        words = {"number": each.number, "day": f"{at(each.at_ms):%Y-%m-%d}", "list": each.list_id or "—", "entry": each.entry_id or "—"}
        out.say(fields, "objection-line", **words, state=out.wording.of(state), outcome=outcome)
    return 0


@objections.command(help="记下发布机关的答复（主管）")
@click.argument("number")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in ObjectionOutcome]), required=True, help="结果")
@click.option("--words", required=True, help="答复的内容和文号")
@with_operator
def answer(out: Output, access: Access, number: str, outcome: str, words: str) -> int:
    with access.open() as station:
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        composed = station.desk().objections.answer(Answer(number, ObjectionOutcome(outcome), words), by)
        station.keep_head()
    header = composed.entry.header
    fields = {"number": header.facts["number"], "outcome": outcome, "seq": header.seq, "hash": composed.entry.hash}
    told = out.wording.of(f"objection-outcome-{outcome}")
    out.say(fields, "objection-answer-recorded", number=str(header.facts["number"]), outcome=told, seq=header.seq)
    return 0


@click.command(help="核对过的命中：对谁、到哪天、谁决定的（不显示是谁）")
@with_station
def decisions(out: Output, access: Access) -> int:
    with access.open() as station:
        held = station.desk().decisions.newest()
    for each in held:
        fields: dict[str, Any] = {
            "seq": each.seq,
            "at": at(each.at_ms).isoformat(),
            "list": each.list_id,
            "entry": each.entry_id,
            "revision": each.revision,
            "decision": each.decision,
            "supervisor": each.supervisor,
            "until_on": each.until_on.isoformat(),
            "revoked_by": each.revoked[1] if each.revoked else None,
        }
        words: dict[str, str | int | bool | None] = {
            "seq": each.seq,
            "list": each.list_id or "—",
            "entry": each.entry_id or "—",
            "until": each.until_on.isoformat(),
        }
        decision = out.wording.of(f"decision-{each.decision}")
        revoked = out.wording.of("decision-was-revoked", {"seq": each.revoked[1]}) if each.revoked else ""
        out.say(fields, "decision-line", **words, decision=decision, supervisor=each.supervisor or "—", revoked=revoked)
    return 0


@click.command(help="撤销核对的决定（主管）：以后再来重新核对")
@click.argument("seq", type=click.IntRange(1))
@click.option("--reason", required=True, help="撤销的原因")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def revoke(out: Output, access: Access, seq: int, reason: str, journal_id: str | None) -> int:
    with access.open() as station:
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        place = journal_id or journal.current_journal(station.database) or ""
        entry = station.desk().decisions.revoke(place, seq, reason, by).entry
        station.keep_head()
    out.say({"revokes": seq, "seq": entry.header.seq, "hash": entry.hash}, "decision-revoke-recorded", revokes=seq, seq=entry.header.seq)
    return 0


_WAIT_S = 0.2
"""Between two looks at whether a list's index is built."""


@click.command(help="名单变了：把认得的寄件人再核查一遍；中断以后接着做")
@with_station
def rescreen(out: Output, access: Access) -> int:
    with access.open() as station:
        rescreening = station.desk().rescreening
        total = max(1, rescreening.standing().total)
        with click.progressbar(length=total, label="重新核查 Rescreening", file=sys.stderr, hidden=out.as_json) as bar:
            while (pace := rescreening.step()) is not Pace.FINISHED:
                bar.update(rescreening.standing().done - bar.pos)
                if pace is Pace.WAITS:
                    time.sleep(_WAIT_S)
        standing, work = rescreening.standing(), rescreening.work()
    out.say({"screened": standing.done, "work": len(work)}, "rescreened", screened=standing.done, work=len(work))
    return 0


@click.command(help="名单变了以后要办的事；--done 办完一件")
@click.option("--done", type=click.IntRange(1), help="办完的一件的编号")
@with_operator
def work(out: Output, access: Access, done: int | None) -> int:
    with access.open() as station:
        rescreening = station.desk().rescreening
        if done is not None:
            rescreening.finish(done, access.sign_in(station))
        items = rescreening.work()
    for item in items:
        action = out.wording.of(f"action-{item.action}") if item.action else "—"
        fields: dict[str, Any] = {
            "number": item.number,
            "change": item.change.removeprefix("rescreen-"),
            "list": item.list_id,
            "entry": item.entry_id,
            "action": item.action,
            "at": at(item.at_ms).isoformat(),
            "journal_id": item.journal_id,
            "seq": item.seq,
            "to_do": out.wording.of(_to_do(item.action)),
        }
        words: dict[str, str | int | bool | None] = {
            "number": item.number,
            "list": item.list_id,
            "entry": item.entry_id,
            "action": action,
            "seq": item.seq or "—",
        }
        out.say(fields, "rescreen-line", **words, change=out.wording.of(item.change), todo=str(fields["to_do"]))
    return 0


def _to_do(action: str | None) -> str:
    """The sentence that says what to do about a change."""
    return f"rescreen-todo-{action}" if action is not None else "rescreen-todo-gone"

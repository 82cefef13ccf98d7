"""验视标识: what a label says is what its entry says and nobody's name; it waits where no printer is, and is confirmed on the parcel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.disposal_codes import DisposalCode
from courier_check.desk.intercepts import Cause, Intercept, InterceptOutcome, Settlement
from courier_check.desk.labels import CLAIM_MS, LabelFacts, Tried
from courier_check.desk.rights import SignedIn
from courier_check.desk.withdrawals import Withdrawal
from courier_check.devices.bitmap import LabelSize
from courier_check.devices.codes import PrinterCode
from courier_check.devices.label_languages import PrinterLanguage
from courier_check.devices.label_printer import Waits
from courier_check.devices.simulated_printer import PrinterTrouble, SimulatedPrinter
from courier_check.errors import DeviceError, UserError
from courier_check.journal.label_text import label_text, parse_label_text
from courier_check.label_printing import LabelCode, drawn, label_of, print_labels
from courier_check.station import Station
from courier_check.store import journal, labels, views
from courier_check.store.machine import KnownPrinter, Machine, save_machine
from support.clocks import SetClock
from support.entries import Prepared, facts, stored
from support.parcels import DOCUMENT

WAYBILL = "SF1000000000014"
NUMBER = str(DOCUMENT.number)
SHORT = Waits(connect_s=0.5, write_s=0.5, answer_s=0.3)
"""For printers that will not answer. Others are given time: the machine may be busy."""
PATIENT = Waits(connect_s=20, write_s=20, answer_s=20)


def current(station: Station) -> str:
    return journal.current_journal(station.database) or ""


def accept(station: Station, prepared: Prepared, by: SignedIn, waybill: str = WAYBILL) -> int:
    recorded = station.desk().acceptances.submit(Submission(prepared(waybill), by))
    assert recorded.verdict.missing == ()
    return recorded.seq or 0


def printing(station: Station, waits: Waits = PATIENT) -> list[Tried]:
    return list(print_labels(station.desk().labels, station.folder.path, waits=waits))


def use(station: Station, printer: SimulatedPrinter) -> None:
    save_machine(station.folder.path, Machine(printer=KnownPrinter(address=printer.address, language=printer.language.value)))


def test_a_label_says_what_the_entry_says(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    made = station.desk().labels.facts(current(station), seq)
    assert (made.inspected, made.real_name, made.operator, made.waybill_end, made.copy) == (True, "verified", "0142", "000014", 0)
    assert made.entry.hash == journal.hash_at(station.database, current(station), seq)
    label = label_of(made)
    assert [(mark.text, mark.made) for mark in label.marks] == [("已验视", True), ("已实名", True), ("待安检", False)]
    assert {"网点 " + made.outlet_id, "工号 0142", "运单尾号 000014", f"受理号 #{seq}", "练习，不作凭证"} <= set(label.lines)
    assert parse_label_text(label.code) == made.entry


MARKS: list[tuple[dict[str, object], tuple[str, bool], tuple[str, bool]]] = [
    ({"inspected": False}, ("未验视", False), ("已实名", True)),
    ({"real_name": "exempt", "mail_kind": "letter"}, ("已验视", True), ("免实名", False)),
    ({"real_name": "agreement", "mail_kind": "agreement"}, ("已验视", True), ("已实名", True)),
    ({"real_name": "agreement", "mail_kind": "parcel"}, ("已验视", True), ("未实名", False)),
    ({"real_name": "shown"}, ("已验视", True), ("未实名", False)),
    ({"real_name": None}, ("已验视", True), ("未实名", False)),
]


@pytest.mark.parametrize(("changes", "inspected", "named"), MARKS)
def test_no_mark_says_more_than_was_done(changes: dict[str, object], inspected: tuple[str, bool], named: tuple[str, bool]) -> None:
    marks = label_of(replace(FACTS, **changes)).marks  # type: ignore[arg-type]  # the fields above
    assert [(mark.text, mark.made) for mark in marks] == [inspected, named, ("待安检", False)]


FACTS = LabelFacts(
    entry=parse_label_text(f"CCL1:{'A1' * 16}:7:{'0F' * 32}") or pytest.fail("no label"),
    at_ms=1_770_000_000_000,
    outlet_id="zz-01",
    outlet_name="样例路营业部",
    operator="0142",
    mail_kind="parcel",
    real_name="verified",
    inspected=True,
    waybill_end=None,
    copy=0,
    practice=False,
)


def test_a_name_the_font_can_not_write_gives_way_to_the_outlets_number() -> None:
    lines = label_of(replace(FACTS, outlet_name="样例𪚥路")).lines
    assert "样例𪚥路" not in lines
    assert "网点 zz-01" in lines


def test_nobody_is_named_on_a_label(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    """Whatever the act keeps of sender and addressee, the same label comes out: none of it is on it."""

    def others(session: Session) -> Session:
        sender = replace(session.draft.sender, phone="13700009999", address="样例市另外的路 9 号")
        return replace(session, draft=replace(session.draft, sender=sender))

    labelled = station.desk().labels
    one = labelled.facts(current(station), accept(station, prepared, clerk))
    other_session = prepared("SF2000000000014", changed=others)
    assert other_session.draft.sender.phone == "13700009999"
    seq = station.desk().acceptances.submit(Submission(other_session, clerk)).seq or 0
    two = labelled.facts(current(station), seq)
    same = replace(two, entry=one.entry, at_ms=one.at_ms)
    assert drawn(same, LabelSize()) == drawn(one, LabelSize())
    words = " ".join((*label_of(one).lines, label_of(one).code, *(mark.text for mark in label_of(one).marks)))
    kept = b"".join(opening[32:] for opening in stored(station, one.entry.seq).openings.values()).decode()
    for secret in (DOCUMENT.name, NUMBER, "13800001234", "某路 1 号", "李四", "13900005678", "某路 2 号", WAYBILL):
        assert str(secret) in kept
        assert str(secret) not in words
    assert not set("张丰李四") & set(words)


def test_without_a_printer_the_act_stands_and_its_label_waits(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    verbs = station.desk().labels
    job = verbs.ask(current(station), seq, clerk)
    (tried,) = printing(station)
    assert tried.error is not None
    assert tried.error.code == LabelCode.NO_PRINTER
    assert (tried.job.tries, tried.job.trouble, tried.job.is_printed) == (1, "label-no-printer", False)
    assert verbs.ask(current(station), seq, clerk).number == job.number  # asked again, it is the same one
    assert station.verify().ok


@pytest.mark.parametrize("language", [PrinterLanguage.TSPL, PrinterLanguage.ZPL, PrinterLanguage.ESCPOS])
@pytest.mark.parametrize("trouble", [each for each in PrinterTrouble if each is not PrinterTrouble.NONE])
def test_what_a_printer_in_trouble_did_not_print_comes_out_later(
    station: Station, prepared: Prepared, clerk: SignedIn, language: PrinterLanguage, trouble: PrinterTrouble
) -> None:
    seqs = [accept(station, prepared, clerk, waybill) for waybill in (WAYBILL, "SF2000000000014")]
    with SimulatedPrinter(language) as printer:
        use(station, printer)
        for seq in seqs:
            station.desk().labels.ask(current(station), seq, clerk)
        printer.trouble = trouble
        mute = trouble in (PrinterTrouble.SILENT, PrinterTrouble.HANGS)
        (tried,) = printing(station, SHORT if mute else PATIENT)  # the second is not even tried
        assert isinstance(tried.error, DeviceError)
        assert [job.seq for job in station.desk().labels.waiting()] == seqs
        printer.trouble = PrinterTrouble.NONE
        assert [(each.error, each.job.is_printed) for each in printing(station)] == [(None, True), (None, True)]
        assert station.desk().labels.waiting() == printing(station) == []
    wanted = [drawn(station.desk().labels.facts(current(station), seq), LabelSize()) for seq in seqs]
    assert (printer.labels, printer.faults) == (wanted, [])


def test_a_reprint_is_marked_and_journaled(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    verbs, place = station.desk().labels, (current(station), seq)
    with SimulatedPrinter(PrinterLanguage.ZPL) as printer:
        use(station, printer)
        verbs.ask(*place, clerk)
        printing(station)
        before = journal.head_of(station.database, current(station), "").seq
        with pytest.raises(UserError) as caught:
            verbs.ask(*place, clerk)
        assert caught.value.code == DeskCode.LABEL_PRINTED
        for copy in (1, 2):
            assert verbs.ask(*place, clerk, again=True).copy == copy
            assert verbs.ask(*place, clerk, again=True).copy == copy  # it waits: not one more
            (tried,) = printing(station)
            assert tried.error is None
    made = journal.head_of(station.database, current(station), "").seq
    assert made == before + 2
    assert facts(station, made) == {"reprints": {"journal_id": place[0], "seq": seq}, "copy": 2}
    assert not stored(station, made).openings
    first = verbs.facts(*place)
    assert label_of(replace(first, copy=2)).marks[-1].text == "补打 2"
    assert printer.labels == [drawn(replace(first, copy=copy), LabelSize()) for copy in (0, 1, 2)]
    assert len({label.data for label in printer.labels}) == 3
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_scan_of_the_label_or_the_waybill_confirms_it(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seqs = [accept(station, prepared, clerk, waybill) for waybill in (WAYBILL, "SF2000000000014", "SF3000000000014")]
    verbs = station.desk().labels
    assert [each.seq for each in verbs.missing()] == seqs
    code = label_text(verbs.facts(current(station), seqs[0]).entry)
    for scan, new in ((code.lower(), True), (code, False), ("sf2000000000014", True), (str(seqs[2]), True)):
        assert verbs.stick(*verbs.named(scan), clerk) is new
    assert verbs.missing() == []


def test_what_is_no_label_of_an_acceptance_here_confirms_nothing(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    verbs = station.desk().labels
    entry = verbs.facts(current(station), seq).entry
    for scan, code in (
        (label_text(replace(entry, hash="0" * 64)), DeskCode.LABEL_OF_ANOTHER),
        (label_text(replace(entry, journal_id="0" * 32)), DeskCode.LABEL_OF_ANOTHER),
        ("JD0001", DeskCode.LABEL_UNKNOWN),
        ("", DeskCode.LABEL_UNKNOWN),
        ("1", DeskCode.LABEL_NOT_OWED),
        ("99999", DeskCode.ENTRY_UNKNOWN),
    ):
        with pytest.raises(UserError) as caught:
            verbs.stick(*verbs.named(scan), clerk)
        assert caught.value.code == code, scan
    with pytest.raises(UserError) as caught:
        verbs.stick(current(station), seq, None)
    assert caught.value.code == DeskCode.NOT_SIGNED_IN
    assert [each.seq for each in verbs.missing()] == [seq]


def test_missing_ones_are_of_the_time_since_the_close_and_say_how_far_they_are(
    station: Station, prepared: Prepared, clerk: SignedIn
) -> None:
    verbs = station.desk().labels
    old = accept(station, prepared, clerk)
    station.desk().day_closes.close(clerk)
    new = accept(station, prepared, clerk, "SF2000000000014")
    verbs.ask(current(station), new, clerk)
    printing(station)
    assert [each.seq for each in verbs.missing()] == [new]
    (asked,) = verbs.missing()
    assert asked.job is not None
    assert asked.job.trouble == "label-no-printer"
    assert [(each.seq, each.job is None) for each in verbs.missing(since_close=False)] == [(old, True), (new, False)]
    assert labels.unlabelled_between(station.database, current(station), 1, 999) == 2
    assert labels.unlabelled_between(station.database, current(station), new, new) == 1
    station.desk().withdrawals.withdraw(Withdrawal(current(station), new, "不寄了", NUMBER), clerk)
    assert verbs.missing() == []  # a parcel taken back owes none
    assert printing(station) == []
    assert verbs.waiting() == []
    with pytest.raises(UserError) as caught:
        verbs.ask(current(station), new, clerk)
    assert caught.value.code == DeskCode.LABEL_WITHDRAWN


@pytest.mark.parametrize("language", [PrinterLanguage.TSPL, PrinterLanguage.ZPL, PrinterLanguage.ESCPOS])
def test_what_was_stopped_before_its_label_came_out_is_not_printed_as_inspected(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, language: PrinterLanguage
) -> None:
    """Three labels wait for paper; meanwhile one parcel is intercepted and one taken back: only the third is printed, and that of the
    stopped one when a supervisor has released it."""
    verbs, desk = station.desk().labels, station.desk()
    stopped, gone, fine = (accept(station, prepared, clerk, waybill) for waybill in (WAYBILL, "SF2000000000014", "SF3000000000014"))
    with SimulatedPrinter(language) as printer:
        use(station, printer)
        printer.trouble = PrinterTrouble.PAPER_OUT
        for seq in (stopped, gone, fine):
            verbs.ask(current(station), seq, clerk)
        assert [tried.error is not None for tried in printing(station)] == [True]
        desk.intercepts.intercept(Intercept(current(station), stopped, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), clerk)
        desk.withdrawals.withdraw(Withdrawal(current(station), gone, "不寄了", NUMBER), clerk)
        printer.trouble = PrinterTrouble.NONE
        assert [(tried.job.seq, tried.error) for tried in printing(station)] == [(fine, None)]
        assert printing(station) == verbs.waiting() == []
        assert [job.seq for job in verbs.held()] == [stopped]
        assert [(each.seq, each.stopped) for each in verbs.missing()] == [(stopped, True), (fine, False)]
        with pytest.raises(UserError) as caught:
            verbs.ask(current(station), stopped, clerk)
        assert caught.value.code == DisposalCode.INTERCEPTED
        assert len(printer.labels) == 1
        desk.intercepts.settle(Settlement(current(station), stopped, InterceptOutcome.RELEASED, "查明无事"), supervisor)
        assert [(tried.job.seq, tried.job.copy, tried.error) for tried in printing(station)] == [(stopped, 0, None)]
    assert printer.labels == [drawn(verbs.facts(current(station), seq), LabelSize()) for seq in (fine, stopped)]
    assert verbs.held() == []


@pytest.mark.parametrize("outcome", [InterceptOutcome.RETURNED, InterceptOutcome.MISSED, InterceptOutcome.RECOVERED])
def test_another_end_than_a_release_prints_no_label(
    station: Station, prepared: Prepared, clerk: SignedIn, supervisor: SignedIn, outcome: InterceptOutcome
) -> None:
    seq = accept(station, prepared, clerk)
    verbs, intercepts = station.desk().labels, station.desk().intercepts
    verbs.ask(current(station), seq, clerk)
    intercepts.intercept(Intercept(current(station), seq, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), clerk)
    intercepts.settle(Settlement(current(station), seq, outcome, "样本"), supervisor)
    with SimulatedPrinter(PrinterLanguage.TSPL) as printer:
        use(station, printer)
        assert printing(station) == []
    assert printer.labels == []
    assert bool(verbs.held()) == (outcome is InterceptOutcome.RECOVERED), "one that is guarded may still be released"


def test_a_parcel_stopped_while_the_queue_is_being_printed_is_left_out(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    """What was listed as waiting is looked at again when its turn comes."""
    verbs = station.desk().labels
    first, second = (accept(station, prepared, clerk, waybill) for waybill in (WAYBILL, "SF2000000000014"))
    sent = list[int]()

    def send(facts: LabelFacts) -> None:
        sent.append(facts.entry.seq)
        station.desk().intercepts.intercept(Intercept(current(station), second, Cause.NOTICE, "接到通知", "分拣中心", "值班 赵"), clerk)

    for seq in (first, second):
        verbs.ask(current(station), seq, clerk)
    assert [tried.job.seq for tried in verbs.print_waiting(send)] == sent == [first]
    assert [job.seq for job in verbs.held()] == [second]


def test_two_programs_do_not_print_one_label_twice(
    station: Station, prepared: Prepared, clerk: SignedIn, clock: SetClock, tmp_path: Path
) -> None:
    seq = accept(station, prepared, clerk)
    verbs, sent = station.desk().labels, list[str]()
    verbs.ask(current(station), seq, clerk)

    def nested(name: str, then: Callable[[], object]) -> Callable[[LabelFacts], None]:
        def send(_: LabelFacts) -> None:
            sent.append(name)
            then()

        return send

    def other() -> list[Tried]:
        return list(verbs.print_waiting(nested("other", lambda: None)))

    (tried,) = verbs.print_waiting(nested("one", other))
    assert (sent, tried.job.is_printed, tried.job.tries) == (["one"], True, 1)


def test_a_label_of_a_program_that_died_meanwhile_is_printed_after_a_minute(
    station: Station, prepared: Prepared, clerk: SignedIn, clock: SetClock
) -> None:
    seq = accept(station, prepared, clerk)
    verbs = station.desk().labels
    verbs.ask(current(station), seq, clerk)

    def dies(_: LabelFacts) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        list(verbs.print_waiting(dies))
    assert list(verbs.print_waiting(lambda _: None)) == []
    clock.pass_ms(CLAIM_MS)
    (tried,) = verbs.print_waiting(lambda _: None)
    assert (tried.job.tries, tried.job.is_printed) == (2, True)


def test_paper_too_small_keeps_one_label_and_says_so(station: Station, prepared: Prepared, clerk: SignedIn) -> None:
    seq = accept(station, prepared, clerk)
    station.desk().labels.ask(current(station), seq, clerk)
    save_machine(station.folder.path, Machine(printer=KnownPrinter(address=f"file:{station.folder.path}", width_mm=20, height_mm=20)))
    (tried,) = printing(station)
    assert tried.error is not None
    assert tried.error.code == PrinterCode.LABEL_TOO_SMALL
    assert tried.job.trouble == PrinterCode.LABEL_TOO_SMALL

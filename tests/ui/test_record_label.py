"""The record page says how its label stands, and lists the checklist in the order in which it is asked."""

from __future__ import annotations

from dataclasses import replace

from courier_check.desk.rights import SignedIn
from courier_check.inspection.rules import RuleSet
from courier_check.station import Station
from courier_check.wording import Language, Wording
from support.filled import ACCEPTED, REFUSED, Filled
from ui import board_work, work
from ui.board_work import LabelState
from ui.record_facts import record_shown
from ui.record_reading import read
from ui.record_view import Opened, RecordShown

WORDING = Wording(Language.CHINESE)


def shown(station: Station, filled: Filled, waybill: str) -> tuple[Opened, RecordShown, RuleSet]:
    pictured, names = read(station, (filled.journal_id, filled.seqs[waybill]), None)
    rules = station.desk().acceptances.rules.rulebook.rules
    return pictured.opened, record_shown(pictured.opened, names, rules, WORDING), rules


def label_told(record: RecordShown) -> str:
    return "；".join(fact.value for fact in record.parcel if fact.name == "标签")


def test_how_the_label_stands_is_a_fact_of_the_parcel(filled: Filled) -> None:
    place, clerk = (filled.journal_id, filled.seqs[ACCEPTED]), SignedIn(filled.clerk.code, filled.clerk.role)
    with filled.open() as station:
        assert "没有打印" in label_told(shown(station, filled, ACCEPTED)[1])
        assert label_told(shown(station, filled, REFUSED)[1]) == "", "what was refused carries none"
        station.desk().labels.ask(*place, clerk)
        opened, record, _ = shown(station, filled, ACCEPTED)
        assert opened.label is not None
        assert (opened.label.state, label_told(record)) == (LabelState.WAITING, "已排队")
        told = board_work.stick(station, place, clerk)
        assert (told.state, told.before) == (LabelState.STUCK, False)
        assert board_work.stick(station, place, clerk).before
        assert label_told(shown(station, filled, ACCEPTED)[1]) == "已贴标"


def test_the_checklist_stands_in_the_order_in_which_it_is_asked(filled: Filled) -> None:
    with filled.open() as station:
        opened, record, rules = shown(station, filled, ACCEPTED)
        header = opened.record.header
        assert header is not None
        asked = [item.question.zh for item in rules.checklists.items if item.id in header.answers]
        assert [line.text for line in record.checklist if line.text in asked] == asked
        assert [*header.answers] != [item.id for item in rules.checklists.items if item.id in header.answers], "the header is sorted"
        elsewhere = replace(opened, record=replace(opened.record, header=replace(header, answers={"gone-item": "yes", **header.answers})))
        last = record_shown(elsewhere, work.names(station), rules, WORDING).checklist
        assert "gone-item" in last[len(header.answers)].text, "what nobody knows any more comes last"

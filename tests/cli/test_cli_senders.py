"""senders, notice, and what case files say of sources, guardians, organisations and orders. Everyone here is made up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from courier_check.cli.cases import read_form
from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import journal
from courier_check.store.resources import resource_path
from support.commands import Command, case_file, secrets_in, typed_case

NUMBER, PHONE = "41010519900307123X", "13800001234"
ANOTHER = "SF1000000000028"
"""A waybill that was never referred."""
CHILD = {"type": "resident-id", "name": "王小样", "number": "410105201503071236", "valid_from": "2024-01-01", "valid_until": "2029-01-01"}


def sender(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = typed_case()["sender"]
    return given | changes


def last_act(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and kept part of the newest entry that has one."""
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        current = journal.current_journal(station.database) or ""
        *_, last = (each for each in journal.entries(station.database, current) if "kept" in each.openings)
        return json.loads(last.header_bytes)["facts"], json.loads(last.openings["kept"][32:])


# senders ----------------------------------------------------------------------------------------------------------------------------------


def test_a_sender_agrees_is_filled_in_withdraws_and_is_forgotten(station_command: Command, tmp_path: Path) -> None:
    who = ("--number", NUMBER)
    assert station_command("senders", "find", *who, "--json").line["known"] is False
    agreed = station_command("senders", "consent", *who, "--name", "王思远", "--phone", PHONE, "--json")
    assert agreed.line["consented"] is True
    found = station_command("senders", "find", *who, "--json").line
    assert (found["prefill"], found["name"], found["phone"]) == (True, "王**", "138****1234")
    without_phone = sender(phone=None)
    assert station_command("accept", case_file(tmp_path, sender=without_phone), "--json").line["verdict"] == "accept"
    assert station_command("senders", "withdraw", *who, "--json").line["gone"] is True
    found = station_command("senders", "find", *who, "--json").line
    assert (found["prefill"], found["declined"], found["ever"], found["phone"]) == (False, True, 1, None)
    told = station_command("accept", case_file(tmp_path, "SF1010000000024", sender=without_phone), "--json")
    assert told.line["error"]["code"] == "acceptance-incomplete"
    assert station_command("senders", "forget", *who, "--json").line["gone"] is True
    assert station_command("senders", "forget", *who).sentence.startswith("没有这位寄件人的回头客档案")
    assert station_command("verify").code == 0


def test_text_about_a_sender_is_masked(station_command: Command) -> None:
    station_command("senders", "consent", "--number", NUMBER, "--name", "王思远", "--phone", PHONE)
    told = station_command("senders", "find", "--number", NUMBER)
    assert "王**　138****1234" in told.out
    assert "仍须查验本人和证件原件" in told.out
    assert secrets_in(told.out) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("consent", "--number", NUMBER, "--name", "王思远", "--phone", "***"), "这个电话不能用来预填"),
        (("consent", "--number", CHILD["number"], "--name", "王小样", "--phone", PHONE), "未满 14 周岁"),
        (("consent", "--number", "L8988901C", "--type", "foreign-passport", "--name", "A B", "--phone", PHONE), "从证件号码看不出年龄"),
        (
            ("consent", "--number", "L8988901C", "--type", "foreign-passport", "--name", "A B", "--phone", PHONE, "--born-on", "x"),
            "“出生日期”不是日期",
        ),
        (("find", "--number", " "), "请填写寄件人的姓名和证件号码"),
        (("withdraw", "--number", NUMBER), "没有这位寄件人的回头客档案"),
    ],
)
def test_what_a_profile_can_not_be_made_of_is_said(station_command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    told = station_command("senders", *arguments)
    assert told.code == 2
    assert told.sentence.startswith(sentence)


# notice -----------------------------------------------------------------------------------------------------------------------------------


def test_the_notice_is_shown_and_written_in_both_languages(command: Command, tmp_path: Path) -> None:
    shown = command("notice", "--json").line
    assert (shown["version"], shown["title"]) == ("2026.11-1", "个人信息处理告知")
    target = tmp_path / "notice.txt"
    assert command("notice", "--lang", "en", "--outlet", "Sample outlet", "--contact", "0371-1", "--out", target).code == 0
    text = target.read_text(encoding="utf-8")
    assert "Sample outlet. Contact: 0371-1." in text
    assert "Under 14" in text
    assert "Version 2026.11-1" in text
    assert "{" not in text


def test_the_notice_is_printed_as_a_pdf(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "notice.pdf"
    assert command("notice", "--out", target, "--json").line == {"version": "2026.11-1", "file": str(target)}
    assert target.read_bytes().startswith(b"%PDF-")
    assert command("notice", "--out", tmp_path / "nowhere" / "n.pdf").code == 2


# case files -------------------------------------------------------------------------------------------------------------------------------


def test_a_difference_between_sources_is_settled_by_a_supervisor(station_command: Command, folder: Path, tmp_path: Path) -> None:
    document = sender()["document"]
    sources = [{"source": "picture", "document": document | {"valid_until": "2041-01-01"}}]
    both = sender(sources=sources)
    told = station_command("accept", case_file(tmp_path, sender=both), "--json").line
    assert (told["verdict"], told["reasons"][0]["code"]) == ("refer", "reading-different-valid-until")
    assert "证面与手工录入" in told["reasons"][0]["text"]
    settled = [{"code": "reading-different-valid-until", "reason": "看过原件"}]
    told = station_command("accept", case_file(tmp_path, sender=both, settlements=settled), "--supervisor", "0001", "--json").line
    assert told["verdict"] == "accept"
    facts, _ = last_act(folder)
    assert facts["document_sources"] == ["typed", "picture"]
    assert facts["resolutions"] == [{"code": "reading-different-valid-until", "supervisor": "0001"}]


def test_a_doubtful_field_needs_a_word_of_the_clerk(station_command: Command, tmp_path: Path) -> None:
    sources = [{"source": "picture", "document": sender()["document"], "doubtful": {"number": "low-confidence"}}]
    unsure = sender(document=None, sources=sources)
    told = station_command("accept", case_file(tmp_path, sender=unsure), "--json").line
    assert (told["verdict"], told["reasons"][0]["code"]) == ("refer", "reading-doubtful")
    findings = {**typed_case()["findings"], "doubtful-fields-confirmed": "yes"}
    sure = case_file(tmp_path, ANOTHER, sender=unsure, findings=findings)
    assert station_command("accept", sure, "--json").line["verdict"] == "accept"


def test_a_child_comes_with_a_guardian(station_command: Command, folder: Path, tmp_path: Path) -> None:
    waybill = typed_case()["waybill"] | {"sender_name": "王小样"}
    findings = {**typed_case()["findings"], "guardian-consents": "yes"}
    child = {"sender": sender(document=CHILD), "waybill": waybill, "findings": findings}
    told = station_command("accept", case_file(tmp_path, **child), "--json")
    assert "监护人的有效身份证件" in told.line["error"]["message"]
    guardian = {"document": sender()["document"]}
    assert station_command("accept", case_file(tmp_path, **child, guardian=guardian), "--json").line["verdict"] == "accept"
    facts, kept = last_act(folder)
    assert facts["guardian"] is True
    assert kept["guardian"] == {"name": "王思远", "type": "resident-id", "number": NUMBER}


def test_an_order_confirms_a_privacy_label_or_the_clerk_does(station_command: Command, folder: Path, tmp_path: Path) -> None:
    waybill = typed_case()["waybill"] | {"sender_name": "王**"}
    assert (
        station_command("accept", case_file(tmp_path, waybill=waybill | {"order_sender_name": "王思远"}), "--json").line["verdict"]
        == "accept"
    )
    facts, _ = last_act(folder)
    assert (facts["name_match"], facts["name_confirmed"]) == ("masked-compatible", "order")
    findings = {**typed_case()["findings"], "privacy-label-confirmed": "yes"}
    label = waybill | {"text": "SF1010000000024"}
    station_command("accept", case_file(tmp_path, "SF1010000000024", waybill=label, findings=findings))
    facts, _ = last_act(folder)
    assert (facts["name_match"], facts["name_confirmed"]) == ("masked-compatible", "clerk")
    station_command("accept", case_file(tmp_path, "SF1010000000033"))
    assert last_act(folder)[0]["name_confirmed"] is None


def test_a_name_in_letters_is_confirmed_by_order_or_clerk_or_is_another_s(station_command: Command, folder: Path, tmp_path: Path) -> None:
    waybill = typed_case()["waybill"] | {"sender_name": "WANG SIYUAN"}
    findings = {**typed_case()["findings"], "name-in-letters-confirmed": "yes"}
    unconfirmed = station_command("accept", case_file(tmp_path, waybill=waybill), "--json").line
    assert "运单姓名是拼音或外文" in unconfirmed["error"]["message"]
    assert station_command("accept", case_file(tmp_path, waybill=waybill, findings=findings), "--json").line["verdict"] == "accept"
    facts, _ = last_act(folder)
    assert (facts["name_match"], facts["name_confirmed"]) == ("romanised", "clerk")
    other = typed_case()["waybill"] | {"text": "SF1010000000024", "sender_name": "LI SI"}
    told = station_command("accept", case_file(tmp_path, "SF1010000000024", waybill=other), "--json").line
    assert (told["verdict"], told["reasons"][0]["code"]) == ("refuse", "R04")
    ordered = other | {"sender_name": "WANG SIYUAN", "order_sender_name": "王思远", "text": "SF1010000000033"}
    assert station_command("accept", case_file(tmp_path, "SF1010000000033", waybill=ordered), "--json").line["verdict"] == "accept"
    assert last_act(folder)[0]["name_confirmed"] == "order"


def test_an_organisation_sends_with_its_responsible_person_s_copy(station_command: Command, folder: Path, tmp_path: Path) -> None:
    shutil.copy(resource_path("samples/id-wang-front.jpg"), tmp_path / "card.jpg")
    firm = {"name": "样例商贸有限公司", "uscc": "91410100MA44TUW1X4", "responsible": "王思远", "office": "legal-representative"}
    waybill = typed_case()["waybill"] | {"sender_name": "样例商贸有限公司"}
    without = station_command("accept", case_file(tmp_path, organisation=firm, waybill=waybill), "--json").line
    assert (without["verdict"], without["reasons"][0]["code"]) == ("refer", "organisation-copy-missing")
    assert "待核实" in without["reasons"][0]["text"]
    named = waybill | {"text": ANOTHER}
    case = case_file(tmp_path, ANOTHER, organisation=firm | {"copy": "card.jpg"}, waybill=named, notice_shown=True)
    assert station_command("accept", case, "--json").line["verdict"] == "accept"
    facts, kept = last_act(folder)
    assert (facts["organisation"], facts["copied"], facts["notice"]) == (True, True, "2026.11-1")
    assert kept["organisation"]["uscc"] == "91410100MA44TUW1X4"
    assert list(kept["photo_keys"]) == ["copy-1"]


def test_a_case_shows_nobody_s_data(tmp_path: Path) -> None:
    form = read_form(case_file(tmp_path, guardian={"document": CHILD}))
    assert secrets_in(repr(form) + repr(form.sender) + repr(form.guardian) + repr(form.waybill) + repr(form.addressee)) == []
    assert "王小样" not in repr(form)


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": {"name": "样例", "uscc": "", "responsible": "王思远"}},
        {"organisation": {"name": "样例", "uscc": "91410100MA44TUW1X4", "responsible": "王思远", "copy": "absent.jpg"}},
        {"sender": {"sources": [{"source": "telepathy", "document": {"type": "resident-id"}}]}},
        {"sender": {"sources": [{"source": "chip", "document": {"type": "resident-id"}}]}},
        {"sender": {"sources": [{"source": "credential", "document": {"type": "resident-id"}}]}},
        {"sender": {"sources": [{"source": "typed", "document": {"type": "resident-id"}, "doubtful": {"colour": "low-confidence"}}]}},
        {"waybill": {"text": "SF1010000000015", "carrier": "sf", "order_sender_name": "王**"}},
    ],
)
def test_a_case_that_says_odd_things_is_one_sentence(station_command: Command, tmp_path: Path, changes: dict[str, Any]) -> None:
    told = station_command("accept", case_file(tmp_path, **changes), "--json")
    assert told.code == 2
    assert told.line["error"]["message"]

"""accept and withdraw: several pieces under one identity check, services, what a courier may not carry, parcels taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from support.commands import ITEMS, Command, case_file, secrets_in, typed_case
from support.entries import facts, part

FIRST, SECOND, THIRD = "SF1010000000015", "SF1010000000024", "SF1010000000033"
IDENTITY = ("original-document", "person-matches")
OWN = tuple(item for item in ITEMS if item not in IDENTITY)


def piece(number: str, **changes: Any) -> dict[str, Any]:
    case = {
        "waybill": {"text": number, "carrier": "sf"},
        "contents": [{"name": "图书", "category": "documents", "weight_g": 500}],
        "findings": dict.fromkeys(OWN, "yes"),
    }
    return case | changes


def opened(folder: Path) -> Station:
    return Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock()))


def test_each_piece_is_an_acceptance_and_identity_is_asked_once(station_command: Command, folder: Path, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path, FIRST, pieces=[piece(SECOND), piece(THIRD)]), "--json")
    assert told.code == 0
    assert [(line["piece"], line["pieces"], line["verdict"]) for line in told.lines] == [(n, 3, "accept") for n in (1, 2, 3)]
    first, second, third = (line["seq"] for line in told.lines)
    with opened(folder) as station:
        journal_id = station.database.value("SELECT journal_id FROM journals")
        assert facts(station, first)["shipment"] == {"piece": 1, "pieces": 3, "first": None}
        assert facts(station, third)["shipment"] == {"piece": 3, "pieces": 3, "first": {"journal_id": journal_id, "seq": first}}
        assert facts(station, second)["real_name"] == "verified"
        assert facts(station, second)["answers"]["person-matches"] == "yes"  # type: ignore[index]
        assert part(station, second, "kept")["first_waybill"] == FIRST
        assert station.verify().ok


def test_what_was_found_in_one_piece_holds_for_that_piece(station_command: Command, tmp_path: Path) -> None:
    lighter = {"kind": "prohibited", "name": "打火机", "category": "04"}
    findings = dict.fromkeys(OWN, "yes") | {"nothing-prohibited": "no"}
    refused = piece(SECOND, found=[lighter], findings=findings, exemptions={"photo-contents": "no-camera"})
    told = station_command("accept", case_file(tmp_path, FIRST, pieces=[refused, piece(THIRD)]), "--json")
    assert [line["verdict"] for line in told.lines] == ["accept", "refuse", "accept"]


def test_a_piece_that_is_not_inspected_is_named_and_the_others_stand(station_command: Command, tmp_path: Path) -> None:
    unasked = piece(SECOND, findings={})
    told = station_command("accept", case_file(tmp_path, FIRST, pieces=[unasked, piece(THIRD)]), "--json")
    assert told.code == 2
    first, second = told.lines
    assert first["verdict"] == "accept"
    assert (second["piece"], second["error"]["code"]) == (2, "acceptance-incomplete")
    assert "当着寄件人逐件开拆" in second["error"]["message"]
    assert "原件" not in second["error"]["message"]


@pytest.mark.parametrize(
    ("given", "code"), [(piece(FIRST), "piece-repeated"), (piece("hello"), "not-a-waybill"), ({"findings": {}}, "case-unreadable")]
)
def test_a_piece_needs_a_waybill_of_its_own(station_command: Command, tmp_path: Path, given: dict[str, Any], code: str) -> None:
    told = station_command("accept", case_file(tmp_path, FIRST, pieces=[given]), "--json")
    assert (told.code, told.lines[1]["error"]["code"]) == (2, code)


def test_a_shipment_handed_in_again_is_the_same_entries(station_command: Command, tmp_path: Path) -> None:
    case = case_file(tmp_path, FIRST, draft_id="d" * 32, pieces=[piece(SECOND)])
    once = station_command("accept", case, "--json").lines
    again = station_command("accept", case, "--json").lines
    assert [line["hash"] for line in again] == [line["hash"] for line in once]
    assert all(line["repeated"] for line in again)


SERVICE = {"product": "标准快件", "payer": "sender", "way": "pick-up", "place": "样例市样例路 1 号", "declared_fen": 20_000}


def test_service_information_is_in_the_entry_and_the_daily_report(station_command: Command, folder: Path, tmp_path: Path) -> None:
    seq = station_command("accept", case_file(tmp_path, FIRST, service=SERVICE), "--json").line["seq"]
    station_command("accept", case_file(tmp_path, SECOND))
    with opened(folder) as station:
        said = facts(station, seq)["service"]
        assert said == {
            "product": "标准快件",
            "payer": "sender",
            "insured": True,
            "way": "pick-up",
            "country": "CN",
            "customs": None,
            "complete": True,
        }
        assert part(station, seq, "kept")["service"] == {"place": "样例市样例路 1 号", "declared_fen": 20_000}
        assert station.verify().ok
    daily = station_command("report", "daily", "--format", "json", "--json").line
    assert daily["by_way"] == {"pick-up": 1}
    assert daily["rates"]["service_information"] == {"numerator": 1, "denominator": 2, "text": "50.00%"}
    assert "上门揽收（件） | 1" in station_command("report", "daily").out


def test_a_door_is_in_no_header_and_in_no_text(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path, FIRST, service=SERVICE))
    assert secrets_in(told.out + told.err) == []


def test_goods_abroad_need_a_customs_declaration(station_command: Command, folder: Path, tmp_path: Path) -> None:
    abroad = {"product": "国际小包", "payer": "sender", "country": "de"}
    told = station_command("accept", case_file(tmp_path, FIRST, service=abroad), "--json").line
    assert told["error"]["code"] == "acceptance-incomplete"
    assert "报关单证" in told["error"]["message"]
    line = {"description": "books", "quantity": 2, "net_weight_g": 500, "value": 6000, "origin": "CN"}
    customs = {"category": "gift", "currency": "CNY", "items": [line]}
    told = station_command("accept", case_file(tmp_path, SECOND, service=abroad | {"customs": customs}), "--json").line
    assert told["verdict"] == "accept"
    with opened(folder) as station:
        assert facts(station, told["seq"])["service"]["customs"] == "gift"  # type: ignore[index]
        assert part(station, told["seq"], "kept")["service"] == {"customs": {"currency": "CNY", "items": [line]}}
    assert "寄往境外（件） | 1" in station_command("report", "daily").out


def test_what_the_rules_ask_of_goods_abroad_is_owed_there_only(station_command: Command, tmp_path: Path) -> None:
    """By the checklists of docs/rules.md's worked example."""
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "checklists-2026.12-1.json"
    assert station_command("rules", "install", example, "--unsigned-practice", "--json").code == 0
    service = {"product": "标准快件", "payer": "sender"}
    line = {"description": "books", "quantity": 2, "net_weight_g": 500, "value": 6000}
    abroad = service | {"country": "de", "customs": {"category": "gift", "currency": "CNY", "items": [line]}}
    assert station_command("accept", case_file(tmp_path, FIRST, service=service), "--json").line["verdict"] == "accept"
    owed = station_command("accept", case_file(tmp_path, SECOND, service=abroad), "--json").line
    assert owed["error"]["code"] == "acceptance-incomplete"
    assert "看到的内件和报关单证写的一样" in owed["error"]["message"]
    answers = {**dict.fromkeys(ITEMS, "yes"), "customs-as-seen": "yes"}
    told = station_command("accept", case_file(tmp_path, THIRD, service=abroad, findings=answers), "--json").line
    assert told["verdict"] == "accept"


def test_each_piece_abroad_is_declared_by_itself(station_command: Command, folder: Path, tmp_path: Path) -> None:
    def customs(description: str) -> dict[str, Any]:
        line = {"description": description, "quantity": 1, "net_weight_g": 500, "value": 6000}
        return {"category": "gift", "currency": "CNY", "items": [line]}

    abroad = {"product": "国际小包", "payer": "sender", "country": "de", "customs": customs("books")}
    others = [piece(SECOND, customs=customs("tea")), piece(THIRD)]
    told = station_command("accept", case_file(tmp_path, FIRST, service=abroad, pieces=others), "--json")
    first, second, third = told.lines
    assert (first["verdict"], second["verdict"], third["error"]["code"]) == ("accept", "accept", "acceptance-incomplete")
    assert "报关单证" in third["error"]["message"]
    with opened(folder) as station:
        lines = [part(station, line["seq"], "kept")["service"]["customs"]["items"][0]["description"] for line in (first, second)]
    assert lines == ["books", "tea"]


def test_a_courier_refuses_state_documents_with_the_article(station_command: Command, tmp_path: Path) -> None:
    told = station_command("accept", case_file(tmp_path, FIRST, reserved="state-document"), "--json").line
    assert (told["verdict"], told["reasons"][0]["detail"]) == ("refuse", "reserved-mail-barred")
    assert "邮政法55条" in told["reasons"][0]["text"]
    by_post = typed_case("EE123456785CN", waybill={"text": "EE123456785CN", "carrier": "ems", "sender_name": "王思远"})
    path = tmp_path / "post.json"
    path.write_text(json.dumps(by_post | {"reserved": "state-document"}, ensure_ascii=False), encoding="utf-8")
    assert station_command("accept", path, "--json").line["verdict"] == "accept"
    unknown = station_command("accept", case_file(tmp_path, SECOND, reserved="letters"), "--json").line
    assert unknown["error"]["code"] == "reserved-mail-unknown"


def test_a_label_code_names_the_addressee(station_command: Command, folder: Path, tmp_path: Path) -> None:
    payload = "00106141412345678908" + "\x1d".join(("4301%E6%9D%8E%E6%A0%B7%E4%BE%8B", "4308+8613900005678"))
    given = {"text": FIRST, "carrier": "sf", "sender_name": "王思远", "payload": payload}
    seq = station_command("accept", case_file(tmp_path, FIRST, waybill=given, addressee=None), "--json").line["seq"]
    with opened(folder) as station:
        assert part(station, seq, "kept")["addressee"] == {"name": "李样例", "phone": "+8613900005678"}
    nobody = case_file(tmp_path, SECOND, waybill=given | {"text": SECOND, "payload": '{"name": "李样例"}'}, addressee=None)
    assert "收件人" in station_command("accept", nobody, "--json").line["error"]["message"]


@pytest.fixture
def number_file(tmp_path: Path) -> Path:
    path = tmp_path / "number"
    path.write_text("41010519900307123x\n", encoding="utf-8")
    return path


def test_a_withdrawn_waybill_is_accepted_again(station_command: Command, tmp_path: Path, number_file: Path) -> None:
    seq = station_command("accept", case_file(tmp_path, FIRST), "--json").line["seq"]
    told = station_command("withdraw", seq, "--reason", "寄件人不寄了", "--number-file", number_file, "--json").line
    assert (told["withdraws"], told["confirmed"]) == (seq, "document")
    assert station_command("accept", case_file(tmp_path, FIRST), "--json").line["verdict"] == "accept"
    assert "撤件（件） | 1" in station_command("report", "daily").out
    assert station_command("verify").code == 0
    assert station_command("views", "check").code == 0


def test_withdrawals_go_on_past_a_bad_one(station_command: Command, tmp_path: Path, number_file: Path) -> None:
    seq = station_command("accept", case_file(tmp_path, FIRST), "--json").line["seq"]
    told = station_command("withdraw", "1", seq, "--reason", "x", "--number-file", number_file)
    assert told.code == 2
    assert "第 1 条不是收寄" in told.out
    assert f"已撤第 {seq} 条" in told.out
    assert secrets_in(told.out + told.err) == []
    lines = station_command("withdraw", seq, "--reason", "x", "--json").lines
    assert lines[0]["error"]["code"] == "withdrawn-already"

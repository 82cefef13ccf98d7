"""goods search, prohibited search and notice, tags in check-number, and papers in accept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courier_check.clock import SystemClock
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from support.commands import Command, case_file, typed_case
from support.entries import facts, part

NUMBER = "SF1010000000015"


def test_goods_are_searched(command: Command) -> None:
    found = command("goods", "search", "shouji", "--json").lines
    assert (found[0]["goods"], found[0]["category"], found[0]["key"], found[0]["focus"]) == ("phones", "electronics", "4", True)
    assert found[0]["papers"][0]["certainty"] == "忆"
    told = command("goods", "search", "shouji")
    assert "手机" in told.out
    assert "待核实" in told.out
    assert command("goods", "search", "zzzz", "--json").out == ""
    assert "没有找到" in command("goods", "search", "zzzz").out


def test_prohibited_goods_are_searched_with_what_to_do(command: Command) -> None:
    shown = command("prohibited", "search", "火机", "--json").lines[0]
    assert (shown["category"], shown["disposition"], shown["report_to"]) == ("04", "hand-back", [])
    hidden = command("prohibited", "search", "火机", "--concealed", "--json").lines[0]
    assert (hidden["disposition"], hidden["report_to"]) == ("evacuate-and-report", ["public-security", "postal"])
    later = command("prohibited", "search", "手枪", "--after-acceptance", "--lang", "en")
    assert "Stop" in later.out
    assert "to be verified" in later.out
    assert "没有列出不等于可以寄" in command("prohibited", "search", "zzzz").out


@pytest.mark.parametrize("name", ["notice.txt", "notice.pdf"])
def test_the_public_notice_is_a_sheet_to_print(command: Command, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    assert command("prohibited", "notice", "--out", target, "--outlet", "样例网点").code == 0
    data = target.read_bytes()
    if name.endswith(".pdf"):
        assert data.startswith(b"%PDF")
        return
    text = data.decode()
    categories = json.loads((Path(__file__).parents[2] / "resources/prohibited.json").read_text(encoding="utf-8"))["categories"]
    assert all(f"{each['code']} {each['zh']}" in text for each in categories)
    assert all(example in text for each in categories for group in each["groups"] for example in group["examples"])
    assert "样例网点" in text
    assert "400 支" in text
    assert "70 毫米" not in text, "a local rule that is off is not put up"
    assert "待核实" in text
    assert "59号" not in text, "no basis towards a sender"
    assert "12305" in text


def test_the_public_notice_is_shown_in_both_languages(command: Command) -> None:
    assert "禁止寄递、限制寄递物品公示" in command("prohibited", "notice").out
    assert "Prohibited and restricted goods" in command("prohibited", "notice", "--lang", "en").out


def test_a_tag_is_a_number_like_others(command: Command) -> None:
    (tag,) = command("check-number", "3074257BF7194E4000001A85", "--json").line["kinds"]
    assert (tag["kind"], tag["valid"]) == ("tag", True)
    assert tag["facts"] == {"scheme": "sgtin-96", "gtin": "80614141123458", "serial": 6789, "filter": 3}
    assert command("check-number", "E20034120123456789ABCDEF", "--json").line["kinds"] == []
    (odd,) = command("check-number", "301C00004000004000000001", "--json").line["kinds"]
    assert (odd["valid"], odd["reasons"]) == (False, ["tag-unreadable"])


BRANDED = {"goods": "shoes", "brand": "样牌", "quantity": 2, "weight_g": 800, "epc": "3074257BF7194E4000001A85", "org_code": "D2143569X"}


EXEMPT = {"photo-contents": "private-article", "photo-sealed": "state-or-trade-secret"}


def test_a_private_sender_says_for_personal_use(station_command: Command, folder: Path, tmp_path: Path) -> None:
    tagged = BRANDED | {"personal_use": True, "more_epcs": ["3074257BF7194E4000001A86"] * 2}
    told = station_command("accept", case_file(tmp_path, NUMBER, contents=[tagged]), "--json").line
    assert told["verdict"] == "accept"
    assert [reason["detail"] for reason in told["reasons"]] == ["personal-use-stated"]
    with Station.open(folder, PRACTICE_PASSPHRASE, Surroundings(SystemClock())) as station:
        assert facts(station, told["seq"])["goods"] == ["shoes"]
        (kept,) = part(station, told["seq"], "kept")["items"]  # type: ignore[misc]
        assert kept["epc_gtin"] == "80614141123458"
        assert kept["more_epcs"] == ["3074257BF7194E4000001A86"]
        assert (kept["epc_serial"], kept["brand"], kept["personal_use"], kept["org_code"]) == (6789, "样牌", True, "D2143569X")
        assert "样牌" not in json.dumps(facts(station, told["seq"]), ensure_ascii=False)


def test_a_business_sender_shows_papers(station_command: Command, tmp_path: Path) -> None:
    sender = typed_case()["sender"] | {"business": True}
    findings = typed_case()["findings"] | {"brand-papers-shown": "yes"}
    case = case_file(tmp_path, NUMBER, sender=sender, contents=[BRANDED], findings=findings, exemptions=EXEMPT)
    told = station_command("accept", case, "--json").line
    assert told["verdict"] == "refer"
    assert "brand-papers-missing" in [reason["detail"] for reason in told["reasons"]]
    shown = [BRANDED | {"papers": ["proof-of-purchase"]}]
    case = case_file(tmp_path, "SF1000000000028", sender=sender, contents=shown, findings=findings, exemptions=EXEMPT)
    assert station_command("accept", case, "--json").line["verdict"] == "accept"
    unknown = case_file(tmp_path, NUMBER, contents=[BRANDED | {"papers": ["nonsense"]}])
    assert station_command("accept", unknown, "--json").line["error"]["code"] == "goods-paper-unknown"

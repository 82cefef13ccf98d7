"""scan, read-id, check-number: what is read, and what is not repeated to bystanders."""

from __future__ import annotations

from pathlib import Path

import pytest

from courier_check.store.resources import resource_path
from support.commands import Command
from tools.samples.coded import label

WAYBILL = resource_path("samples/waybill-sf-wang.jpg")
FRONT = resource_path("samples/id-wang-front.jpg")
NUMBER = "41010519900307123X"
DOCUMENT_KEYS = {"type", "name", "number", "sex", "nation", "born_on", "address", "issuer", "valid_from", "valid_until", "nationality"}


def test_scan_tells_each_code_of_a_picture(command: Command) -> None:
    told = command("scan", WAYBILL, "--json")
    assert (told.code, told.err) == (0, "")
    assert {"file", "codes", "ms"} <= told.line.keys()
    first = told.line["codes"][0]
    assert {"text", "symbology", "kind", "carrier", "valid"} <= first.keys()
    assert (first["text"], first["kind"], first["carrier"]) == ("SF1010000000015", "waybill", "sf")
    assert {code["symbology"] for code in told.line["codes"]} == {"Code128", "QRCode"}


def test_scan_goes_on_past_a_bad_picture(command: Command, tmp_path: Path) -> None:
    label("SF1010000000015", "Code128", 3).save(tmp_path / "label.png")
    told = command("scan", tmp_path / "absent.jpg", tmp_path / "label.png", "--json")
    assert told.code == 2
    bad, good = told.lines
    assert bad["error"]["code"] == "picture-missing"
    assert bad["error"]["message"].startswith("找不到图片文件")
    assert [code["text"] for code in good["codes"]] == ["SF1010000000015"]


def test_scan_in_words(command: Command, tmp_path: Path) -> None:
    label("SF1010000000015", "Code128", 3).save(tmp_path / "label.png")
    assert "运单号  SF1010000000015" in command("scan", tmp_path / "label.png").out
    assert "waybill number  SF1010000000015" in command("scan", tmp_path / "label.png", "--lang", "en").out


def test_scan_tells_every_symbology_and_what_was_not_confirmed(command: Command, tmp_path: Path) -> None:
    for name, (text, symbology) in {"carton": ("123456789012", "ITF"), "goods": ("6901234567892", "EAN13")}.items():
        label(text, symbology, 3).save(tmp_path / f"{name}.png")
    told = command("scan", tmp_path / "carton.png", tmp_path / "goods.png", "--json")
    found = [(code["text"], code["symbology"], code["kind"], code["confirmed"]) for line in told.lines for code in line["codes"]]
    assert found == [("123456789012", "ITF", "waybill", False), ("6901234567892", "EAN13", "goods", True)]
    words = command("scan", tmp_path / "carton.png", tmp_path / "goods.png").out
    assert words.count("只读到一次，请核对") == 1


@pytest.mark.slow
def test_an_identity_document_is_read_and_masked_for_people(command: Command) -> None:
    told = command("read-id", FRONT, "--json")
    assert told.code == 0
    assert {"file", "document", "complete", "warnings", "ms"} <= told.line.keys()
    document = told.line["document"]
    assert document.keys() >= DOCUMENT_KEYS
    assert (document["name"], document["number"], document["born_on"]) == ("王思远", NUMBER, "1990-03-07")
    words = command("read-id", FRONT).out
    assert "4***************3X" in words
    assert [secret for secret in (NUMBER, "王思远", str(document["address"])) if secret in words] == []


@pytest.mark.slow
def test_two_faces_together_are_one_document_with_its_place_in_the_picture(command: Command) -> None:
    told = command("read-id", FRONT, FRONT.with_name("id-wang-back.jpg"), "--together", "--json")
    assert told.code == 0
    assert len(told.lines) == 1
    assert (told.line["document"]["name"], told.line["document"]["valid_until"]) == ("王思远", "2040-01-01")
    assert (told.line["complete"], told.line["missing"], told.line["source"]) == (True, [], "picture")
    assert len(told.line["outline"]) == 4
    assert all(0 <= share <= 1 for corner in told.line["outline"] for share in corner)


@pytest.mark.slow
def test_another_kind_than_said_is_told(command: Command) -> None:
    assert "document-kind-differs" in command("read-id", FRONT, "--kind", "hmt-residence", "--json").line["warnings"]


def test_together_takes_exactly_two_pictures(command: Command) -> None:
    told = command("read-id", FRONT, "--together")
    assert told.code == 2
    assert told.out == ""
    assert told.err == "--together 要两张图片（同一张证件的两面），给了 1 张。\n"


def test_every_kind_of_number_is_known(command: Command) -> None:
    texts = {
        NUMBER: "resident-id",
        "410105900307123": "resident-id",
        "91410100MA9YB0A16H": "uscc",
        "SF1010000000015": "waybill",
        "6901234567892": "goods",
        "13800001234": "phone-mobile",
        "C00000012": "two-way-permit",
    }
    told = command("check-number", *texts, "nothing at all", "--json")
    assert told.code == 0
    *known, unknown = told.lines
    assert {line["text"]: line["kinds"][0]["kind"] for line in known} == texts
    assert all(kind.keys() == {"kind", "valid", "reasons", "facts"} for line in known for kind in line["kinds"])
    assert unknown["kinds"] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("410105199003071238", "number-check-digit"),
        ("410105199013071238", "number-birth-impossible"),
        ("410105209003071230", "number-birth-future"),
        ("EA123456784CN", "s10-check-digit"),
        ("6901234567890", "gtin-check-digit"),
    ],
)
def test_wrong_check_digits_and_dates_are_results_not_failures(command: Command, text: str, reason: str) -> None:
    told = command("check-number", text, "--json")
    assert told.code == 0
    assert reason in [each for kind in told.line["kinds"] for each in kind["reasons"]]
    assert not any(kind["valid"] for kind in told.line["kinds"] if reason in kind["reasons"])


def test_text_for_people_hides_persons_numbers_only(command: Command) -> None:
    words = command("check-number", NUMBER, "13800001234", "410105199003071238", "SF1010000000015", "91410100MA9YB0A16H").out
    assert [secret for secret in (NUMBER, "13800001234", "410105199003071238") if secret in words] == []
    assert "4***************3X" in words
    assert "138****1234" in words
    assert "SF1010000000015" in words
    assert "91410100MA9YB0A16H" in words

"""The stand-alone verifier believes no receipt, returned item or opening that does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from courier_check.journal.keys import SigningKey, to_text
from courier_check.wire.certificates import Role
from support.edited_archives import (
    as_json,
    canonical,
    edited,
    named,
    resigned,
    signed_text,
)
from support.made_archives import (
    FIRST,
    KINDS,
    SECOND,
    Unpacked,
    World,
    answers,
    bundle,
    export,
    gateway_export,
    receipts,
)
from support.pki import MadeUpGateway, secret

Verify = Callable[..., dict[str, Any]]


# --- receipts


def receipt_edit(edit: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Change the body of the second receipt and let the true receipt key sign it: what an honest gateway never does."""

    def edited_receipt(document: dict[str, Any]) -> None:
        body = json.loads(document["receipts"][1]["body"])
        edit(body)
        document["receipts"][1] = signed_text(canonical(body), "receipt", MadeUpGateway().signing[Role.RECEIPT])

    return edited_receipt


RECEIPTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another prev_head": (receipt_edit(lambda body: body.update(prev_head="0" * 64)), "bad-prev-head"),
    "another head": (receipt_edit(lambda body: body.update(head="0" * 64)), "bad-head"),
    "another root": (receipt_edit(lambda body: body.update(merkle_root="0" * 64)), "bad-merkle"),
    "another gateway": (receipt_edit(lambda body: body.update(gateway_id="gw-other")), "wrong-gateway"),
    "another station": (receipt_edit(lambda body: body.update(station_id=SECOND)), "no-certificate"),
    "another journal": (receipt_edit(lambda body: body.update(journal_id="ab" * 16)), "wrong-journal"),
    "another gateway_prev": (receipt_edit(lambda body: body.update(gateway_prev="0" * 64)), "receipt-chain"),
    "a number of another": (receipt_edit(lambda body: body.update(gateway_seq=1)), "receipt-twice"),
    "the range backwards": (receipt_edit(lambda body: body.update(first_seq=body["last_seq"] + 1)), "malformed"),
    "more than a batch": (receipt_edit(lambda body: body.update(last_seq=body["first_seq"] + 512)), "malformed"),
    "an unknown member": (receipt_edit(lambda body: body.update(more=1)), "malformed"),
    "out of order": (lambda document: document["receipts"].append(document["receipts"].pop(1)), "order"),
    "signed by another key of the gateway": (
        lambda document: document["receipts"].insert(1, resigned(document["receipts"].pop(1), MadeUpGateway().signing[Role.PACKAGE])),
        "wrong-key",
    ),
    "another signature": (lambda document: document["receipts"][1].update(signature="A" * 86), "bad-signature"),
    "a signature that is too short": (lambda document: document["receipts"][1].update(signature="AAAA"), "bad-signature"),
    "none": (lambda document: document.update(receipts=[]), "malformed"),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_that_does_not_fit_is_refused(name: str, refused: Any) -> None:
    archive = export(World())
    edit, code = RECEIPTS[name]
    assert refused(edited(archive, named(archive, "receipts"), edit)) == ("receipts", code)


def test_receipts_swapped_between_stations_journals_and_gateways_are_refused(refused: Any) -> None:
    archive = gateway_export(World())
    one, two = named(archive, "receipts"), named(archive, "receipts", 1)
    swapped = archive.having(one, archive.files[two]).having(two, archive.files[one])
    assert refused(swapped) == ("receipts", "wrong-journal")
    world, elsewhere = World(), World(MadeUpGateway(root=SigningKey(secret("another root"))))
    journal = world.journal(FIRST, "exported", (*KINDS, *KINDS))
    asked = export(world)
    foreign = receipts(journal, [elsewhere.receipt(journal, 1, 4), elsewhere.receipt(journal, 5, 9), elsewhere.receipt(journal, 10, 13)])
    assert refused(asked.having(named(asked, "receipts"), foreign[named(asked, "receipts")])) == ("receipts", "wrong-key")


def test_two_different_receipts_of_one_number_fail_also_in_different_files(refused: Any) -> None:
    world = World()
    archive = export(world)
    name = named(archive, "receipts")
    second = json.loads(archive.files[name])["receipts"][1]
    other = resigned(second, world.gateway.signing[Role.RECEIPT], received_at_ms=1)
    again = archive.having(name.replace("0001.json", "0005.json"), as_json({"kind": "receipts", "v": 1, "receipts": [other]}))
    assert refused(again) == ("receipts", "receipt-twice")
    assert refused(archive.having(name.replace("0001.json", "0007.json"), as_json({"kind": "receipts", "v": 1, "receipts": [second]}))) == (
        "receipts",
        "order",
    )


def test_the_first_receipt_of_a_gateway_journal_hangs_on_the_roots_certificate(refused: Any) -> None:
    archive = export(World())
    first = receipt_edit(lambda body: body.update(gateway_journal_id="56" * 16, gateway_seq=1))
    assert refused(edited(archive, named(archive, "receipts"), first)) == ("receipts", "receipt-chain")


def test_an_entry_without_a_receipt_in_a_gateways_export_is_named(verify: Verify, tmp_path: Path) -> None:
    archive = gateway_export(World())
    name = named(archive, "receipts")
    result = verify(edited(archive, name, lambda document: document["receipts"].pop()).pack(tmp_path / "changed.zip"))
    assert (result["step"], result["code"], result["place"]["seq"]) in {("complete", "uncovered", 6), ("complete", "uncovered", 9)}


RETURNED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "of another gateway journal": (lambda document: document.update(gateway_journal_id="78" * 16), "wrong-journal"),
    "out of order": (lambda document: document["items"].reverse(), "order"),
    "one twice": (lambda document: document["items"].append(document["items"][1]), "order"),
    "signed by another": (
        lambda document: document["items"].append(resigned(document["items"][0], SigningKey(secret("nobody")), number=9)),
        "wrong-key",
    ),
    "of another station": (
        lambda document: document["items"].append(
            resigned(document["items"][0], MadeUpGateway().signing[Role.RECEIPT], number=9, station_id=SECOND)
        ),
        "wrong-station",
    ),
}


@pytest.mark.parametrize("name", RETURNED)
def test_returned_items_are_the_gateways_and_this_stations(name: str, refused: Any) -> None:
    edit, code = RETURNED[name]
    assert refused(edited(answers(World()), f"returned/{FIRST}.json", edit)) == ("receipts", code)


def test_answers_speak_of_stations_that_have_a_certificate_in_them(refused: Any) -> None:
    archive = answers(World())
    assert refused(archive.without(f"stations/{FIRST}.json")) == ("receipts", "no-certificate")


# --- openings


OPENINGS: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "of another part": (lambda entries: entries[0]["parts"].update(index=entries[0]["parts"]["kept"]), "bad-opening"),
    "of no part": (lambda entries: entries[0]["parts"].update(more="AAAA"), "no-part"),
    "too short": (lambda entries: entries[0]["parts"].update(index="AAAA"), "bad-opening"),
    "with padding": (lambda entries: entries[0]["parts"].update(index=entries[0]["parts"]["index"] + "=="), "base64"),
    "of another entry": (lambda entries: entries[0].update(seq=7), "not-in-batch"),
    "out of order": (lambda entries: entries.reverse(), "order"),
    "an entry twice": (lambda entries: entries.append(entries[-1]), "order"),
}


@pytest.mark.parametrize("name", OPENINGS)
def test_openings_are_those_that_the_headers_name(name: str, refused: Any) -> None:
    archive = export(World())
    edit, code = OPENINGS[name]
    assert refused(edited(archive, named(archive, "openings"), lambda document: edit(document["entries"]))) == ("openings", code)


def test_openings_without_their_batch_are_refused(refused: Any) -> None:
    archive = export(World())
    name = named(archive, "openings")
    assert refused(archive.without(name).having(name.replace("03.json", "05.json"), archive.files[name])) == ("openings", "missing")


RECEIVED_MS = 1_795_406_400_000
"""Of all made-up receipts."""


def test_receipts_of_an_earlier_and_of_a_new_key_pass_as_long_as_both_are_certified(verify: Verify, refused: Any, tmp_path: Path) -> None:
    """The gateway changed its receipt key between the second receipt and the third (wire.md §2): what the earlier one signed after it is
    refused, and so are numbers that it had not reached, and an earlier key for an entry that names the time of the later one."""
    world = World()
    archive, new = export(world), SigningKey(secret("a new receipt key"))
    name = named(archive, "receipts")

    def signed_anew(document: dict[str, Any]) -> None:
        document["receipts"][2] = resigned(document["receipts"][2], new)

    rotated = edited(archive, name, signed_anew)
    assert refused(rotated) == ("receipts", "wrong-key")

    def with_both_keys(archive: Unpacked, began_ms: int) -> Unpacked:
        changes = {"public_key": to_text(new.public), "subject_key_id": new.key_id, "serial": 2, "not_before_ms": began_ms}

        def certified(document: dict[str, Any]) -> None:
            document["certificates"].append(resigned(document["certificates"][1], world.gateway.root, **changes))

        return edited(archive, "gateway.json", certified)

    assert verify(with_both_keys(rotated, RECEIVED_MS + 1).pack(tmp_path / "rotated.zip"))["ok"]
    assert refused(with_both_keys(rotated, RECEIVED_MS)) == ("receipts", "followed-key")
    first_by_the_new = edited(archive, name, lambda document: document["receipts"].__setitem__(0, resigned(document["receipts"][0], new)))
    assert refused(with_both_keys(first_by_the_new, RECEIVED_MS + 1)) == ("receipts", "key-order")


def test_receipts_of_other_journals_and_stations_are_refused(refused: Any) -> None:
    world = World()
    archive, other = bundle(world), world.journal(FIRST, "other", KINDS)
    assert refused(archive.having(*next(iter(receipts(other, [world.receipt(other, 1, 7)]).items())))) == ("receipts", "outside")
    both = gateway_export(World())
    name = named(both, "receipts")
    owner = json.loads(json.loads(both.files[name])["receipts"][0]["body"])["station_id"]
    stranger = SECOND if owner == FIRST else FIRST

    def of_the_other(document: dict[str, Any]) -> None:
        document["receipts"][0] = resigned(document["receipts"][0], MadeUpGateway().signing[Role.RECEIPT], station_id=stranger)

    assert refused(edited(both, name, of_the_other)) == ("receipts", "wrong-station")


def test_receipts_are_chained_whichever_is_read_first(refused: Any) -> None:
    """A file whose first receipt has a later number than its second: an older range was acknowledged last."""
    archive = export(World())
    key = MadeUpGateway().signing[Role.RECEIPT]

    def renumbered(document: dict[str, Any]) -> None:
        for at, number in enumerate((12, 11, 20)):
            changes = {"gateway_journal_id": "56" * 16, "gateway_seq": number, "gateway_prev": "0" * 64}
            document["receipts"][at] = resigned(document["receipts"][at], key, **changes)

    assert refused(edited(archive, named(archive, "receipts"), renumbered)) == ("receipts", "receipt-chain")


def test_returned_items_and_openings_have_their_form(refused: Any) -> None:
    name = f"returned/{FIRST}.json"
    archive = answers(World())
    assert refused(edited(archive, name, lambda document: document.pop("items"))) == ("receipts", "malformed")
    alone = archive.without(named(archive, "receipts")).without(f"stations/{FIRST}.json")
    assert refused(alone) == ("receipts", "no-certificate")

    def of_another_gateway(document: dict[str, Any]) -> None:
        document["items"][0] = resigned(document["items"][0], MadeUpGateway().signing[Role.RECEIPT], gateway_id="gw-other")

    assert refused(edited(archive, name, of_another_gateway)) == ("receipts", "wrong-gateway")
    opened = export(World())
    assert refused(edited(opened, named(opened, "openings"), lambda document: document.update(entries=7))) == ("openings", "malformed")

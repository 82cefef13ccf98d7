"""The stand-alone verifier names the step and the reason: what is wrong with an archive whose maker signed it all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.journal.keys import SigningKey
from courier_check.wire.certificates import Role
from support.edited_archives import (
    edited,
    journal_with,
    named,
    replaced,
    resigned,
    with_manifest,
)
from support.made_archives import (
    FIRST,
    KINDS,
    SECOND,
    Unpacked,
    World,
    answers,
    bundle,
    certificates,
    export,
    gateway_export,
    range_of,
)
from support.pki import MadeUpGateway, secret

Verify = Callable[..., dict[str, Any]]
SMALL_ORDER = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def root_of(world: World) -> SigningKey:
    return world.gateway.root


# --- honest ones, and what is told of them


def test_honest_archives_pass_and_are_counted(made: Unpacked, verify: Verify, tmp_path: Path) -> None:
    result = verify(made.pack(tmp_path / "honest.zip"), root=made.world.gateway.fingerprint.hex())
    assert (result["ok"], result["step"], result["code"]) == (True, None, None)
    batches = [json.loads(data) for name, data in made.files.items() if name.startswith("batches/")]
    held = [json.loads(data)["receipts"] for name, data in made.files.items() if name.startswith("receipts/")]
    counts = result["counts"]
    assert counts["entries"] == sum(len(batch["entries"]) for batch in batches)
    assert counts["receipts"] == sum(map(len, held))
    assert counts["parts_present"] == sum(len(entry["parts"]) for batch in batches for entry in batch["entries"])
    assert (result["what"], result["root_compared"], result["unanchored"]) == (made.what.value, True, [])


def test_destroyed_parts_are_counted_and_do_not_fail(verify: Verify, tmp_path: Path) -> None:
    assert verify(bundle(World()).pack(tmp_path / "bundle.zip"))["counts"]["parts_destroyed"] == 2


def test_a_range_that_no_receipt_confirms_is_unanchored_and_passes(verify: Verify, tmp_path: Path) -> None:
    archive = export(World())
    result = verify(archive.without(named(archive, "receipts")).pack(tmp_path / "export.zip"))
    assert result["ok"]
    assert [(each["first_seq"], each["last_seq"]) for each in result["unanchored"]] == [(3, 13)]


def test_the_record_shows_a_path_that_leads_to_the_signed_root(verifier: Any, verify: Verify, tmp_path: Path) -> None:
    path = export(World()).pack(tmp_path / "export.zip")
    [found] = verify(path, record=(None, 7))["records"]
    [receipt] = found["receipts"]
    assert (found["seq"], receipt["first_seq"], receipt["last_seq"], receipt["holds"]) == (7, 5, 9, True)
    leaf = verifier.leaf_hashes(bytes.fromhex(found["hash"]))[0]
    siblings = [bytes.fromhex(each) for each in receipt["path"]]
    assert verifier.root_by_path(leaf, 2, 5, siblings).hex() == receipt["merkle_root"]
    assert verifier.root_by_path(leaf, 3, 5, siblings) != bytes.fromhex(receipt["merkle_root"])
    assert verifier.root_by_path(leaf, 2, 5, siblings[:-1]) is None


def test_a_record_that_is_not_there_does_not_pass(verify: Verify, tmp_path: Path) -> None:
    path = export(World()).pack(tmp_path / "export.zip")
    assert [verify(path, record=(journal, seq))["code"] for journal, seq in ((None, 2), ("ab" * 16, 3), (None, 0))] == ["no-record"] * 3


# --- manifest


MANIFESTS: dict[str, tuple[Callable[[dict[str, Any]], Any], tuple[str, str]]] = {
    "files out of order": (lambda body: body["files"].reverse(), ("manifest", "order")),
    "a file listed twice": (lambda body: body["files"].insert(0, body["files"][0]), ("manifest", "order")),
    "ranges out of order": (lambda body: body["ranges"].reverse(), ("manifest", "order")),
    "an unlisted file": (lambda body: body["files"].pop(2), ("manifest", "not-listed")),
    "a listed file that is not there": (
        lambda body: body["files"].append({"name": "zz", "sha256": "0" * 64, "size": 1}),
        ("manifest", "missing"),
    ),
    "another digest": (lambda body: body["files"][0].update(sha256="0" * 64), ("manifest", "digest-differs")),
    "another size": (lambda body: body["files"][0].update(size=8), ("manifest", "digest-differs")),
    "an unknown member": (lambda body: body.update(more=1), ("manifest", "malformed")),
    "a member missing": (lambda body: body.pop("program"), ("manifest", "malformed")),
    "another version": (lambda body: body.update(v=2, more=1), ("manifest", "version")),
    "another suite": (lambda body: body.update(suite="sm2-sm3"), ("manifest", "algorithm")),
    "another kind of archive": (lambda body: body.update(what="backup"), ("manifest", "malformed")),
    "another gateway": (lambda body: body.update(gateway_id="gw-other"), ("maker", "wrong-gateway")),
    "another maker": (lambda body: body.update(maker=SECOND), ("maker", "no-certificate")),
    "a range that ends before it begins": (lambda body: body["ranges"][0].update(last_seq=0), ("manifest", "malformed")),
    "a range longer than its batches": (lambda body: body["ranges"][0].update(last_seq=9), ("ranges", "no-batch")),
    "a range shorter than its batches": (lambda body: body["ranges"][0].update(last_seq=2), ("ranges", "gap")),
    "a range that begins later": (lambda body: body["ranges"][0].update(first_seq=2), ("ranges", "gap")),
    "a range left out": (lambda body: body["ranges"].pop(0), ("ranges", "outside")),
    "overlapping ranges": (
        lambda body: body["ranges"].insert(1, {**body["ranges"][0], "first_seq": 2}),
        ("ranges", "order"),
    ),
    "a station without a certificate": (lambda body: body["ranges"][0].update(station_id="aa-other"), ("certificates", "no-certificate")),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_does_not_fit_is_refused_though_signed(name: str, verify: Verify, tmp_path: Path) -> None:
    archive = bundle(World())
    edit, told = MANIFESTS[name]
    result = verify(with_manifest(archive.pack(tmp_path / "changed.zip"), edit, archive.key))
    assert (result["step"], result["code"]) == told


def test_an_archive_has_only_what_its_kind_has(refused: Any) -> None:
    world = World()
    batch = named(gateway_export(world), "batches")
    for archive, name in ((answers(World()), batch), (bundle(World()), "returned/" + FIRST + ".json")):
        assert refused(archive.having(name, b"{}")) == ("manifest", "not-of-what")


# --- root, certificates, maker


def test_another_root_than_the_given_one_is_refused(made: Unpacked, verify: Verify, tmp_path: Path) -> None:
    other = MadeUpGateway(root=SigningKey(secret("another root")))
    result = verify(made.pack(tmp_path / "honest.zip"), root=other.fingerprint.hex())
    assert (result["step"], result["code"]) == ("root", "foreign-root")


GATEWAYS: dict[str, tuple[Callable[[dict[str, Any], World], Any], tuple[str, str]]] = {
    "no certificates": (lambda document, _: document.update(certificates=[]), ("root", "malformed")),
    "another certificate first": (lambda document, _: document["certificates"].reverse(), ("root", "malformed")),
    "another name": (lambda document, _: document.update(gateway_id="gw-other"), ("root", "wrong-gateway")),
    "not practice": (lambda document, _: document.update(practice=False), ("root", "wrong-gateway")),
    "batches without end": (lambda document, _: document["limits"].update(batch_entries=513), ("root", "malformed")),
    "another version": (lambda document, _: document.update(v=2), ("root", "version")),
    "a key not certified": (lambda document, _: document["certificates"].pop(1), ("receipts", "wrong-key")),
    "the root twice": (lambda document, _: document["certificates"].append(document["certificates"][0]), ("certificates", "malformed")),
    "signed by another": (
        lambda document, _: document["certificates"].append(resigned(document["certificates"][1], SigningKey(secret("nobody")), serial=2)),
        ("certificates", "wrong-key"),
    ),
    "another gateway's": (
        lambda document, world: document["certificates"].append(
            resigned(document["certificates"][1], root_of(world), gateway_id="gw-other", subject="gw-other")
        ),
        ("certificates", "wrong-gateway"),
    ),
    "a real one at a practice gateway": (
        lambda document, world: document["certificates"].append(resigned(document["certificates"][1], root_of(world), practice=False)),
        ("certificates", "wrong-gateway"),
    ),
    "another key than its key_id": (
        lambda document, world: document["certificates"].append(
            resigned(document["certificates"][1], root_of(world), subject_key_id="0" * 32)
        ),
        ("certificates", "key-name"),
    ),
    "a key of small order": (
        lambda document, world: document["certificates"].append(
            resigned(document["certificates"][1], root_of(world), public_key=SMALL_ORDER)
        ),
        ("certificates", "small-order"),
    ),
    "a sealing key of small order": (
        lambda document, world: document["certificates"].append(
            resigned(document["certificates"][4], root_of(world), public_key=SMALL_ORDER)
        ),
        ("certificates", "small-order"),
    ),
    "another algorithm than its role's": (
        lambda document, world: document["certificates"].append(resigned(document["certificates"][1], root_of(world), alg="x25519")),
        ("certificates", "malformed"),
    ),
    "of another subject": (
        lambda document, world: document["certificates"].append(resigned(document["certificates"][1], root_of(world), subject="gw-other")),
        ("certificates", "malformed"),
    ),
    "a place without a station": (
        lambda document, world: document["certificates"].append(
            resigned(document["certificates"][1], root_of(world), station={"outlet_id": "a", "outlet_name": "b", "region": "410105"})
        ),
        ("certificates", "malformed"),
    ),
}


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_document_that_does_not_hold_is_refused(name: str, refused: Any) -> None:
    world = World()
    edit, told = GATEWAYS[name]
    assert refused(edited(bundle(world), "gateway.json", lambda document: edit(document, world))) == told


def test_a_station_certificate_signed_by_the_root_or_of_another_name_is_refused(refused: Any) -> None:
    world = World()
    archive, name = bundle(world), f"stations/{FIRST}.json"
    assert refused(replaced(archive, name, lambda signed: resigned(signed, world.gateway.root))) == ("certificates", "wrong-key")
    enrolment = world.gateway.signing[Role.ENROLMENT]
    assert refused(replaced(archive, name, lambda signed: resigned(signed, enrolment, subject=SECOND))) == ("certificates", "malformed")
    assert refused(replaced(archive, name, lambda signed: resigned(signed, enrolment, station=None))) == ("certificates", "malformed")


def test_what_another_station_or_key_signed_is_refused(refused: Any) -> None:
    world = World()
    archive = bundle(world)
    stranger = world.author(SECOND)[0].key
    assert refused(Unpacked(world, archive.what, archive.maker, stranger, archive.ranges, archive.files)) == ("maker", "wrong-key")
    both = {**archive.files, **certificates(world, world.journal(SECOND, "other", ()))}
    assert refused(Unpacked(world, archive.what, SECOND, stranger, archive.ranges, both)) == ("maker", "wrong-maker")
    asked = gateway_export(World())
    assert refused(Unpacked(world, asked.what, FIRST, asked.key, asked.ranges, asked.files)) == ("maker", "wrong-maker")


# --- ranges and entries


def test_a_file_of_which_the_end_was_left_out_is_short(refused: Any, verify: Verify, tmp_path: Path) -> None:
    for archive in (export(World()), gateway_export(World())):
        journal = journal_with(archive, 13)
        last = [name for name in sorted(archive.files) if name.startswith(f"batches/{journal}")][-1]
        opened = last.replace("batches", "openings")
        assert refused(archive.without(last).without(opened))[0] == "ranges"
        cut = int(last[-15:-5]) - 1
        path = archive.without(last).without(opened).pack(tmp_path / "short.zip")
        path = with_manifest(path, lambda body, cut=cut, journal=journal: _end_at(body, journal, cut), archive.key)
        result = verify(path)
        assert (result["step"], result["code"], result["place"]["seq"]) == ("complete", "short", cut)


def _end_at(body: dict[str, Any], journal: str, last_seq: int) -> None:
    for each in body["ranges"]:
        if each["journal_id"] == journal and each["last_seq"] > last_seq:
            each["last_seq"] = last_seq


def test_missing_batches_and_entries_are_noticed(refused: Any) -> None:
    archive = bundle(World())
    older = "batches/" + journal_with(archive, 7)
    assert refused(archive.without(older + "-0000000004.json")) == ("ranges", "no-batch")
    assert refused(archive.without(older + "-0000000001.json")) == ("ranges", "gap")
    first = older + "-0000000001.json"
    assert refused(edited(archive, first, lambda batch: batch["entries"].pop())) == ("ranges", "gap")
    assert refused(edited(archive, first, lambda batch: batch["entries"].pop(1)))[0] == "ranges"
    assert refused(edited(archive, first, lambda batch: batch["entries"].reverse())) == ("entries", "bad-place")
    assert refused(edited(archive, first, lambda batch: batch["entries"].insert(1, batch["entries"][0]))) == ("ranges", "gap")
    assert refused(edited(archive, first, lambda batch: batch.update(entries=[]))) == ("ranges", "malformed")
    assert refused(edited(archive, first, lambda batch: batch.update(prev="0" * 64))) == ("entries", "bad-chain")


def test_a_batch_of_another_place_is_refused(refused: Any) -> None:
    archive = bundle(World())
    name = "batches/" + journal_with(archive, 7) + "-0000000004.json"
    for member, other, code in (
        ("gateway_id", "gw-other", "wrong-gateway"),
        ("station_id", SECOND, "wrong-station"),
        ("journal_id", "ab" * 16, "wrong-journal"),
        ("first_seq", 5, "gap"),
        ("v", 2, "version"),
        ("kind", "export", "malformed"),
    ):
        assert refused(edited(archive, name, lambda batch, m=member, o=other: batch.update({m: o}))) == ("ranges", code)
    later = name.replace("0000000004", "0000000005")
    assert refused(archive.without(name).having(later, archive.files[name])) == ("ranges", "gap")


def test_what_is_wrong_with_a_range_is_named_before_what_is_wrong_with_an_entry(refused: Any) -> None:
    archive = bundle(World())
    older = "batches/" + journal_with(archive, 7)
    broken = edited(archive, older + "-0000000001.json", lambda batch: batch["entries"][1].update(signature="A" * 86))
    assert refused(broken) == ("entries", "bad-signature")
    assert refused(broken.without(older + "-0000000004.json")) == ("ranges", "no-batch")


def test_a_chain_that_is_joined_to_another_history_is_refused(refused: Any) -> None:
    """The second batch of another journal with the same id and the same key, itself consistent."""
    world = World()
    archive = export(world)
    forged = world.journal(FIRST, "exported", (*KINDS[::-1], *KINDS))
    name = named(archive, "batches", 1)
    changed = archive.having(name, msgspec.json.encode(forged.batch(7, 13)))
    assert refused(changed) == ("entries", "bad-chain")


def as_batch(journal: Any, first: int, last: int) -> bytes:
    import msgspec

    return msgspec.json.encode(journal.batch(first, last))


def test_the_first_entry_of_a_journal_hangs_on_the_stations_certificate(refused: Any) -> None:
    """The station was enrolled anew with the same key: its old journal does not hang on the new certificate."""
    world = World()
    enrolment = world.gateway.signing[Role.ENROLMENT]
    archive = replaced(bundle(world), f"stations/{FIRST}.json", lambda signed: resigned(signed, enrolment, serial=2))
    assert refused(archive) == ("entries", "bad-chain")


PARTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a part of another": (lambda parts: parts.update(index=parts["reported"]), "bad-digest"),
    "a part that the header does not name": (lambda parts: parts.update(another="AAAA"), "no-part"),
    "a part that never travels": (lambda parts: parts.update(kept="AAAA"), "no-part"),
    "a number": (lambda parts: parts.update(index=7), "malformed"),
    "padding": (lambda parts: parts.update(index=parts["index"] + "="), "base64"),
    "another alphabet": (lambda parts: parts.update(index="+/" + parts["index"]), "base64"),
    "a line feed": (lambda parts: parts.update(index=parts["index"] + "\n"), "base64"),
    "larger than allowed": (lambda parts: parts.update(index="A" * 87_384), "too-large"),
}


@pytest.mark.parametrize("name", PARTS)
def test_sealed_parts_are_those_of_the_header(name: str, refused: Any) -> None:
    archive = export(World())
    edit, code = PARTS[name]
    assert refused(edited(archive, named(archive, "batches"), lambda batch: edit(batch["entries"][0]["parts"]))) == ("entries", code)


def test_a_member_that_is_there_twice_is_refused_outside_of_signed_bodies(refused: Any) -> None:
    """Readers would differ about which one counts."""
    archive = bundle(World())
    name = named(archive, "batches")
    assert refused(archive.having(name, archive.files[name][:-1] + b',"entries":[]}')) == ("ranges", "not-json")


def test_ranges_of_two_stations_in_a_stations_archive_are_refused(refused: Any) -> None:
    world = World()
    archive, other = bundle(world), world.journal(SECOND, "other", KINDS)
    ranges = (*archive.ranges, range_of(other, 1, 3))
    files = {**archive.files, **certificates(world, other)}
    assert refused(Unpacked(world, archive.what, FIRST, archive.key, ranges, files)) == ("maker", "wrong-maker")


def test_a_journal_is_of_one_station_and_batches_end_with_their_range(verify: Verify, tmp_path: Path) -> None:
    archive = gateway_export(World())
    journal = journal_with(archive, 13)

    def of_two(body: dict[str, Any]) -> None:
        body["ranges"][-1].update(station_id=SECOND if body["ranges"][-1]["station_id"] == FIRST else FIRST)
        body["ranges"].sort(key=lambda each: (each["station_id"], each["journal_id"], each["first_seq"]))

    result = verify(with_manifest(archive.pack(tmp_path / "changed.zip"), of_two, archive.key))
    assert (result["step"], result["code"]) in {("ranges", "wrong-station"), ("ranges", "order")}

    def without_the_end(body: dict[str, Any]) -> None:
        body["ranges"] = [each for each in body["ranges"] if (each["journal_id"], each["last_seq"]) != (journal, 13)]

    result = verify(with_manifest(archive.pack(tmp_path / "changed.zip"), without_the_end, archive.key))
    assert (result["step"], result["code"]) == ("ranges", "outside")


def test_answers_have_no_ranges(verify: Verify, tmp_path: Path) -> None:
    archive = answers(World())
    ranges = [{"first_seq": 1, "journal_id": "ab" * 16, "last_seq": 2, "station_id": FIRST}]
    result = verify(with_manifest(archive.pack(tmp_path / "changed.zip"), lambda body: body.update(ranges=ranges), archive.key))
    assert (result["step"], result["code"]) == ("manifest", "not-of-what")

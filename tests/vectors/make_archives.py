"""Makes tests/vectors/archives: whole archives of docs/wire.md §11 and wrong ones, one for each step of verifying, and texts of §12.

    python tests/vectors/make_archives.py        writes them anew (sealing is random: other bytes, the same answers)

All keys, stations and people are made up. What each file must be told: archives/expected.json.
"""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import msgspec  # noqa: E402

from courier_check.journal import merkle  # noqa: E402
from courier_check.journal.entries import header_hash  # noqa: E402
from courier_check.journal.keys import SigningKey  # noqa: E402
from courier_check.wire import archives  # noqa: E402
from courier_check.wire.batches import Receipt  # noqa: E402
from courier_check.wire.certificates import Certificate, GatewayDocument, KeysInForce, Role, root_fingerprint  # noqa: E402
from courier_check.wire.proofs import ProofDocument, proof_text  # noqa: E402
from courier_check.wire.signed import read, sign  # noqa: E402
from support.made_archives import FIRST, KINDS, MADE, Unpacked, World  # noqa: E402
from support.pki import MadeUpGateway, secret  # noqa: E402

FOLDER = Path(__file__).parent / "archives"


def last(archive: Unpacked, folder: str) -> str:
    return max(name for name in archive.files if name.startswith(folder))


def changed(archive: Unpacked, folder: str, old: bytes, new: bytes) -> Unpacked:
    name = last(archive, folder)
    data = archive.files[name]
    assert old in data, (name, old)
    return archive.having(name, data.replace(old, new, 1))


def torn(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def edited(path: Path) -> None:
    """One digit of a batch, with the manifest as it was."""
    with zipfile.ZipFile(path) as held:
        files = {name: held.read(name) for name in held.namelist()}
    name = max(each for each in files if each.startswith("batches/"))
    files[name] = files[name].replace(b'"first_seq":', b'"first_seq" :', 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for each, data in files.items():
            target.writestr(each, data)


LATER_KEY = SigningKey(secret("later receipt key"))


def with_keys(archive: Unpacked, by_later: frozenset[int], *, withdrawn: bool) -> Unpacked:
    """The same archive of a gateway that changed its receipt key after all that is in it: the receipts of these numbers of the gateway's
    journal are signed with the later key. `withdrawn`: the earlier one was withdrawn."""
    gateway = archive.world.gateway
    document = gateway.document()
    first = next(each for each in document.certificates if read(each, Certificate).role == Role.RECEIPT)
    body = read(gateway.certificate(Role.RECEIPT, LATER_KEY.public, LATER_KEY.key_id), Certificate)
    later = sign(msgspec.structs.replace(body, serial=2, not_before_ms=archive.body().made_at_ms + 1), gateway.root)
    left = tuple(each for each in document.certificates if each != first or not withdrawn)
    document = msgspec.structs.replace(document, certificates=(*left, later))
    if withdrawn:
        keys = tuple(sorted(read(each, Certificate).subject_key_id for each in document.certificates))
        listed = sign(KeysInForce(gateway_id=gateway.gateway_id, serial=1, keys=keys), gateway.root)
        document = msgspec.structs.replace(document, keys=listed, withdrawn=(first,))
    changed_files = {name: _signed_anew(data, by_later) if name.startswith("receipts/") else data for name, data in archive.files.items()}
    return replace(archive, files=changed_files).having(archives.GATEWAY, msgspec.json.encode(document))


def _signed_anew(data: bytes, numbers: frozenset[int]) -> bytes:
    """A file of receipts, those of these numbers signed with the later key, body for body."""
    bodies = [(each, read(each, Receipt)) for each in msgspec.json.decode(data, type=archives.Receipts).receipts]
    anew = tuple(sign(body, LATER_KEY) if body.gateway_seq in numbers else each for each, body in bodies)
    return msgspec.json.encode(archives.Receipts(receipts=anew))


def edited_document(archive: Unpacked, **members: object) -> Unpacked:
    document = msgspec.json.decode(archive.files[archives.GATEWAY], type=GatewayDocument)
    return archive.having(archives.GATEWAY, msgspec.json.encode(msgspec.structs.replace(document, **members)))


def keys_changed(export: Unpacked, bundle: Unpacked) -> dict[str, tuple[Unpacked, str | None]]:
    """Archives of gateways that changed or withdrew keys (§2, §6 b), and the step that refuses them. The export has receipts of the numbers
    1 to 3, the last of which reaches furthest."""
    withdrawn = with_keys(export, frozenset({1, 3}), withdrawn=True)
    gateway = export.world.gateway
    rootless = tuple(key.key_id for key in (*gateway.signing.values(), *gateway.opening.values(), LATER_KEY))[1:]
    unlisted = sign(KeysInForce(gateway_id=gateway.gateway_id, serial=1, keys=rootless), gateway.root)
    return {
        "export-two-keys": (with_keys(export, frozenset({3}), withdrawn=False), None),
        "export-withdrawn-key": (withdrawn, None),  # the withdrawn key's number is greater than one by the later key
        "bundle-withdrawn-key": (with_keys(bundle, frozenset(), withdrawn=True), None),
        "wrong-receipts-withdrawn-key": (with_keys(export, frozenset({1, 2}), withdrawn=True), "receipts"),
        "wrong-receipts-key-order": (with_keys(export, frozenset({1}), withdrawn=False), "receipts"),
        "wrong-root-keys-alone": (edited_document(withdrawn, withdrawn=msgspec.UNSET), "root"),
        "wrong-certificates-rootless-keys": (edited_document(withdrawn, keys=unlisted), "certificates"),
    }


def proofs(world: World) -> list[dict[str, object]]:
    journal = world.journal(FIRST, "proved", KINDS)
    batch = journal.batch(1, 7, frozenset())
    hashes = [bytes.fromhex(header_hash(entry.header.encode())) for entry in batch.entries]
    signed = world.receipt(journal, 1, 7)
    made = ProofDocument(seq=5, entry=hashes[4].hex(), path=tuple(each.hex() for each in merkle.path(hashes, 4)), receipt=signed)
    other = msgspec.structs.replace(made, seq=4)
    return [{"text": proof_text(made), "ok": True}, {"text": proof_text(other), "ok": False}]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    world = World()
    whole = {name: make(World()) for name, make in MADE.items()}
    export, bundle, gateway = whole["export"], whole["bundle"], whole["gateway-export"]
    stranger = World(MadeUpGateway(root=SigningKey(secret("another root"))))
    wrong = {
        "certificates": changed(bundle, "stations/", b'\\"serial\\":', b'\\"serial\\":1'),
        "maker": replace(bundle, key=SigningKey(secret("nobody's key"))),
        "ranges": bundle.without(last(bundle, "batches/")),
        "entries": changed(bundle, "batches/", b'\\"refusal\\":\\"R03\\"', b'\\"refusal\\":\\"R01\\"'),
        "receipts": changed(export, "receipts/", b'\\"received_at_ms\\":1', b'\\"received_at_ms\\":2'),
        "openings": changed(export, "openings/", b'"kept":"', b'"kept":"A'),
        "root": MADE["bundle"](stranger),
    }
    expected: dict[str, dict[str, object]] = {}
    for name, archive in whole.items():
        archive.pack(FOLDER / f"{name}.zip")
        expected[f"{name}.zip"] = {"ok": True, "step": None}
    for step, archive in wrong.items():
        archive.pack(FOLDER / f"wrong-{step}.zip")
        expected[f"wrong-{step}.zip"] = {"ok": False, "step": step}
    for name, (archive, wrong_step) in keys_changed(export, bundle).items():
        archive.pack(FOLDER / f"{name}.zip")
        expected[f"{name}.zip"] = {"ok": wrong_step is None, "step": wrong_step}
    for step, spoil in (("file", torn), ("manifest", edited)):
        spoil(gateway.pack(FOLDER / f"wrong-{step}.zip"))
        expected[f"wrong-{step}.zip"] = {"ok": False, "step": step}
    document = {
        "what": "docs/wire.md §11 and §12; made by make_archives.py; everything in it is made up",
        "root_fingerprint": root_fingerprint(world.gateway.root.public).hex(),
        "archives": expected,
        "gateway": json.loads(msgspec.json.encode(world.gateway.document())),
        "proofs": proofs(World()),
    }
    (FOLDER / "expected.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

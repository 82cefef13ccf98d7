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
from courier_check.wire.certificates import root_fingerprint  # noqa: E402
from courier_check.wire.proofs import ProofDocument, proof_text  # noqa: E402
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

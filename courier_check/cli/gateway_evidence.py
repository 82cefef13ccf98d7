"""gateway evidence: which photos (凭证照片) are held, and copies of the sealed files for whoever has the company's keys."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from courier_check.cli.codes import CliCode
from courier_check.cli.output import Output
from courier_check.errors import UserError
from courier_check.gateway.evidence import Photo, photos, statement_of
from courier_check.gateway.setup import Gateway
from courier_check.store.new_file import check_new, new_file

INDEX = "index.jsonl"


@dataclass(frozen=True, slots=True)
class Asked:
    """`station_id`: None for all; `target`: where copies go, None for none; `missing`: each photo that is not held is listed."""

    station_id: str | None
    target: Path | None
    missing: bool


def evidence(out: Output, gateway: Gateway, asked: Asked) -> int:
    """0 whatever is missing: that a photo has not come yet is no failure. Raises UserError (the folder is there), StoreError (disk)."""
    if asked.target is not None:
        check_new(asked.target)
    found = list(photos(gateway, asked.station_id))
    for station_id, of_station in groupby(found, lambda photo: photo.station_id):
        _tell(out, station_id, list(of_station), missing=asked.missing)
    if not found and not out.as_json:
        out.say({}, "gateway-evidence-none")
    if asked.target is not None:
        files, digest = _copy(gateway, [photo for photo in found if photo.held], asked.target)
        said = {"folder": str(asked.target), "files": files, "sha256": digest}
        out.say(said, "gateway-evidence-copied", folder=str(asked.target), files=files, sha256=digest)
    return 0


def copied_name(photo: Photo) -> str:
    """Begins with the photo's own digest, which the header says, so that a verifier finds it; then what is in the file."""
    assert photo.stated is not None  # noqa: S101 - a photo that is held was announced
    return f"{photo.ref.sha256}.{photo.stated.sealed_sha256[:16]}.bin"


def _tell(out: Output, station_id: str, found: Sequence[Photo], *, missing: bool) -> None:
    held = [photo for photo in found if photo.held]
    size = sum({photo.stated.sealed_sha256: photo.stated.sealed_size for photo in held if photo.stated}.values())
    fields: dict[str, Any] = {"station": station_id, "named": len(found), "held": len(held)}
    fields |= {"missing": len(found) - len(held), "bytes": size}
    out.say(fields, "gateway-evidence", **fields)
    for photo in found if missing else ():
        if not photo.held:
            place = {"journal": photo.journal_id, "seq": photo.seq, "photo": photo.ref.name, "sha256": photo.ref.sha256}
            out.line({"station": station_id, **place, "announced": photo.stated is not None}, f"  #{photo.seq} {photo.ref.name}")


def _copy(gateway: Gateway, held: Sequence[Photo], folder: Path) -> tuple[int, str]:
    """The sealed files, one each, and `index.jsonl`: whose they are, with the signed statement of each. Returns how many files, and the
    digest of the index."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(CliCode.FILE_UNUSABLE, file=str(folder), detail=error.strerror or "") from error
    made, digest = set[str](), hashlib.sha256()
    with new_file(folder / INDEX) as index:
        for photo in held:
            name = copied_name(photo)
            if name not in made and photo.stated is not None:
                with gateway.evidence.opened(photo.stated.sealed_sha256) as source, new_file(folder / name) as target:
                    shutil.copyfileobj(source, target)
                made.add(name)
            line = msgspec.json.encode(_line(gateway, photo, name)) + b"\n"
            digest.update(line)
            index.write(line)
    return len(made), digest.hexdigest()


def _line(gateway: Gateway, photo: Photo, name: str) -> dict[str, Any]:
    place = {"station": photo.station_id, "journal": photo.journal_id, "seq": photo.seq, "photo": photo.ref.name}
    return {"file": name, **place, "sha256": photo.ref.sha256, "statement": statement_of(gateway, photo)}

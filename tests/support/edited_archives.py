"""Edits of archives: documents changed as values, texts signed again by whoever should have signed them, zips put together by hand."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from courier_check.journal.keys import SigningKey, to_text
from courier_check.journal.tags import tag
from support.made_archives import Unpacked

Edit = Callable[[Any], Any]


def edited(archive: Unpacked, name: str, edit: Edit) -> Unpacked:
    """With one document changed in place; what `edit` returns does not count."""
    document = json.loads(archive.files[name])
    edit(document)
    return archive.having(name, as_json(document))


def replaced(archive: Unpacked, name: str, make: Edit) -> Unpacked:
    """With another document, made after the one that is there."""
    return archive.having(name, as_json(make(json.loads(archive.files[name]))))


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def signed_text(text: str, kind: str, key: SigningKey) -> dict[str, str]:
    """A signed document of any text, also one that nobody should sign."""
    signature = key.sign(tag(kind), text.encode("utf-8", "surrogatepass"))
    return {"body": text, "key_id": key.key_id, "signature": to_text(signature)}


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def resigned(signed: dict[str, str], key: SigningKey, **changes: Any) -> dict[str, str]:
    """A signed document with members of its body changed, signed by this key."""
    body = {**json.loads(signed["body"]), **changes}
    return signed_text(canonical(body), body["kind"], key)


def named(archive: Unpacked, folder: str, number: int = 0) -> str:
    """The name of one of the files of a folder, in order."""
    return sorted(name for name in archive.files if name.startswith(folder + "/"))[number]


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as held:
        return {name: held.read(name) for name in held.namelist()}


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as held:
        for name, data in files.items():
            held.writestr(name, data)
    return path


def with_manifest(path: Path, edit: Callable[[dict[str, Any]], Any], key: SigningKey) -> Path:
    """The packed archive with its manifest's body changed and signed again."""
    files = contents(path)
    body = json.loads(json.loads(files["manifest.json"])["body"])
    edit(body)
    return zipped(path, {**files, "manifest.json": as_json(signed_text(canonical(body), "archive", key))})


def central_directory(data: bytes) -> int:
    """Where the directory of a zip begins."""
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return held.start_dir


def journal_with(archive: Unpacked, last_seq: int) -> str:
    """The journal of which a range ends there."""
    return next(each.journal_id for each in archive.ranges if each.last_seq == last_seq)

"""What no signature covers is read alike by the stand-alone verifier and by the program: one refuses what the other refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from courier_check.journal.codes import JournalError
from courier_check.wire.archives import open_archive
from courier_check.wire.certificates import Certificate, KeysInForce, Role, trust
from courier_check.wire.signed import read, sign
from support.made_archives import Unpacked, World, export
from support.pki import MadeUpGateway

Verify = Callable[..., dict[str, Any]]
Written = Callable[[bytes], bytes]
MADE_UP = MadeUpGateway()


def having(**members: Any) -> Written:
    return lambda data: json.dumps({**json.loads(data), **members}, ensure_ascii=False).encode()


def nested(depth: int) -> Written:
    return lambda data: data[:-1] + b',"later":' + b"[" * depth + b"]" * depth + b"}"


def without(name: str) -> Written:
    return lambda data: json.dumps({key: value for key, value in json.loads(data).items() if key != name}, ensure_ascii=False).encode()


def listed(*left_out: Role) -> Any:
    """The root's list of the keys in force, but for those of these roles."""
    bodies = [read(each, Certificate) for each in MADE_UP.document().certificates]
    keys = tuple(each.subject_key_id for each in bodies if each.role not in left_out)
    signed = sign(KeysInForce(gateway_id=MADE_UP.gateway_id, serial=1, keys=keys), MADE_UP.root)
    return json.loads(msgspec.json.encode(signed))


def apart(keys: Any) -> Written:
    """With the certificate of the package key among the withdrawn ones."""

    def written(data: bytes) -> bytes:
        document = json.loads(data)
        is_package = ['"role":"package"' in each["body"] for each in document["certificates"]]
        withdrawn = [each for each, package in zip(document["certificates"], is_package, strict=True) if package]
        left = [each for each in document["certificates"] if each not in withdrawn]
        return json.dumps({**document, "certificates": left, "withdrawn": withdrawn, "keys": keys}, ensure_ascii=False).encode()

    return written


ALIKE: dict[str, tuple[str, Written, bool]] = {
    "an unknown number of 18 digits": ("gateway.json", having(later=123456789012345678), True),
    "an unknown number of 400 digits": ("gateway.json", having(later=10**399), True),
    "an unknown member 64 deep": ("gateway.json", nested(64), True),
    "an unknown member deeper than any": ("gateway.json", nested(100_000), False),
    "a count of minus nothing": ("batches/", lambda data: re.sub(rb'"entries":\d+,"oldest', b'"entries":-0,"oldest', data), True),
    "a time before 1970": ("batches/", having(backlog={"entries": 1, "oldest_ms": -1}), True),
    "an unknown fraction": ("gateway.json", having(later=1.5), True),
    "an unknown name of half a pair": ("gateway.json", lambda data: data.replace(b"{", b'{"later":"\\ud800",', 1), False),
    "an unknown name that is no text": ("gateway.json", lambda data: data.replace(b"{", b'{"later":"\xff",', 1), False),
    "a name of half a pair": ("gateway.json", lambda data: data.replace(b'"name":"', b'"name":"\\ud800', 1), False),
    "a name of a whole pair": ("gateway.json", lambda data: data.replace(b'"name":"', b'"name":"\\ud83d\\ude00', 1), True),
    "no version": ("gateway.json", without("v"), False),
    "no limits": ("gateway.json", without("limits"), False),
    "no kind": ("gateway.json", without("kind"), False),
    "a version that is too long": ("gateway.json", having(v=10**20), False),
    "a limit that is too long": ("gateway.json", having(limits={"batch_entries": 10**20, "batch_bytes": 8 * 1024 * 1024}), False),
    "keys that are nothing": ("gateway.json", having(keys=None), False),
    "withdrawn that is nothing": ("gateway.json", having(withdrawn=None), False),
    "withdrawn that is empty, without keys": ("gateway.json", having(withdrawn=[]), False),
    "keys, without withdrawn": ("gateway.json", having(keys=listed()), False),
    "keys, and withdrawn that is empty": ("gateway.json", having(keys=listed(), withdrawn=[]), True),
    "keys without the root's": ("gateway.json", having(keys=listed(Role.ROOT), withdrawn=[]), False),
    "a withdrawn key that the list names": ("gateway.json", apart(listed()), False),
    "a withdrawn key that the list leaves out": ("gateway.json", apart(listed(Role.PACKAGE)), True),
    "a batch without a version": ("batches/", without("v"), False),
    "a backlog that is too long": ("batches/", having(backlog={"entries": 0, "oldest_ms": 10**20}), False),
    "receipts without a version": ("receipts/", without("v"), False),
}


@pytest.mark.parametrize("name", ALIKE)
def test_both_read_it_alike(verify: Verify, tmp_path: Path, name: str) -> None:
    folder, change, holds = ALIKE[name]
    archive = export(World())
    file = min(each for each in archive.files if each.startswith(folder))
    path = _with(archive, file, change(archive.files[file])).pack(tmp_path / "changed.zip")
    assert verify(path)["ok"] is holds
    assert _reads(path) is holds


def _with(archive: Unpacked, file: str, data: bytes) -> Unpacked:
    assert archive.files[file] != data
    return archive.having(file, data)


def _reads(path: Path) -> bool:
    with path.open("rb") as source:
        archive = open_archive(source)
        try:
            trust(archive.gateway(), MADE_UP.fingerprint)
            archive.check_ranges()
            archive.check_receipts()
        except JournalError:
            return False
        finally:
            archive.close()
    return True

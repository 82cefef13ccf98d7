#!/usr/bin/env python3
"""核验交接包、导出、回执包、回执证明: is this archive whole, signed and without gaps? is this entry held?

    python verify.py FILE…                      通过 (exit 0), 不通过 with the step, the place and the reason (1), or unusable (2)
    python verify.py --root FINGERPRINT FILE    the root must be this one: from the station's status, or an enrolment code
    python verify.py --record 12 FILE           show entry 12 with its receipt and its Merkle path
    python verify.py --proof TEXT --gateway G   回执证明, the text of a QR code or a file of it: does the gateway hold that entry?
                                                G: gateway.json or any archive of that gateway, for its certificates; --root as above
    python verify.py --photos FOLDER FILE       an export with openings: open the photos that its entries name and compare; FOLDER is
                                                what `gateway evidence --out` made, or a station's own folder of evidence
    python verify.py --json --lang en FILE      one JSON object a line; reasons in English

Needs Python 3.9 or later and `cryptography` (pip install cryptography), and nothing of the program that made the archive: it is written
from docs/journal.md and docs/wire.md, whose sections are named below, and is one file so that it can travel with what it checks.
"""

from __future__ import annotations

import argparse
import binascii
import hashlib
import json
import os
import re
import sys
import unicodedata
import zipfile
import zlib
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, NoReturn

try:
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    sys.stderr.write("需要 cryptography：请先运行 pip install cryptography。/ Please run: pip install cryptography\n")
    sys.exit(2)

Place = dict[str, Any]
Form = Callable[[Any], bool]


class Refused(Exception):
    """Bytes that a reader refuses: why, and the facts of the sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Failure:
    """The check that did not hold: step of wire.md §11, place (journal_id, seq, file), reason."""

    step: str
    place: Place
    code: str
    facts: dict[str, Any]


class Failed(Exception):
    """Ends the verification of one archive."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.step, failure.code)
        self.failure = failure


@contextmanager
def at(step: str, **place: Any) -> Iterator[None]:
    """Whatever is refused inside is a failure of this step at this place."""
    try:
        yield
    except Refused as refused:
        raise Failed(Failure(step, place, refused.code, refused.facts)) from refused


def require(holds: bool, code: str, **facts: Any) -> None:
    if not holds:
        raise Refused(code, **facts)


# --- journal.md §1: bytes

RANGE = 2**53 - 1
DEEPEST = 9
NAME_OF_MEMBER = re.compile(r"[a-z0-9_.\-]{1,64}")


def tag(name: str) -> bytes:
    return b"courier-check/" + name.encode() + b"/v1\n"


def sha(name: str, data: bytes) -> bytes:
    return hashlib.sha256(tag(name) + data).digest()


TO_STANDARD = bytes.maketrans(b"-_", b"+/")
TO_URL = bytes.maketrans(b"+/", b"-_")


def unb64(text: Any) -> bytes:
    """base64url without padding, in its only spelling; raises Refused."""
    if not isinstance(text, str):
        raise Refused("malformed", what="base64")
    try:
        written = text.encode("ascii")
        data = binascii.a2b_base64(written.translate(TO_STANDARD) + b"==")
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Refused("base64") from error
    if binascii.b2a_base64(data, newline=False).translate(TO_URL).rstrip(b"=") != written:
        raise Refused("base64")
    return data


class _NotJson(ValueError):
    pass


def _no_number(text: str) -> NoReturn:
    raise _NotJson(text)


def _integer(text: str) -> int:
    # Seventeen characters are enough for −(2^53−1); a million digits would take minutes to read.
    if len(text) > 17:
        raise _NotJson("integer")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotJson("a member twice")
    return found


STRICT = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number, parse_int=_integer)
SHORT = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number)  # of headers: 16 KiB have no number that takes minutes
TOO_LONG = object()
UNSIGNED = json.JSONDecoder(
    parse_constant=_no_number, parse_int=lambda text: _integer(text) if len(text) <= 17 else TOO_LONG, object_pairs_hook=_once
)
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
ANY = json.JSONDecoder(parse_int=lambda text: _integer(text) if len(text) <= 17 else None)
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False)


def sound(value: Any, deeper: int) -> None:
    """Containers at most `deeper` deep, names of members and integers as §1 allows; raises Refused."""
    kind = type(value)
    if kind is dict or kind is list:
        if deeper == 0:
            raise Refused("not-canonical")
        if kind is dict:
            if not all(map(NAME_OF_MEMBER.fullmatch, value)):
                raise Refused("not-canonical")
            value = value.values()
        for item in value:
            if type(item) is not str and item is not None:
                sound(item, deeper - 1)
    elif kind is int and not -RANGE <= value <= RANGE:
        raise Refused("not-canonical")


def read_any(text: str) -> Any:
    """What reads as JSON at all, to see of which version it is; None where nothing can be read."""
    try:
        return ANY.decode(text)
    except (ValueError, RecursionError):
        return None


def versioned(text: str, decoder: json.JSONDecoder = STRICT) -> dict[str, Any]:
    """§12, wire.md §1: an object in strict JSON of version 1; another version is reported as such, whatever else is wrong."""
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        value = None
    if type(value) is not dict or type(value.get("v")) is not int or value["v"] != 1 or value.get("suite", SUITE) != SUITE:
        raise newer(text, value)
    return value


def newer(text: str, value: Any) -> Refused:
    """Why what is not an object of version 1 and this suite is refused."""
    told = value if type(value) is dict else read_any(text)
    if isinstance(told, dict) and type(told.get("v")) is int and told["v"] != 1:
        return Refused("version", found=told["v"])
    if isinstance(told, dict) and isinstance(told.get("suite"), str) and told["suite"] != SUITE:
        return Refused("algorithm", found=told["suite"][:64])
    if told is None:
        return Refused("not-json")
    return Refused("malformed", what="v") if type(value) is dict else Refused("not-canonical")


def canonical(value: Any, text: str) -> None:
    sound(value, DEEPEST)
    require(CANONICAL.encode(value) == text, "not-canonical")


def unsigned_json(data: bytes) -> Any:
    """What no signature covers: UTF-8, no member twice, no half of a pair of surrogates; raises Refused. Whole numbers that are longer than
    any of ours are `TOO_LONG`, which is no number and matters only where a member is known."""
    try:
        text = data.decode("utf-8")
        value = UNSIGNED.decode(text)
        if SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refused("not-json") from error
    return value


def unsigned(data: bytes, kind: str) -> dict[str, Any]:
    """An unsigned document of this kind: unknown members are ignored, none may be there twice."""
    value = unsigned_json(data)
    require(isinstance(value, dict), "malformed", what=kind)
    if type(value.get("v")) is int and value["v"] != 1:
        raise Refused("version", found=value["v"])
    require(value.get("kind") == kind and type(value.get("v")) is int, "malformed", what=kind)
    return dict(value)


# --- forms (journal.md §2, §3; wire.md)


def form(pattern: str) -> Form:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def integer(low: int = -RANGE, high: int = RANGE) -> Form:
    return lambda value: type(value) is int and low <= value <= high


def either(one: Form) -> Form:
    return lambda value: value is None or one(value)


def only(*allowed: str) -> Form:
    return lambda value: isinstance(value, str) and value in allowed


def text_of(value: Any) -> bool:
    return isinstance(value, str)


def boolean(value: Any) -> bool:
    return value is True or value is False


def members(**forms: Form) -> Form:
    """Exactly these members."""
    names = set(forms)
    return lambda value: isinstance(value, dict) and value.keys() == names and all(one(value[name]) for name, one in forms.items())


def having(**forms: Form) -> Form:
    """These members, and whatever else."""
    return lambda value: isinstance(value, dict) and all(name in value and one(value[name]) for name, one in forms.items())


def array(one: Form, low: int = 0, high: int = RANGE) -> Form:
    return lambda value: isinstance(value, list) and low <= len(value) <= high and all(one(item) for item in value)


NAME, HASH, ID, KIND = form("[a-z0-9][a-z0-9-]{0,62}"), form("[0-9a-f]{64}"), form("[0-9a-f]{32}"), form("[a-z0-9-]{1,40}")
MS, SEQ, COUNT = integer(), integer(1), integer(0)
NEVER = -RANGE - 1
B64 = form("[A-Za-z0-9_-]*")
ALG = {"hash": "sha256", "seal": "hpke-x25519-hkdf-sha256-aes256gcm", "sign": "ed25519"}
SUITE = "ed25519-sha256"
SIGNED = having(body=text_of, key_id=ID, signature=B64)
LARGEST_HEADER, LARGEST_SEALED, LARGEST_BATCH = 16_384, 65_536, 8_388_608
MOST_ENTRIES, MOST_RECEIPTS = 512, 1_024
HEADER_NAMES = {
    *("v", "alg", "gateway_id", "station_id", "journal_id", "seq", "prev", "key_id", "kind", "operator", "times", "facts"),
    *("packages", "evidence", "parts"),
}
TIMES_NAMES, PART_NAMES = {"wall_ms", "mono_ms", "boot_id", "trusted_ms"}, {"digest", "name", "recipient", "sealed_digest"}
PACKAGE_NAMES, EVIDENCE_NAMES = {"kind", "name", "sha256", "version"}, {"media_type", "name", "sha256", "size"}
is_hash, is_id, is_kind = (re.compile(pattern).fullmatch for pattern in ("[0-9a-f]{64}", "[0-9a-f]{32}", "[a-z0-9-]{1,40}"))


# Headers are many: what is asked of each is written out here, the forms above would cost as much as the signature.


def entry_form(entry: Any) -> bool:
    if type(entry) is not dict:
        return False
    return type(entry.get("header")) is str and type(entry.get("signature")) is str and type(entry.get("parts")) is dict


def times_form(times: Any) -> bool:
    if type(times) is not dict or times.keys() != TIMES_NAMES:
        return False
    boot_id, trusted_ms = times["boot_id"], times["trusted_ms"]
    if type(boot_id) is not str or not 1 <= len(boot_id) <= 64:
        return False
    for clock in (times["wall_ms"], times["mono_ms"], 0 if trusted_ms is None else trusted_ms):
        if type(clock) is not int or not -RANGE <= clock <= RANGE:
            return False
    return True


def part_form(part: Any) -> bool:
    """With `recipient` and `sealed_digest` both null or both not."""
    if type(part) is not dict or part.keys() != PART_NAMES:
        return False
    recipient, sealed_digest = part["recipient"], part["sealed_digest"]
    try:
        if recipient is None or sealed_digest is None:
            if recipient is not sealed_digest:
                return False
        elif not (is_id(recipient) and is_hash(sealed_digest)):
            return False
        return bool(is_hash(part["digest"]) and is_kind(part["name"]))
    except TypeError:  # not a string
        return False


def package_form(package: Any) -> bool:
    if type(package) is not dict or package.keys() != PACKAGE_NAMES or type(package["version"]) is not str:
        return False
    try:
        return type(package["name"]) is str and bool(is_hash(package["sha256"]) and is_kind(package["kind"]))
    except TypeError:
        return False


def evidence_form(evidence: Any) -> bool:
    if type(evidence) is not dict or evidence.keys() != EVIDENCE_NAMES or type(evidence["name"]) is not str:
        return False
    size = evidence["size"]
    if type(size) is not int or not 0 <= size <= RANGE:
        return False
    return type(evidence["media_type"]) is str and HASH(evidence["sha256"])


def listed(value: Any, one: Form) -> bool:
    return type(value) is list and all(map(one, value))


PLACE = members(outlet_id=text_of, outlet_name=text_of, region=form("[0-9]{6}"))
ROLES = {"root": "ed25519", "receipt": "ed25519", "enrolment": "ed25519", "package": "ed25519", "station": "ed25519"}
ROLES.update({"intake": "x25519", "regulator": "x25519"})
STATED = {"kind": text_of, "suite": only(SUITE), "v": integer(1, 1)}
BODIES = {
    "certificate": members(
        **STATED,
        role=only(*ROLES),
        gateway_id=NAME,
        subject=NAME,
        alg=only("ed25519", "x25519"),
        public_key=B64,
        subject_key_id=ID,
        serial=integer(),
        not_before_ms=MS,
        not_after_ms=either(MS),
        practice=boolean,
        station=either(PLACE),
    ),
    "receipt": members(
        **STATED,
        gateway_id=NAME,
        station_id=NAME,
        journal_id=ID,
        first_seq=SEQ,
        last_seq=SEQ,
        prev_head=HASH,
        head=HASH,
        merkle_root=HASH,
        received_at_ms=MS,
        after_revocation=boolean,
        gateway_journal_id=ID,
        gateway_seq=SEQ,
        gateway_prev=HASH,
    ),
    "returned": members(
        **STATED,
        gateway_id=NAME,
        gateway_journal_id=ID,
        station_id=NAME,
        journal_id=ID,
        seq=SEQ,
        entry=HASH,
        number=SEQ,
        code=text_of,
        detail=text_of,
        at_ms=MS,
    ),
    "keys": members(**STATED, gateway_id=NAME, serial=COUNT, keys=array(ID)),
    "archive": members(
        **STATED,
        gateway_id=NAME,
        what=only("bundle", "answers", "export", "gateway-export"),
        maker=NAME,
        made_at_ms=MS,
        program=text_of,
        ranges=array(members(first_seq=SEQ, journal_id=ID, last_seq=SEQ, station_id=NAME)),
        files=array(members(name=text_of, sha256=HASH, size=COUNT)),
    ),
}
ABSENT = object()


def optional(one: Form) -> Form:
    """Of a member that need not be there: `ABSENT` where it is not."""
    return lambda value: value is ABSENT or one(value)


GATEWAY = having(
    gateway_id=NAME,
    name=text_of,
    practice=boolean,
    certificates=array(SIGNED, 1),
    limits=having(batch_bytes=integer(1_048_576, LARGEST_BATCH), batch_entries=integer(1, MOST_ENTRIES)),
)
BATCH = having(
    gateway_id=NAME,
    station_id=NAME,
    journal_id=ID,
    first_seq=SEQ,
    prev=HASH,
    entries=array(entry_form, 1, MOST_ENTRIES),
    backlog=having(entries=COUNT, oldest_ms=either(MS)),
)
OPENINGS = having(entries=array(having(seq=SEQ, parts=lambda value: isinstance(value, dict))))


# --- keys and signed documents (wire.md §1–§3)

P = 2**255 - 19


def small_order(public: bytes, algorithm: str) -> bool:
    """Whether eight times this point is neutral: three doublings of u on the Montgomery curve (u = (1+y)/(1−y) for Ed25519)."""
    number = int.from_bytes(public, "little") % 2**255 % P
    x, z = (number, 1) if algorithm == "x25519" else ((1 + number) % P, (1 - number) % P)
    for _ in range(3):
        square = (x * x - z * z) ** 2 % P
        x, z = square, 4 * x * z * (x * x + 486662 * x * z + z * z) % P
    return z == 0


def key_id(algorithm: str, public: bytes) -> str:
    return sha("key", algorithm.encode() + b"\n" + public).hex()[:32]


@dataclass(frozen=True)
class Key:
    """An Ed25519 key that a certificate names."""

    key_id: str
    public: bytes

    def verify(self, name: str, message: bytes, signature: bytes) -> None:
        require(len(signature) == 64, "bad-signature")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, tag(name) + message)
        except (InvalidSignature, ValueError) as error:
            raise Refused("bad-signature") from error


@dataclass(frozen=True)
class SignedBody:
    """A signed document that has its form; who signed it is not looked at yet."""

    kind: str
    text: bytes
    body: dict[str, Any]
    key_id: str
    signature: bytes

    def by(self, keys: dict[str, Key]) -> None:
        """Signed by one of these keys; raises Refused."""
        require(self.key_id in keys, "wrong-key")
        keys[self.key_id].verify(self.kind, self.text, self.signature)

    @property
    def hash(self) -> bytes:
        return sha(f"{self.kind}-hash", self.text)


def signed_body(signed: Any, kind: str) -> SignedBody:
    require(SIGNED(signed), "malformed", what=kind)
    text = signed["body"]
    body = versioned(text)
    canonical(body, text)
    require(body.get("kind") == kind and BODIES[kind](body), "malformed", what=kind)
    return SignedBody(kind, utf8(text), body, signed["key_id"], unb64(signed["signature"]))


def utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused("not-canonical") from error


def certified_key(certificate: dict[str, Any]) -> Key:
    """The key of a certificate, checked for what it must be by itself; raises Refused."""
    algorithm, public = certificate["alg"], unb64(certificate["public_key"])
    require(algorithm == ROLES[certificate["role"]] and len(public) == 32, "malformed", what="public_key")
    require(not small_order(public, algorithm), "small-order")
    # OpenSSL takes other spellings of a point too; nobody makes them.
    require(algorithm == "x25519" or int.from_bytes(public, "little") % 2**255 < P, "malformed", what="public_key")
    require(certificate["subject_key_id"] == key_id(algorithm, public), "key-name")
    is_station = certificate["role"] == "station"
    require((certificate["station"] is not None) == is_station, "malformed", what="certificate")
    require(is_station or certificate["subject"] == certificate["gateway_id"], "malformed", what="certificate")
    return Key(certificate["subject_key_id"], public)


# --- journal.md §6: Merkle tree


def leaf_hashes(hashes: bytes) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + hashes[at : at + 32]).digest() for at in range(0, len(hashes), 32)]


def merkle_root(leaves: list[bytes]) -> bytes:
    """Level by level: an odd last node goes up as it is, which is RFC 9162's split at the largest power of two."""
    while len(leaves) > 1:
        level = [hashlib.sha256(b"\x01" + leaves[at] + leaves[at + 1]).digest() for at in range(0, len(leaves) - 1, 2)]
        leaves = level + leaves[len(level) * 2 :]
    return leaves[0]


def merkle_path(leaves: list[bytes], index: int) -> list[bytes]:
    """Sibling hashes from the leaf upwards."""
    path = []
    while len(leaves) > 1:
        if index ^ 1 < len(leaves):
            path.append(leaves[index ^ 1])
        level = [hashlib.sha256(b"\x01" + leaves[at] + leaves[at + 1]).digest() for at in range(0, len(leaves) - 1, 2)]
        leaves, index = level + leaves[len(level) * 2 :], index // 2
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """RFC 9162 §2.1.3.2; None where the path has not the length it must have."""
    first, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if first & 1 or first == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        first, last = first >> 1, last >> 1
    return node if last == 0 else None


# --- wire.md §11: the file

NAMES = re.compile(
    r"manifest\.json|gateway\.json|verify\.py|README\.txt|(?:stations|returned)/[a-z0-9][a-z0-9-]{0,62}\.json"
    r"|(?:batches|receipts|openings)/[0-9a-f]{32}-[0-9]{10}\.json"
)
FOLDERS = {
    "bundle": ("stations", "batches", "receipts"),
    "answers": ("stations", "receipts", "returned"),
    "export": ("stations", "batches", "receipts", "openings"),
    "gateway-export": ("stations", "batches", "receipts"),
}


class Unusable(Exception):
    """No archive at all: no such file, no permission, not a zip."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Archive:
    """An open archive: files are read one at a time, and never more of one than its listed size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = self._opened()
        self._infos = {info.orig_filename: info for info in self._zip.infolist()}
        self._digests: dict[str, str] = {}

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _opened(self) -> zipfile.ZipFile:
        try:
            with self._path.open("rb") as file:
                begin = file.read(4)
        except OSError as error:
            raise Unusable("no-file", detail=error.strerror or type(error).__name__) from error
        try:
            return zipfile.ZipFile(self._path)
        except Exception as error:  # bytes made to hurt raise of everything: BadZipFile, ValueError, struct.error, MemoryError …
            if begin == b"PK\x03\x04":
                raise Failed(Failure("file", {}, "torn", {})) from error
            raise Unusable("not-zip") from error

    def check_whole(self) -> None:
        """Step `file`, but for the contents: names, and that nothing lies before, after or over what the directory lists."""
        infos = self._zip.infolist()
        for info in infos:
            name = info.orig_filename
            require(NAMES.fullmatch(name) is not None and info.filename == name, "bad-name", name=name[:80])
        require(len(infos) == len(self._infos), "twice")
        for info in infos:
            require(not info.flag_bits & 1 and info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), "packed-otherwise")
            require(info.file_size <= largest(info.orig_filename), "too-large", name=info.orig_filename)
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            file.seek(max(0, size - 22))
            end = file.read(22)
        # One end record and no comment: another reader of zips must not find another directory in the same file.
        require(end[:4] == b"PK\x05\x06" and end[20:] == b"\x00\x00", "torn")
        require(bool(infos) and min(info.header_offset for info in infos) == 0, "torn")
        require(sum(info.compress_size for info in infos) <= size, "torn")

    @property
    def names(self) -> list[str]:
        return sorted(self._infos)

    def within(self, folder: str) -> list[str]:
        return [name for name in self.names if name.startswith(folder + "/")]

    def digest(self, name: str) -> tuple[int, str]:
        """Size and SHA-256 of a file's bytes; raises Refused where it can't be unpacked."""
        size, digest = 0, hashlib.sha256()
        try:
            with self._zip.open(self._infos[name]) as file:
                for chunk in iter(lambda: file.read(1 << 20), b""):
                    size += len(chunk)
                    digest.update(chunk)
        except Exception as error:  # as in `_opened`: zipfile and zlib raise of everything
            raise Refused("torn") from error
        require(size == self._infos[name].file_size, "torn")
        self._digests[name] = digest.hexdigest()
        return size, self._digests[name]

    def read(self, name: str) -> bytes:
        """The bytes that had this digest: a stick may give others the second time. Raises Refused."""
        require(name in self._infos, "missing", name=name)
        try:
            data = self._zip.read(self._infos[name])
        except Exception as error:  # as in `_opened`
            raise Refused("torn") from error
        require(hashlib.sha256(data).hexdigest() == self._digests[name], "digest-differs", name=name)
        return data


def largest(name: str) -> int:
    """Bytes that a file may have, unpacked."""
    if name.startswith("batches/"):
        return LARGEST_BATCH
    return 67_108_864 if name == "manifest.json" else 134_217_728 if name.startswith("returned/") else 16_777_216


def place_of(name: str) -> tuple[str, int]:
    """batches/JOURNAL-SEQ.json → journal, seq."""
    stem = name.split("/")[1][: -len(".json")]
    return stem[:32], int(stem[33:])


# --- steps manifest, root, certificates, maker


@dataclass
class Counts:
    """What an archive has, for people."""

    entries: int = 0
    receipts: int = 0
    stations: int = 0
    parts_present: int = 0
    parts_destroyed: int = 0
    openings: int = 0
    returned: int = 0
    kinds: Counter = field(default_factory=Counter)  # type: ignore[type-arg]


@dataclass
class ReceiptKeys:
    """wire.md §2, §3: when the receipt keys of a gateway began, by their serials, and which of them were withdrawn."""

    began: dict[str, tuple[int, int]] = field(default_factory=dict)
    withdrawn: dict[str, Key] = field(default_factory=dict)

    def followed_ms(self, key_id: str) -> int | None:
        """When the key that follows this one began; None for the newest."""
        own = self.began[key_id][0]
        return min(((serial, began_ms) for serial, began_ms in self.began.values() if serial > own), default=(0, None))[1]

    def check_time(self, signed: SignedBody, at_ms: int) -> None:
        """A statement of the gateway is not of after the time of its key; raises Refused."""
        followed_ms = self.followed_ms(signed.key_id)
        require(followed_ms is None or at_ms < followed_ms, "followed-key")


@dataclass
class Span:
    """Entries of one journal that follow one another: their hashes, 32 bytes each, and the hash before the first. `trusted`: from which seq
    on they name which time of the gateway."""

    station_id: str
    journal_id: str
    first_seq: int
    prev: str
    hashes: bytearray = field(default_factory=bytearray)
    anchored: bool = False
    trusted: list[tuple[int, int]] = field(default_factory=list)

    @property
    def next_seq(self) -> int:
        return self.first_seq + len(self.hashes) // 32

    def hash_at(self, seq: int) -> str:
        """Of an entry, or of the one before the first."""
        if seq == self.first_seq - 1:
            return self.prev
        start = (seq - self.first_seq) * 32
        return self.hashes[start : start + 32].hex()

    def trusted_ms_at(self, seq: int) -> int:
        """The gateway's time that an entry names."""
        index = bisect_right(self.trusted, (seq, RANGE)) - 1
        return self.trusted[index][1] if index >= 0 else NEVER


@dataclass
class Found:
    """What the steps have established so far."""

    manifest: SignedBody | None = None
    root_hash: str = ""
    fingerprint: str = ""
    gateway_id: str = ""
    practice: bool = False
    keys: dict[str, dict[str, Key]] = field(default_factory=dict)
    receipt_keys: ReceiptKeys = field(default_factory=lambda: ReceiptKeys())
    stations: dict[str, tuple[Key, str]] = field(default_factory=dict)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    receipts: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    @property
    def about(self) -> dict[str, Any]:
        return self.manifest.body if self.manifest else {}

    def station_of(self) -> dict[str, str]:
        return {each["journal_id"]: each["station_id"] for each in self.about["ranges"]}

    def span_with(self, journal_id: str, seq: int) -> Span | None:
        """The span that has this entry, or begins right after it."""
        spans = self.spans.get(journal_id, [])
        index = bisect_right([span.first_seq for span in spans], seq) - 1
        if index >= 0 and seq < spans[index].next_seq:
            return spans[index]
        following = spans[index + 1] if index + 1 < len(spans) else None
        return following if following and following.first_seq == seq + 1 else None


def check_manifest(archive: Archive, found: Found) -> None:
    """Steps `file` and `manifest`."""
    with at("file"):
        archive.check_whole()
        contents = {}
        for name in archive.names:
            with at("file", file=name):
                contents[name] = archive.digest(name)
    with at("manifest", file="manifest.json"):
        require("manifest.json" in contents, "missing", name="manifest.json")
        found.manifest = signed_body(unsigned_json(archive.read("manifest.json")), "archive")
        files, ranges = found.about["files"], found.about["ranges"]
        in_order = [each["name"] for each in files]
        require(in_order == sorted(set(in_order)), "order", what="files")
        places = [(each["station_id"], each["journal_id"], each["first_seq"]) for each in ranges]
        require(places == sorted(set(places)), "order", what="ranges")
        check_listed(found, contents)


def check_listed(found: Found, contents: dict[str, tuple[int, str]]) -> None:
    """Every file is listed and none other, with its digest and size, and `what` has files of that folder."""
    files, what = found.about["files"], found.about["what"]
    listed = {each["name"]: (each["size"], each["sha256"]) for each in files}
    require("gateway.json" in contents, "missing", name="gateway.json")
    for name in sorted(contents.keys() - {"manifest.json"}):
        require(name in listed, "not-listed", name=name)
    for name in sorted(listed):
        require(name in contents and name != "manifest.json", "missing", name=name[:80])
        require(listed[name] == contents[name], "digest-differs", name=name)
        require("/" not in name or name.split("/")[0] in FOLDERS[what], "not-of-what", name=name, what=what)
    require(what != "answers" or not found.about["ranges"], "not-of-what", name="ranges", what=what)


def check_root(read: Callable[[], bytes], found: Found, root: str | None) -> Others:
    """Step `root`; returns what else the gateway document has."""
    with at("root", file="gateway.json"):
        document = unsigned(read(), "gateway")
        require(GATEWAY(document), "malformed", what="gateway")
        withdrawn, listed = document.get("withdrawn", ABSENT), document.get("keys", ABSENT)
        require(optional(array(SIGNED))(withdrawn) and optional(SIGNED)(listed), "malformed", what="gateway")
        require((withdrawn is ABSENT) == (listed is ABSENT), "malformed", what="gateway")
        first = signed_body(document["certificates"][0], "certificate")
        require(first.body["role"] == "root", "malformed", what="root")
        key = certified_key(first.body)
        first.by({key.key_id: key})
        for name in ("gateway_id", "practice"):
            require(document[name] == first.body[name], "wrong-gateway", found=str(document[name]))
        found.fingerprint = sha("root", key.public)[:16].hex()
        require(root in (None, found.fingerprint), "foreign-root", found=found.fingerprint, given=root)
        found.root_hash, found.gateway_id, found.practice = first.hash.hex(), first.body["gateway_id"], first.body["practice"]
        found.keys = {"root": {key.key_id: key}, "receipt": {}, "enrolment": {}}
        return Others(document["certificates"][1:], [] if withdrawn is ABSENT else withdrawn, listed)


@dataclass(frozen=True)
class Others:
    """What a gateway document has besides its root: certificates, those of withdrawn keys, and the root's list of keys in force."""

    certificates: list[Any]
    withdrawn: list[Any]
    keys: Any


def check_gateway_certificates(found: Found, others: Others) -> None:
    gone, certified = set(), []
    for number, signed in enumerate((*others.certificates, *others.withdrawn), 2):
        with at("certificates", file="gateway.json", certificate=number):
            certificate = signed_body(signed, "certificate")
            role = certificate.body["role"]
            require(role not in ("root", "station"), "malformed", what="role")
            key = certified_of_this(certificate, found)
            certificate.by(found.keys["root"])
            certified.append((certificate.body, key))
            if number - 2 >= len(others.certificates):
                gone.add(key.key_id)
    with at("certificates", file="gateway.json"):
        in_force = keys_in_force(found, others.keys)
        require(in_force is None or gone.isdisjoint(in_force), "malformed", what="withdrawn")  # the array is not signed, the list is
    for body, key in certified:
        role, withdrawn = body["role"], key.key_id in gone or (in_force is not None and key.key_id not in in_force)
        if role == "receipt":
            found.receipt_keys.began[key.key_id] = (body["serial"], body["not_before_ms"])
            if withdrawn:
                found.receipt_keys.withdrawn[key.key_id] = key
        if not withdrawn:
            found.keys.setdefault(role, {})[key.key_id] = key


def keys_in_force(found: Found, signed: Any) -> list[str] | None:
    """wire.md §2: the root's list, where it made one; raises Refused."""
    if signed is ABSENT:
        return None
    listed = signed_body(signed, "keys")
    listed.by(found.keys["root"])
    require(listed.body["gateway_id"] == found.gateway_id, "wrong-gateway", found=listed.body["gateway_id"])
    require(not found.keys["root"].keys().isdisjoint(listed.body["keys"]), "malformed", what="keys")
    return list(listed.body["keys"])


def check_certificates(archive: Archive, found: Found, others: Others) -> None:
    """Step `certificates`: those of the gateway, then those of the stations."""
    check_gateway_certificates(found, others)
    for name in archive.within("stations"):
        with at("certificates", file=name):
            certificate = signed_body(unsigned_json(archive.read(name)), "certificate")
            subject = certificate.body["subject"]
            require(certificate.body["role"] == "station" and name == f"stations/{subject}.json", "malformed", what="station")
            key = certified_of_this(certificate, found)
            certificate.by(found.keys["enrolment"])
            found.stations[subject] = (key, certificate.hash.hex())
    found.counts.stations = len(found.stations)
    for each in found.about["ranges"]:
        with at("certificates", journal_id=each["journal_id"]):
            require(each["station_id"] in found.stations, "no-certificate", station=each["station_id"])


def certified_of_this(certificate: SignedBody, found: Found) -> Key:
    key = certified_key(certificate.body)
    require(certificate.body["gateway_id"] == found.gateway_id, "wrong-gateway", found=certificate.body["gateway_id"])
    require(certificate.body["practice"] == found.practice, "wrong-gateway", found="practice")
    return key


def check_maker(found: Found) -> None:
    """Step `maker`: a station's archive has nothing of another station."""
    with at("maker", file="manifest.json"):
        about = found.about
        assert found.manifest is not None  # noqa: S101 - step `manifest` came before
        require(about["gateway_id"] == found.gateway_id, "wrong-gateway", found=about["gateway_id"])
        if about["what"] in ("answers", "gateway-export"):
            require(about["maker"] == about["gateway_id"], "wrong-maker", found=about["maker"])
            require(found.manifest.key_id not in found.receipt_keys.withdrawn, "withdrawn-key")
            found.manifest.by(found.keys["receipt"])
            found.receipt_keys.check_time(found.manifest, about["made_at_ms"])
            return
        require(about["maker"] in found.stations, "no-certificate", station=about["maker"])
        key = found.stations[about["maker"]][0]
        found.manifest.by({key.key_id: key})
        require(all(each["station_id"] == about["maker"] for each in about["ranges"]), "wrong-maker", found=about["maker"])


# --- steps ranges and entries


@dataclass(frozen=True)
class Expected:
    """Whose batch this must be."""

    file: str
    gateway_id: str
    station_id: str
    journal_id: str
    first_seq: int
    key: Key

    @property
    def owner(self) -> tuple[str, str, str]:
        """What every header of the batch says of gateway, station and journal."""
        return self.gateway_id, self.station_id, self.journal_id


@dataclass
class Checked:
    """What one batch says, checked by itself; `failure` is the first thing that did not hold, and hashes after it are zeros."""

    prev: str = ""
    hashes: bytearray = field(default_factory=bytearray)
    kinds: Counter = field(default_factory=Counter)  # type: ignore[type-arg]
    parts_present: int = 0
    parts_destroyed: int = 0
    trusted: list[tuple[int, int]] = field(default_factory=list)
    failure: Failure | None = None


def check_batch(data: bytes, expected: Expected) -> Checked:
    """The envelope (step `ranges`) and the entries (journal.md §11 a–e) of one batch; needs nothing but its arguments."""
    checked, size, step = Checked(), 0, "ranges"
    place: Place = {"file": expected.file, "journal_id": expected.journal_id}
    try:
        batch = batch_of(data, expected)
        checked.prev = prev = batch["prev"]
        size, step = len(batch["entries"]), "entries"
        key = Ed25519PublicKey.from_public_bytes(expected.key.public)
        for number, entry in enumerate(batch["entries"]):
            place["seq"] = expected.first_seq + number
            header, written = header_of(entry["header"])
            check_place(header, expected, number, prev)
            check_signature(key, written, unb64(entry["signature"]))
            count_parts(header, entry["parts"], checked)
            digest = hashlib.sha256(HEADER_TAG + written).digest()
            prev = digest.hex()
            checked.hashes += digest
            checked.kinds[header["kind"]] += 1
            trusted_ms = header["times"]["trusted_ms"]
            trusted_ms = NEVER if trusted_ms is None else trusted_ms
            if not checked.trusted or checked.trusted[-1][1] != trusted_ms:
                checked.trusted.append((place["seq"], trusted_ms))
    except Refused as refused:
        checked.failure = Failure(step, place, refused.code, refused.facts)
        checked.hashes += bytes(size * 32 - len(checked.hashes))
    return checked


HEADER_TAG, HEADER_SIGNATURE_TAG, SEALED_TAG = tag("header"), tag("header-signature"), tag("sealed-part")


def batch_of(data: bytes, expected: Expected) -> dict[str, Any]:
    batch = unsigned(data, "batch")
    require(BATCH(batch), "malformed", what="batch")
    require(batch["gateway_id"] == expected.gateway_id, "wrong-gateway", found=batch["gateway_id"])
    require(batch["station_id"] == expected.station_id, "wrong-station", found=batch["station_id"])
    require(batch["journal_id"] == expected.journal_id, "wrong-journal", found=batch["journal_id"])
    require(batch["first_seq"] == expected.first_seq, "gap", expected=expected.first_seq, found=batch["first_seq"])
    return batch


def header_of(text: str) -> tuple[dict[str, Any], bytes]:
    """journal.md §3: a header and its bytes; raises Refused."""
    written = utf8(text)
    if len(written) > LARGEST_HEADER:
        raise Refused("too-large", name="header")
    header = versioned(text, SHORT)
    if header.keys() != HEADER_NAMES:
        raise Refused("malformed", what="header")
    check_alg(header["alg"])
    check_members(header)
    sound(header["facts"], DEEPEST - 1)
    if CANONICAL.encode(header) != text:
        raise Refused("not-canonical")
    return header, written


def check_alg(alg: Any) -> None:
    if alg != ALG:
        require(isinstance(alg, dict) and alg.keys() == ALG.keys() and all(map(text_of, alg.values())), "malformed", what="alg")
        raise Refused("algorithm", found=str(alg)[:128])


def check_members(header: dict[str, Any]) -> None:
    """All but `alg`, and those that `check_place` compares; raises Refused."""
    operator, parts = header["operator"], header["parts"]
    if not (header["v"] == 1 and KIND(header["kind"]) and (operator is None or type(operator) is str)):
        raise Refused("malformed", what="header")
    if not (type(header["facts"]) is dict and times_form(header["times"])):
        raise Refused("malformed", what="header")
    if not listed(header["packages"], package_form):
        raise Refused("malformed", what="packages")
    if not listed(header["evidence"], evidence_form):
        raise Refused("malformed", what="evidence")
    if not listed(parts, part_form):
        raise Refused("malformed", what="parts")
    names = [part["name"] for part in parts]
    if len(names) > 1 and names != sorted(set(names)):
        raise Refused("order", what="parts")


def check_place(header: dict[str, Any], expected: Expected, number: int, prev: str) -> None:
    """(b) and (c)."""
    seq = header["seq"]
    if type(seq) is not int or seq != expected.first_seq + number:
        raise Refused("bad-place", found=str(seq)[:32])
    owner = (header["gateway_id"], header["station_id"], header["journal_id"])
    if owner != expected.owner:
        raise Refused("bad-place", found=" ".join(str(each)[:64] for each in owner))
    if header["key_id"] != expected.key.key_id:
        raise Refused("wrong-key")
    if header["prev"] != prev:
        raise Refused("bad-chain")


def check_signature(key: Ed25519PublicKey, written: bytes, signature: bytes) -> None:
    if len(signature) != 64:
        raise Refused("bad-signature")
    try:
        key.verify(signature, HEADER_SIGNATURE_TAG + written)
    except InvalidSignature as error:
        raise Refused("bad-signature") from error


def count_parts(header: dict[str, Any], held: dict[str, Any], checked: Checked) -> None:
    """(e): each sealed value is one that the header names, by its digest; one that is not there was destroyed."""
    digests = {part["name"]: part["sealed_digest"] for part in header["parts"] if part["sealed_digest"] is not None}
    for name, text in held.items():
        if name not in digests:
            raise Refused("no-part", name=name[:40])
        sealed = unb64(text)
        if len(sealed) > LARGEST_SEALED:
            raise Refused("too-large", name=name)
        if hashlib.sha256(SEALED_TAG + sealed).hexdigest() != digests[name]:
            raise Refused("bad-digest", name=name)
    checked.parts_present += len(held)
    checked.parts_destroyed += len(digests) - len(held)


class InTurn:
    """Checks batch after batch in this process."""

    def __enter__(self) -> InTurn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def checked(self, batches: Iterator[tuple[bytes, Expected]]) -> Iterator[tuple[Expected, Checked]]:
        for data, expected in batches:
            yield expected, check_batch(data, expected)


class SideBySide:
    """Checks batches in several processes, two for each of them in memory at a time, and gives the results in order."""

    def __init__(self, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes)
        self._most = processes * 2

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def checked(self, batches: Iterator[tuple[bytes, Expected]]) -> Iterator[tuple[Expected, Checked]]:
        waiting: deque[tuple[bytes, Expected, Future[Checked] | None]] = deque()
        for data, expected in batches:
            waiting.append((data, expected, self._begun(data, expected)))
            if len(waiting) >= self._most:
                yield self._done(*waiting.popleft())
        while waiting:
            yield self._done(*waiting.popleft())

    def _begun(self, data: bytes, expected: Expected) -> Future[Checked] | None:
        try:
            return self._pool.submit(check_batch, data, expected)
        except (OSError, RuntimeError):  # no process may be started here, or one was killed
            return None

    def _done(self, data: bytes, expected: Expected, begun: Future[Checked] | None) -> tuple[Expected, Checked]:
        """A process that dies (memory, an administrator) must not decide: its batch is checked here."""
        try:
            return expected, check_batch(data, expected) if begun is None else begun.result()
        except (OSError, RuntimeError):
            return expected, check_batch(data, expected)


MANY_BATCHES = 8
"""Starting processes costs about as long as checking this many batches."""


def checking(batches: int, processes: int | None) -> Any:
    """With `processes` None as many as there are cores, for archives where it pays."""
    wanted = processes or (min(8, os.cpu_count() or 1) if batches >= MANY_BATCHES else 1)
    if wanted > 1:
        try:
            return SideBySide(wanted)
        except (ImportError, OSError, NotImplementedError, ValueError):  # a system without semaphores
            return InTurn()
    return InTurn()


def check_entries(archive: Archive, found: Found, processes: int | None) -> None:
    """Steps `ranges` and `entries` in one reading: what is wrong with a range is named before what is wrong with an entry."""
    names = archive.within("batches")
    station_of = found.station_of()
    for name in names:
        with at("ranges", file=name):
            require(place_of(name)[0] in station_of, "outside")
    cover = Cover(found)
    broken: Failure | None = None

    def batches() -> Iterator[tuple[bytes, Expected]]:
        for name in names:
            journal_id, first_seq = place_of(name)
            station_id = station_of[journal_id]
            with at("ranges", file=name, journal_id=journal_id):
                data = archive.read(name)
            key = found.stations[station_id][0]
            yield data, Expected(name, found.about["gateway_id"], station_id, journal_id, first_seq, key)

    with checking(len(names), processes) as workers:
        for expected, checked in workers.checked(batches()):
            wrong = cover.take(expected, checked)
            broken = broken or wrong
    cover.end()
    if broken:
        raise Failed(broken)


class Cover:
    """Joins batches to the ranges of the manifest."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._ranges: dict[str, deque[dict[str, Any]]] = {}
        self._begun: dict[str, bool] = {}
        station_of = found.station_of()
        for each in found.about["ranges"]:
            with at("ranges", journal_id=each["journal_id"], seq=each["first_seq"]):
                of_journal = self._ranges.setdefault(each["journal_id"], deque())
                after = not of_journal or of_journal[-1]["last_seq"] < each["first_seq"]
                require(after and each["first_seq"] <= each["last_seq"], "order", what="ranges")
                require(station_of[each["journal_id"]] == each["station_id"], "wrong-station", found=each["station_id"])
                of_journal.append(each)

    def take(self, expected: Expected, checked: Checked) -> Failure | None:
        """Raises Failed where the batch is not where a range needs it; returns what is wrong with its entries."""
        if checked.failure and checked.failure.step == "ranges":
            raise Failed(checked.failure)
        journal_id, seq = expected.journal_id, expected.first_seq
        with at("ranges", file=expected.file, journal_id=journal_id, seq=seq):
            ranges = self._ranges[journal_id]
            require(bool(ranges), "outside")
            span = self._span(expected, checked.prev, ranges[0])
            broken = checked.failure or self._chained(span, expected, checked.prev)
            span.hashes += checked.hashes
            span.trusted += checked.trusted
            last_seq = ranges[0]["last_seq"]
            require(span.next_seq - 1 <= last_seq, "gap", expected=last_seq, found=span.next_seq - 1)
        self._begun[journal_id] = span.next_seq <= last_seq
        if span.next_seq > last_seq:
            ranges.popleft()
        self._count(checked)
        return broken

    def _span(self, expected: Expected, prev: str, of: dict[str, Any]) -> Span:
        spans = self._found.spans.setdefault(expected.journal_id, [])
        begun = self._begun.get(expected.journal_id, False)
        due = spans[-1].next_seq if begun else of["first_seq"]
        require(expected.first_seq == due, "gap", expected=due, found=expected.first_seq)
        if not spans or spans[-1].next_seq != expected.first_seq:
            spans.append(Span(expected.station_id, expected.journal_id, expected.first_seq, prev, anchored=expected.first_seq == 1))
        return spans[-1]

    def _chained(self, span: Span, expected: Expected, prev: str) -> Failure | None:
        """Whether the batch follows the entry before it; the first of a journal follows the station's certificate."""
        seq = expected.first_seq
        before = self._found.stations[span.station_id][1] if seq == 1 else span.hash_at(seq - 1)
        if prev == before:
            return None
        return Failure("entries", {"file": expected.file, "journal_id": expected.journal_id, "seq": seq}, "bad-chain", {})

    def _count(self, checked: Checked) -> None:
        counts = self._found.counts
        counts.entries += len(checked.hashes) // 32
        counts.parts_present += checked.parts_present
        counts.parts_destroyed += checked.parts_destroyed
        counts.kinds.update(checked.kinds)

    def end(self) -> None:
        """No range is left without its batches."""
        for journal_id, ranges in self._ranges.items():
            if ranges:
                due = self._found.spans[journal_id][-1].next_seq if self._begun.get(journal_id) else ranges[0]["first_seq"]
                with at("ranges", journal_id=journal_id, seq=due):
                    raise Refused("no-batch", expected=due)


# --- steps receipts and complete


@dataclass(frozen=True)
class Links:
    """Receipts of all gateway journals by (gateway_journal_id, gateway_seq): hash and gateway_prev."""

    known: dict[tuple[str, int], tuple[bytes, bytes]] = field(default_factory=dict)

    def join(self, receipt: SignedBody, root_hash: str) -> None:
        journal_id, seq = receipt.body["gateway_journal_id"], receipt.body["gateway_seq"]
        own, prev = receipt.hash, bytes.fromhex(receipt.body["gateway_prev"])
        before, after = self.known.get((journal_id, seq - 1)), self.known.get((journal_id, seq + 1))
        require(self.known.setdefault((journal_id, seq), (own, prev)) == (own, prev), "receipt-twice", number=seq)
        require(seq > 1 or prev.hex() == root_hash, "receipt-chain", number=seq)
        require(before is None or before[0] == prev, "receipt-chain", number=seq)
        require(after is None or after[1] == own, "receipt-chain", number=seq)


def receipts_in(archive: Archive, name: str) -> Iterator[SignedBody]:
    """The receipts of one file, in their order; raises Refused."""
    document = unsigned(archive.read(name), "receipts")
    require(array(SIGNED, 1, MOST_RECEIPTS)(document.get("receipts")), "malformed", what="receipts")
    journal_id, seq = place_of(name)
    newest: tuple[int, int] = (0, 0)
    for number, signed in enumerate(document["receipts"]):
        receipt = signed_body(signed, "receipt")
        body = receipt.body
        require(body["journal_id"] == journal_id, "wrong-journal", found=body["journal_id"])
        require(number > 0 or body["first_seq"] == seq, "order", what="receipts")
        require(newest <= (body["last_seq"], body["first_seq"]), "order", what="receipts")
        newest = (body["last_seq"], body["first_seq"])
        yield receipt


def check_receipts(archive: Archive, found: Found) -> None:
    """Step `receipts`, and what the gateway returned."""
    station_of, links, answers = found.station_of(), Links(), found.about["what"] == "answers"
    confirmed, in_turn = Confirmed(), InTurnOfKeys()
    for name in archive.within("receipts"):
        journal_id = place_of(name)[0]
        with at("receipts", file=name, journal_id=journal_id):
            require(answers or journal_id in station_of, "outside")
            for receipt in receipts_in(archive, name):
                body = receipt.body
                with at("receipts", file=name, journal_id=journal_id, seq=body["first_seq"], last_seq=body["last_seq"]):
                    is_withdrawn = check_signed(receipt, found)
                    require(body["gateway_id"] == found.about["gateway_id"], "wrong-gateway", found=body["gateway_id"])
                    require(body["station_id"] in found.stations, "no-certificate", station=body["station_id"])
                    owner = station_of.setdefault(journal_id, body["station_id"])
                    require(body["station_id"] == owner, "wrong-station", found=body["station_id"])
                    require(0 <= body["last_seq"] - body["first_seq"] < MOST_ENTRIES, "malformed", what="last_seq")
                    if is_withdrawn and found.about["what"] == "bundle":
                        continue  # it proves nothing, and is not what the bundle is for
                    confirmed.take(receipt, is_withdrawn, {"file": name, "journal_id": journal_id, "seq": body["first_seq"]})
                    check_hashes(body, found)
                    check_written(receipt, found)
                    links.join(receipt, found.root_hash)
                    if not is_withdrawn:
                        in_turn.take(receipt, found.receipt_keys)
                    found.receipts.setdefault(journal_id, []).append((body["first_seq"], body["last_seq"]))
                    found.counts.receipts += 1
    confirmed.end()
    for name in archive.within("returned"):
        with at("receipts", file=name):
            check_returned(archive, name, found)


@dataclass
class Confirmed:
    """wire.md §6: what a withdrawn key signed holds where a later receipt of the same journal by a key in force says it too."""

    reaches: dict[str, int] = field(default_factory=dict)
    waiting: list[tuple[int, Place]] = field(default_factory=list)

    def take(self, receipt: SignedBody, is_withdrawn: bool, place: Place) -> None:
        journal_id, last_seq = receipt.body["journal_id"], receipt.body["last_seq"]
        if is_withdrawn:
            self.waiting.append((last_seq, place))
        else:
            self.reaches[journal_id] = max(last_seq, self.reaches.get(journal_id, 0))

    def end(self) -> None:
        for last_seq, place in self.waiting:
            with at("receipts", **place):
                require(last_seq <= self.reaches.get(place["journal_id"], 0), "withdrawn-key")


@dataclass
class InTurnOfKeys:
    """wire.md §6: within a gateway journal no receipt by an earlier key has a greater number than one by a later key."""

    greatest: dict[tuple[str, int], int] = field(default_factory=dict)
    least: dict[tuple[str, int], int] = field(default_factory=dict)

    def take(self, receipt: SignedBody, keys: ReceiptKeys) -> None:
        journal_id, number, own = receipt.body["gateway_journal_id"], receipt.body["gateway_seq"], keys.began[receipt.key_id][0]
        for serial, _ in keys.began.values():
            if serial < own:
                require(number > self.greatest.get((journal_id, serial), 0), "key-order", number=number)
            elif serial > own:
                require(number < self.least.get((journal_id, serial), RANGE), "key-order", number=number)
        self.greatest[journal_id, own] = max(number, self.greatest.get((journal_id, own), 0))
        self.least[journal_id, own] = min(number, self.least.get((journal_id, own), RANGE))


def check_signed(receipt: SignedBody, found: Found) -> bool:
    """By a receipt key, in its time; returns whether that key was withdrawn. Raises Refused."""
    withdrawn = found.receipt_keys.withdrawn
    receipt.by(withdrawn if receipt.key_id in withdrawn else found.keys["receipt"])
    found.receipt_keys.check_time(receipt, receipt.body["received_at_ms"])
    return receipt.key_id in withdrawn


def check_written(receipt: SignedBody, found: Found) -> None:
    """wire.md §6: the last entry was not written when its station had a receipt by a later key; raises Refused."""
    followed_ms, last_seq = found.receipt_keys.followed_ms(receipt.key_id), receipt.body["last_seq"]
    span = found.span_with(receipt.body["journal_id"], last_seq) if followed_ms is not None else None
    if span is not None and span.first_seq <= last_seq:
        require(span.trusted_ms_at(last_seq) < followed_ms, "written-later")


def check_hashes(body: dict[str, Any], found: Found) -> None:
    """What of a receipt can be recomputed from the entries that are there; raises Refused."""
    first_seq, last_seq = body["first_seq"], body["last_seq"]
    for name, code, seq in (("prev_head", "bad-prev-head", first_seq - 1), ("head", "bad-head", last_seq)):
        span = found.span_with(body["journal_id"], seq)
        if span:
            require(span.hash_at(seq) == body[name], code)
            span.anchored = True
    span = found.span_with(body["journal_id"], first_seq)
    if span and span.first_seq <= first_seq and last_seq < span.next_seq:
        start = (first_seq - span.first_seq) * 32
        hashes = bytes(span.hashes[start : start + (last_seq - first_seq + 1) * 32])
        require(merkle_root(leaf_hashes(hashes)).hex() == body["merkle_root"], "bad-merkle")


def check_returned(archive: Archive, name: str, found: Found) -> None:
    """wire.md §7: signed by the gateway, of this station and of one gateway journal, in order of number, about entries as they are here."""
    station_id = name[len("returned/") : -len(".json")]
    require(station_id in found.stations, "no-certificate", station=station_id)
    document = unsigned(archive.read(name), "returned-items")
    require(having(gateway_journal_id=ID, items=array(SIGNED))(document), "malformed", what="returned-items")
    newest = 0
    for signed in document["items"]:
        item = signed_body(signed, "returned")
        require(item.key_id not in found.receipt_keys.withdrawn, "withdrawn-key")
        item.by(found.keys["receipt"])
        body = item.body
        found.receipt_keys.check_time(item, body["at_ms"])
        require(body["gateway_id"] == found.about["gateway_id"], "wrong-gateway", found=body["gateway_id"])
        require(body["station_id"] == station_id, "wrong-station", found=body["station_id"])
        require(body["gateway_journal_id"] == document["gateway_journal_id"], "wrong-journal", found=body["gateway_journal_id"])
        require(body["number"] > newest, "order", what="returned")
        newest = body["number"]
        span = found.span_with(body["journal_id"], body["seq"])
        require(span is None or span.hash_at(body["seq"]) == body["entry"], "bad-returned", number=newest)
        found.counts.returned += 1


def check_complete(found: Found) -> None:
    """Step `complete`: no receipt speaks of later entries than are there; in a gateway's export each entry has one."""
    if found.about["what"] not in ("export", "gateway-export"):
        return
    for journal_id, spans in found.spans.items():
        covered, last_here = found.receipts.get(journal_id, []), spans[-1].next_seq - 1
        reaches = max((last for _, last in covered), default=0)
        with at("complete", journal_id=journal_id, seq=last_here):
            require(reaches <= last_here, "short", last=reaches)
        if found.about["what"] == "gateway-export":
            for span in spans:
                seq = first_uncovered(span, sorted(covered))
                with at("complete", journal_id=journal_id, seq=seq):
                    require(seq >= span.next_seq, "uncovered")


def first_uncovered(span: Span, covered: list[tuple[int, int]]) -> int:
    seq = span.first_seq
    for first, last in covered:
        if first > seq:
            break
        seq = max(seq, last + 1)
    return seq


# --- step openings


def check_openings(archive: Archive, found: Found, photos: Photos | None = None) -> None:
    """Each opening is of a part that the entry's header names, and is what its digest says. `photos`: told what each entry names."""
    for name in archive.within("openings"):
        journal_id, first_seq = place_of(name)
        with at("openings", file=name, journal_id=journal_id):
            batch = archive.read("batches/" + name.split("/")[1])
            entries = unsigned(batch, "batch")["entries"]
            document = unsigned(archive.read(name), "openings")
            require(OPENINGS(document), "malformed", what="openings")
            newest = 0
            for each in document["entries"]:
                with at("openings", file=name, journal_id=journal_id, seq=each["seq"]):
                    require(each["seq"] > newest, "order", what="openings")
                    newest = each["seq"]
                    require(first_seq <= newest < first_seq + len(entries), "not-in-batch")
                    header = entries[newest - first_seq]["header"]
                    found.counts.openings += opened(header, each["parts"])
                    if photos is not None and "kept" in each["parts"]:
                        photos.look(journal_id, newest, STRICT.decode(header)["evidence"], unb64(each["parts"]["kept"]))


def opened(header: str, parts: dict[str, Any]) -> int:
    digests = {part["name"]: part["digest"] for part in STRICT.decode(header)["parts"]}
    for name, text in parts.items():
        require(name in digests, "no-part", name=name[:40])
        opening = unb64(text)
        require(len(opening) >= 32 and sha("part", opening).hex() == digests[name], "bad-opening", name=name)
    return len(parts)


# --- step photos, where it was asked for (wire.md §13)

INDEX, COPIED = "index.jsonl", re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}\.bin")
LARGEST_PHOTO = 16_777_216


class Photos:
    """A folder of sealed photos, and what became of those that entries name. `altered`: the first one that is not what was signed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.counts = {"sound": 0, "altered": 0, "missing": 0, "destroyed": 0}
        self.altered: tuple[str, int, str] | None = None
        try:
            next(folder.iterdir(), None)
            self._index = self._indexed()
        except OSError as error:
            raise Unusable("no-file", detail=error.strerror or type(error).__name__) from error

    def _indexed(self) -> dict[tuple[str, int, str], str]:
        """Which copy is of which photo. What does not say so is passed over: the photo itself tells whether it is the right one."""
        try:
            lines = (self._folder / INDEX).read_bytes().splitlines()
        except FileNotFoundError:
            return {}
        found = {}
        for line in lines:
            told = read_any(line.decode("utf-8", "replace"))
            if having(file=text_of, journal=text_of, seq=SEQ, photo=text_of)(told) and COPIED.fullmatch(told["file"]):
                found[told["journal"], told["seq"], told["photo"]] = told["file"]
        return found

    def look(self, journal_id: str, seq: int, evidence: list[dict[str, Any]], kept: bytes) -> None:
        """Open every photo that an entry names, by the keys in its part `kept`."""
        for ref in evidence:
            key = photo_key(kept[32:], ref["name"])
            state = "destroyed" if key is None else self._state((journal_id, seq, ref["name"]), ref, key)
            self.counts[state] += 1
            if state == "altered" and self.altered is None:
                self.altered = journal_id, seq, ref["name"]

    def _state(self, place: tuple[str, int, str], ref: dict[str, Any], key: bytes) -> str:
        stored = f"{ref['sha256'][:32]}-{hashlib.sha256(key).hexdigest()[:8]}.bin"
        own = [self._index[place]] if place in self._index else []
        for name in (*own, f"{ref['sha256'][:2]}/{stored}", stored):
            data = sealed_photo(self._folder / name)
            if data is not None:
                return "sound" if opens(data, ref, key) else "altered"
        # An entry that was filed again: its photo came under the other one. A file that does not open here is another act's.
        others = self._folder.glob(f"{ref['sha256']}.*.bin")
        return "sound" if any(opens(sealed_photo(path) or b"", ref, key) for path in others) else "missing"


def sealed_photo(path: Path) -> bytes | None:
    """The bytes of a file, none where it is no file of that kind; None where there is none."""
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST_PHOTO else b""
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def opens(data: bytes, ref: dict[str, Any], key: bytes) -> bool:
    """Whether sealed bytes are the photo that the header names."""
    try:
        photo = AESGCM(key).decrypt(data[:12], data[12:], ref["sha256"].encode())
    except (InvalidTag, ValueError):
        return False
    return (hashlib.sha256(photo).hexdigest(), len(photo)) == (ref["sha256"], ref["size"])


def photo_key(content: bytes, name: str) -> bytes | None:
    """The key of a photo, in `kept` of its entry or, where that was filed again, in `kept` of the original; None where there is none."""
    for _ in range(2):
        try:
            told = STRICT.decode(content.decode("utf-8"))
        except (ValueError, RecursionError):
            return None
        keys = told.get("photo_keys") if isinstance(told, dict) else None
        if isinstance(keys, dict) and name in keys:
            return unb64(keys[name])
        within = told.get("openings") if isinstance(told, dict) else None
        if not isinstance(within, dict) or "kept" not in within:
            return None
        content = unb64(within["kept"])[32:]
    return None


def check_photos(photos: Photos | None) -> None:
    if photos is not None and photos.altered is not None:
        journal_id, seq, name = photos.altered
        with at("photos", journal_id=journal_id, seq=seq):
            raise Refused("photo-altered", name=name[:40])


# --- one entry


def record(archive: Archive, found: Found, journal_id: str, seq: int) -> dict[str, Any]:
    """What is proved of one entry: its place, its hash, and for each receipt over it the path to the root that the gateway signed."""
    span = found.span_with(journal_id, seq)
    if span is None or not span.first_seq <= seq < span.next_seq:
        raise Refused("no-record")
    name = [each for each in archive.within("batches") if each.startswith(f"batches/{journal_id}") and place_of(each)[1] <= seq][-1]
    entry = unsigned(archive.read(name), "batch")["entries"][seq - place_of(name)[1]]
    header = STRICT.decode(entry["header"])
    return {
        "journal_id": journal_id,
        "seq": seq,
        "station_id": span.station_id,
        "file": name,
        "kind": header["kind"],
        "operator": header["operator"],
        "hash": span.hash_at(seq),
        "prev": header["prev"],
        "times": header["times"],
        "parts": {part["name"]: part["name"] in entry["parts"] for part in header["parts"]},
        "receipts": [proof(receipt, span, seq) for receipt in receipts_over(archive, journal_id, seq)],
    }


def receipts_over(archive: Archive, journal_id: str, seq: int) -> Iterator[dict[str, Any]]:
    for name in archive.within("receipts"):
        if place_of(name)[0] == journal_id:
            for receipt in receipts_in(archive, name):
                if receipt.body["first_seq"] <= seq <= receipt.body["last_seq"]:
                    yield receipt.body


def proof(receipt: dict[str, Any], span: Span, seq: int) -> dict[str, Any]:
    """The Merkle path of an entry in a receipt, and whether the path gives the receipt's root; no path where entries are not here."""
    first_seq, size = receipt["first_seq"], receipt["last_seq"] - receipt["first_seq"] + 1
    names = ("first_seq", "last_seq", "merkle_root", "received_at_ms", "after_revocation", "gateway_journal_id", "gateway_seq")
    told = {name: receipt[name] for name in names}
    if first_seq < span.first_seq or first_seq + size > span.next_seq:
        return {**told, "path": None, "holds": None}
    start = (first_seq - span.first_seq) * 32
    leaves = leaf_hashes(bytes(span.hashes[start : start + size * 32]))
    path = merkle_path(leaves, seq - first_seq)
    root = root_by_path(leaves[seq - first_seq], seq - first_seq, size, path)
    return {**told, "path": [each.hex() for each in path], "holds": root is not None and root.hex() == receipt["merkle_root"]}


# --- an archive


@dataclass(frozen=True)
class Wanted:
    """What the reader asked for. `gateway`: whose certificates a proof is checked by."""

    root: str | None = None
    record: tuple[str | None, int] | None = None
    processes: int | None = None
    gateway: Path | None = None
    photos: Path | None = None


def verify(path: Path, wanted: Wanted) -> dict[str, Any]:
    """All steps of wire.md §11 in their order; the answer as it is written with --json, with `code` and `facts` for the sentence.

    Raises Unusable where the file is no archive at all.
    """
    found, records = Found(), []
    failure: Failure | None = None
    photos = Photos(wanted.photos) if wanted.photos is not None else None
    try:
        with Archive(path) as archive:
            check_all(archive, found, wanted, photos)
            records = asked_for(archive, found, wanted)
    except Failed as failed:
        failure = failed.failure
    except OSError as error:
        raise Unusable("no-file", detail=error.strerror or type(error).__name__) from error
    told = answer(path, found, wanted, failure, records)
    return told if photos is None else {**told, "photos": photos.counts}


def check_all(archive: Archive, found: Found, wanted: Wanted, photos: Photos | None) -> None:
    check_manifest(archive, found)
    others = check_root(lambda: archive.read("gateway.json"), found, wanted.root)
    check_certificates(archive, found, others)
    check_maker(found)
    check_entries(archive, found, wanted.processes)
    check_receipts(archive, found)
    check_complete(found)
    check_openings(archive, found, photos)
    check_photos(photos)


def asked_for(archive: Archive, found: Found, wanted: Wanted) -> list[dict[str, Any]]:
    """The entry asked for, or those with that number where no journal was named."""
    if wanted.record is None:
        return []
    journal_id, seq = wanted.record
    with at("record", journal_id=journal_id, seq=seq):
        journals = [journal_id] if journal_id else [each for each in sorted(found.spans) if holds(found, each, seq)]
        require(bool(journals), "no-record")
        return [record(archive, found, each, seq) for each in journals]


def holds(found: Found, journal_id: str, seq: int) -> bool:
    return any(span.first_seq <= seq < span.next_seq for span in found.spans[journal_id])


def answer(path: Path, found: Found, wanted: Wanted, failure: Failure | None, records: list[dict[str, Any]]) -> dict[str, Any]:
    about, counts = found.about, dict(vars(found.counts))
    later: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for journal_id, spans in sorted(found.spans.items()):
        for span in spans:
            where = {"station_id": span.station_id, "journal_id": journal_id, "first_seq": span.first_seq, "last_seq": span.next_seq - 1}
            if span.first_seq > 1:
                later[span.anchored].append(where)
    return {
        "file": str(path),
        "ok": failure is None,
        "step": failure.step if failure else None,
        "place": failure.place if failure else None,
        "code": failure.code if failure else None,
        "facts": failure.facts if failure else {},
        **{name: about.get(name) for name in ("what", "gateway_id", "maker", "made_at_ms")},
        "practice": found.practice,
        "root": found.fingerprint or None,
        "root_compared": wanted.root is not None,
        "counts": counts,
        "anchored": later[True] if failure is None else [],
        "unanchored": later[False] if failure is None else [],
        "records": records,
    }


# --- wire.md §12: the proof of one entry

PREFIX = "CCP1:"
LARGEST_PROOF = 16_384
PROOF = members(
    kind=only("proof"),
    v=integer(1, 1),
    seq=SEQ,
    entry=HASH,
    path=array(HASH, 0, 9),
    receipt=members(body=text_of, key_id=ID, signature=B64),
)


def is_proof(path: Path) -> bool:
    """Whether a file holds the text of a proof and nothing else."""
    try:
        with path.open("rb") as file:
            return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(PREFIX.encode())
    except (OSError, ValueError):
        return False


def proof_text(given: str) -> str:
    """The text itself, or that of a file which holds it; raises Unusable."""
    if given.lstrip().startswith(PREFIX):
        return given.strip()
    try:
        with Path(given).open("rb") as file:
            return file.read(4 * LARGEST_PROOF).decode("utf-8-sig", "replace").strip()
    except (OSError, ValueError) as error:  # ValueError: no name that a file can have
        raise Unusable("no-file", detail=getattr(error, "strerror", None) or type(error).__name__) from error


def proof_document(text: str) -> dict[str, Any]:
    """Step `proof`: the text is the only one of its document but for how hard it was compressed; raises Refused."""
    require(text.startswith(PREFIX), "not-proof")
    stream = unb64(text[len(PREFIX) :])
    data = inflated(stream)
    require(data is not None, "not-proof")
    assert data is not None  # noqa: S101 - for mypy
    require(filled_with_zeros(stream, data), "not-canonical")
    try:
        written = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not-json") from error
    document = versioned(written)
    canonical(document, written)
    require(PROOF(document), "malformed", what="proof")
    return document


def inflated(stream: bytes) -> bytes | None:
    """A whole zlib stream, unpacked; None where it is none, is too large or has something behind it."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(stream, LARGEST_PROOF)
    except zlib.error:
        return None
    return data if unpacking.eof and not unpacking.unused_data else None


def filled_with_zeros(stream: bytes, data: bytes) -> bool:
    """Whether the bits that only fill the last byte before the checksum are zero: a bit changed there would go unseen.

    The highest bit that is set, and all above it, say nothing exactly where the same comes out with each of them turned over: the code that
    ends the data comes last, and to change any bit of that changes what comes out.
    """
    last = stream[-5]
    turned = (bytes([last ^ (1 << bit)]) for bit in range(last.bit_length() - 1, 8)) if last else ()
    others = [inflated(stream[:-5] + each + stream[-4:]) for each in turned]
    return not others or any(other != data for other in others)


def gateway_document(path: Path | None) -> bytes:
    """gateway.json, or the one in an archive: its certificates vouch for themselves. Raises Unusable, Failed, Refused."""
    if path is None:
        raise Unusable("no-gateway")
    try:
        with path.open("rb") as file:
            data = file.read(largest("gateway.json") + 1)
    except OSError as error:
        raise Unusable("no-file", detail=error.strerror or type(error).__name__) from error
    if data[:4] != b"PK\x03\x04":
        require(len(data) <= largest("gateway.json"), "too-large", name="gateway.json")
        return data
    with Archive(path) as archive:
        archive.check_whole()
        require("gateway.json" in archive.names, "missing", name="gateway.json")
        archive.digest("gateway.json")
        return archive.read("gateway.json")


def verify_proof(label: str, given: str, wanted: Wanted) -> dict[str, Any]:
    """The steps of wire.md §12 in their order; the answer as for an archive, with `proof`: what is proved. Raises Unusable."""
    found, proved = Found(), None
    failure: Failure | None = None
    try:
        with at("proof"):
            document = proof_document(proof_text(given))
        others = check_root(lambda: gateway_document(wanted.gateway), found, wanted.root)
        check_gateway_certificates(found, others)
        proved = check_proof(document, found)
    except Failed as failed:
        failure = failed.failure
    result = answer(Path(label), found, wanted, failure, [])
    return {**result, "what": "proof", "gateway_id": found.gateway_id or None, "proof": proved}


def check_proof(document: dict[str, Any], found: Found) -> dict[str, Any]:
    """Steps `receipts`, `range` and `path`."""
    seq = document["seq"]
    with at("receipts", seq=seq):
        receipt = signed_body(document["receipt"], "receipt")
        require(not check_signed(receipt, found), "withdrawn-key")
        body = receipt.body
        require(body["gateway_id"] == found.gateway_id, "wrong-gateway", found=body["gateway_id"])
        size = body["last_seq"] - body["first_seq"] + 1
        require(1 <= size <= MOST_ENTRIES, "malformed", what="last_seq")
    with at("range", journal_id=body["journal_id"], seq=seq):
        require(body["first_seq"] <= seq <= body["last_seq"], "not-covered", first=body["first_seq"], last=body["last_seq"])
    with at("path", journal_id=body["journal_id"], seq=seq):
        leaf = leaf_hashes(bytes.fromhex(document["entry"]))[0]
        root = root_by_path(leaf, seq - body["first_seq"], size, [bytes.fromhex(each) for each in document["path"]])
        require(root is not None and root.hex() == body["merkle_root"], "bad-path")
    names = ("station_id", "journal_id", "first_seq", "last_seq", "merkle_root", "received_at_ms", "after_revocation")
    told = {name: body[name] for name in (*names, "gateway_journal_id", "gateway_seq")}
    return {"seq": seq, "entry": document["entry"], **told, "receipt_key": receipt.key_id}


# --- words

SENTENCES = {
    "no-file": ("打不开这个文件：{detail}", "The file can't be opened: {detail}"),
    "not-zip": ("这不是交接包、导出或回执包（不是 zip 文件）", "This is no bundle, export or answers (not a zip file)"),
    "no-gateway": (
        "核验回执证明需要网关的证书：用 --gateway 给出网关文档（gateway.json），或同一网关的任何一个导出、交接包、回执包",
        "A proof is checked by the gateway's certificates: give gateway.json, or any archive of that gateway, with --gateway",
    ),
    "not-proof": ("这不是完整的回执证明（以 CCP1: 开头的文字）", "This is no whole proof (a text that begins with CCP1:)"),
    "not-covered": ("回执只管 {first}–{last}，不含这一条", "The receipt covers {first}–{last}, not this entry"),
    "bad-path": ("从这一条算不出网关签过的默克尔根", "The path does not lead from the entry to the Merkle root that the gateway signed"),
    "usage": ("用法不对：{detail}；用 --help 看说明", "Wrong usage: {detail}; see --help"),
    "bad-root": ("指纹应为 32 个十六进制字符，或一个完整的登记码", "A fingerprint is 32 hexadecimal characters, or a whole enrolment code"),
    "bad-record": ("--record 后面写序号，或 日志编号:序号", "--record takes SEQ or JOURNAL:SEQ"),
    "torn": ("文件不完整，或已损坏", "The file is not whole or is damaged"),
    "bad-name": ("文件里有不该有的名称：{name}", "There is a name that does not belong: {name}"),
    "twice": ("文件里有两个同名的部分", "A name is there twice"),
    "packed-otherwise": ("打包方式不符（加密，或不是存储、deflate）", "It is packed otherwise than stored or deflated, or encrypted"),
    "too-large": ("{name} 超出规定的大小", "{name} is larger than allowed"),
    "missing": ("缺少 {name}", "{name} is missing"),
    "not-listed": ("{name} 不在清单里", "{name} is not listed in the manifest"),
    "digest-differs": ("{name} 与清单里的摘要或大小不符，被改动过或已损坏", "{name} differs from its digest or size in the manifest"),
    "not-of-what": ("这种文件（{what}）里不该有 {name}", "An archive of this kind ({what}) has no {name}"),
    "order": ("次序不对，或有重复（{what}）", "Not in order, or something twice ({what})"),
    "not-json": ("内容不是 JSON，或有重复的成员", "Not JSON, or a member twice"),
    "not-canonical": ("签名内容不是规范写法的 JSON", "What is signed is not canonical JSON"),
    "base64": ("base64url 的写法不规范", "base64url not in its only spelling"),
    "malformed": ("内容不合格式（{what}）", "Not of the form it should have ({what})"),
    "version": ("格式版本 {found} 不是本程序能读的版本 1", "Format version {found}; only version 1 is read here"),
    "algorithm": ("不认识的算法：{found}", "Unknown algorithm: {found}"),
    "small-order": ("公钥是低阶点，任何签名都可能通过", "The public key is of small order"),
    "key-name": ("公钥与它的编号不符", "The public key is not the one its key_id names"),
    "wrong-key": ("签名用的不是应有的密钥", "Signed with another key than it should be"),
    "followed-key": (
        "签名的密钥那时已经更换：签发时间在新密钥启用之后",
        "Signed with a key that another one had followed by then: it is dated after the new key began",
    ),
    "withdrawn-key": (
        "签名的密钥已撤销，又没有后来的回执证实",
        "Signed with a key that was withdrawn, and no later receipt confirms it",
    ),
    "written-later": (
        "写这一条时，收寄台已有新密钥的回执，旧密钥不可能再签收它",
        "When its last entry was written the station had a receipt by a later key: the earlier one can't have signed this",
    ),
    "key-order": (
        "网关编号 {number} 的回执与密钥更换的先后不符",
        "The receipt with the gateway's number {number} is not in the order in which keys were changed",
    ),
    "bad-signature": (
        "签名不对：内容被改动过，或不是它所称的一方签的",
        "The signature does not verify: changed, or not signed by who it says",
    ),
    "foreign-root": ("根证书指纹是 {found}，不是所给的 {given}", "The root's fingerprint is {found}, not {given} as given"),
    "wrong-gateway": ("属于别的网关（{found}）", "Of another gateway ({found})"),
    "wrong-station": ("属于别的收寄台（{found}）", "Of another station ({found})"),
    "wrong-journal": ("属于别的日志（{found}）", "Of another journal ({found})"),
    "wrong-maker": ("不是制作方（{found}）自己的内容", "Not the maker's own ({found})"),
    "no-certificate": ("没有收寄台 {station} 的证书", "There is no certificate of station {station}"),
    "outside": ("不在清单所列的日志范围之内", "Outside the ranges of the manifest"),
    "gap": ("批次接不上：应为 {expected}，实为 {found}", "Batches do not follow one another: {expected} expected, {found} found"),
    "no-batch": ("缺少从 {expected} 开始的批次", "The batch that begins with {expected} is missing"),
    "bad-place": ("条目写明的位置不对（{found}）", "The entry names another place ({found})"),
    "bad-chain": ("与前一条接不上：缺了条目，或被改动过", "It does not follow the entry before it: something is missing or changed"),
    "no-part": ("条目没有名为 {name} 的部分", "The entry has no such part ({name})"),
    "bad-digest": ("密封部分 {name} 与条目里的摘要不符", "The sealed part {name} does not match its digest"),
    "bad-opening": ("明文 {name} 与条目里的摘要不符", "The opening of {name} does not match its digest"),
    "photo-altered": (
        "照片 {name} 的文件打不开，或与条目里的摘要不符：被改动过，或不是那张照片",
        "The file of photo {name} does not open, or is not what the entry's digest says: changed, or another photo",
    ),
    "not-in-batch": ("明文所指的条目不在同名批次里", "The opening is of an entry that is not in the batch"),
    "bad-prev-head": ("回执的起点与日志不符", "The receipt's prev_head is not the hash in the journal"),
    "bad-head": ("回执的终点与日志不符", "The receipt's head is not the hash in the journal"),
    "bad-merkle": ("回执的默克尔根与条目不符", "The receipt's Merkle root is not that of the entries"),
    "receipt-twice": ("网关的同一编号 {number} 上有两份不同的回执", "Two different receipts have the gateway's number {number}"),
    "receipt-chain": (
        "网关编号 {number} 的回执与相邻的回执接不上",
        "The receipt with the gateway's number {number} does not join its neighbour",
    ),
    "bad-returned": ("退回件 {number} 指的不是这里的条目", "Returned item {number} is about another entry than is here"),
    "short": ("文件短了：回执说到 {last}，条目到此为止", "The file is short: a receipt speaks of {last}, the entries end here"),
    "uncovered": ("这一条没有回执", "This entry has no receipt"),
    "no-record": ("文件里没有这一条", "There is no such entry in the file"),
    "unexpected": ("核验中出了意外（{detail}），不能算通过", "Something unexpected ({detail}); this does not count as verified"),
}
STEP_NAMES = {
    "file": "文件",
    "manifest": "清单",
    "root": "根证书",
    "certificates": "证书",
    "maker": "制作方签名",
    "ranges": "范围",
    "entries": "条目",
    "receipts": "回执",
    "complete": "齐全",
    "openings": "明文",
    "photos": "照片",
    "record": "所查条目",
    "proof": "证明的文字",
    "range": "回执的范围",
    "path": "默克尔路径",
}
WHAT_NAMES = {"bundle": "交接包", "answers": "回执包", "export": "导出", "gateway-export": "网关导出", "proof": "回执证明"}
PLACE_NAMES = {"file": "文件", "journal_id": "日志", "seq": "序号", "last_seq": "至", "certificate": "第几张证书"}
CHINESE, ENGLISH = 0, 1


def sentence(code: str, facts: dict[str, Any], language: int) -> str:
    return SENTENCES[code][language].format(**facts)


def said(result: dict[str, Any], language: int) -> str:
    """The answer in lines for people."""
    lines = [f"{_verdict(result, language)}  {result['file']}"]
    if result["what"] == "proof":
        lines += _proved(result["proof"], result["gateway_id"], language) if result["ok"] else []
    elif result["what"]:
        gateway, maker = result["gateway_id"], result["maker"]
        what = result["what"] if language else WHAT_NAMES[result["what"]]
        lines.append(f"{what}: gateway {gateway}, made by {maker}" if language else f"{what}，网关 {gateway}，制作方 {maker}")
    lines += _why(result, language) if not result["ok"] else _counted(result, language)
    for each in result["records"]:
        lines += _record_said(each, language)
    return "\n  ".join(map(printable, lines)) + "\n"


def _verdict(result: dict[str, Any], language: int) -> str:
    return (("不通过", "通过"), ("DOES NOT HOLD", "HOLDS"))[language][result["ok"]]


def _proved(proof: dict[str, Any], gateway: str, language: int) -> list[str]:
    where, received = f"{proof['journal_id']}:{proof['seq']} ({proof['station_id']})", moment(proof["received_at_ms"])
    range_, number = f"{proof['first_seq']}-{proof['last_seq']}", f"{proof['gateway_journal_id']}:{proof['gateway_seq']}"
    if language:
        lines = [f"gateway {gateway} holds entry {where}", f"hash {proof['entry']}", f"receipt {range_}, {number}, received {received}"]
        return [*lines, "received after the station was revoked"] if proof["after_revocation"] else lines
    lines = [f"网关 {gateway} 持有条目 {where}", f"哈希 {proof['entry']}", f"回执 {range_}，{number}，收到 {received}"]
    return [*lines, "吊销后收到"] if proof["after_revocation"] else lines


def _why(result: dict[str, Any], language: int) -> list[str]:
    place = result["place"] or {}
    where = ", ".join(f"{name if language else PLACE_NAMES[name]} {value}" for name, value in place.items() if value is not None)
    step = result["step"] if language else f"{STEP_NAMES[result['step']]}（{result['step']}）"
    lines = [f"step: {step}" if language else f"步骤：{step}"]
    if where:
        lines.append(f"place: {where}" if language else f"位置：{where}")
    return [*lines, f"reason: {result['reason']}" if language else f"原因：{result['reason']}", *_photos_said(result, language)]


def _counted(result: dict[str, Any], language: int) -> list[str]:
    counts = result["counts"]
    if result["what"] == "proof":
        lines = []
    elif language:
        lines = [
            "entries {entries}, receipts {receipts}, stations {stations}, sealed parts {parts_present} "
            "(destroyed {parts_destroyed}), openings {openings}, returned {returned}".format(**counts)
        ]
    else:
        lines = [
            "条目 {entries}，回执 {receipts}，收寄台 {stations}，密封部分 {parts_present}（已销毁 {parts_destroyed}），"
            "明文 {openings}，退回 {returned}".format(**counts)
        ]
    lines += _photos_said(result, language)
    if result["root_compared"]:
        lines.append(f"root {result['root']}, as given" if language else f"根证书指纹 {result['root']}，与所给的一致")
    else:
        compare = ("请与收寄台状态中的指纹对照（或用 --root）", "compare it with the station's status (or use --root)")[language]
        lines.append(f"root {result['root']}: {compare}" if language else f"根证书指纹 {result['root']}：{compare}")
    if result["practice"]:
        lines.append("practice: not real acceptances" if language else "练习数据，不是真实收寄")
    for each in result["anchored"]:
        where = f"{each['journal_id']} {each['first_seq']}-{each['last_seq']}"
        lines.append(f"anchored (a receipt confirms its begin): {where}" if language else f"已锚定（有回执确认其起点）：{where}")
    for each in result["unanchored"]:
        where = f"{each['journal_id']} {each['first_seq']}–{each['last_seq']}"
        lines.append(f"unanchored (no receipt confirms its begin): {where}" if language else f"未锚定（没有回执确认其起点）：{where}")
    return lines


def _photos_said(result: dict[str, Any], language: int) -> list[str]:
    if "photos" not in result:
        return []
    words = (
        "照片：相符 {sound}，被改动 {altered}，缺失 {missing}，密钥已销毁 {destroyed}",
        "photos: {sound} sound, {altered} altered, {missing} missing, {destroyed} with their keys destroyed",
    )
    return [words[language].format(**result["photos"])]


def _record_said(each: dict[str, Any], language: int) -> list[str]:
    titles = (
        ("条目", "类别", "操作员", "哈希", "记录时间", "没有回执", "回执", "收到", "默克尔路径", "相符", "不符", "无法重算：条目不全"),
        (
            "entry",
            "kind",
            "operator",
            "hash",
            "written",
            "no receipt",
            "receipt",
            "received",
            "Merkle path",
            "holds",
            "does not hold",
            "not here",
        ),
    )[language]
    lines = [
        f"{titles[0]} {each['journal_id']}:{each['seq']} ({each['station_id']}, {each['file']})",
        f"  {titles[1]} {each['kind']}, {titles[2]} {each['operator'] or '—'}, {titles[4]} {moment(each['times']['wall_ms'])}",
        f"  {titles[3]} {each['hash']}",
    ]
    if not each["receipts"]:
        lines.append(f"  {titles[5]}")
    for receipt in each["receipts"]:
        verdict = titles[11] if receipt["path"] is None else titles[9] if receipt["holds"] else titles[10]
        range_ = f"{receipt['first_seq']}–{receipt['last_seq']}"
        lines.append(f"  {titles[6]} {range_}, {titles[7]} {moment(receipt['received_at_ms'])}, {receipt['merkle_root']}")
        lines.append(f"  {titles[8]}: {verdict}")
        lines += [f"    {sibling}" for sibling in receipt["path"] or []]
    return lines


def moment(ms: int) -> str:
    """Universal time; the bare number where it is no date that Python knows."""
    try:
        return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"


# --- the command

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def fingerprint_of(written: str) -> str:
    """A fingerprint in hexadecimal, or that in an enrolment code (wire.md §4); raises Unusable."""
    plain = re.sub(r"[\s:\-]", "", unicodedata.normalize("NFKC", written)).upper()
    if re.fullmatch("[0-9A-F]{32}", plain):
        return plain.lower()
    plain = plain.replace("O", "0").replace("I", "1").replace("L", "1")
    if re.fullmatch(f"CC1[{CROCKFORD}]{{45}}", plain):
        bits = "".join(f"{CROCKFORD.index(char):05b}" for char in plain[3:])
        data = int(bits[:224], 2).to_bytes(28, "big")
        if bits[224] == "0" and sha("enrolment-code-checksum", data[:26])[:2] == data[26:]:
            return data[:16].hex()
    raise Unusable("bad-root")


def record_of(written: str) -> tuple[str | None, int]:
    """SEQ or JOURNAL:SEQ; raises Unusable."""
    match = re.fullmatch("(?:([0-9a-f]{32}):)?([0-9]{1,16})", written)
    if match is None:
        raise Unusable("bad-record")
    return match[1], int(match[2])


LONGEST_LABEL = 256
"""What is longer is the text of a proof, not the name of a file."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Unusable("usage", detail=message)


def parser() -> Parser:
    made = Parser(prog="verify.py", description="核验交接包、导出、回执包、回执证明 / verify bundles, exports, answers and proofs")
    made.add_argument("files", nargs="*", metavar="FILE", type=Path)
    made.add_argument("--root", metavar="FINGERPRINT", help="根证书指纹或登记码 / fingerprint of the root, or an enrolment code")
    made.add_argument("--record", metavar="SEQ|JOURNAL:SEQ", help="显示这一条及其回执 / show this entry with its receipts")
    made.add_argument("--proof", metavar="TEXT|FILE", help="回执证明：二维码的文字，或写有它的文件 / a proof: the text, or a file of it")
    made.add_argument(
        "--gateway", metavar="FILE", type=Path, help="核验证明用：网关文档或任一导出 / with --proof: gateway.json, an archive"
    )
    made.add_argument("--photos", metavar="FOLDER", type=Path, help="打开照片并核对：密文所在的文件夹 / open the photos, sealed in FOLDER")
    made.add_argument("--json", action="store_true", help="每个文件一行 JSON / one JSON object a line")
    made.add_argument("--lang", choices=("zh", "en"), default="zh", help="zh, en")
    made.add_argument("--processes", type=int, metavar="N", help="同时核验的进程数 / how many processes check signatures")
    return made


def told(path: Path, wanted: Wanted, proof: str | None = None) -> dict[str, Any]:
    """The answer about one file, whatever is in it; or about a proof, as text or file, of which `path` is what it is called."""
    try:
        if proof is not None or is_proof(path):
            return verify_proof(str(path), str(path) if proof is None else proof, wanted)
        return verify(path, wanted)
    except Unusable as error:
        return {**unusable(path, error), "root_compared": wanted.root is not None}
    except Exception as error:  # noqa: BLE001 - a reader of foreign bytes answers; what was not foreseen never counts as verified
        failure = Failure("file", {}, "unexpected", {"detail": type(error).__name__})
        return answer(path, Found(), wanted, failure, [])


def unusable(path: Path, error: Unusable) -> dict[str, Any]:
    found = answer(path, Found(), Wanted(), Failure("file", {}, error.code, error.facts), [])
    return {**found, "step": None, "place": None}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all hold, 1 a check did not hold, 2 unusable."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    language = ENGLISH if "en" in words or "--lang=en" in words else CHINESE
    try:
        asked = parser().parse_args(words)
        wanted = Wanted(
            root=fingerprint_of(asked.root) if asked.root is not None else None,
            record=record_of(asked.record) if asked.record is not None else None,
            processes=asked.processes,
            gateway=asked.gateway,
            photos=asked.photos,
        )
        if not asked.files and asked.proof is None:
            raise Unusable("usage", detail="FILE, --proof")
    except Unusable as error:
        sys.stderr.write(printable(sentence(error.code, error.facts, language)) + "\n")
        return 2
    worst = 0
    given = [] if asked.proof is None else [(Path(asked.proof if len(asked.proof) < LONGEST_LABEL else "--proof"), asked.proof)]
    for path, proof in [*given, *((path, None) for path in asked.files)]:
        try:
            result = told(path, wanted, proof)
        except KeyboardInterrupt:
            return 130
        facts = result.pop("facts")
        result["reason"] = sentence(result["code"], facts, language) if result["code"] else None
        write(result, asked.json, language)
        worst = max(worst, 0 if result["ok"] else 1 if result["step"] else 2)
    return worst


STEERING = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON lets stand in a string though it steers a terminal."""


def write(result: dict[str, Any], as_json: bool, language: int) -> None:
    if as_json:
        text = json.dumps(result, ensure_ascii=False)
        sys.stdout.write((json.dumps(result) if STEERING.search(text) else text) + "\n")
    elif result["ok"] or result["step"]:
        sys.stdout.write(said(result, language))
    else:
        sys.stderr.write(printable(f"{result['file']}: {result['reason']}") + "\n")
    sys.stdout.flush()


def printable(text: str) -> str:
    """One line: what somebody put into a name or an entry must neither steer the terminal nor look like an answer of ours."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # whoever read the answers has left; the rest of them goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)

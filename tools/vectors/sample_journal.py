"""The five entries of the vectors, and what a verifier refuses in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from courier_check.journal import canonical, tags
from courier_check.journal.entries import VERSION, Algorithms, EvidenceRef, Header, PackageRef, Times, header_hash, seal_context
from courier_check.journal.keys import OpeningKey, SealingKey, SigningKey, to_text
from courier_check.journal.parts import Part, PartName, PartRef, make_opening, part_digest, seal, sealed_digest, unseal
from courier_check.wire.certificates import Role, certificate_hash
from tools.vectors.people import GATEWAY, JOURNAL, NOW_MS, STATION, Keys, seed
from tools.vectors.sealed_values import SealedValues

RECIPIENT_OF = {PartName.INDEX: "intake", PartName.REPORTED: "regulator"}


@dataclass(frozen=True)
class Act:
    """What one entry says."""

    note: str
    kind: str
    operator: str | None
    facts: canonical.Json
    parts: dict[PartName, canonical.Json]


@dataclass(frozen=True)
class SampleEntry:
    note: str
    header: Header
    header_bytes: bytes
    signature: bytes
    parts: tuple[Part, ...]

    def described(self) -> dict[str, Any]:
        return {
            "note": self.note,
            "seq": self.header.seq,
            "header": self.header_bytes.decode(),
            "hash": header_hash(self.header_bytes),
            "signature": to_text(self.signature),
            "parts": {part.ref.name: self._part(part) for part in self.parts},
        }

    def _part(self, part: Part) -> dict[str, Any]:
        told: dict[str, Any] = {"opening_hex": part.opening.hex(), "digest": part.ref.digest}
        if part.sealed is not None:
            info = tags.PART_SEAL + canonical.encode(seal_context(self.header, part.ref))
            opened_by = RECIPIENT_OF[PartName(part.ref.name)]
            told |= {"opened_by": opened_by, "info": info.decode(), "sealed": to_text(part.sealed), "sealed_digest": part.ref.sealed_digest}
        return told


ACTS = (
    Act("the journal is opened by the station itself; no operator, no parts", "journal-open", None, {"predecessor": None}, {}),
    Act("an operator is added", "operator-added", "s01", {"role": "clerk", "subject": "c07"}, {}),
    Act(
        "an acceptance (收寄) with all three parts",
        "acceptance",
        "c07",
        {
            "mail_kind": "parcel",
            "carrier": "sample-carrier",
            "document_type": "resident-id",
            "inspected": True,
            "pieces": 1,
            "weight_g": 1200,
        },
        {
            PartName.INDEX: {"waybill": "SAMPLE0000001", "shown": {"name": "样**", "number": "1***************2X"}},
            PartName.REPORTED: {"sender": {"name": "样本甲", "document_type": "resident-id", "number": "11010119491231002X"}},
            PartName.KEPT: {"addressee": {"name": "样本乙", "phone": "13800001234"}},
        },
    ),
    Act(
        "a refusal (拒收) with a part for the gateway only; facts hold every kind of value",
        "refusal",
        "c07",
        {
            "refusal": "R02",
            "refusals": ["R02", "R05"],
            "chosen": False,
            "prohibited": [],
            "note": '引号 " 反斜线 \\ 换行 \n 😀',
            "late": None,
        },
        {PartName.INDEX: {"waybill": "SAMPLE0000002"}},
    ),
    Act(
        "a correction (更正) of entry 3, that answers returned item 1",
        "correction",
        "s01",
        {"corrects": {"journal_id": JOURNAL, "seq": 3}, "fields": ["weight_g"], "reason": "typed wrong", "answers_returned": 1},
        {PartName.KEPT: {"weight_g": 1300}},
    ),
)


def sample_journal(keys: Keys, sealed: SealedValues) -> tuple[SampleEntry, ...]:
    entries: list[SampleEntry] = []
    prev = certificate_hash(keys.certificates()[Role.STATION])
    for seq, act in enumerate(ACTS, 1):
        header = _with_parts(_header(act, seq, prev, keys.signing["station"].key_id), ())
        parts = tuple(_part(name, act.parts[name], header, keys, sealed) for name in sorted(act.parts))
        header = _with_parts(header, parts)
        data = canonical.encode(header)
        entries.append(SampleEntry(act.note, header, data, keys.signing["station"].sign(tags.HEADER_SIGNATURE, data), parts))
        prev = header_hash(data)
    return tuple(entries)


def _header(act: Act, seq: int, prev: str, key_id: str) -> Header:
    package = PackageRef(kind="rules", name="sample-rules", sha256=seed("rules").hex(), version="7")
    photo = EvidenceRef(media_type="image/jpeg", name="parcel", sha256=seed("photo").hex(), size=48_213)
    accepted = act.kind == "acceptance"
    return Header(
        v=VERSION,
        alg=Algorithms(),
        gateway_id=GATEWAY,
        station_id=STATION,
        journal_id=JOURNAL,
        seq=seq,
        prev=prev,
        key_id=key_id,
        kind=act.kind,
        operator=act.operator,
        times=Times(boot_id="sample-boot", mono_ms=5_000 + seq, trusted_ms=None if seq < 3 else NOW_MS, wall_ms=NOW_MS + 1_000 * seq),
        facts=act.facts,
        packages=(package,) if accepted else (),
        evidence=(photo,) if accepted else (),
        parts=(),
    )


def _with_parts(header: Header, parts: tuple[Part, ...]) -> Header:
    return msgspec.structs.replace(header, parts=tuple(part.ref for part in parts))


def _part(name: PartName, content: canonical.Json, header: Header, keys: Keys, sealed: SealedValues) -> Part:
    opening = make_opening(seed(f"salt {header.seq} {name}"), content)
    digest = part_digest(opening)
    if name not in RECIPIENT_OF:
        return Part(PartRef(name=name, recipient=None, digest=digest, sealed_digest=None), opening, None)
    key: OpeningKey = keys.opening[RECIPIENT_OF[name]]
    ref = PartRef(name=name, recipient=key.key_id, digest=digest, sealed_digest=None)
    context = seal_context(header, ref)
    value = sealed.keep_or(
        lambda: seal(opening, SealingKey(key.public), context),
        lambda data: unseal(data, key, context, digest) == opening,
    )
    return Part(msgspec.structs.replace(ref, sealed_digest=sealed_digest(value)), opening, value)


Change = Callable[[dict[str, Any]], None]


def _changed(entry: SampleEntry, change: Change) -> bytes:
    value: dict[str, Any] = msgspec.json.decode(entry.header_bytes)
    change(value)
    return msgspec.json.encode(value, order="sorted")


def _set(*path: str | int, to: Any) -> Change:
    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = to

    return change


def bad_headers(entries: tuple[SampleEntry, ...]) -> list[dict[str, str]]:
    """Changes of entry 3, which has parts."""
    part = msgspec.to_builtins(entries[2].header.parts[0])
    changes: tuple[tuple[str, str, Change], ...] = (
        ("a member is missing", "malformed", lambda v: v.pop("operator")),
        ("a member too many", "malformed", _set("extra", to=1)),
        (
            "a version not known, and a member not known: reported as of that version",
            "unsupported-version",
            lambda v: v.update(v=2, extra=1),
        ),
        ("version as a text", "malformed", _set("v", to="1")),
        ("version true instead of 1", "malformed", _set("v", to=True)),
        ("a hash algorithm not known", "unknown-algorithm", _set("alg", "hash", to="sm3")),
        ("seq 0", "malformed", _set("seq", to=0)),
        ("prev in upper case", "malformed", _set("prev", to=entries[2].header.prev.upper())),
        ("a station_id that ends in a line feed", "malformed", _set("station_id", to="sample\n")),
        ("a station_id that begins with a hyphen", "malformed", _set("station_id", to="-sample")),
        ("a kind of 41 characters", "malformed", _set("kind", to="a" * 41)),
        ("a fraction in facts", "not-canonical", _set("facts", "weight_g", to=1.5)),
        ("a key in facts with an upper-case letter", "not-canonical", _set("facts", "Weight", to=1)),
        ("facts nine deep", "not-canonical", _set("facts", to={"a": [[[[[[[[]]]]]]]]})),
        ("parts not in order of name", "malformed", lambda v: v["parts"].reverse()),
        ("the same part twice", "malformed", lambda v: v["parts"].insert(0, part)),
        ("a recipient but no sealed digest", "malformed", _set("parts", 0, "sealed_digest", to=None)),
        ("boot_id empty", "malformed", _set("times", "boot_id", to="")),
        ("16 385 bytes", "too-large", _padded(entries[2])),
    )
    return [{"note": note, "refused_as": code, "header": _changed(entries[2], change).decode()} for note, code, change in changes]


def _padded(entry: SampleEntry) -> Change:
    missing = 16_385 - len(entry.header_bytes) - len(',"pad":""')
    return _set("facts", "pad", to="x" * missing)


def bad_entries(keys: Keys, entries: tuple[SampleEntry, ...]) -> list[dict[str, Any]]:
    station, stranger = keys.signing["station"], keys.signing["stranger"]
    second = entries[1]
    flipped = bytes([second.signature[0] ^ 1, *second.signature[1:]])
    cases: tuple[tuple[str, str, bytes, bytes | SigningKey], ...] = (
        ("one bit of the signature differs", "bad-signature", second.header_bytes, flipped),
        ("signed by a key that is not the station's", "bad-signature", second.header_bytes, stranger),
        (
            "names a key that is not the station's, and is signed by it",
            "wrong-key",
            _changed(second, _set("key_id", to=stranger.key_id)),
            stranger,
        ),
        ("prev is not the hash of entry 1", "bad-chain", _changed(second, _set("prev", to=seed("prev").hex())), station),
        ("the entry of another place", "wrong-place", entries[2].header_bytes, entries[2].signature),
        ("of another journal", "wrong-place", _changed(second, _set("journal_id", to="0" * 32)), station),
        ("of another station", "wrong-place", _changed(second, _set("station_id", to="other-station")), station),
        ("of another gateway", "wrong-place", _changed(second, _set("gateway_id", to="other-gateway")), station),
    )
    return [
        {
            "note": note,
            "seq": 2,
            "fails": fails,
            "header": header.decode(),
            "signature": to_text(signer if isinstance(signer, bytes) else signer.sign(tags.HEADER_SIGNATURE, header)),
        }
        for note, fails, header, signer in cases
    ]

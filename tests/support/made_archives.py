"""Archives of a made-up gateway and its stations, their files as bytes to be changed at will before they are packed and signed again."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from courier_check.journal.entries import Author, Composed, Draft, EvidenceRef, PackageRef, Place, compose
from courier_check.journal.keys import OpeningKey, SealingKey, SigningKey, to_text
from courier_check.journal.parts import PartName
from courier_check.wire import archives
from courier_check.wire.archives import ArchiveBody, ArchiveRange, ArchiveWriter, OpenedEntry, Openings, What
from courier_check.wire.batches import Backlog, Batch, Receipt, Returned, ReturnedItems, WireEntry, merkle_root
from courier_check.wire.certificates import Role
from courier_check.wire.signed import Signed, sign
from support.pki import MadeUpGateway, secret
from support.sample_journals import TIMES

FIRST, SECOND = "zz-jinshui-01", "zz-jinshui-02"
_SUM = "5a" * 32
PARTS = {PartName.INDEX: {"waybill": "SAMPLE1"}, PartName.REPORTED: {"name": "样本甲"}, PartName.KEPT: {"phone": "13800001234"}}
ACCEPTED = Draft(
    "acceptance",
    "c07",
    {"inspected": True, "pieces": 1, "late": None, "reasons": ["a", {"b": []}], "weight_g": 1200, "mail_kind": '样本\n"\\\x1f\x7f'},
    PARTS,
    (PackageRef(kind="rules", name="样例规则", sha256=_SUM, version="7"),),
    (EvidenceRef(media_type="image/jpeg", name="parcel", sha256=_SUM, size=48_213),),
)
KINDS = (
    Draft("operator-added", "s01", {"subject": "c07", "role": "clerk"}),
    ACCEPTED,
    Draft("refusal", "c07", {"refusal": "R03", "prohibited": ["explosive"]}, {PartName.REPORTED: {"reason": "样本"}}),
    Draft("a-kind-of-another-version", None, {}),
    replace(ACCEPTED, kind="referral", evidence=()),
    Draft("correction", "s01", {"corrects": {"journal_id": "ab" * 16, "seq": 2}, "fields": []}, {PartName.KEPT: {"reason": "写错"}}),
)


def salt_of(seed: str) -> Iterator[int]:
    return itertools.count(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big"))


class Salt:
    """Bytes that differ from call to call and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._numbers = salt_of(seed)

    def __call__(self, size: int) -> bytes:
        return hashlib.sha256(str(next(self._numbers)).encode()).digest()[:size]


@dataclass(frozen=True)
class Journal:
    """A station's journal, made in memory."""

    station_id: str
    journal_id: str
    key: SigningKey
    certificate: Signed
    entries: tuple[Composed, ...]

    def prev(self, seq: int) -> str:
        return self.entries[seq - 1].entry.header.prev

    def hashes(self, first: int, last: int) -> tuple[str, ...]:
        return tuple(each.entry.hash for each in self.entries[first - 1 : last])

    def batch(self, first: int, last: int, destroyed: frozenset[tuple[int, str]] = frozenset()) -> Batch:
        """`destroyed`: (seq, part) of which retention left only the digests."""
        wired = []
        for each in self.entries[first - 1 : last]:
            entry, parts = each.entry, {}
            for part in each.parts:
                if part.sealed is not None and (entry.header.seq, part.ref.name) not in destroyed:
                    parts[part.ref.name] = to_text(part.sealed)
            wired.append(WireEntry(header=entry.header_bytes.decode(), signature=to_text(entry.signature), parts=parts))
        return Batch(
            gateway_id=self.entries[0].entry.header.gateway_id,
            station_id=self.station_id,
            journal_id=self.journal_id,
            first_seq=first,
            prev=self.prev(first),
            entries=tuple(wired),
            backlog=Backlog(entries=3, oldest_ms=1),
        )

    def openings(self, first: int, last: int) -> Openings:
        opened = []
        for each in self.entries[first - 1 : last]:
            parts = {part.ref.name: to_text(part.opening) for part in each.parts}
            if parts:
                opened.append(OpenedEntry(seq=each.entry.header.seq, parts=parts))
        return Openings(entries=tuple(opened))


@dataclass
class World:
    """A gateway with two stations; journals and receipts are made from a name, so that every run has the same bytes."""

    gateway: MadeUpGateway = field(default_factory=MadeUpGateway)
    receipts_of: dict[str, list[Signed]] = field(default_factory=dict)

    def author(self, station_id: str) -> tuple[Author, Signed]:
        key = SigningKey(secret(f"station {station_id} of {self.gateway.gateway_id}"))
        readers = {PartName.INDEX: Role.INTAKE, PartName.REPORTED: Role.REGULATOR}
        recipients = {name: SealingKey(_reader(self.gateway, role).public) for name, role in readers.items()}
        return Author(self.gateway.gateway_id, station_id, key, recipients), self.gateway.station_certificate(key, station_id)

    def journal(self, station_id: str, name: str, drafts: Sequence[Draft], predecessor: Journal | None = None) -> Journal:
        author, certificate = self.author(station_id)
        journal_id = hashlib.sha256(name.encode()).hexdigest()[:32]
        prev = _certificate_hash(certificate)
        before = None
        if predecessor is not None:
            last = predecessor.entries[-1].entry
            before = {"head": last.hash, "journal_id": predecessor.journal_id, "last_seq": last.header.seq, "cause": "restore"}
        entries, random = [], Salt(name)
        for seq, draft in enumerate((Draft("journal-open", None, {"predecessor": before}), *drafts), 1):
            entries.append(compose(draft, Place(journal_id, seq, prev), author, TIMES, random))
            prev = entries[-1].entry.hash
        return Journal(station_id, journal_id, author.key, certificate, tuple(entries))

    def receipt(self, journal: Journal, first: int, last: int, gateway_journal: str = "12" * 16, after_revocation: bool = False) -> Signed:
        """The next of that gateway journal."""
        chain = self.receipts_of.setdefault(gateway_journal, [])
        root = self.gateway.document().certificates[0]
        prev = hashlib.sha256(b"courier-check/receipt-hash/v1\n" + chain[-1].body_bytes).hexdigest() if chain else _certificate_hash(root)
        hashes = journal.hashes(first, last)
        body = Receipt(
            gateway_id=self.gateway.gateway_id,
            station_id=journal.station_id,
            journal_id=journal.journal_id,
            first_seq=first,
            last_seq=last,
            prev_head=journal.prev(first),
            head=hashes[-1],
            merkle_root=merkle_root(hashes),
            received_at_ms=1_795_406_400_000,
            after_revocation=after_revocation,
            gateway_journal_id=gateway_journal,
            gateway_seq=len(chain) + 1,
            gateway_prev=prev,
        )
        chain.append(sign(body, self.gateway.signing[Role.RECEIPT]))
        return chain[-1]

    def returned(self, journal: Journal, seqs: Sequence[int], gateway_journal: str = "12" * 16) -> ReturnedItems:
        items = []
        for number, seq in enumerate(seqs, 1):
            body = Returned(
                gateway_id=self.gateway.gateway_id,
                gateway_journal_id=gateway_journal,
                station_id=journal.station_id,
                journal_id=journal.journal_id,
                seq=seq,
                entry=journal.hashes(seq, seq)[0],
                number=number,
                code="unknown-outlet",
                detail="样例",
                at_ms=1_795_406_400_000,
            )
            items.append(sign(body, self.gateway.signing[Role.RECEIPT]))
        return ReturnedItems(gateway_journal_id=gateway_journal, items=tuple(items))


def _reader(gateway: MadeUpGateway, role: Role) -> OpeningKey:
    return gateway.opening[role]


def _certificate_hash(certificate: Signed) -> str:
    return hashlib.sha256(b"courier-check/certificate-hash/v1\n" + certificate.body_bytes).hexdigest()


@dataclass(frozen=True)
class Unpacked:
    """An archive before it is packed: the files by name, and what the manifest says besides."""

    world: World
    what: What
    maker: str
    key: SigningKey
    ranges: tuple[ArchiveRange, ...]
    files: Mapping[str, bytes]

    def having(self, name: str, data: bytes) -> Unpacked:
        return replace(self, files={**self.files, name: data})

    def without(self, name: str) -> Unpacked:
        return replace(self, files={other: data for other, data in self.files.items() if other != name})

    def pack(self, path: Path) -> Path:
        """Signed by the true maker, whatever the files are."""
        with path.open("wb") as target:
            writer = ArchiveWriter(target)
            for name, data in self.files.items():
                writer.add(name, data)
            writer.close(self.body(), self.key)
        return path

    def body(self) -> ArchiveBody:
        return ArchiveBody(
            gateway_id=self.world.gateway.gateway_id,
            what=self.what,
            maker=self.maker,
            made_at_ms=1_795_406_400_000,
            program="courier-check test",
            ranges=self.ranges,
            files=(),
        )


def range_of(journal: Journal, first: int, last: int) -> ArchiveRange:
    return ArchiveRange(station_id=journal.station_id, journal_id=journal.journal_id, first_seq=first, last_seq=last)


def certificates(world: World, *journals: Journal) -> dict[str, bytes]:
    files = {archives.GATEWAY: msgspec.json.encode(world.gateway.document())}
    for each in journals:
        files[archives.station_name(each.station_id)] = msgspec.json.encode(each.certificate)
    return files


def batches(journal: Journal, bounds: Sequence[tuple[int, int]], destroyed: frozenset[tuple[int, str]] = frozenset()) -> dict[str, bytes]:
    return {archives.batch_name(journal.journal_id, a): msgspec.json.encode(journal.batch(a, b, destroyed)) for a, b in bounds}


def receipts(journal: Journal, signed: Sequence[Signed]) -> dict[str, bytes]:
    """One file of receipts, in their order."""
    bodies = [(msgspec.json.decode(each.body), each) for each in signed]
    bodies.sort(key=lambda pair: (pair[0]["last_seq"], pair[0]["first_seq"]))
    document = archives.Receipts(receipts=tuple(each for _, each in bodies))
    return {archives.receipts_name(journal.journal_id, bodies[0][0]["first_seq"]): msgspec.json.encode(document)}


def openings(journal: Journal, bounds: Sequence[tuple[int, int]]) -> dict[str, bytes]:
    return {archives.openings_name(journal.journal_id, a): msgspec.json.encode(journal.openings(a, b)) for a, b in bounds}


def bundle(world: World) -> Unpacked:
    """Two journals of one station, the second after the first; the older has receipts, two parts are destroyed."""
    older = world.journal(FIRST, "older", KINDS)
    newer = world.journal(FIRST, "newer", KINDS[:2], older)
    bounds = [(1, 3), (4, 7)]
    held = [world.receipt(older, 1, 3), world.receipt(older, 4, 7), world.receipt(older, 1, 7, "34" * 16)]
    files = {
        **certificates(world, older),
        **batches(older, bounds, frozenset({(3, "index"), (3, "reported")})),
        **receipts(older, held),
        **batches(newer, [(1, 3)]),
        "verify.py": b"# travels along\n",
        "README.txt": "说明\n".encode(),
    }
    ranges = tuple(sorted((range_of(older, 1, 7), range_of(newer, 1, 3)), key=lambda each: each.journal_id))
    return Unpacked(world, What.BUNDLE, FIRST, older.key, ranges, files)


def export(world: World) -> Unpacked:
    """The later part of a journal, with openings; a receipt reaches before its begin."""
    journal = world.journal(FIRST, "exported", (*KINDS, *KINDS))
    held = [world.receipt(journal, 1, 4), world.receipt(journal, 5, 9), world.receipt(journal, 10, 13, after_revocation=True)]
    bounds = [(3, 6), (7, 13)]
    files = {**certificates(world, journal), **batches(journal, bounds), **receipts(journal, held), **openings(journal, bounds)}
    return Unpacked(world, What.EXPORT, FIRST, journal.key, (range_of(journal, 3, 13),), files)


def gateway_export(world: World) -> Unpacked:
    """Two stations; of one journal two ranges with a gap between them."""
    one = world.journal(FIRST, "one", KINDS)
    two = world.journal(SECOND, "two", (*KINDS, *KINDS))
    files = {
        **certificates(world, one, two),
        **batches(one, [(1, 7)], frozenset({(3, "index")})),
        **receipts(one, [world.receipt(one, 1, 5), world.receipt(one, 6, 7)]),
        **batches(two, [(1, 4), (9, 10), (11, 13)]),
        **receipts(two, [world.receipt(two, 1, 4), world.receipt(two, 9, 13)]),
    }
    ranges = (range_of(one, 1, 7), range_of(two, 1, 4), range_of(two, 9, 13))
    return Unpacked(world, What.GATEWAY_EXPORT, world.gateway.gateway_id, world.gateway.signing[Role.RECEIPT], ranges, files)


def answers(world: World) -> Unpacked:
    journal = world.journal(FIRST, "answered", KINDS)
    files = {
        **certificates(world, journal),
        **receipts(journal, [world.receipt(journal, 1, 3), world.receipt(journal, 4, 7)]),
        archives.returned_name(FIRST): msgspec.json.encode(world.returned(journal, [3, 6])),
    }
    return Unpacked(world, What.ANSWERS, world.gateway.gateway_id, world.gateway.signing[Role.RECEIPT], (), files)


MADE = {"bundle": bundle, "export": export, "gateway-export": gateway_export, "answers": answers}

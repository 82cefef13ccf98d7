"""交接包 and 导出: what a station puts on a stick, and the receipts that come home on it (docs/wire.md §11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO

import msgspec

from courier_check.clock import Clock
from courier_check.errors import UserError
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import header_hash, parse_header
from courier_check.journal.keys import to_text
from courier_check.store import facts, inbox, journal
from courier_check.store.database import Database
from courier_check.store.identity import StationIdentity, load_identity, save_enrolment
from courier_check.store.verification import damage_after, intact_ranges
from courier_check.sync.branching import note_taken, taken_journal
from courier_check.sync.documents import believed
from courier_check.sync.numbers import contradicting
from courier_check.sync.outgoing import Outgoing
from courier_check.wire.archives import (
    GATEWAY,
    MANIFEST,
    Archive,
    ArchiveBody,
    ArchiveCode,
    ArchiveRange,
    ArchiveWriter,
    OpenedEntry,
    Openings,
    What,
    batch_name,
    open_archive,
    openings_name,
    refused_whole,
    returned_name,
    station_name,
)
from courier_check.wire.batches import Receipt, Returned, Sent, by_receipt_key, checked_receipt, trusted_ms_of
from courier_check.wire.certificates import Role, TrustedGateway
from courier_check.wire.signed import Signed, read

CoveringReceipt = tuple[int, int, Signed]
"""(first_seq, last_seq, receipt)."""


class BundleCode(StrEnum):
    NOTHING_PENDING = "bundle-nothing-pending"
    NO_JOURNAL = "bundle-no-journal"
    BEYOND_JOURNAL = "bundle-beyond-journal"
    RANGE_FORM = "bundle-range-form"
    NOTHING_INTACT = "bundle-nothing-intact"


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of one journal, both ends included."""

    journal_id: str
    first_seq: int
    last_seq: int

    @property
    def entries(self) -> int:
        return self.last_seq - self.first_seq + 1


@dataclass(frozen=True, slots=True)
class Made:
    """What an archive was made of: the ranges in it, and what it is. `missing`: what was asked for and is damaged or gone."""

    spans: tuple[Span, ...]
    body: ArchiveBody
    missing: tuple[Span, ...] = ()

    @property
    def entries(self) -> int:
        return sum(span.entries for span in self.spans)


@dataclass(frozen=True, slots=True)
class Taken:
    """What answers brought: receipts in the file, entries and returned items that were not acknowledged or known before. `taken`: journals
    of which it now is known that the gateway holds another station's entries under their ids."""

    receipts: int
    acknowledged: int
    returned: int
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Content:
    """What is to go into an archive; `receipts` by journal."""

    what: What
    spans: Sequence[Span]
    receipts: Mapping[str, Sequence[CoveringReceipt]]
    revealed: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    """An archive of answers, all of it found good by the certificates of `gateway`."""

    gateway: TrustedGateway
    receipts: list[tuple[Signed, Receipt]]
    returned: list[tuple[Signed, Returned]]
    taken: list[str]


class Bundles:
    """Makes archives of a station's journals and takes the answers. `program`: name and version of this one; `enclosed`: files that go
    along as they are (the verifier, a note), by name."""

    def __init__(
        self,
        database: Database,
        identity: StationIdentity,
        clock: Clock,
        program: str,
        enclosed: Mapping[str, bytes],
    ) -> None:
        self._database = database
        self._identity = identity
        self._clock = clock
        self._program = program
        self._enclosed = enclosed
        self._outgoing = Outgoing(database, identity)

    # --- which entries ------------------------------------------------------------------------------------------------------------------

    def pending(self) -> tuple[Span, ...]:
        """What is not acknowledged: from the first entry without a receipt on, or that the gateway is known to have lost since, oldest
        journal first; not of a journal that the gateway found forked, or whose rest was filed again in its successor. Raises UserError if
        there is nothing."""
        lost, done = ({name.partition("/")[2] for name in facts.names(self._database, each)} for each in (inbox.RESEND, "refiled/"))
        left_out = {name.partition("/")[2] for prefix in ("forked/", "taken/") for name in facts.names(self._database, prefix)}
        left_out |= done - lost
        spans = tuple(
            Span(each.journal_id, first, each.last_seq)
            for each in self.everything()
            if (first := inbox.held_seq(self._database, each.journal_id) + 1) <= each.last_seq and each.journal_id not in left_out
        )
        if not spans:
            raise UserError(BundleCode.NOTHING_PENDING)
        return spans

    def everything(self) -> tuple[Span, ...]:
        """All journals from end to end, oldest first."""
        heads = [(journal_id, self._last_seq(journal_id)) for journal_id in journal.journal_ids(self._database)]
        return tuple(Span(journal_id, 1, last_seq) for journal_id, last_seq in heads if last_seq)

    def span(self, journal_id: str | None, first_seq: int, last_seq: int | None) -> Span:
        """Entries of a journal (None: the current one), `last_seq` None: to its end. Raises UserError where it does not hold them all."""
        found = journal_id or journal.current_journal(self._database)
        if found is None or found not in journal.journal_ids(self._database):
            raise UserError(BundleCode.NO_JOURNAL, journal=str(journal_id)[:40])
        held = self._last_seq(found)
        span = Span(found, first_seq, held if last_seq is None else last_seq)
        if not 1 <= span.first_seq <= span.last_seq <= held:
            raise UserError(BundleCode.BEYOND_JOURNAL, first_seq=span.first_seq, last_seq=span.last_seq, held=held)
        return span

    # --- out ----------------------------------------------------------------------------------------------------------------------------

    def bundle(self, target: IO[bytes], spans: Sequence[Span]) -> Made:
        """交接包: the spans as the line would carry them, with the receipts held for them or the entry before. Damaged rows are left out,
        named and remembered: the station closes their journal when it is opened next. Raises UserError where nothing is left, OSError."""
        intact = [part for span in spans for part in self._intact(span)]
        missing = tuple(part for span in spans for part in _left_out(span, intact))
        for journal_id in dict.fromkeys(span.journal_id for span in missing):
            self._note_damage(journal_id)
        if not intact:
            raise UserError(BundleCode.NOTHING_INTACT, missing=spelled(missing))
        return replace(self._write(target, _Content(What.BUNDLE, intact, self._receipts(intact))), missing=missing)

    def _intact(self, span: Span) -> list[Span]:
        ranges = intact_ranges(self._database, self._identity, span.journal_id, span.first_seq, span.last_seq)
        return [Span(span.journal_id, first, last) for first, last in ranges]

    def _note_damage(self, journal_id: str) -> None:
        """As a run at the line would: rows that are pending and can't be delivered close their journal."""
        name, held = f"damaged/{journal_id}", inbox.held_seq(self._database, journal_id)
        damage = damage_after(self._database, self._identity, journal_id, held)
        if damage is None:
            return
        with self._database.write() as tx:
            if facts.load(tx, name) is None:
                facts.save(tx, name, msgspec.json.encode(damage))

    def export(self, target: IO[bytes], asked: Sequence[Span], *, revealed: bool, note: Callable[[int], object] | None = None) -> Made:
        """导出: the spans, each widened to the whole batches that its receipts are for, since a receipt proves a batch; with every receipt
        that covers an entry of them, and where one of these is by a withdrawn key with the batch of a later one that vouches.
        `revealed`: with the openings of the entries that were asked for, which are personal data in clear.
        `note` is told how many entries before the first is written: what is ended in the middle has left something too.
        Raises JournalError for a damaged row, OSError."""
        with self._database.snapshot():  # a receipt that comes meanwhile would reach beyond what is in the file
            spans = self._vouched_for([self._widened(span) for span in asked])
            receipts = self._receipts(spans)
        if note is not None:
            note(sum(span.entries for span in spans))
        return self._write(target, _Content(What.EXPORT, spans, receipts, asked if revealed else ()))

    def _write(self, target: IO[bytes], content: _Content) -> Made:
        certificate = self._identity.certificate
        with ArchiveWriter(target) as archive:
            archive.add_document(GATEWAY, self._identity.gateway.document)
            archive.add_document(station_name(certificate.subject), self._identity.enrolment.certificate)
            for name, data in self._enclosed.items():
                archive.add(name, data)
            for span in content.spans:
                self._add_batches(archive, span, [each for each in content.revealed if each.journal_id == span.journal_id])
            for journal_id, covering in content.receipts.items():
                archive.add_receipts(journal_id, covering)
            body = ArchiveBody(
                gateway_id=certificate.gateway_id,
                what=content.what,
                maker=certificate.subject,
                made_at_ms=self._clock.read().wall_ms,
                program=self._program,
                ranges=tuple(
                    ArchiveRange(station_id=certificate.subject, journal_id=s.journal_id, first_seq=s.first_seq, last_seq=s.last_seq)
                    for s in content.spans
                ),
                files=(),
            )
            archive.close(body, self._identity.keys.signing)
        return Made(tuple(content.spans), body)

    def _add_batches(self, archive: ArchiveWriter, span: Span, revealed: Sequence[Span]) -> None:
        seq = span.first_seq
        while seq <= span.last_seq:
            batch = self._outgoing.next_batch(span.journal_id, seq, up_to=span.last_seq)
            if batch is None:
                raise JournalError(JournalCode.MISSING_ENTRY, seq=seq)
            # What the first entry says it follows: the row before it may be gone.
            batch = msgspec.structs.replace(batch, prev=parse_header(batch.entries[0].header.encode()).prev)
            archive.add_document(batch_name(batch.journal_id, batch.first_seq), batch)
            after = seq + len(batch.entries)
            opened = tuple(self._opened(Span(span.journal_id, seq, after - 1), revealed))
            if opened:
                archive.add_document(openings_name(batch.journal_id, batch.first_seq), Openings(entries=opened))
            seq = after

    def _opened(self, batch: Span, revealed: Sequence[Span]) -> Iterator[OpenedEntry]:
        for each in revealed:
            first, last = max(batch.first_seq, each.first_seq), min(batch.last_seq, each.last_seq)
            for stored in journal.entries(self._database, batch.journal_id, first=first, last=last) if first <= last else ():
                if stored.openings:
                    yield OpenedEntry(seq=stored.seq, parts={name: to_text(data) for name, data in sorted(stored.openings.items())})

    def _receipts(self, spans: Sequence[Span]) -> dict[str, list[CoveringReceipt]]:
        """Receipts that cover an entry of the spans or the one before, on which the first hangs, by journal."""
        found: dict[str, list[CoveringReceipt]] = {}
        for journal_id in dict.fromkeys(span.journal_id for span in spans):
            own = [span for span in spans if span.journal_id == journal_id]
            held = self._receipts_of(journal_id)
            found[journal_id] = [each for each in held if any(each[0] <= span.last_seq and span.first_seq - 1 <= each[1] for span in own)]
        return found

    def _widened(self, span: Span) -> Span:
        held = self._receipts_of(span.journal_id)
        first_seq, last_seq = span.first_seq, span.last_seq
        first_seq = min([first_seq, *(first for first, last, _ in held if first <= span.last_seq and span.first_seq <= last)])
        for first, last, _ in sorted(held, key=lambda each: each[0]):
            if first <= last_seq and first_seq <= last:  # a receipt of other boundaries may reach further, and the next one yet further
                last_seq = max(last_seq, last)
        return Span(span.journal_id, first_seq, min(last_seq, self._last_seq(span.journal_id)))

    def _vouched_for(self, spans: Sequence[Span]) -> list[Span]:
        """What a withdrawn key signed is believed only beside a receipt in force that reaches as far (docs/wire.md §2). Where the spans
        bring none, the nearest later one comes along, with its batch, since no receipt may reach beyond the ranges."""
        keys, found = self._identity.gateway.verifying_keys(Role.RECEIPT), list(spans)
        for journal_id, covering in self._receipts(spans).items():
            doubted = max((last for _, last, signed in covering if signed.key_id not in keys), default=0)
            if doubted <= max((last for _, last, signed in covering if signed.key_id in keys), default=0):
                continue
            later = [(last, first) for first, last, signed in self._receipts_of(journal_id) if last >= doubted and signed.key_id in keys]
            if later:
                last_seq, first_seq = min(later)
                found = _with(found, self._widened(Span(journal_id, first_seq, last_seq)))
        return found

    def _receipts_of(self, journal_id: str) -> list[CoveringReceipt]:
        bodies = ((read(signed, Receipt), signed) for signed in inbox.receipts(self._database, journal_id))
        return [(body.first_seq, body.last_seq, signed) for body, signed in bodies]

    def _last_seq(self, journal_id: str) -> int:
        return journal.head_of(self._database, journal_id, self._identity.first_prev).seq

    # --- home -----------------------------------------------------------------------------------------------------------------------------

    def take_answers(self, source: IO[bytes]) -> Taken:
        """Receipts and returned items that came home: all are checked against this station's own entries, then all are stored; the same
        again changes nothing. A gateway document in it that holds is believed and kept as one from the line would be, so that a depot which
        is never on the line learns of new receipt keys. Raises UserError: then nothing of the file was used."""
        with refused_whole():
            archive = open_archive(source)
            try:
                checked = self._checked(archive)
            finally:
                archive.close()
        with self._database.write() as tx:
            if checked.gateway.document != self._identity.enrolment.gateway:
                kept = load_identity(tx) or self._identity  # another program may have changed the gateway's address meanwhile
                save_enrolment(tx, msgspec.structs.replace(kept.enrolment, gateway=checked.gateway.document))
            before = self._acknowledged(tx)
            for signed, receipt in checked.receipts:
                inbox.save_receipt(tx, signed, receipt)
            _note_resent(tx, [receipt for _, receipt in checked.receipts])
            unknown = [each for each in checked.returned if not inbox.holds_returned(tx, each[1].gateway_journal_id, each[1].number)]
            for signed, item in unknown:
                inbox.save_returned(tx, signed, item)
            if any(receipt.after_revocation for _, receipt in checked.receipts):
                facts.save(tx, "revoked", str(self._clock.read().wall_ms).encode("ascii"))
            known, now_ms = facts.names(tx, "taken/"), self._clock.read().wall_ms
            taken = tuple(each for each in checked.taken if f"taken/{each}" not in known and note_taken(tx, each, now_ms))
            after = self._acknowledged(tx)
        return Taken(len(checked.receipts), after - before, len(unknown), taken)

    def _acknowledged(self, tx: Database) -> int:
        return sum(inbox.held_seq(tx, journal_id) for journal_id in journal.journal_ids(tx))

    def _checked(self, archive: Archive) -> _Checked:
        """Raises UserError, JournalError."""
        body, own = archive.body, self._identity.certificate
        if body.what != What.ANSWERS:
            raise UserError(ArchiveCode.OTHER_KIND, what=body.what.value)
        if (body.gateway_id, body.maker) != (own.gateway_id, own.gateway_id):
            raise UserError(ArchiveCode.OTHER_GATEWAY)
        gateway = believed(self._identity, archive.gateway()) or self._identity.gateway
        key = gateway.verifying_keys(Role.RECEIPT).get(archive.key_id)
        followed_ms = gateway.followed_ms(Role.RECEIPT, archive.key_id)
        if key is None or (followed_ms is not None and body.made_at_ms >= followed_ms):
            raise UserError(ArchiveCode.SIGNER_UNKNOWN)
        archive.signed_by(key)
        if body.ranges or archive.names("batches/") or archive.names("openings/"):
            raise JournalError(JournalCode.MALFORMED, file=MANIFEST)
        if archive.names("stations/") != [station_name(own.subject)] or not {*archive.names("returned/")} <= {returned_name(own.subject)}:
            raise UserError(ArchiveCode.OTHER_STATION)
        receipts = [(signed, self._fitting(signed, gateway)) for signed in archive.receipts()]
        wrong = contradicting(self._database, receipts, gateway)
        if wrong is not None:
            raise UserError(ArchiveCode.RECEIPTS_DIFFER, number=wrong.gateway_seq, journal=wrong.journal_id, seq=wrong.last_seq)
        return _Checked(
            gateway,
            receipts,
            self._returned(archive, gateway),
            self._journals_taken(archive, gateway),
        )

    def _fitting(self, signed: Signed, gateway: TrustedGateway) -> Receipt:
        """A receipt for entries that are held here, exactly as they are. Raises UserError, JournalError."""
        claimed, own = read(signed, Receipt), self._identity.certificate
        if (claimed.gateway_id, claimed.station_id) != (own.gateway_id, own.subject):
            raise UserError(ArchiveCode.OTHER_STATION)
        if claimed.journal_id not in journal.journal_ids(self._database):
            raise UserError(ArchiveCode.UNFIT, journal=claimed.journal_id, seq=claimed.last_seq)
        held = journal.entries(self._database, claimed.journal_id, first=claimed.first_seq, last=claimed.last_seq)
        hashes = tuple(header_hash(stored.header_bytes) for stored in held)
        prev = journal.hash_at(self._database, claimed.journal_id, claimed.first_seq - 1) or self._identity.first_prev
        trusted_ms = (
            trusted_ms_of(last.header_bytes) if (last := journal.entry_at(self._database, claimed.journal_id, claimed.last_seq)) else None
        )
        sent = Sent(own.gateway_id, own.subject, claimed.journal_id, claimed.first_seq, prev, hashes, trusted_ms)
        try:
            return checked_receipt(signed, sent, gateway)
        except JournalError as error:
            raise UserError(ArchiveCode.UNFIT, journal=claimed.journal_id, seq=claimed.last_seq) from error

    def _returned(self, archive: Archive, gateway: TrustedGateway) -> list[tuple[Signed, Returned]]:
        own = self._identity.certificate
        document = archive.returned(own.subject)
        if document is None:
            return []
        try:
            items = [(signed, by_receipt_key(signed, Returned, gateway)) for signed in document.items]
        except JournalError as error:
            raise UserError(ArchiveCode.SIGNER_UNKNOWN) from error
        for _, item in items:
            if (item.gateway_id, item.station_id, item.gateway_journal_id) != (own.gateway_id, own.subject, document.gateway_journal_id):
                raise UserError(ArchiveCode.OTHER_STATION)
        return items

    def _journals_taken(self, archive: Archive, gateway: TrustedGateway) -> list[str]:
        """Journals held here of which the file says that another station's entries are held under their ids."""
        document = archive.returned(self._identity.certificate.subject)
        told = document.taken if document is not None and document.taken is not msgspec.UNSET else ()
        try:
            named = {taken_journal(signed, self._identity, gateway) for signed in told}
        except JournalError as error:
            raise UserError(ArchiveCode.SIGNER_UNKNOWN) from error
        return [each for each in journal.journal_ids(self._database) if each in named]


def _note_resent(tx: Database, receipts: Sequence[Receipt]) -> None:
    """What was sent again on a stick to a gateway that had lost it is made good."""
    for receipt in sorted(receipts, key=lambda each: (each.journal_id, each.first_seq)):
        if inbox.is_of_after(tx, receipt):
            inbox.note_resent(tx, receipt)


def _with(spans: Sequence[Span], more: Span) -> list[Span]:
    """The spans and one more, as one where it meets them: ranges of an archive do not overlap."""
    met = [
        each for each in spans if each.journal_id == more.journal_id and each.first_seq <= more.last_seq and more.first_seq <= each.last_seq
    ]
    first_seq, last_seq = min(each.first_seq for each in (*met, more)), max(each.last_seq for each in (*met, more))
    return [*(each for each in spans if each not in met), Span(more.journal_id, first_seq, last_seq)]


def spelled(spans: Sequence[Span]) -> str:
    """Ranges for people, each with the first characters of its journal."""
    return ", ".join(f"{s.journal_id[:8]}:{s.first_seq}" + (f"–{s.last_seq}" if s.last_seq > s.first_seq else "") for s in spans)


def _left_out(span: Span, intact: Sequence[Span]) -> Iterator[Span]:
    """What of a span is in none of the intact parts, which are in order."""
    seq = span.first_seq
    for each in intact:
        if each.journal_id != span.journal_id or not span.first_seq <= each.first_seq <= span.last_seq:
            continue
        if seq < each.first_seq:
            yield Span(span.journal_id, seq, each.first_seq - 1)
        seq = each.last_seq + 1
    if seq <= span.last_seq:
        yield Span(span.journal_id, seq, span.last_seq)

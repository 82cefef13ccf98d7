"""Verification of what a station holds: chain, signatures, parts, receipts, evidence (docs/journal.md §11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from courier_check import typed
from courier_check.journal import merkle
from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.entries import parse_header
from courier_check.journal.keys import VerifyingKey, from_text
from courier_check.journal.parts import SALT_BYTES
from courier_check.journal.verify import Expected, Stored, verify_header, verify_journal, verify_parts
from courier_check.store import inbox, journal
from courier_check.store.database import Database
from courier_check.store.evidence import PhotoState, read_photo
from courier_check.store.identity import StationIdentity
from courier_check.store.signatures import SideBySideKey
from courier_check.wire.batches import Receipt, Sent, check_fits, held_receipt, receipt_hash, trusted_ms_of
from courier_check.wire.certificates import Role
from courier_check.wire.proofs import ProofDocument
from courier_check.wire.signed import Signed, read

TOLD_EVERY = 100  # entries; some 20 ms
LONG_JOURNAL = 4_000  # entries; starting another process costs as much as checking some two thousand signatures


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure: where, and what kind (a JournalCode, or `evidence-…`, `receipt-…`)."""

    journal_id: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    checked: int
    receipts: int
    failures: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class Proof:
    """Inclusion of one entry in a receipt: siblings from the leaf upwards, index and size of the batch. `in_force`: whether others believe
    it; not once the receipt's key was withdrawn, until the gateway has given the receipt anew."""

    seq: int
    entry: str
    receipt: Signed
    index: int
    size: int
    siblings: tuple[bytes, ...]
    in_force: bool = True

    @property
    def document(self) -> ProofDocument:
        """As it leaves the station (docs/wire.md §12)."""
        return ProofDocument(seq=self.seq, entry=self.entry, path=tuple(each.hex() for each in self.siblings), receipt=self.receipt)


class _Photographed(msgspec.Struct, frozen=True):
    """What matters here of a `kept` part."""

    photo_keys: dict[str, str] = {}


def verify_station(
    db: Database,
    identity: StationIdentity,
    evidence: Path,
    *,
    side_by_side: int = LONG_JOURNAL,
    told: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Everything: all journals, all receipts, all evidence files still named. Reads one state of the database.

    Signatures of a journal of at least `side_by_side` entries are checked in other processes meanwhile. `told`: called now and then with
    how many entries were walked; what it raises ends the verification.
    """
    checked = receipt_count = 0
    failures: list[Finding] = []
    numbers = GatewayNumbers()
    with db.snapshot():
        for journal_id in journal.journal_ids(db):
            whose = expected(identity, journal_id)
            if journal.head_of(db, journal_id, "").seq >= side_by_side:
                with SideBySideKey(whose.key.public) as key:
                    hashes, found = _walk_journal(db, replace(whose, key=key), evidence, Told(checked, told))
            else:
                hashes, found = _walk_journal(db, whose, evidence, Told(checked, told))
            checked += len(hashes)
            failures += found
            receipts = inbox.receipts(db, journal_id)
            receipt_count += len(receipts)
            for signed in receipts:
                failures += _receipt_failure(db, signed, hashes, (identity, journal_id))
                failures += numbers.wrong(signed, identity, journal_id)
    return Verification(checked, receipt_count, tuple(failures))


@dataclass(frozen=True, slots=True)
class Told:
    """How many entries of other journals were walked before, and whom to tell."""

    before: int
    by: Callable[[int], None]


def _walk_journal(db: Database, whose: Expected, evidence: Path, progress: Told) -> tuple[list[str], list[Finding]]:
    """All hashes of a journal, and what is wrong with its entries, in order of seq."""
    key = whose.key if isinstance(whose.key, SideBySideKey) else None
    hashes: list[str] = []
    found: list[tuple[int, str]] = []
    seq_of_call: list[int] = []
    for walked in _walk(db, whose):
        hashes.append(walked.digest)
        if len(hashes) % TOLD_EVERY == 0:
            progress.by(progress.before + len(hashes))
        if key is not None and key.calls > len(seq_of_call):
            seq_of_call.append(walked.stored.seq)
        found += [(walked.stored.seq, what) for what in walked.wrong]
        found += [(walked.stored.seq, what) for what in altered_evidence(walked.stored, evidence)]
    if key is not None:
        found += [(seq_of_call[number], JournalCode.BAD_SIGNATURE.value) for number in key.failed()]
    return hashes, [Finding(whose.journal_id, seq, what) for seq, what in sorted(found, key=lambda each: each[0])]


def verify_entry(db: Database, identity: StationIdentity, evidence: Path, at: tuple[str, int]) -> tuple[Verification, Proof | None]:
    """One entry (journal_id, seq): its own form, signature, parts and evidence, its link to the one before, and its receipt with proof."""
    journal_id, seq = at
    with db.snapshot():
        stored = journal.entry_at(db, journal_id, seq)
        if stored is None:
            return Verification(0, 0, (Finding(journal_id, seq, JournalCode.MISSING_ENTRY.value),)), None
        prev = identity.first_prev if seq == 1 else journal.hash_at(db, journal_id, seq - 1) or ""
        failures = [Finding(journal_id, seq, each) for each in altered_evidence(stored, evidence)]
        try:
            header, digest = verify_header(stored.header_bytes, stored.signature, expected(identity, journal_id), (seq, prev))
            verify_parts(header, stored.openings, stored.sealed)
            if digest != journal.hash_at(db, journal_id, seq):
                failures.append(Finding(journal_id, seq, "noted-hash-differs"))
        except JournalError as error:
            failures.append(Finding(journal_id, seq, error.code.value))
        proof, wrong = _proof(db, identity, at)
        failures += wrong
    return Verification(1, 1 if proof else 0, tuple(failures)), proof


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """What can't be delivered of a journal. `first`: the first such seq, behind which nothing can; `missing`: ranges of seqs that are gone
    or no longer read (docs/journal.md §7)."""

    first: int
    missing: tuple[tuple[int, int], ...]


def damage_after(db: Database, identity: StationIdentity, journal_id: str, after: int) -> Damage | None:
    """Damage of a journal's rows behind a seq; None if all can be delivered."""
    whose = expected(identity, journal_id)
    missing: list[int] = []
    first: int | None = None
    seq, prev = after + 1, _prev_of(db, identity, journal_id, after + 1)
    for stored, noted in journal.noted_entries(db, journal_id, first=after + 1):
        missing += range(seq, stored.seq)
        if not is_sound(stored, whose):
            missing.append(stored.seq)
        if first is None and (stored.seq != seq or not _deliverable(stored, noted, whose, prev or _named_prev(stored))):
            first = min(seq, stored.seq)
        seq, prev = stored.seq + 1, noted
    return None if first is None else Damage(first=first, missing=_ranges(missing))


def intact_ranges(db: Database, identity: StationIdentity, journal_id: str, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The parts of a range in which every entry is one that this station signed for its place, with its sealed parts as they were, and
    follows the entry before it: what whoever holds the entry before a part would take."""
    whose = expected(identity, journal_id)
    found: list[tuple[int, int]] = []
    newest = _prev_of(db, identity, journal_id, first)
    for stored in journal.entries(db, journal_id, first=first, last=last):
        follows = stored.seq == (found[-1][1] + 1 if found else first)
        try:
            prev = newest if follows and newest is not None else parse_header(stored.header_bytes).prev
            header, digest = verify_header(stored.header_bytes, stored.signature, whose, (stored.seq, prev))
            verify_parts(header, {}, stored.sealed)
        except JournalError:
            continue
        newest = digest
        if follows and found:
            found[-1] = (found[-1][0], stored.seq)
        else:
            found.append((stored.seq, stored.seq))
    return tuple(found)


def is_sound(stored: Stored, whose: Expected) -> bool:
    """Whether an entry is one that this station signed for this place, whatever became of those around it."""
    try:
        verify_header(stored.header_bytes, stored.signature, whose, (stored.seq, parse_header(stored.header_bytes).prev))
    except JournalError:
        return False
    return True


def _prev_of(db: Database, identity: StationIdentity, journal_id: str, seq: int) -> str | None:
    """What an entry must follow; None where the row before it is gone, and only the entry itself says."""
    return identity.first_prev if seq == 1 else journal.hash_at(db, journal_id, seq - 1)


def _named_prev(stored: Stored) -> str:
    """What an entry says it follows; nothing where it does not read."""
    try:
        return parse_header(stored.header_bytes).prev
    except JournalError:
        return ""


def _deliverable(stored: Stored, noted: str, whose: Expected, prev: str) -> bool:
    try:
        header, digest = verify_header(stored.header_bytes, stored.signature, whose, (stored.seq, prev))
        verify_parts(header, {}, stored.sealed)
    except JournalError:
        return False
    return digest == noted


def _ranges(seqs: list[int]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for seq in seqs:
        if found and found[-1][1] == seq - 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return tuple(found)


def expected(identity: StationIdentity, journal_id: str) -> Expected:
    key = VerifyingKey(from_text(identity.certificate.public_key))
    return Expected(identity.certificate.gateway_id, identity.certificate.subject, journal_id, identity.first_prev, key)


def altered_evidence(stored: Stored, folder: Path) -> list[str]:
    """`evidence-missing` or `evidence-altered` for each photo whose key survives and whose file is gone or differs."""
    kept = stored.openings.get("kept")
    if kept is None:
        return []
    try:
        keys = typed.decode(kept[SALT_BYTES:], _Photographed).photo_keys
        refs = parse_header(stored.header_bytes).evidence if keys else ()  # most acts have none; parsing them costs a third of the walk
        states = (read_photo(folder, ref, from_text(keys[ref.name]))[0] for ref in refs if ref.name in keys)
        return [f"evidence-{state}" for state in states if state is not PhotoState.SOUND]
    except (JournalError, msgspec.MsgspecError, UnicodeDecodeError):
        return []  # the damaged entry itself is reported by the chain walk


@dataclass(frozen=True, slots=True)
class _Walked:
    """An entry held, its true hash, and what the walk along the chain found wrong with it."""

    stored: Stored
    digest: str
    wrong: tuple[str, ...]


def _walk(db: Database, whose: Expected) -> Iterator[_Walked]:
    held: list[tuple[Stored, str]] = []

    def passing() -> Iterator[Stored]:
        for each in journal.noted_entries(db, whose.journal_id):
            held.append(each)
            yield each[0]

    missing = False
    for _, digest, failure in verify_journal(passing(), whose):
        if digest is None:
            missing = True
            continue
        stored, noted = held.pop()
        wrong = [failure.what.value] if failure else [JournalCode.MISSING_ENTRY.value] if missing else []
        if noted != digest:
            wrong.append("noted-hash-differs")
        yield _Walked(stored, digest, tuple(wrong))
        missing = False


class GatewayNumbers:
    """The gateway numbers its receipts, and each names the one before (docs/wire.md §6): one that does not fit the others is false."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[str, str]] = {}
        self._of_key: dict[tuple[str, int], tuple[int, int]] = {}

    def wrong(self, signed: Signed, identity: StationIdentity, journal_id: str) -> list[Finding]:
        try:
            receipt = read(signed, Receipt)
        except JournalError:
            return []  # named already
        place, own = (receipt.gateway_journal_id, receipt.gateway_seq), (receipt_hash(signed), receipt.gateway_prev)
        hangs = place[1] > 1 or own[1] == identity.gateway.root_hash
        before, after = self._known.get((place[0], place[1] - 1)), self._known.get((place[0], place[1] + 1))
        what = None
        if self._known.setdefault(place, own) != own:
            what = "receipt-twice"
        elif not hangs or (before and before[0] != own[1]) or (after and after[1] != own[0]):
            what = "receipt-bad-chain"
        elif not self._in_turn(place, identity.gateway.serial_of(Role.RECEIPT, signed.key_id)):
            what = "receipt-key-order"
        return [Finding(journal_id, receipt.last_seq, what)] if what else []

    def _in_turn(self, place: tuple[str, int], serial: int | None) -> bool:
        """No receipt by an earlier key has a greater number than one by a later key. Those of withdrawn keys may be signed anew."""
        if serial is None:
            return True
        of_others = {other: ends for (journal_id, other), ends in self._of_key.items() if journal_id == place[0]}
        in_turn = all(ends[1] < place[1] if other < serial else place[1] < ends[0] for other, ends in of_others.items() if other != serial)
        least, greatest = of_others.get(serial, (place[1], place[1]))
        self._of_key[place[0], serial] = (min(least, place[1]), max(greatest, place[1]))
        return in_turn


def _receipt_failure(db: Database, signed: Signed, hashes: list[str], of: tuple[StationIdentity, str]) -> list[Finding]:
    identity, journal_id = of
    try:
        receipt = held_receipt(signed, identity.gateway)
        if receipt.last_seq > len(hashes):
            return [Finding(journal_id, receipt.last_seq, JournalCode.MISSING_ENTRY.value)]
        prev = hashes[receipt.first_seq - 2] if receipt.first_seq > 1 else identity.first_prev
        covered = tuple(hashes[receipt.first_seq - 1 : receipt.last_seq])
        certificate = identity.certificate
        # What the last entry says is asked only where another key has followed: reading it costs more than the rest.
        followed = identity.gateway.followed_ms(Role.RECEIPT, signed.key_id) is not None
        last = journal.entry_at(db, journal_id, receipt.last_seq) if followed else None
        trusted_ms = trusted_ms_of(last.header_bytes) if last else None
        sent = Sent(certificate.gateway_id, certificate.subject, journal_id, receipt.first_seq, prev, covered, trusted_ms)
        check_fits(receipt, signed.key_id, sent, identity.gateway)
    except JournalError as error:
        return [Finding(journal_id, 0, f"receipt-{error.code.value}")]
    return []


def _proof(db: Database, identity: StationIdentity, at: tuple[str, int]) -> tuple[Proof | None, list[Finding]]:
    journal_id, seq = at
    held, keys = inbox.receipts_for(db, journal_id, seq), identity.gateway.verifying_keys(Role.RECEIPT)
    signed = next((each for each in held if each.key_id in keys), held[0] if held else None)
    if signed is None:
        return None, []
    try:
        receipt = held_receipt(signed, identity.gateway)
    except JournalError as error:
        return None, [Finding(journal_id, seq, f"receipt-{error.code.value}")]
    hashes = _noted_hashes(db, receipt)
    if hashes is None:
        return None, [Finding(journal_id, seq, JournalCode.MISSING_ENTRY.value)]
    index = seq - receipt.first_seq
    siblings = merkle.path(hashes, index)
    if merkle.root_from_path(hashes[index], index, len(hashes), siblings) != bytes.fromhex(receipt.merkle_root):
        return None, [Finding(journal_id, seq, "receipt-bad-digest")]
    return Proof(seq, hashes[index].hex(), signed, index, len(hashes), siblings, in_force=signed.key_id in keys), []


def _noted_hashes(db: Database, receipt: Receipt) -> list[bytes] | None:
    """The hashes of the batch a receipt covers; None where a row is gone or its hash is none any more."""
    rows = db.rows(
        "SELECT hash FROM journal_entries WHERE journal_id = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        (receipt.journal_id, receipt.first_seq, receipt.last_seq),
    )
    try:
        hashes = [bytes.fromhex(row[0]) for row in rows]
    except ValueError:
        return None
    return hashes if len(hashes) == receipt.last_seq - receipt.first_seq + 1 else None

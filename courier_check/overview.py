"""What is always to be seen of a station: the status bar's line, and what the sync page lists below it. Reads only, quickly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from courier_check.clock import at
from courier_check.desk import incidents
from courier_check.desk.incidents import AnyIncident, KeptEntry, KeptOf
from courier_check.desk.rule_packages import installed_rules
from courier_check.errors import CourierCheckError
from courier_check.store import facts, inbox, journal, sent_evidence
from courier_check.store.codes import StoreCode
from courier_check.store.database import Database
from courier_check.store.inbox import ReceiptRange, ReturnedItem
from courier_check.store.lists import ListInUse, lists_in_use
from courier_check.store.sent_evidence import PhotoCounts
from courier_check.sync.photo_status import PhotoStatus, load_photo_status
from courier_check.sync.status import contact_of_run
from courier_check.sync.synchroniser import SyncStatus, load_status

RECENT = 200
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Overview:
    """Where the station stands at `at_ms`. Counts are over all its journals; `returned` are items nobody has answered; `oldest_ms` is the
    wall time of the first pending entry. `head` and `gateway_head` are those of the current journal; `incidents` grows with each one."""

    at_ms: int
    entries: int
    pending: int
    acknowledged: int
    returned: int
    oldest_ms: int | None
    journal_id: str | None
    head: int
    gateway_head: int
    revoked: bool
    sync: SyncStatus | None
    lists: tuple[ListInUse, ...]
    incidents: int = 0
    rules: str | None = None
    """The installed checklists' digest; None while the shipped ones serve."""
    photos: PhotoCounts = field(default_factory=PhotoCounts)
    photo_lane: PhotoStatus = field(default_factory=PhotoStatus)
    """凭证照片, which go to the gateway behind the entries: how many are where, and what is in their way."""
    receipt_ms: int | None = None
    """When the run under way took its last receipt; None between runs."""
    hindrance: CourierCheckError | None = None
    """Why this program's own synchroniser last could not run: known to who has one, and no fact of the station."""

    @property
    def last_contact_ms(self) -> int | None:
        """When something was last heard of the gateway, as far as it is noted."""
        if self.receipt_ms is not None or self.sync is None:
            return self.receipt_ms
        return self.sync.last_contact_ms

    @property
    def own_fault(self) -> CourierCheckError | None:
        """What of `hindrance` is a fault: that another synchroniser of this station is at work is none, its outcome stands in `sync`."""
        return None if self.hindrance is None or self.hindrance.code is StoreCode.SYNC_RUNNING else self.hindrance

    @property
    def newest_list_version(self) -> int | None:
        return max((one.version for one in self.lists), default=None)

    @property
    def lists_confirmed_on(self) -> date | None:
        """The day up to which every list was known to be the newest: one list left behind is what must show."""
        return min((one.confirmed_on for one in self.lists), default=None)

    @property
    def list_age_days(self) -> int | None:
        """Days since then; 0 where the clock was set back."""
        return None if self.lists_confirmed_on is None else max(0, (at(self.at_ms).date() - self.lists_confirmed_on).days)

    @property
    def expired_lists(self) -> tuple[str, ...]:
        today = at(self.at_ms).date()
        return tuple(one.list_id for one in self.lists if one.expires_on is not None and today >= one.expires_on)


@dataclass(frozen=True, slots=True)
class SyncItems:
    """The sync page: returned items, receipts and incidents, newest first, and what is kept as evidence."""

    returned: tuple[ReturnedItem, ...]
    receipts: tuple[ReceiptRange, ...]
    incidents: tuple[AnyIncident, ...] = ()
    kept: tuple[KeptOf, ...] = ()


def overview(db: Database, now_ms: int) -> Overview:
    """One state of the database."""
    with db.snapshot():
        standing, journal_id = inbox.standing_in(db), journal.current_journal(db)
        return Overview(
            at_ms=now_ms,
            entries=standing.entries,
            pending=standing.pending,
            acknowledged=standing.acknowledged,
            returned=standing.returned_open,
            oldest_ms=standing.oldest_ms,
            journal_id=journal_id,
            head=journal.head_of(db, journal_id, "").seq if journal_id else 0,
            gateway_head=inbox.gateway_head(db, journal_id) if journal_id else 0,
            revoked=facts.load(db, "revoked") is not None,
            sync=load_status(db),
            lists=lists_in_use(db),
            incidents=incidents.newest(db),
            rules=installed_rules(db),
            photos=sent_evidence.counts(db),
            photo_lane=load_photo_status(db),
            receipt_ms=contact_of_run(db),
        )


def sync_items(db: Database, limit: int = RECENT) -> SyncItems:
    """The newest returned items, receipts and incidents, at most `limit` of each."""
    with db.snapshot():
        return SyncItems(
            inbox.recent_returned(db, limit), inbox.recent_receipts(db, limit), incidents.incidents(db, limit), incidents.kept_of(db)
        )


def kept_entries(db: Database, limit: int = MOST_KEPT) -> tuple[KeptEntry, ...]:
    """The entries kept as evidence, at most `limit` of them."""
    with db.snapshot():
        return incidents.kept_entries(db, limit)

"""What the window's workers do about people: who was here before, profiles, the printed notice. No Qt here, as in work."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from courier_check.errors import UserError
from ui.counter.effects import Keeping
from ui.documents import written

if TYPE_CHECKING:
    from courier_check.acceptance import Draft
    from courier_check.desk.rights import SignedIn
    from courier_check.desk.senders import KnownSender
    from courier_check.identity.documents import IdentityDocument
    from courier_check.identity.notices import Notice
    from courier_check.station import Station
    from courier_check.wording import Wording


@dataclass(frozen=True, slots=True)
class KeptSender:
    """What is kept of a sender now. `gone`: nothing is left of what was deleted, not even in the database's own log."""

    known: KnownSender | None = field(repr=False)
    gone: bool


def known_sender(station: Station, draft: Draft) -> KnownSender | None:
    """Who was here before, by the document; None where no document tells. Reads only."""
    if draft.document is None or draft.is_letter:
        return None
    try:
        return station.desk().senders.find(draft.document)
    except UserError:  # no number, or a station without a key: nobody is known again
        return None


def is_informed(station: Station, document: IdentityDocument) -> bool:
    """告知: whether this sender, who agreed to be known, was shown the version in force before. Reads only."""
    try:
        return station.desk().senders.is_informed(document)
    except UserError:  # no number, or a station without a key
        return False


def keep_sender(station: Station, keeping: Keeping, document: IdentityDocument, phone: str, who: SignedIn) -> KeptSender:
    """同意、撤回、删除, durable when it returns. Raises UserError; then nothing was changed."""
    senders, gone = station.desk().senders, True
    match keeping:
        case Keeping.CONSENT:
            senders.consent(document, phone, who)
        case Keeping.WITHDRAW:
            gone = senders.withdraw(document, who).gone
        case Keeping.FORGET:
            gone = senders.forget(document, who).gone
    station.keep_head()
    return KeptSender(senders.find(document), gone)


def print_notice(station: Station, notice: Notice, wording: Wording, outlet: str, folder: Path) -> Path:
    """告知单 as a PDF in a folder. UserError (no such folder, no right to write), StoreError (disk full); then nothing was written."""
    from courier_check.privacy_notice import notice_sheet
    from ui.pdf import to_pdf

    sheet, made_at = notice_sheet(notice, wording, outlet=outlet), station.clock.read().at

    def write(target: Path) -> None:
        to_pdf((sheet,), made_at, target)

    return written(station, folder, f"{sheet.title}_{notice.version}", "pdf", write)

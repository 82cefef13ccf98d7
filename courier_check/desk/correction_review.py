"""更正以后再看一遍: whether lists and rules would let a parcel go as it was corrected. The journal tells the truth either way; but what
would refuse or refer the parcel is written by a supervisor only, and whoever writes it is told that the parcel should be intercepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from courier_check.acceptance import Contact, Draft, Rulebook
from courier_check.acceptance.judgement import doubts_about
from courier_check.desk.codes import DeskCode
from courier_check.desk.shown import hits_kept, sender_kept
from courier_check.errors import UserError
from courier_check.identity.codes import NumberReason
from courier_check.identity.documents import DocumentType, IdentityDocument
from courier_check.identity.numbers import check_document_number
from courier_check.parcel.contents import DeclaredItem
from courier_check.privacy import mask_number
from courier_check.screening.match import Hit, Level, Screening
from courier_check.store import journal
from courier_check.store.acts import Act, corrections_of
from courier_check.store.database import Database
from courier_check.terms import MailKind, Reason

WHO_SENDS = ("name", "number", "phone", "address")
"""Fields that a sender is known by."""
Screens = Callable[[Draft, date], Screening | None]
"""Looks the sender of a draft up in the lists, with the decisions that hold for him."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Why a parcel would be refused or referred as it was corrected, and the entries of lists that were hit. Empty where it would not."""

    reasons: tuple[Reason, ...] = ()
    hits: tuple[Hit, ...] = ()


class DoubtfulCorrectionError(UserError):
    """A correction that only a supervisor may write, and why."""

    def __init__(self, reasons: tuple[Reason, ...], seq: int) -> None:
        super().__init__(DeskCode.CORRECTION_DOUBTFUL, seq=seq, why="、".join(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Review:
    """What corrections are judged by, on a day."""

    rulebook: Rulebook
    screens: Screens
    today: date

    def check_number(self, act: Act, number: str) -> None:
        """Form and check digit by the type of the document. Raises UserError."""
        checked = check_document_number(type_of(act), number, self.today, self.rulebook.regions)
        if checked is not None and not checked.valid:
            wrong = next(reason for reason in map(NumberReason, checked.reasons) if not reason.only_warns)
            raise UserError(wrong, number=mask_number(number))

    def doubts(self, tx: Database, act: Act, changes: Mapping[str, str]) -> Doubts:
        """What is said against sender and contents as they are corrected. Nothing of a parcel that was refused, referred or taken back:
        it is judged when it comes again. A hit that the acceptance kept was decided on then, and says nothing new."""
        draft = _draft_of(tx, act, changes)
        if draft is None:
            return Doubts()
        screening = self.screens(draft, self.today)
        if screening is not None and screening.hits:
            known = hits_kept(_openings(tx, act.journal_id, act.seq))
            hits = tuple(hit for hit in screening.hits if not any(one.tells(hit) for one in known))
            screening = replace(screening, hits=hits, level=screening.level if hits else Level.PASS)
        reasons = doubts_about(replace(draft, screening=screening), self.rulebook, act.carrier)
        return Doubts(reasons, screening.hits if screening is not None and reasons else ())


def type_of(act: Act) -> DocumentType:
    """The kind of the sender's document; a later program may know more."""
    return DocumentType(act.document_type) if act.document_type in set(DocumentType) else DocumentType.OTHER


def _draft_of(tx: Database, act: Act, changes: Mapping[str, str]) -> Draft | None:
    """The parcel as it was corrected, as far as anything was corrected that lists or rules ask about."""
    sends, contents = any(field in changes for field in WHO_SENDS), changes.get("contents", "")
    if act.kind != "acceptance" or act.withdrawn or not (sends or contents):
        return None
    kind = MailKind(act.mail_kind) if act.mail_kind in set(MailKind) else MailKind.PARCEL
    draft = Draft(mail_kind=kind, items=(DeclaredItem(name=contents, category=""),) if contents else ())
    if not sends:
        return draft
    said = {**_sender_of(tx, act), **changes}
    document = IdentityDocument(type=type_of(act), name=said.get("name"), number=said.get("number"))
    return replace(draft, document=document, sender=Contact(phone=said.get("phone", ""), address=said.get("address", "")))


def _sender_of(tx: Database, act: Act) -> dict[str, str]:
    """The sender in full, as acceptance and corrections have him."""
    said: dict[str, str] = {}
    for place in ((act.journal_id, act.seq), *corrections_of(tx, act.journal_id, act.seq)):
        said |= sender_kept(_openings(tx, *place))
    return said


def _openings(tx: Database, journal_id: str, seq: int) -> Mapping[str, bytes]:
    stored = journal.entry_at(tx, journal_id, seq)
    return stored.openings if stored is not None else {}

"""A made-up sender, parcel and list, and the steps that bring a session to its verdict. No person, number or firm here is real."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from courier_check.acceptance import (
    Contact,
    HitResolution,
    ResolutionKind,
    Rulebook,
    Session,
)
from courier_check.acceptance.judgement import case_of
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.findings import Answer, Finding
from courier_check.inspection.verdict import Verdict
from courier_check.parcel.contents import DeclaredItem, ParcelSize
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.screening.codes import Advice, MatchReason
from courier_check.screening.entries import Action, SubjectKind
from courier_check.screening.match import Hit, Level, Screening, ScreeningStatus
from courier_check.terms import Consequence, MailKind

TODAY = date(2026, 11, 23)
DOCUMENT = IdentityDocument(
    type=DocumentType.RESIDENT_ID,
    name="张三丰",
    number="41010519900307123X",
    born_on=date(1990, 3, 7),
    valid_from=date(2020, 1, 1),
    valid_until=date(2040, 1, 1),
    source=Source.CHIP,
)
EXPIRED = replace(DOCUMENT, valid_from=date(2005, 1, 1), valid_until=date(2015, 1, 1))
WAYBILL = WaybillCheck("SF1000000000014", CodeKind.WAYBILL, ("sf",), "sf")
BOOKS = DeclaredItem(name="旧书", category="documents", weight_g=900)
CLEAR = Screening(Level.PASS, ScreeningStatus.SCREENED, (), (("practice", 1),))


def hit(action: Action, basis: str = "某局某号决定（样本）", entry: str = "e1") -> Hit:
    return Hit(
        list_id="practice",
        list_title="练习名单",
        list_version=1,
        entry_id=entry,
        revision=1,
        subject_kind=SubjectKind.COMPANY,
        action=action,
        advice=Advice.STOP_AND_TELL,
        issuer="练习机关",
        doc_no="样本1号",
        basis=basis,
        remedy="可向练习机关申诉",
        entry_reason="样本",
        score=100,
        reasons=(MatchReason.SAME_ID,),
        ends_agreement=False,
        matched_name="样本商贸",
    )


def screening(*hits: Hit) -> Screening:
    actions = {one.action for one in hits}
    level = Level.BLOCK if Action.BLOCK in actions else Level.REVIEW if actions & {Action.REVIEW, Action.INSPECT} else Level.PASS
    return Screening(level, ScreeningStatus.SCREENED, hits, (("practice", 1),))


def answer_all(session: Session, book: Rulebook, *, but: Sequence[str] = ()) -> Session:
    for item in book.rules.applying(case_of(session.draft, book, TODAY)):
        if item.answers is not None and item.id not in but:
            session = session.answered(Finding(item.id, Answer.YES), book, TODAY)
    return session


STEPS: tuple[Callable[[Session], Session], ...] = (
    lambda session: session.identified(DOCUMENT),
    lambda session: session.sender_known("13800001234", "郑州市某路 1 号"),
    lambda session: session.waybill_scanned(WAYBILL, "张三丰"),
    lambda session: session.addressed(Contact("李四", "13900005678", "某市某路 2 号")),
    lambda session: session.declared([BOOKS], ParcelSize(1000)),
)


def filled(kind: MailKind = MailKind.PARCEL) -> Session:
    session = Session.started("s1", kind)
    for step in STEPS:
        session = step(session)
    return session.screened(CLEAR)


def complete(book: Rulebook) -> Session:
    return answer_all(filled(), book)


def told(session: Session, book: Rulebook, policy: DocumentPolicy) -> Verdict:
    return session.verdict(book, policy, TODAY)


def weighty(verdict: Verdict) -> list[tuple[str, str | None]]:
    return [(reason.code, reason.refusal) for reason in verdict.reasons if reason.consequence is not Consequence.NOTE]


def resolution(kind: ResolutionKind) -> HitResolution:
    return HitResolution("practice", "e1", 1, kind, "S01", "核对了统一社会信用代码（样本）", evidence="营业执照原件（样本）")

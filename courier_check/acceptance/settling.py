"""核定: a referral that a supervisor settled, as the note it becomes."""

from __future__ import annotations

from courier_check.acceptance.codes import AcceptanceReason
from courier_check.acceptance.draft import Draft
from courier_check.identity.codes import DocumentReason, NameReason, NumberReason, OrganisationReason, ReadingReason
from courier_check.inspection.codes import InspectionReason
from courier_check.parcel.codes import GoodsReason
from courier_check.parcel.contents import ContentsReason
from courier_check.parcel.reserved import ReservedReason
from courier_check.parcel.service import ServiceReason
from courier_check.screening.codes import ScreeningCode
from courier_check.terms import Consequence, Reason

_SUBJECTS: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({*DocumentReason, *NumberReason}), "证件", "the document"),
    (frozenset(ReadingReason), "证件各来源的比对", "the comparison of the document's sources"),
    (frozenset(OrganisationReason), "寄件单位", "the sending organisation"),
    (frozenset(NameReason), "姓名比对", "the comparison of names"),
    (frozenset({AcceptanceReason.AGENT_IS_SENDER}), "代寄人", "the agent"),
    (frozenset({AcceptanceReason.SENDER_PHONE_UNFAMILIAR}), "寄件人电话", "the sender's phone"),
    (frozenset({AcceptanceReason.WAYBILL_CHECK_FAILED}), "运单号", "the waybill number"),
    (frozenset({AcceptanceReason.FAILED_CHECK}), "安检", "the security check"),
    (frozenset({AcceptanceReason.REFUSED_UNSETTLED}), "先前的拒收", "the earlier refusal"),
    (frozenset({AcceptanceReason.STILL_REFERRED}), "先前的复核", "the earlier referral"),
    (frozenset({*ScreeningCode, AcceptanceReason.SCREENING_UNCLEAR}), "名单核查", "the screening"),
    (frozenset({*ContentsReason, *GoodsReason, InspectionReason.DECLARED_EXAMPLE, ReservedReason.NAMED}), "内件", "the contents"),
    (frozenset(ServiceReason), "服务信息", "the service"),
)
_CLIENT = ("协议客户", "the agreement client")
"""What else refers comes from the review of the client, whose codes are its own."""


UNSETTLEABLE = frozenset({DocumentReason.NAME_MISSING, DocumentReason.NUMBER_MISSING, DocumentReason.GUARDIAN_IS_SENDER})
"""What nobody's word makes good: without name and number nothing is registered (实名收寄管理办法), and nobody is his own guardian. The next
reading, or another document, does."""


def subject_of(code: str) -> tuple[str, str]:
    """What a referring reason is about, in Chinese and English."""
    return next(((zh, en) for codes, zh, en in _SUBJECTS if code in codes), _CLIENT)


def settle(draft: Draft, reason: Reason) -> Reason:
    """A referral that a supervisor settled stays as a note that says what it was about; refusals are never settled, nor what can't be."""
    settlement = next((settlement for settlement in draft.settlements if settlement.code == reason.code), None)
    if settlement is None or reason.consequence is not Consequence.REFER or reason.code in UNSETTLEABLE:
        return reason
    about_zh, about_en = subject_of(reason.code)
    facts = {"settled": reason.code, "about_zh": about_zh, "about_en": about_en, "supervisor": settlement.supervisor}
    return Reason(AcceptanceReason.SETTLED, Consequence.NOTE, None, facts)

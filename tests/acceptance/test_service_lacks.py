"""服务信息: what it lacks is named and asked for; papers seen afterwards void no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from courier_check.acceptance import Lack, Rulebook
from courier_check.acceptance.tasks import Step, TaskKind, next_task, tasks
from courier_check.errors import UserError
from courier_check.identity.policy import DocumentPolicy
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.contents import ParcelSize
from courier_check.parcel.service import CustomsCategory, CustomsDeclaration, CustomsItem, Payer, ServiceInformation
from courier_check.terms import MailKind
from support.parcels import BOOKS, TODAY, complete

USUAL = ServiceInformation(product="标准快件", payer=Payer.SENDER)
LINE = CustomsItem(description="books", quantity=1, net_weight_g=500, value=6000)
CUSTOMS = CustomsDeclaration(CustomsCategory.GIFT, "CNY", (LINE,))


@pytest.mark.parametrize(
    ("service", "lacks"),
    [
        (None, ()),
        (USUAL, ()),
        (replace(USUAL, product=" "), (Lack.SERVICE,)),
        (replace(USUAL, payer=None), (Lack.SERVICE,)),
        (replace(USUAL, country="JP"), (Lack.CUSTOMS,)),
        (replace(USUAL, country="JP", payer=None), (Lack.SERVICE, Lack.CUSTOMS)),
        (replace(USUAL, country="JP", customs=CUSTOMS), ()),
    ],
)
def test_what_a_begun_service_lacks_is_named(
    book: Rulebook, policy: DocumentPolicy, service: ServiceInformation | None, lacks: tuple[Lack, ...]
) -> None:
    session = complete(book)
    served = session if service is None else session.served(service)
    verdict = served.verdict(book, policy, TODAY)
    assert verdict.missing == lacks
    assert verdict.outcome is (Outcome.INCOMPLETE if lacks else Outcome.ACCEPT)


def test_the_weight_belongs_to_it(book: Rulebook, policy: DocumentPolicy) -> None:
    light = complete(book).declared((replace(BOOKS, weight_g=None),), ParcelSize()).served(USUAL)
    assert Lack.SERVICE in light.verdict(book, policy, TODAY).missing
    weighed = light.measured(ParcelSize(900))
    assert Lack.SERVICE not in weighed.verdict(book, policy, TODAY).missing


def test_each_lack_is_a_task_at_the_contents(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).served(replace(USUAL, country="JP", payer=None))
    verdict = session.verdict(book, policy, TODAY)
    owed = tasks(session.draft, verdict, book)
    assert [(task.kind, task.step) for task in owed] == [(TaskKind.SERVICE, Step.CONTENTS), (TaskKind.CUSTOMS, Step.CONTENTS)]
    assert next_task(session.draft, verdict, book).kind is TaskKind.SERVICE


def test_a_letter_is_asked_for_neither(book: Rulebook, policy: DocumentPolicy) -> None:
    letter = complete(book).kind_changed(MailKind.LETTER).served(replace(USUAL, country="JP"))
    assert not {Lack.SERVICE, Lack.CUSTOMS} & set(letter.verdict(book, policy, TODAY).missing)


def test_papers_seen_afterwards_leave_the_answers_and_are_one_step(book: Rulebook) -> None:
    session = complete(book)
    proved = session.proved(0, papers=("proof-of-purchase",), personal_use=True)
    (item,) = proved.draft.items
    assert (item.papers, item.personal_use) == (("proof-of-purchase",), True)
    assert proved.draft.answers == session.draft.answers
    assert proved.undo().draft == session.draft
    with pytest.raises(UserError, match="contents-empty"):
        session.proved(1, papers=(), personal_use=False)


def test_other_contents_are_declared_to_the_customs_anew(book: Rulebook, policy: DocumentPolicy) -> None:
    session = complete(book).served(replace(USUAL, country="JP", customs=CUSTOMS))
    other = session.declared((BOOKS, replace(BOOKS, name="茶叶")))
    assert other.draft.service == replace(USUAL, country="JP")
    assert Lack.CUSTOMS in other.verdict(book, policy, TODAY).missing
    assert other.undo().draft.service == session.draft.service


def test_another_number_read_for_the_first_piece_is_the_shipments(book: Rulebook) -> None:
    session = complete(book).in_pieces(3)
    assert session.draft.waybill is not None
    shipment = session.waybill_scanned(replace(session.draft.waybill, text="SF1010000000072")).draft.shipment
    assert shipment is not None
    assert (shipment.first_waybill, shipment.piece, shipment.pieces) == ("SF1010000000072", 1, 3)

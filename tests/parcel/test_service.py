"""服务信息 and reserved mail: what can't be is told, what does not go together is a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.reserved import ReservedReason, review_reserved
from courier_check.parcel.service import (
    CustomsCategory,
    CustomsDeclaration,
    CustomsItem,
    Payer,
    ServiceCode,
    ServiceInformation,
    ServiceReason,
    Shipment,
    Way,
    review_service,
)
from courier_check.store.resources import read_resource
from courier_check.terms import Consequence, Reason

LINE = CustomsItem(description="books", quantity=2, net_weight_g=600, value=5000, origin="CN", hs_code="490199")
CUSTOMS = CustomsDeclaration(CustomsCategory.GIFT, "CNY", (LINE,))
USUAL = ServiceInformation(product="标准快件", payer=Payer.SENDER)


@pytest.fixture(scope="session")
def carriers() -> Carriers:
    return Carriers.parse(read_resource("carriers.json"))


def reviewed(service: ServiceInformation, *, mailbox: bool = False, value: int = 0, weight_g: int | None = 900) -> list[str]:
    return [reason.code for reason in review_service(service, mailbox_letter=mailbox, contents_fen=value, weight_g=weight_g)]


@pytest.mark.parametrize(
    ("service", "weight_g", "complete"),
    [
        (USUAL, 900, True),
        (USUAL, None, False),
        (ServiceInformation(product="标准快件"), 900, False),
        (ServiceInformation(payer=Payer.MONTHLY), 900, False),
        (ServiceInformation(product="国际", payer=Payer.SENDER, country="DE"), 900, False),
        (ServiceInformation(product="国际", payer=Payer.SENDER, country="DE", customs=CUSTOMS), 900, True),
    ],
)
def test_registered_means_all_of_it(service: ServiceInformation, weight_g: int | None, complete: bool) -> None:
    assert service.is_complete(weight_g) is complete


@pytest.mark.parametrize(
    ("given_fields", "code"),
    [
        ({"country": "CHN"}, ServiceCode.COUNTRY_BAD),
        ({"country": "德"}, ServiceCode.COUNTRY_BAD),
        ({"declared_fen": 0}, ServiceCode.AMOUNT_BAD),
        ({"product": "长" * 121}, ServiceCode.TEXT_TOO_LONG),
        ({"way": Way.PICK_UP}, ServiceCode.PLACE_MISSING),
        ({"way": Way.AGENCY, "place": "  "}, ServiceCode.PLACE_MISSING),
    ],
)
def test_a_service_that_can_not_be_is_told(given_fields: dict[str, object], code: ServiceCode) -> None:
    with pytest.raises(UserError) as caught:
        ServiceInformation(**given_fields)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("field", "value"),
    [("description", " "), ("quantity", 0), ("net_weight_g", 0), ("value", -1), ("origin", "China"), ("hs_code", "49-01")],
)
def test_a_customs_line_names_the_field_that_is_wrong(field: str, value: object) -> None:
    usual: dict[str, object] = {"description": "books", "quantity": 1, "net_weight_g": 10, "value": 0}
    with pytest.raises(UserError) as caught:
        CustomsItem(**(usual | {field: value}))  # type: ignore[arg-type]
    assert caught.value.facts["field"] == field


def test_what_does_not_go_together_is_a_reason() -> None:
    assert reviewed(USUAL) == []
    insured = ServiceInformation(payer=Payer.ADDRESSEE, declared_fen=2000)
    assert reviewed(insured, mailbox=True) == [ServiceReason.MAILBOX_SERVICE]
    assert reviewed(insured, value=1000) == [ServiceReason.VALUE_UNLIKE_CONTENTS]
    assert reviewed(insured, value=2000) == []
    abroad = ServiceInformation(country="DE", customs=CUSTOMS)
    assert reviewed(abroad, weight_g=599) == [ServiceReason.CUSTOMS_UNLIKE_CONTENTS]
    assert reviewed(abroad, weight_g=600) == []


def test_nothing_of_where_somebody_lives_is_in_a_repr() -> None:
    assert "样例路" not in repr(ServiceInformation(way=Way.PICK_UP, place="样例市样例路 1 号"))


@given(st.integers(-3, 300), st.integers(-3, 300))
def test_a_shipment_has_its_pieces_in_order(piece: int, pieces: int) -> None:
    if 1 <= piece <= pieces and 2 <= pieces <= 200:
        assert Shipment(piece, pieces, "SF1").piece == piece
    else:
        with pytest.raises(UserError):
            Shipment(piece, pieces, "SF1")


def barred(carriers: Carriers, carrier: str | None, said: str = "", *names: str) -> list[tuple[str, Consequence]]:
    reasons: list[Reason] = list(review_reserved(carriers, carrier, said, names))
    return [(reason.code, reason.consequence) for reason in reasons]


def test_a_courier_carries_no_state_documents_and_the_post_does(carriers: Carriers) -> None:
    assert barred(carriers, "sf", "state-document") == [(ReservedReason.BARRED, Consequence.REFUSE)]
    assert barred(carriers, "sf", "reserved-letter") == [(ReservedReason.BARRED, Consequence.REFUSE)]
    assert barred(carriers, "ems", "state-document") == []
    assert barred(carriers, None, "state-document") == []
    (reason,) = review_reserved(carriers, "sf", "state-document", ())
    assert (reason.refusal, reason.facts["article"]) == ("R99", "postal-law/55")


@pytest.mark.parametrize(("name", "named"), [("某局红头文件", True), ("机关公文", True), ("公文包", False), ("公文写作教材", False)])
def test_a_name_that_says_so_is_asked_about(carriers: Carriers, name: str, named: bool) -> None:
    assert barred(carriers, "sf", "", name) == ([(ReservedReason.NAMED, Consequence.REFER)] if named else [])


@pytest.mark.parametrize("name", ["公文", "省厅公文 3 份", "机关公文（急）", "公\u200b文", "红头文件若干", "公文一份", "公文×2"])
def test_how_many_there_are_and_what_is_in_brackets_hides_no_state_document(carriers: Carriers, name: str) -> None:
    assert carriers.reserved("state-document").is_called(name)


@pytest.mark.parametrize("name", ["公文袋", "公文包 2 个", "机要件柜", "2", "（公文）架"])
def test_what_only_begins_so_is_no_state_document(carriers: Carriers, name: str) -> None:
    assert not carriers.reserved("state-document").is_called(name)


def test_every_reserved_mail_cites_an_article_that_is_there(carriers: Carriers) -> None:
    regulations = read_resource("regulations.json").decode()
    assert carriers.reserved_mail
    for mail in carriers.reserved_mail:
        assert f'"{mail.article}"' in regulations
        assert carriers.reserved(mail.id) is mail
    with pytest.raises(UserError):
        carriers.reserved("letters")


def test_texts_are_kept_without_what_nobody_sees() -> None:
    service = ServiceInformation(product="标准\x1b[31m\u202e快件 ", way=Way.PICK_UP, place=" 样例路\n1 号\x00")
    assert (service.product, service.place) == ("标准[31m快件", "样例路 1 号")
    with pytest.raises(UserError) as caught:
        ServiceInformation(way=Way.AGENCY, place="\u200b")
    assert caught.value.code == ServiceCode.PLACE_MISSING
    with pytest.raises(UserError) as caught:
        CustomsItem(description="\u200b", quantity=1, net_weight_g=1, value=0)
    assert caught.value.facts == {"field": "description"}

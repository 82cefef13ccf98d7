"""The parcel beside its contents: 服务信息 and customs, several pieces, what couriers may not carry, several codes in view, wrong scans."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from courier_check.acceptance.codes import Lack
from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.barcodes import Code
from courier_check.errors import UserError
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.service import Payer, ServiceInformation, Shipment, Way
from courier_check.parcel.waybills import CodeKind, WaybillCheck
from courier_check.terms import MailKind
from support.counters import CARD, LABEL, OTHER_LABEL, Stand, label_reading, strings_of
from ui.counter.scans import ScanKind, kind_of
from ui.counter.service import country_of
from ui.counter.state import Panel, usual_of
from ui.counter.view import Form

SERVICE = {"product": "标准快件", "payer": "寄付", "weight_g": "900", "declared_yuan": "", "way": "窗口", "place": "", "country": ""}
CUSTOMS = {
    **{"customs_category": "礼品", "description": "books", "quantity": "1", "net_weight_g": "500", "value": "60"},
    **{"currency": "CNY", "origin": "中国", "hs_code": "4901.99"},
}
THIRD_LABEL = "SF1010000000039"


@pytest.fixture
def parcel(stand: Stand) -> Stand:
    """Identified, labelled, declared."""
    stand.identify()
    stand.scan_label()
    stand.declare()
    return stand


def told(stand: Stand) -> str:
    return "\n".join(strings_of(stand.view.task))


def served(stand: Stand, **typed: str) -> None:
    stand.conductor.parcels.open(Panel.SERVICE)
    stand.confirm(Form.SERVICE, **{**SERVICE, **typed})
    stand.look_up()


# Service ----------------------------------------------------------------------------------------------------------------------------------


def test_a_service_is_registered_and_shown_in_the_card(parcel: Stand) -> None:
    served(parcel, declared_yuan="200", way="上门揽收", place="样例市样例路 1 号")
    service = parcel.state.draft.service
    assert service == ServiceInformation(
        product="标准快件", payer=Payer.SENDER, declared_fen=20_000, way=Way.PICK_UP, place="样例市样例路 1 号"
    )
    assert parcel.state.draft.weight_g == 900
    (shown,) = [fact.value for fact in parcel.view.parcel if fact.name == "服务"]
    assert shown == "标准快件 · 寄付 · 900 g · 保价 200 元 · 上门揽收"
    assert "样例路" not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"product": "", "payer": "", "weight_g": ""}, "产品、付费方式、重量"),
        ({"weight_g": "x"}, "重量"),
        ({"weight_g": "9" * 5000}, "重量"),
        ({"declared_yuan": "9" * 5000}, "保价金额"),
        ({"declared_yuan": "x"}, "保价金额"),
        ({"way": "代办点"}, "收寄地点"),
        ({"country": "什么地方"}, "两位字母"),
        ({"country": "ZZ"}, "ZZ"),
        ({"product": "样" * 130}, "120 字"),
    ],
)
def test_what_can_not_be_is_said_and_the_form_stays(parcel: Stand, typed: dict[str, str], said: str) -> None:
    served(parcel, **typed)
    assert said in parcel.told[-1]
    assert (parcel.state.panel, parcel.state.draft.service) == (Panel.SERVICE, None)


def test_the_next_parcel_has_what_is_usual_and_no_ones_door(parcel: Stand) -> None:
    served(parcel, way="上门揽收", place="样例市样例路 1 号", declared_yuan="200", country="")
    parcel.answer("inspection")
    parcel.press("F12")
    parcel.look_up()
    parcel.press("Enter")
    parcel.conductor.parcels.open(Panel.SERVICE)
    first = parcel.view.task.first
    assert (first["product"], first["payer"], first["way"], first["place"]) == ("标准快件", "寄付", "窗口", "")
    assert (first["weight_g"], first["declared_yuan"], first["country"]) == ("", "", "")


def test_the_same_sender_is_at_the_same_door(parcel: Stand) -> None:
    served(parcel, way="上门揽收", place="样例市样例路 1 号")
    parcel.answer("inspection")
    parcel.press("F12")
    parcel.look_up()
    parcel.press("F4")
    parcel.conductor.parcels.open(Panel.SERVICE)
    assert parcel.view.task.first["place"] == "样例市样例路 1 号"


def test_an_agency_point_stays_the_outlets_own() -> None:
    kept = usual_of(
        ServiceInformation(product="标准快件", payer=Payer.MONTHLY, way=Way.AGENCY, place="样例驿站", declared_fen=5, country="JP")
    )
    assert kept == ServiceInformation(product="标准快件", payer=Payer.MONTHLY, way=Way.AGENCY, place="样例驿站")
    assert usual_of(None) is None


@pytest.mark.parametrize("way", [Way.PICK_UP, Way.AGENCY, Way.RETURN])
def test_a_kind_of_acceptance_opens_the_form_with_it(parcel: Stand, way: Way) -> None:
    parcel.conductor.parcels.open(Panel.SERVICE, way)
    assert parcel.view.task.first["way"] in ("上门揽收", "代办点", "退件")
    served(parcel, way=parcel.view.task.first["way"], place="样例路 1 号")
    assert parcel.state.draft.service is not None
    assert parcel.state.draft.service.way is way


def test_weight_weighed_for_the_service_is_not_lost_by_declaring_anew(parcel: Stand) -> None:
    served(parcel)
    parcel.conductor.edit_contents()
    parcel.press("1")
    parcel.confirm(Form.CONTENTS, category="documents", name="旧书")
    assert parcel.state.draft.weight_g == 900


@pytest.mark.parametrize(
    ("typed", "code"), [("", "CN"), ("jp", "JP"), ("日本", "JP"), ("香港", "HK"), ("中国香港", "HK"), ("UK", "GB"), ("XX", "XX")]
)
def test_a_country_is_written_in_chinese_or_by_its_letters(typed: str, code: str) -> None:
    assert country_of(typed) == code


def test_a_country_that_is_none_is_refused_by_name(parcel: Stand) -> None:
    served(parcel, country="XX")
    assert "没有目的地“XX”" in parcel.told[-1]
    assert parcel.state.draft.service is None


# Customs ----------------------------------------------------------------------------------------------------------------------------------


def test_goods_abroad_lack_their_declaration_by_name_and_it_is_asked_for(parcel: Stand) -> None:
    served(parcel, country="日本")
    assert Lack.CUSTOMS in parcel.conductor.verdict.missing
    assert "报关单证" in parcel.view.verdict.reason
    assert parcel.task.kind is TaskKind.CUSTOMS
    assert parcel.view.task.first["description"] == "旧书"
    parcel.press("F12")
    assert parcel.station.submitted == []
    parcel.confirm(Form.CUSTOMS, **CUSTOMS)
    declared = parcel.state.draft.service.customs if parcel.state.draft.service is not None else None
    assert declared is not None
    assert (declared.items[0].value, declared.items[0].origin, declared.items[0].hs_code) == (6_000, "CN", "490199")
    assert Lack.CUSTOMS not in parcel.conductor.verdict.missing
    assert "日本（已报关）" in "".join(fact.value for fact in parcel.view.parcel)


def test_every_item_has_its_line(parcel: Stand) -> None:
    parcel.conductor.declare_another({"category": "clothing", "name": "旧衣"})
    parcel.press("Esc")
    served(parcel, country="JP")
    assert "第 1 行，共 2 行" in told(parcel)
    parcel.confirm(Form.CUSTOMS, **CUSTOMS)
    assert parcel.task.kind is TaskKind.CUSTOMS
    assert "第 2 行，共 2 行" in told(parcel)
    assert parcel.view.task.first["customs_category"] == "礼品"
    parcel.confirm(Form.CUSTOMS, **CUSTOMS)
    assert parcel.task.kind is not TaskKind.CUSTOMS


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"customs_category": ""}, "类别"), ({"quantity": ""}, "数量"), ({"value": "x"}, "价值"), ({"currency": "元"}, "币种")],
)
def test_a_line_that_can_not_be_is_said(parcel: Stand, typed: dict[str, str], said: str) -> None:
    served(parcel, country="JP")
    parcel.confirm(Form.CUSTOMS, **{**CUSTOMS, **typed})
    assert said in parcel.told[-1]
    assert parcel.task.kind is TaskKind.CUSTOMS


def test_customs_are_for_what_leaves_the_country(parcel: Stand) -> None:
    parcel.conductor.parcels.open(Panel.CUSTOMS)
    assert "境外" in parcel.told[-1]


# Several pieces ---------------------------------------------------------------------------------------------------------------------------


def in_pieces(stand: Stand, pieces: str) -> None:
    stand.conductor.parcels.open(Panel.PIECES)
    stand.confirm(Form.PIECES, pieces=pieces)


def recorded(stand: Stand) -> None:
    stand.answer("inspection")
    stand.press("F12")
    stand.look_up()
    assert stand.state.panel is Panel.RECORDED


def test_identity_is_taken_once_and_every_piece_is_inspected(parcel: Stand) -> None:
    in_pieces(parcel, "3")
    assert any("第 1 件，共 3 件" in fact.value for fact in parcel.view.parcel)
    recorded(parcel)
    assert "请扫第 2 件的运单" in told(parcel)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.look_up()
    assert parcel.state.draft.document == CARD
    assert parcel.task.kind is TaskKind.CONTENTS
    parcel.declare()
    recorded(parcel)
    parcel.conductor.scanned(THIRD_LABEL)
    parcel.look_up()
    parcel.declare()
    recorded(parcel)
    shipments = [one.session.draft.shipment for one in parcel.station.submitted]
    assert [(one.piece, one.pieces, one.first_waybill) for one in shipments if one is not None] == [(n, 3, LABEL) for n in (1, 2, 3)]
    assert all(one.session.draft.answers for one in parcel.station.submitted)
    assert parcel.state.continuing is None
    parcel.press("Enter")
    assert parcel.state.untouched


@pytest.mark.parametrize("key", ["Enter", "F2", "F4", "F10", "Ctrl+B"])
def test_a_shipment_is_not_left_by_accident(parcel: Stand, key: str) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    parcel.press(key)
    assert "还有 1 件" in parcel.told[-1]
    assert parcel.state.continuing is not None
    parcel.press("Esc")
    assert "再按一次 Esc" in parcel.state.said
    parcel.press("Esc")
    assert parcel.state.untouched


def test_a_sender_of_a_shipment_is_not_forgotten_while_the_next_piece_is_fetched(parcel: Stand) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    assert not parcel.conductor._forget.isActive()
    assert not parcel.conductor._clear.isActive()


def test_a_piece_has_a_waybill_of_its_own(parcel: Stand) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    parcel.conductor.scanned(LABEL)
    assert LABEL in parcel.told[-1]
    parcel.conductor.scanned("6901234567892")
    assert "商品条码" in parcel.told[-1]
    assert "下一件的运单号" in parcel.told[-1]
    assert parcel.state.continuing is not None


def test_the_next_pieces_label_says_whose_it_is(parcel: Stand) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    parcel.conductor.scanned(OTHER_LABEL)
    assert parcel.state.draft.waybill_sender_name == "张三丰"
    parcel.label(OTHER_LABEL, sender_name="李样例")
    assert parcel.state.draft.waybill_sender_name == "李样例"
    assert parcel.outcome is not Outcome.ACCEPT


def test_each_piece_abroad_is_declared_to_the_customs(parcel: Stand) -> None:
    served(parcel, country="日本")
    parcel.confirm(Form.CUSTOMS, **CUSTOMS)
    in_pieces(parcel, "2")
    recorded(parcel)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.look_up()
    assert parcel.state.draft.service is not None
    assert (parcel.state.draft.service.country, parcel.state.draft.service.customs) == ("JP", None)
    assert Lack.CUSTOMS in parcel.conductor.verdict.missing


@pytest.mark.parametrize("keys", [("Backspace",), ("Esc", "Esc")])
def test_a_piece_given_up_gives_up_no_shipment(parcel: Stand, keys: tuple[str, ...]) -> None:
    in_pieces(parcel, "3")
    recorded(parcel)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.label(OTHER_LABEL)
    parcel.look_up()
    parcel.press(*keys)
    assert parcel.state.draft.waybill is None
    assert "请扫第 2 件的运单" in told(parcel)
    parcel.conductor.scanned(THIRD_LABEL)
    parcel.look_up()
    assert parcel.state.draft.document == CARD
    parcel.declare()
    recorded(parcel)
    assert [one.session.draft.waybill.text for one in parcel.station.submitted if one.session.draft.waybill] == [LABEL, THIRD_LABEL]
    assert any("第 2 件，共 3 件　已办 2 件" in fact.value for fact in parcel.view.parcel)


def test_pieces_still_to_come_are_in_hand_for_whoever_closes_the_window(parcel: Stand) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    assert parcel.conductor.in_hand == 1
    parcel.press("Esc", "Esc")
    assert parcel.conductor.in_hand == 0


@pytest.mark.parametrize("pieces", ["1", "", "201", "x", "-3", "9" * 5000])
def test_a_number_of_pieces_that_can_not_be(parcel: Stand, pieces: str) -> None:
    in_pieces(parcel, pieces)
    assert parcel.state.draft.shipment is None
    assert parcel.state.panel is Panel.PIECES
    assert "2 至 200" in parcel.told[-1]


def test_how_many_is_said_with_the_first_piece(parcel: Stand) -> None:
    in_pieces(parcel, "2")
    recorded(parcel)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.conductor.parcels.open(Panel.PIECES)
    assert "第一件" in parcel.told[-1]


@pytest.mark.parametrize("by_gun", [True, False])
def test_a_shipment_is_gone_on_with_by_a_piece_that_was_accepted(parcel: Stand, *, by_gun: bool) -> None:
    parcel.station.begun[OTHER_LABEL] = Shipment(3, 4, OTHER_LABEL)
    parcel.conductor.parcels.open(Panel.PIECES)
    if by_gun:
        parcel.conductor.scanned(OTHER_LABEL)
    else:
        parcel.confirm(Form.PIECES, pieces=f" {OTHER_LABEL.lower()} ")
    parcel.look_up()
    assert any("第 3 件，共 4 件" in fact.value for fact in parcel.view.parcel)
    recorded(parcel)
    assert "请扫第 4 件的运单" in told(parcel)


def test_a_shipment_nobody_knows_is_said_and_nothing_changes(parcel: Stand) -> None:
    parcel.conductor.parcels.open(Panel.PIECES)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.look_up()
    assert f"没有以 {OTHER_LABEL} 收寄的一票多件" in parcel.told[-1]
    assert (parcel.state.panel, parcel.state.draft.shipment) == (Panel.PIECES, None)


def test_a_piece_is_not_the_shipment_it_goes_on_with(parcel: Stand) -> None:
    parcel.station.begun[OTHER_LABEL] = Shipment(2, 3, LABEL)
    parcel.conductor.parcels.open(Panel.PIECES)
    parcel.conductor.scanned(OTHER_LABEL)
    parcel.look_up()
    assert LABEL in parcel.told[-1]
    assert parcel.state.draft.shipment is None


# What couriers may not carry --------------------------------------------------------------------------------------------------------------


def test_state_documents_are_refused_with_their_article(parcel: Stand) -> None:
    parcel.conductor.parcels.open(Panel.RESERVED)
    parcel.press("1")
    assert parcel.outcome is Outcome.REFUSE
    assert "邮政法55条" in told(parcel)
    assert parcel.view.verdict.reason.startswith("国家机关公文，限邮政企业寄递")
    assert "R99" not in parcel.view.verdict.reason
    parcel.press("F8", "Enter")
    parcel.look_up()
    assert parcel.station.submitted[-1].session.draft.reserved == "state-document"


def test_reserved_mail_is_taken_back_by_the_same_digit(parcel: Stand) -> None:
    parcel.conductor.parcels.open(Panel.RESERVED)
    parcel.press("2")
    assert parcel.state.draft.reserved == "reserved-letter"
    parcel.conductor.parcels.open(Panel.RESERVED)
    parcel.press("2")
    assert parcel.state.draft.reserved == ""
    assert parcel.outcome is not Outcome.REFUSE


def test_the_postal_enterprise_may_carry_it(stand: Stand) -> None:
    stand.identify()
    stand.scan_label("EA000000014CN")
    stand.declare()
    assert stand.state.draft.waybill is not None
    if stand.state.draft.waybill.carrier is None:
        stand.press("1")
    stand.conductor.parcels.open(Panel.RESERVED)
    stand.press("1")
    assert stand.outcome is not Outcome.REFUSE
    assert "可以收寄" in stand.state.said


@pytest.mark.parametrize("panel", [Panel.PIECES, Panel.RESERVED, Panel.CUSTOMS, Panel.PAPERS])
def test_what_is_about_nothing_yet_says_so(stand: Stand, panel: Panel) -> None:
    stand.conductor.parcels.open(panel)
    assert stand.told
    assert stand.state.panel is Panel.TASK


def test_letters_have_no_customs(stand: Stand) -> None:
    stand.conductor.change_kind(MailKind.LETTER)
    stand.scan_label()
    stand.conductor.parcels.open(Panel.SERVICE)
    stand.confirm(Form.SERVICE, **{**SERVICE, "country": "JP"})
    assert Lack.CUSTOMS not in stand.conductor.verdict.missing


# Several codes in view --------------------------------------------------------------------------------------------------------------------

_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


def several_read(stand: Stand, *numbers: str) -> None:
    """The label under the camera shows these numbers, and none is settled."""
    stand.press("Enter")
    codes = tuple(Code(number, "Code128", _CORNERS, confirmed=True) for number in numbers)
    checks = tuple(WaybillCheck(number, CodeKind.WAYBILL, (), None) for number in numbers)
    stand._settle("label", replace(label_reading(None), codes=codes, checks=checks))


def test_several_waybills_are_chosen_from_by_number(stand: Stand) -> None:
    stand.identify()
    several_read(stand, "999000000138", "999000000112")
    assert stand.state.panel is Panel.CODES
    assert "2 个单号" in stand.told[-1]
    assert "9990 0000 0112" in told(stand)
    stand.press("9")
    assert stand.state.draft.waybill is None
    stand.press("2")
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == "999000000112"
    assert stand.state.panel is Panel.TASK


def test_a_gun_settles_which_of_several_it_is(stand: Stand) -> None:
    stand.identify()
    several_read(stand, "999000000138", "999000000112")
    stand.conductor.scanned(LABEL)
    assert (stand.state.panel, stand.state.aside.codes) == (Panel.TASK, ())
    stand.press("1")
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == LABEL


def test_the_shape_of_the_outlets_own_carrier_settles_it(stand: Stand) -> None:
    stand.conductor.books = replace(stand.conductor.books, outlet_carriers=("sf",))
    stand.identify()
    several_read(stand, "460000000000001", LABEL)
    assert stand.state.panel is Panel.TASK
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == LABEL


def test_a_gun_may_say_which_it_is(stand: Stand) -> None:
    stand.identify()
    several_read(stand, "999000000138", "999000000112")
    stand.conductor.scanned(LABEL)
    assert stand.state.draft.waybill is not None
    assert stand.state.draft.waybill.text == LABEL


# Wrong scans ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6901234567892", "商品条码（6901234567892）"),
        ("3034257BF7194E4000001A85", "电子标签"),
        ("https://example.invalid/p/1", "网址"),
        ("(00)106141412345678908(4301)%E6%9D%8E%E6%A0%B7%E4%BE%8B", "面单上的二维码"),
        ("9" * 80, "一长串"),
        ("?", "不认识的码"),
    ],
)
def test_a_wrong_scan_says_what_it_was_and_what_is_wanted(stand: Stand, text: str, said: str) -> None:
    stand.identify()
    before = stand.state.draft
    stand.conductor.scanned(text)
    assert said in stand.told[-1]
    assert "请扫运单上的条码" in stand.told[-1]
    assert stand.state.draft == before


def test_a_tag_is_no_reference_of_a_person(stand: Stand) -> None:
    stand.conductor.scanned("3034257BF7194E4000001A85")
    assert stand.state.draft.credential_ref == ""
    assert "证件或实名码" in stand.told[-1]


def test_another_carriers_number_is_taken_and_said(stand: Stand) -> None:
    stand.conductor.books = replace(stand.conductor.books, outlet_carriers=("yto",))
    stand.conductor.scanned(LABEL)
    assert stand.state.draft.waybill is not None
    assert "顺丰" in stand.told[-1]
    assert "圆通" in stand.told[-1]


def test_every_kind_and_every_wish_has_its_words(stand: Stand) -> None:
    assert kind_of(WaybillCheck("", CodeKind.OTHER, reasons=("code-empty",)), "") is ScanKind.EMPTY
    wording = stand.conductor._means.wording
    for kind in ScanKind:
        assert wording.of(f"window-scan-{kind}") != f"window-scan-{kind}"


# What is printed --------------------------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_said(stand: Stand, tmp_path: Path) -> None:
    stand.conductor.parcels.folder = tmp_path / "nowhere"
    stand.conductor.parcels.print_public_notice()
    stand.look_up()
    assert "nowhere" in stand.told[-1]


def test_nothing_is_opened_over_a_recorded_parcel(parcel: Stand) -> None:
    recorded(parcel)
    parcel.conductor.parcels.open(Panel.SERVICE)
    assert parcel.state.panel is Panel.RECORDED
    with pytest.raises(UserError, match="window-already-recorded"):
        from ui.counter import service

        service.opened(parcel.conductor._now, Panel.SERVICE)

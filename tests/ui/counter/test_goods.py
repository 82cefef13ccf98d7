"""The contents: found by name, initials and alias, scanned, described, and their papers; what is prohibited and what is to be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

from courier_check.acceptance.tasks import TaskKind
from courier_check.desk.acceptances import Rules
from courier_check.desk.rules import rules_of, shipped_package
from courier_check.inspection.verdict import Outcome
from courier_check.parcel.codes import GoodsReason
from courier_check.parcel.contents import MOST_TAGS
from support.counters import LABEL, OTHER_LABEL, Stand, strings_of
from ui.counter.finding import Finders, sought
from ui.counter.goods import fen_of, papers_asked, yuan_of
from ui.counter.state import Panel
from ui.counter.view import Form
from ui.parcel_work import finders

EPC = "3034257BF7194E4000001A85"
"""SGTIN-96 of the standard's own example: 80614141123458, serial 6789."""
GTIN = "6901234567892"


@pytest.fixture(scope="session")
def found_by(rules: Rules) -> Finders:
    made = finders(rules.rulebook)
    assert made is not None
    return made


@pytest.fixture
def declaring(qapp: QCoreApplication, rules: Rules, found_by: Finders) -> Stand:
    """Somebody is identified, the label is read: what is in it?"""
    stand = Stand(rules)
    stand.conductor.books = replace(stand.conductor.books, finders=found_by)
    stand.identify()
    stand.scan_label()
    assert stand.task.kind is TaskKind.CONTENTS
    return stand


def answers(stand: Stand) -> dict[str, str]:
    return {answer.key: answer.text for answer in stand.view.task.question.answers}


def told(stand: Stand) -> str:
    return "\n".join(strings_of(stand.view.task))


def described(stand: Stand, **typed: str) -> None:
    """The form, as it is filled, with what is typed over it."""
    task = stand.view.task
    assert task.form is Form.CONTENTS
    stand.confirm(Form.CONTENTS, **{"category": task.first["category"], "name": task.first["name"], **typed})
    stand.look_up()


# Finding ----------------------------------------------------------------------------------------------------------------------------------


def test_goods_are_found_by_initials_without_a_focus_and_chosen_by_a_digit(declaring: Stand) -> None:
    assert answers(declaring)["1"].startswith("文件")
    assert declaring.press("H", "Z", "P")
    assert declaring.view.task.first["search"] == "hzp"
    assert answers(declaring)["1"] == "化妆品"
    declaring.press("1")
    assert declaring.view.task.form is Form.CONTENTS
    assert declaring.view.task.first["name"] == "化妆品"
    described(declaring, name="面霜", quantity="2")
    (item,) = declaring.state.draft.items
    assert (item.goods, item.category, item.name, item.quantity) == ("cosmetics", "cosmetics", "面霜", 2)


def test_goods_are_found_by_an_alias_in_a_field_and_taken_by_enter(declaring: Stand) -> None:
    declaring.conductor.parcels.sought("充电宝")
    assert "充电宝" in answers(declaring)["1"]
    declaring.confirm(Form.SEARCH, search="充电宝")
    assert declaring.state.aside.item.goods == "batteries"


def test_arrows_go_through_what_was_found(declaring: Stand) -> None:
    declaring.press("H", "Z", "Down", "Down", "Up", "Enter")
    found = sought(declaring.conductor.books.finders, "hz", goods=True)
    assert declaring.state.aside.item.goods == found.goods[1].target.id


def test_letters_are_rubbed_out_one_by_one_before_a_step_is_taken_back(declaring: Stand) -> None:
    before = declaring.state.draft
    declaring.press("H", "Z", "Backspace")
    assert declaring.state.sought.typed == "h"
    declaring.press("Backspace")
    assert (declaring.state.sought.typed, declaring.state.draft) == ("", before)
    declaring.press("Backspace")
    assert declaring.state.draft != before


def test_escape_gives_up_the_class_before_the_parcel(declaring: Stand) -> None:
    declaring.press("H", "Z", "P", "1", "Esc")
    assert (declaring.state.chosen, declaring.state.abandoning) == ("", False)
    declaring.press("H", "Esc")
    assert (declaring.state.sought.typed, declaring.state.abandoning) == ("", False)
    declaring.press("Esc")
    assert declaring.state.abandoning


def test_what_is_not_found_is_said_and_nothing_is_chosen(declaring: Stand) -> None:
    declaring.conductor.parcels.sought("没有这种东西")
    assert "没有找到" in told(declaring)
    declaring.press("Enter", "1")
    assert declaring.state.chosen == ""
    assert "没有找到" in declaring.state.said


def test_digits_choose_a_category_where_nothing_is_typed(declaring: Stand) -> None:
    declaring.press("5")
    assert declaring.state.chosen == "cosmetics"
    assert declaring.state.aside.item.goods == ""


def test_prohibited_goods_stand_beside_the_goods_and_lead_to_what_to_do(declaring: Stand) -> None:
    declaring.press("D", "H", "J")
    key = next(key for key, text in answers(declaring).items() if text == "禁寄 04：打火机")
    declaring.press(key)
    assert declaring.state.panel is Panel.PROHIBITED
    assert "退本人" in told(declaring)
    declaring.press("Esc")
    assert declaring.task.kind is TaskKind.CONTENTS


MADE = finders(rules_of(shipped_package(), str).rulebook)


@given(st.text(max_size=50))
def test_any_text_may_be_looked_for(text: str) -> None:
    for goods in (True, False):
        found = sought(MADE, text, goods=goods)
        assert 0 <= found.count <= 9
        assert found.moved(-1).count == found.count


# Codes ------------------------------------------------------------------------------------------------------------------------------------


def test_a_goods_barcode_scanned_here_is_the_goods_own(declaring: Stand) -> None:
    declaring.conductor.scanned(GTIN)
    assert f"商品条码 {GTIN}" in told(declaring)
    declaring.press("1")
    declaring.conductor.scanned(EPC)  # also while the form is open
    described(declaring, name="旧书", org_code="D2143569X")
    (item,) = declaring.state.draft.items
    assert (item.gtin, item.epc, item.org_code) == (GTIN, EPC, "D2143569X")
    assert any(fact.name == "追溯" and GTIN in fact.value and "6789" in fact.value for fact in declaring.view.parcel)
    assert declaring.outcome is not Outcome.REFUSE


def test_an_unknown_tag_is_kept_as_it_was_read(declaring: Stand) -> None:
    unknown = "E2801160600002054A6B1C2D"
    declaring.conductor.scanned(unknown)
    assert "原样记下" in declaring.state.said
    declaring.press("1")
    described(declaring, name="旧书")
    assert declaring.state.draft.items[0].epc == unknown


def test_every_piece_has_its_own_tag_and_a_tag_counts_once(declaring: Stand) -> None:
    tags = [f"3034257BF7194E4000001A{number:02X}" for number in range(0x85, 0x89)]
    for tag in (*tags, tags[0]):
        declaring.conductor.scanned(tag)
    assert "已经记下" in declaring.state.said
    assert "电子标签共 4 个" in told(declaring)
    declaring.press("1")
    assert declaring.view.task.first["quantity"] == "4"
    described(declaring, name="旧书")
    (item,) = declaring.state.draft.items
    assert (item.epc, list(item.more_epcs)) == (tags[0], tags[1:])
    assert any(fact.name == "追溯" and "等 4 个" in fact.value for fact in declaring.view.parcel)


def test_tags_beyond_measure_are_refused_and_those_before_stay(declaring: Stand) -> None:
    for number in range(MOST_TAGS + 1):
        declaring.conductor.scanned(f"3034257BF7194E4000{number:06X}")
    assert f"最多 {MOST_TAGS} 个" in declaring.told[-1]
    assert len(declaring.state.aside.item.epcs) == MOST_TAGS


def test_a_wrong_check_digit_is_said_and_nothing_is_noted(declaring: Stand) -> None:
    declaring.conductor.scanned("6901234567893")
    assert "校验位不对" in declaring.told[-1]
    assert declaring.state.aside.item.gtin == ""


def test_the_parcels_own_waybill_is_never_a_goods_code(declaring: Stand) -> None:
    declaring.conductor.scanned(LABEL)
    assert declaring.state.said == "这个单号已经扫过。"
    declaring.conductor.scanned(OTHER_LABEL)
    assert OTHER_LABEL in declaring.told[-1]


def test_a_goods_barcode_elsewhere_is_a_wrong_scan_that_says_what_is_wanted(declaring: Stand) -> None:
    declaring.declare()
    declaring.conductor.scanned(GTIN)
    assert "商品条码" in declaring.told[-1]
    assert "已经扫过" in declaring.told[-1]


# Papers -----------------------------------------------------------------------------------------------------------------------------------


def choose(stand: Stand, letters: str) -> None:
    stand.press(*letters.upper(), "1")


def test_a_private_sender_is_asked_for_no_papers_and_may_say_personal_use(declaring: Stand) -> None:
    choose(declaring, "hzp")
    described(declaring, name="面霜", brand="样例牌")
    assert declaring.state.panel is Panel.PAPERS
    assert [text for key, text in answers(declaring).items() if key != "Enter"] == ["“样例牌”个人自用"]
    declaring.press("1")
    assert answers(declaring)["1"].startswith("✓")
    declaring.press("Enter")
    assert declaring.state.draft.items[0].personal_use
    codes = {reason.code for reason in declaring.conductor.verdict.reasons}
    assert GoodsReason.PERSONAL_USE in codes
    assert not codes & {GoodsReason.BRAND_PAPERS_MISSING, GoodsReason.PAPER_TO_SEE}


def test_no_brand_no_question(declaring: Stand) -> None:
    choose(declaring, "hzp")
    described(declaring, name="面霜", brand="无")
    assert declaring.state.draft.items[0].brand is None
    assert declaring.state.panel is Panel.TASK


def test_a_business_shows_its_papers_and_answers_stand_meanwhile(declaring: Stand) -> None:
    declaring.conductor.as_business()
    declaring.look_up()
    choose(declaring, "hzp")
    assert declaring.view.task.first["business"] == "yes"
    described(declaring, name="面霜", brand="样例牌")
    assert {one.paper.id for one in papers_asked(declaring.state.draft, declaring.conductor.books) if one.paper is not None} == {
        "brand-authorisation",
        "proof-of-purchase",
        "cosmetics-filing",
    }
    declaring.press("Enter")
    declaring.answer("inspection")
    assert any(reason.code == GoodsReason.BRAND_PAPERS_MISSING for reason in declaring.conductor.verdict.reasons)
    answered = declaring.state.draft.answers
    declaring.conductor.parcels.open(Panel.PAPERS)
    declaring.press("2", "Enter")
    assert declaring.state.draft.items[0].papers == ("proof-of-purchase",)
    assert declaring.state.draft.answers == answered
    assert not any(reason.code == GoodsReason.BRAND_PAPERS_MISSING for reason in declaring.conductor.verdict.reasons)


def test_an_unusual_quantity_is_asked_for_papers(declaring: Stand) -> None:
    choose(declaring, "hzp")
    described(declaring, name="面霜", quantity="50", brand="样例牌")
    assert any(one.paper is not None and one.paper.brand for one in papers_asked(declaring.state.draft, declaring.conductor.books))


def test_a_paper_that_was_seen_by_mistake_is_taken_back(declaring: Stand) -> None:
    choose(declaring, "hzp")
    described(declaring, name="面霜", brand="样例牌")
    declaring.press("1", "1", "Enter")
    assert not declaring.state.draft.items[0].personal_use


def test_what_everybody_shows_is_asked_of_everybody(declaring: Stand) -> None:
    declaring.conductor.parcels.sought("猪肉")
    assert "肉类" in answers(declaring)["1"]
    declaring.press("1")
    described(declaring)
    assert declaring.state.panel is Panel.PAPERS
    assert any("检疫" in text for text in answers(declaring).values())


# Prohibited goods -------------------------------------------------------------------------------------------------------------------------


def test_what_to_do_depends_on_how_it_was_carried_and_when_it_was_found(declaring: Stand) -> None:
    declaring.conductor.parcels.look_for_prohibited()
    declaring.press("D", "H", "J", "1")
    openly = told(declaring)
    assert "退本人" in openly
    assert "报告：" not in openly
    declaring.press("2")
    hidden = told(declaring)
    assert "疏散" in hidden
    assert "公安" in hidden
    declaring.press("3")
    assert "停止分拣" in told(declaring)
    declaring.press("Enter")
    assert declaring.state.panel is Panel.TASK


def test_weapons_are_reported_however_they_are_carried(declaring: Stand) -> None:
    declaring.conductor.parcels.look_for_prohibited()
    declaring.conductor.parcels.sought("手枪")
    declaring.press("Enter")
    assert "公安" in told(declaring)


def test_what_is_not_in_the_catalogue_is_not_therefore_allowed(declaring: Stand) -> None:
    declaring.conductor.parcels.look_for_prohibited()
    declaring.conductor.parcels.sought("没有这种东西")
    assert "按不明物处置" in told(declaring)


def test_without_names_to_search_nothing_is_found_and_digits_still_choose(stand: Stand) -> None:
    stand.identify()
    stand.scan_label()
    stand.press("H")
    assert "没有找到" in told(stand)
    stand.press("Backspace", "1")
    assert stand.state.chosen == "documents"


# Money ------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yuan", "fen"), [("200", 20_000), ("12.5", 1_250), ("0.05", 5), ("x", "x"), ("1.234", "1.234"), ("1.", 100), ("-1", "-1")]
)
def test_yuan_as_typed(yuan: str, fen: object) -> None:
    assert fen_of(yuan) == fen


@given(st.integers(0, 10**9))
def test_fen_as_written_is_read_back(fen: int) -> None:
    assert fen_of(yuan_of(fen)) == fen


@pytest.mark.parametrize("yuan", ["9" * 5000, "9" * 5000 + ".5"])
def test_a_number_longer_than_any_amount_is_refused_as_it_is(declaring: Stand, yuan: str) -> None:
    assert fen_of(yuan) == yuan
    declaring.press("1")
    described(declaring, quantity="9" * 5000)
    assert "数量" in declaring.told[-1]
    assert not declaring.state.draft.items


# Codes of goods that are not declared after all -------------------------------------------------------------------------------------------


def test_backspace_takes_back_what_was_scanned_for_the_item_and_no_step(declaring: Stand) -> None:
    before = declaring.state.draft
    declaring.conductor.scanned(GTIN)
    declaring.conductor.scanned(EPC)
    declaring.press("Backspace")
    assert "已去掉" in declaring.state.said
    assert (declaring.state.aside.item.gtin, declaring.state.aside.item.epcs) == ("", ())
    assert declaring.state.draft == before


@pytest.mark.parametrize("chosen", [False, True])
def test_codes_of_goods_given_up_are_not_declared_with_the_next(declaring: Stand, chosen: bool) -> None:
    declaring.conductor.scanned(GTIN)
    declaring.press(*(("1",) if chosen else ()), "Esc", "2")
    described(declaring, name="旧衣服")
    assert [item.gtin for item in declaring.state.draft.items] == [None]


def test_codes_go_with_the_panel_that_is_left(declaring: Stand) -> None:
    declaring.press("1")
    described(declaring)
    declaring.conductor.edit_contents()
    declaring.conductor.scanned(GTIN)
    declaring.press("Esc")
    assert (declaring.state.panel, declaring.state.chosen) == (Panel.CONTENTS, ""), "another class may be chosen first"
    assert declaring.state.aside.item.gtin == ""
    declaring.press("Esc")
    assert declaring.state.panel is Panel.TASK


def test_the_class_is_chosen_anew_where_the_contents_are_changed(declaring: Stand) -> None:
    """改内件: as the card says, Esc goes back to the classes and not out of the form."""
    declaring.press("1")
    described(declaring)
    before = declaring.state.draft.items[0].category
    declaring.conductor.edit_contents()
    declaring.press("Esc", "2")
    described(declaring)
    (item,) = declaring.state.draft.items
    assert item.category != before

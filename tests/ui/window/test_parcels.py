"""The parcel panel through the real window: goods found and scanned, papers, 服务信息 with customs, several pieces, a parcel given back,
what is prohibited and the notice for the wall. Keys and scans only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from courier_check.acceptance.tasks import TaskKind
from courier_check.inspection.verdict import Outcome
from courier_check.journal.parts import opened
from courier_check.station import PRACTICE_SUPERVISOR
from courier_check.store import journal
from support.looks import everything_said
from support.pages import seen
from support.windows import ADDRESSEE, SENDER, Counter, acts_of, opened_again
from ui.counter.state import Panel
from ui.gates import Gate
from ui.journey import LOOKS_MS
from ui.records import RecordsPage

pytestmark = pytest.mark.slow
"""Walks whole parcels through the window."""

FIRST, SECOND, THIRD = "SF1000000000014", "SF1000000000028", "SF1000000000031"
GTIN, EPC = "6901234567892", "3034257BF7194E4000001A85"


def to_contents(counter: Counter, waybill: str = FIRST) -> None:
    counter.identify()
    counter.answer_all()
    counter.label(waybill)
    counter.answer_all()
    counter.hand.until(lambda: counter.task.kind is TaskKind.CONTENTS, f"not the contents, but {counter.task}")


def entries(folder: Path) -> list[tuple[str, dict[str, object], dict[str, object]]]:
    """Kind, facts and kept part of every entry, in order."""
    with opened_again(folder) as station:
        assert station.verify().ok
        journal_id = journal.current_journal(station.database) or ""
        last = journal.head_of(station.database, journal_id, station.enrolled().first_prev).seq
        stored = [journal.entry_at(station.database, journal_id, seq) for seq in range(1, last + 1)]
        held = [(json.loads(one.header_bytes), one.openings.get("kept")) for one in stored if one is not None]
    return [(header["kind"], header["facts"], opened(kept) if kept else {}) for header, kept in held]


def accepted(folder: Path) -> list[tuple[dict[str, object], dict[str, object]]]:
    return [(facts, kept) for kind, facts, kept in entries(folder) if kind == "acceptance"]


def said(counter: Counter) -> str:
    return seen(counter.window.widget("accept"))


def test_goods_are_found_described_traced_and_their_papers_asked(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    to_contents(counter)
    hand.scan(GTIN)
    hand.until(lambda: f"商品条码 {GTIN}" in said(counter), "not shown")
    hand.scan(EPC)
    hand.press("h", "z", "p")
    assert "化妆品" in said(counter)
    assert counter.field("goods-search").text() == "hzp"
    hand.press("1")
    hand.compose("面霜")
    hand.press("Tab")
    hand.type("2")
    hand.press("Tab", "Tab", "Tab")
    hand.compose("样例牌")
    hand.press("Enter")
    hand.until(lambda: counter.panel is Panel.PAPERS, "nobody asked")
    hand.rest(LOOKS_MS)
    hand.press("1", "Enter")
    counter.answer_all()
    counter.submit()
    counter.end()
    ((facts, kept),) = accepted(folder)
    assert facts["goods"] == ["cosmetics"]
    (item,) = kept["items"]  # type: ignore[misc]  # a list
    assert (item["name"], item["quantity"], item["brand"], item["personal_use"]) == ("面霜", 2, "样例牌", True)
    assert (item["gtin"], item["epc"], item["epc_serial"]) == (GTIN, EPC, 6789)


def test_chinese_is_typed_into_the_field_and_arrows_choose(counter: Counter) -> None:
    hand = counter.hand
    to_contents(counter)
    hand.press("Tab")
    assert QApplication.focusWidget() is counter.field("goods-search") or counter.window.focusWidget() is counter.field("goods-search")
    hand.compose("护肤")
    hand.until(lambda: "化妆品" in said(counter), "nothing found")
    before = counter.conductor.state.sought.at
    hand.press("Down")
    if counter.conductor.state.sought.count > 1:
        assert counter.conductor.state.sought.at != before
    hand.press("Up", "Enter")
    hand.until(lambda: counter.conductor.state.aside.item.goods == "cosmetics", "not taken")
    assert counter.field("goods-name").text() == "化妆品"


def test_the_first_letter_of_a_scan_finds_nothing_and_is_taken_back(counter: Counter) -> None:
    to_contents(counter)
    counter.hand.scan(SECOND)
    assert counter.conductor.state.sought.typed == ""
    assert SECOND in counter.window.told()


def test_a_service_abroad_is_declared_to_the_customs(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    to_contents(counter)
    counter.declare("1", "旧书")
    counter.command("上门揽收")
    assert counter.panel is Panel.SERVICE
    hand.compose("国际小包")
    hand.press("Enter")
    hand.type("1")
    hand.press("Enter")
    hand.type("900")
    hand.press("Enter", "Enter")  # not insured
    hand.compose("样例市样例路 1 号")
    hand.press("Tab")
    hand.compose("日本")
    hand.press("Enter")
    hand.until(lambda: counter.task.kind is TaskKind.CUSTOMS, f"not the customs, but {counter.task}: {counter.conductor.state.said}")
    assert "报关单证" in counter.window.conductor.view().verdict.reason  # type: ignore[union-attr]  # it is open
    hand.type("1")
    hand.press("Enter")
    hand.type("500")
    hand.press("Enter")
    hand.type("60")
    hand.press("Ctrl+Enter")
    hand.until(lambda: counter.task.kind is not TaskKind.CUSTOMS, f"not declared: {counter.conductor.state.said}")
    counter.answer_all()
    counter.submit()
    assert not any("样例路 1 号" in text for text in everything_said(counter.window))
    counter.end()
    ((facts, kept),) = accepted(folder)
    assert facts["service"] == {
        **{
            "product": "国际小包",
            "payer": "sender",
            "insured": False,
            "way": "pick-up",
            "country": "JP",
            "customs": "gift",
            "complete": True,
        }
    }
    assert kept["service"]["place"] == "样例市样例路 1 号"  # type: ignore[index]  # a mapping


def test_three_pieces_of_one_sender(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    to_contents(counter)
    counter.declare("1", "旧书")
    counter.command("一票多件")
    hand.type("3")
    hand.press("Enter")
    hand.until(lambda: "第 1 件，共 3 件" in said(counter), "not shown")
    counter.answer_all()
    counter.submit()
    for number, waybill in ((2, SECOND), (3, THIRD)):
        asked, piece = f"请扫第 {number} 件的运单", f"第 {number} 件，共 3 件"
        hand.until(lambda asked=asked: asked in said(counter), f"not asked: {asked}")
        hand.scan(waybill)
        hand.until(lambda: counter.panel is Panel.TASK, f"no next piece: {counter.conductor.state.said}")
        hand.until(lambda piece=piece: piece in said(counter), f"not shown: {piece}")
        assert counter.conductor.state.draft.addressee.name == ADDRESSEE.name
        counter.answer_all()
        counter.declare("1", "旧书")
        counter.answer_all()
        counter.submit()
    hand.press("Enter")
    assert counter.conductor.state.untouched
    counter.window.go("records")
    page = counter.window.widget("records")
    assert isinstance(page, RecordsPage)
    hand.until(lambda: len(page.state.acts or ()) == 3, "not listed")
    hand.press("Enter")
    hand.until(lambda: page.is_drawn, "not opened")
    assert "第 3 件，共 3 件" in seen(page)
    counter.end()
    shipments = [facts["shipment"] for facts, _ in accepted(folder)]
    assert [(one["piece"], one["pieces"]) for one in shipments] == [(1, 3), (2, 3), (3, 3)]  # type: ignore[index]  # mappings
    assert shipments[0]["first"] is None  # type: ignore[index]  # as above
    assert shipments[1]["first"] == shipments[2]["first"]  # type: ignore[index]  # as above


def test_a_shipment_is_gone_on_with_in_a_window_that_was_opened_again(opened: Callable[[Path], Counter], folder: Path) -> None:
    counter = opened(folder).enter()
    to_contents(counter)
    counter.declare("1", "旧书")
    counter.command("一票多件")
    counter.hand.type("2")
    counter.hand.press("Enter")
    counter.answer_all()
    counter.submit()
    counter.end()
    counter = opened(folder).enter()
    to_contents(counter, SECOND)
    counter.declare("1", "旧书")
    counter.command("一票多件")
    counter.hand.scan(FIRST)
    counter.hand.until(lambda: "第 2 件，共 2 件" in said(counter), f"not found: {counter.window.told()}")
    counter.answer_all()
    counter.submit()
    counter.end()
    first, second = (facts["shipment"] for facts, _ in accepted(folder))
    assert (first["piece"], second["piece"], second["pieces"]) == (1, 2, 2)  # type: ignore[index]  # mappings
    assert first["first"] is None  # type: ignore[index]  # as above
    assert second["first"] is not None  # type: ignore[index]  # as above


def record_of(counter: Counter) -> RecordsPage:
    """The newest record, opened."""
    counter.window.go("records")
    page = counter.window.widget("records")
    assert isinstance(page, RecordsPage)
    counter.hand.until(lambda: bool(page.state.acts) and not page.state.reading, "not listed")
    counter.hand.press("Enter")
    counter.hand.until(lambda: page.is_drawn, "not opened")
    return page


def begin_withdrawing(counter: Counter) -> None:
    """A letter waits at the records until it is certain to be no scan's first."""
    page = counter.window.widget("records")
    assert isinstance(page, RecordsPage)
    counter.hand.press("W")
    counter.hand.until(lambda: page.state.withdrawing is not None, "no form")


def fill_withdrawal(counter: Counter, reason: str, number: str) -> None:
    begin_withdrawing(counter)
    counter.hand.compose(reason)
    counter.hand.press("Enter")
    counter.hand.type(number)
    counter.hand.press("Enter")


def test_a_parcel_goes_back_to_who_shows_the_senders_document_and_its_number_is_free(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.accept(FIRST)
    page = record_of(counter)
    fill_withdrawal(counter, f"{SENDER.name}不寄了", "11010519491231002X")
    assert [kind for kind, *_ in entries(folder)].count("withdrawal") == 0  # Enter never does it
    hand.press("1")
    hand.until(lambda: page.state.withdrawing is not None and bool(page.state.withdrawing.said), "nothing was said")
    assert "不符" in seen(page)
    counter.field("withdraw-number").clear()
    hand.type(SENDER.number)
    hand.press("Enter", "1")
    hand.until(lambda: page.state.withdrawing is None and page.is_drawn, "not withdrawn")
    hand.until(lambda: "号码与收寄时一致" in seen(page), "not shown")
    assert "已撤件" in seen(page)
    assert not any(secret in text for text in everything_said(counter.window) for secret in (SENDER.number, SENDER.name))
    hand.press("W")
    hand.until(lambda: "已经撤件" in counter.window.told(), "not said")
    hand.press("Esc")
    hand.until(lambda: page.state.place is None and not page.state.reading, "not listed again")
    assert any(act.withdrawn for act in page.state.acts or ())
    counter.window.go("accept")
    counter.fill(FIRST)
    assert counter.conductor.verdict.outcome is Outcome.ACCEPT
    counter.submit()
    counter.end()
    assert [act.waybill for act in acts_of(folder) if act.kind == "acceptance"] == [FIRST, FIRST]


def test_without_a_document_a_supervisor_hands_it_back(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.accept(FIRST)
    page = record_of(counter)
    fill_withdrawal(counter, "寄件人不寄了", "")
    hand.press("1")
    hand.until(lambda: page.state.withdrawing is not None and bool(page.state.withdrawing.said), "nothing was said")
    assert "主管登录" in seen(page)
    hand.press("Ctrl+L")
    counter.wait_for(Gate.SIGN_IN)
    counter.sign_in(PRACTICE_SUPERVISOR)
    hand.until(lambda: counter.window.page != "", "not signed in")
    page = counter.window.widget("records")  # type: ignore[assignment]  # as before
    if counter.window.page != "records":
        counter.window.go("records")
    assert page.state.withdrawing is None  # what another began is not theirs to end
    hand.until(lambda: page.is_drawn, "not opened")
    fill_withdrawal(counter, "寄件人不寄了", "")
    hand.press("1")
    hand.until(lambda: page.state.withdrawing is None and page.is_drawn, "not withdrawn")
    counter.end()
    (withdrawn,) = [facts for kind, facts, _ in entries(folder) if kind == "withdrawal"]
    assert withdrawn["confirmed"] == "supervisor"


def test_a_withdrawal_is_given_up_by_escape_and_a_scan_does_not_fill_it(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    counter.accept(FIRST)
    page = record_of(counter)
    begin_withdrawing(counter)
    hand.compose("寄件人不寄了")
    hand.scan(SECOND)
    assert "没有采用" in counter.window.told()
    hand.press("Esc")
    assert page.state.withdrawing is None
    assert page.state.place is not None
    begin_withdrawing(counter)
    assert counter.field("withdraw-reason").text() == ""
    counter.end()
    assert "withdrawal" not in [kind for kind, *_ in entries(folder)]


def test_what_is_prohibited_is_found_and_said_what_to_do(counter: Counter) -> None:
    hand = counter.hand
    counter.command("查禁寄物品")
    hand.press("d", "h", "j", "1")
    assert "退本人" in said(counter)
    hand.press("2")
    assert "疏散" in said(counter)
    hand.press("3")
    assert "停止分拣" in said(counter)
    hand.press("Esc")
    assert counter.panel is Panel.TASK


def test_the_public_notice_is_printed(counter: Counter, tmp_path: Path) -> None:
    counter.conductor.parcels.folder = tmp_path
    counter.command("公示")
    counter.hand.until(lambda: any(tmp_path.glob("*.pdf")), "not printed")
    (printed,) = tmp_path.glob("*.pdf")
    assert printed.read_bytes().startswith(b"%PDF")
    counter.hand.until(lambda: printed.name in counter.window.told(), "nobody was told where")


def test_a_state_document_is_refused_with_its_article(counter: Counter, folder: Path) -> None:
    hand = counter.hand
    to_contents(counter)
    counter.declare("1", "文件")
    counter.command("国家机关公文")
    hand.press("1")
    assert "邮政法55条" in said(counter)
    hand.press("F8", "Enter")
    hand.until(lambda: counter.panel is Panel.RECORDED, f"not recorded: {counter.conductor.state.said}")
    counter.end()
    (refused,) = [facts for kind, facts, _ in entries(folder) if kind == "refusal"]
    assert refused["reserved"] == "state-document"


@pytest.mark.parametrize(
    ("code", "words"), [(GTIN, "商品条码"), (EPC, "电子标签"), ("https://example.invalid/p", "网址"), ("ABCDEFGH-XYZ", "不认识的码")]
)
def test_a_wrong_scan_says_what_it_was_and_what_is_wanted(counter: Counter, code: str, words: str) -> None:
    counter.identify()
    counter.answer_all()
    counter.hand.scan(code)
    assert words in counter.window.told()
    assert "运单上的条码" in counter.window.told()
    assert counter.conductor.state.draft.waybill is None


def test_no_word_of_the_panel_is_cut_short(counter: Counter) -> None:
    """At the usual size: what is shown of found goods fits its button."""
    to_contents(counter)
    counter.hand.press("h", "z")
    counter.hand.settle()
    labels = [label for label in counter.window.widget("accept").findChildren(QLabel) if label.isVisible() and "（" in label.text()]
    assert labels
    assert not [label.text() for label in labels if label.text().endswith("…")]

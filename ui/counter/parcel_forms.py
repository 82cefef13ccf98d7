"""The forms about the parcel: what is in it, 服务信息, 报关单证, how many pieces, and the field in which names are looked for."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from courier_check.parcel.service import Way
from ui.counter.forms import FieldForm, optional
from ui.counter.service import CUSTOMS, PAYERS, WAYS, country_of, country_words
from ui.fields import ChoiceField, ScanField, TextField

_ARROWS = {Qt.Key.Key_Up.value: "Up", Qt.Key.Key_Down.value: "Down"}


class SearchForm(FieldForm):
    """查找: letters typed without a focus stand here too; Tab leads into it for Chinese. Arrows move through what was found."""

    def __init__(self) -> None:
        super().__init__()
        self._field = TextField("goods-search", "查找物品：名称、拼音首字母、俗称")
        self._field.setPlaceholderText("直接打拼音首字母，如 hzp；写汉字按 Tab 到这里")
        self.add("search", "查找", self._field)
        self._field.textEdited.connect(self.sought)
        self._field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and (arrow := _ARROWS.get(event.key())):
            self.keyed.emit(arrow)
            return True
        return super().eventFilter(watched, event)

    def follow(self, first: Mapping[str, str]) -> None:
        if not self._field.hasFocus() and self._field.text() != first.get("search", ""):
            self._field.setText(first.get("search", ""))

    def _enter(self, field: QLineEdit) -> None:
        del field
        self.confirmed.emit(self.typed())

    def take_focus(self) -> bool:
        """Nowhere: digits are answers until somebody goes into the field."""
        return False


class ContentsForm(FieldForm):
    """Name and quantity of one item; tobacco has amounts, brand goods a brand. Ctrl+Enter declares another one.

    Most parcels have one piece of what the class says: two keys declare it (product.md, J1), so Enter does not walk here."""

    walks = False

    def __init__(self) -> None:
        super().__init__()
        self._category = ""
        self._tobacco = self._business = False
        self.add("name", "名称", TextField("goods-name", "内件名称"), "写具体名称；照品类名的直接按 Enter")
        self.add_beside(
            ("quantity", "数量", optional(ScanField("goods-quantity", "数量"))),
            ("weight_g", "重量（克）", optional(ScanField("goods-weight", "重量，克"))),
            ("value_yuan", "价值（元）", optional(ScanField("goods-value", "申报价值，元"))),
        )
        self.add_beside(
            ("cigarette_sticks", "烟支数", optional(ScanField("cigarette-sticks", "卷烟、雪茄支数，一条 200 支"))),
            ("tobacco_leaf_g", "烟叶（克）", optional(ScanField("tobacco-leaf", "烟叶，克"))),
            ("cut_tobacco_g", "烟丝（克）", optional(ScanField("cut-tobacco", "烟丝，克"))),
        )
        self.add("brand", "品牌", optional(TextField("goods-brand", "品牌，没有的写“无”")))
        self.add("org_code", "厂家代码", optional(ScanField("goods-org-code", "厂家的组织机构代码或统一社会信用代码")))  # 18 characters
        hints = {"quantity": "1", "cigarette_sticks": "200/条", "brand": "没有写“无”", "org_code": "组织机构代码"}
        for name, hint in hints.items():
            field = self._rows[name].field
            if isinstance(field, QLineEdit):
                field.setPlaceholderText(hint)

    def fill(self, first: Mapping[str, str]) -> None:
        super().fill(first)
        self._category = first.get("category", "")
        self._tobacco = first.get("tobacco") == "yes"
        self._business = first.get("business") == "yes"
        for name in ("cigarette_sticks", "tobacco_leaf_g", "cut_tobacco_g"):
            self._rows[name].setVisible(self._tobacco)
        for name in ("name", "quantity", "weight_g", "value_yuan"):
            self._rows[name].setVisible(bool(self._category))
        for name in ("brand", "org_code"):
            self._rows[name].setVisible(first.get("goods") == "yes")

    def _optional(self, field: QLineEdit) -> bool:
        """Who trades in branded goods says whose they are."""
        return super()._optional(field) and not (self._business and field is self._rows["brand"].field)

    def typed(self) -> dict[str, str]:
        return {"category": self._category, **super().typed()}

    def take_focus(self) -> bool:
        """Nowhere while the class is not chosen: digits must not be typed text then."""
        if not self._category:
            return False
        field = self._rows["cigarette_sticks" if self._tobacco else "name"].field
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field, QLineEdit):
            field.selectAll()
        return True


class ServiceForm(FieldForm):
    """服务信息: a digit chooses payer and way; Enter goes on to what is empty."""

    def __init__(self) -> None:
        super().__init__()
        product, weight = TextField("service-product", "产品"), ScanField("service-weight", "重量，克")
        product.setPlaceholderText("如 标准快件")
        payer = ChoiceField("service-payer", "付费方式", tuple(PAYERS.values()))
        way = ChoiceField("service-way", "收寄方式", tuple(WAYS.values()))
        self.add("product", "产品", product)
        self.add("payer", "付费方式", payer)
        self.add_beside(
            ("weight_g", "重量（克）", weight),
            ("declared_yuan", "保价（元）", optional(ScanField("service-declared", "保价金额，元；不保价的空着"))),
        )
        self.add("way", "收寄方式", optional(way))
        self.add("place", "收寄地点", TextField("service-place", "收寄地点：上门地址、代办点、退件来处"))
        self._country = TextField("service-country", "目的地国家或地区")
        self._country.setPlaceholderText("境内空着；境外如 日本 或 JP")
        self.add("country", "目的地", optional(self._country))
        self._country.textChanged.connect(self._named)
        self._way, self._place = way, self._rows["place"].field
        way.textChanged.connect(lambda _text: self._rows["place"].setVisible(not self._at_window))

    def _named(self, text: str) -> None:
        known = country_words(country_of(text)) if text.strip() else ""
        if text.strip() and not known:
            self._rows["country"].complain("写中文名或两位字母代码，如 日本、JP。")
        else:
            abroad = bool(known) and country_of(text) != "CN"
            self._rows["country"].tell(f"{known}{'：须填报关单证' if abroad else ''}" if known else "")

    def _optional(self, field: QLineEdit) -> bool:
        return super()._optional(field) or (field is self._place and self._at_window)

    @property
    def _at_window(self) -> bool:
        """Only what was not handed in at the window has a place."""
        return self._way.text().strip() in ("", WAYS[Way.COUNTER])

    def fill(self, first: Mapping[str, str]) -> None:
        super().fill(first)
        self._rows["place"].setVisible(not self._at_window)
        self._named(self._country.text())

    def take_focus(self) -> bool:
        """Where something is still to be filled; all filled, at the weight, which no parcel shares with another."""
        waiting = [one for one in self._order if one.isVisible() and not one.text().strip() and not self._optional(one)]
        field = waiting[0] if waiting else self.fields()["weight_g"]
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
        return True


class CustomsForm(FieldForm):
    """报关单证: its head, and one line of it."""

    def __init__(self) -> None:
        super().__init__()
        category = ChoiceField("customs-category", "类别", tuple(CUSTOMS.values()))
        self.add("customs_category", "类别", category)
        self.add("description", "品名", TextField("customs-description", "品名，尽量中英文"), "如 books 书")
        self.add_beside(
            ("quantity", "数量", ScanField("customs-quantity", "数量")),
            ("net_weight_g", "净重（克）", ScanField("customs-weight", "净重，克")),
        )
        self.add_beside(
            ("value", "价值", ScanField("customs-value", "价值，按币种，可有两位小数")),
            ("currency", "币种", optional(ScanField("customs-currency", "币种，三个字母"))),
        )
        self.add_beside(
            ("origin", "原产地", optional(TextField("customs-origin", "原产国家或地区"))),
            ("hs_code", "税号", optional(ScanField("customs-hs-code", "商品税号（HS），不知道的空着"))),
        )


class PiecesForm(FieldForm):
    """一票多件: how many pieces there are in all, or a waybill of the shipment that is gone on with."""

    def __init__(self) -> None:
        super().__init__()
        self.add("pieces", "共几件", ScanField("shipment-pieces", "一票共几件"), "2–200 件。接着办以前的一票：扫它已收寄的任一件。")

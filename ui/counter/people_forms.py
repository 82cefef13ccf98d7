"""The forms about people: an organisation with its code checked while it is typed, the name on an order."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QComboBox, QLineEdit

from ui.counter.forms import FieldForm
from ui.counter.people import OFFICES, said_of_code
from ui.design import FormRow
from ui.fields import ScanField, TextField


class OrganisationForm(FieldForm):
    """单位名称、统一社会信用代码、负责人."""

    def __init__(self) -> None:
        super().__init__()
        self.add("organisation", "单位名称", TextField("organisation-name", "单位名称"))
        self._code: QLineEdit = ScanField("organisation-code", "统一社会信用代码")
        self._code.setMaxLength(24)  # written in groups, with spaces
        self.add("uscc", "信用代码", self._code, "营业执照上的 18 位；边输边查校验位。")
        self.add("responsible", "负责人", TextField("responsible-person", "负责人姓名"), "与出示证件的人一致。")
        self._office = QComboBox()
        self._office.setObjectName("responsible-office")
        for office, words in OFFICES.items():
            self._office.addItem(words, office.value)
        self._column.addWidget(FormRow("身份", self._office, "法定代表人按 Tab 到这里改。"))
        self._code.textChanged.connect(self._check)

    def _check(self, text: str) -> None:
        said = said_of_code(text)
        if said.holds is False:
            self._rows["uscc"].complain(said.words)
        else:
            self._rows["uscc"].tell(said.words)

    def typed(self) -> dict[str, str]:
        return {**super().typed(), "office": str(self._office.currentData())}

    def fill(self, first: Mapping[str, str]) -> None:
        super().fill(first)
        self._office.setCurrentIndex(max(0, self._office.findData(first.get("office", ""))))
        self._check(self._code.text())


class OrderNameForm(FieldForm):
    """订单上的寄件人全名, where the label hides a part."""

    def __init__(self) -> None:
        super().__init__()
        self.add("order_name", "寄件人", TextField("order-name", "订单上的寄件人全名"))

"""The notice of 个人信息保护法 17 条 as data, and as a sheet."""

from __future__ import annotations

import json

import pytest

from courier_check.errors import UserError
from courier_check.identity.codes import IdentityCode
from courier_check.identity.notices import Notice
from courier_check.privacy_notice import notice_sheet
from courier_check.store.resources import read_resource
from courier_check.wording import Language, Wording

SHIPPED = read_resource("notices/personal-data.json")
TOLD = ("联系方式", "法定义务", "留存", "保存多久", "您的权利", "未满 14 周岁", "不做人脸识别", "仅供寄递协议备案")
"""What art. 17 asks for, and what domain.md §11 promises."""


def test_the_shipped_notice_says_what_must_be_said() -> None:
    notice = Notice.parse(SHIPPED)
    sheet = notice_sheet(notice, Wording(Language.CHINESE), outlet="样例网点", contact="0371-1")
    text = "".join(str(cell) for row in sheet.rows for cell in row)
    assert [word for word in TOLD if word not in text] == []
    assert "样例网点。联系方式：0371-1。" in text
    assert notice.version in sheet.notes[0]


@pytest.mark.parametrize("language", Language)
def test_what_is_not_given_is_left_open(language: Language) -> None:
    sheet = notice_sheet(Notice.parse(SHIPPED), Wording(language), outlet=" ")
    text = "".join(str(cell) for row in sheet.rows for cell in row)
    assert "{" not in text
    assert "＿＿" in text or "____" in text


@pytest.mark.parametrize("change", [{"version": 1}, {"sections": None}, {"colour": "red"}, {"checked_on": "soon"}])
def test_a_notice_with_a_fault_is_named(change: dict[str, object]) -> None:
    with pytest.raises(UserError, match=IdentityCode.NOTICE_UNREADABLE.value):
        Notice.parse(json.dumps(json.loads(SHIPPED) | change).encode())

"""告知单: the notice of 个人信息保护法 17 条 as a sheet to be printed, put up at the window, or read out."""

from __future__ import annotations

from enum import StrEnum

from courier_check.identity.notices import Notice, filled
from courier_check.reports.sheets import Sheet
from courier_check.wording import Wording


class NoticeCode(StrEnum):
    """What the sheet says beside the notice's own text."""

    ITEM = "notice-item"
    VERSION = "notice-version"
    TO_FILL_IN = "notice-to-fill-in"


def notice_sheet(notice: Notice, wording: Wording, *, outlet: str, contact: str = "") -> Sheet:
    """One page in the language of `wording`. What is not given is left open, to be written in by hand."""
    blank = wording.of(NoticeCode.TO_FILL_IN)
    rows = tuple(
        (wording.bilingual(section.heading), filled(wording.bilingual(section.text), outlet.strip() or blank, contact.strip() or blank))
        for section in notice.sections
    )
    version = wording.of(NoticeCode.VERSION, {"version": notice.version})
    return Sheet(wording.bilingual(notice.title), (), (wording.of(NoticeCode.ITEM), ""), rows, (version,))

"""The status bar says what is so, and says of what is not known that it is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.overview import Overview
from courier_check.store.lists import ListInUse
from courier_check.sync.codes import SyncCode
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Language, Wording
from ui.shown import Tone
from ui.statusline import OLD_LIST_DAYS, connection_of, status_of

WORDING = Wording(Language.CHINESE)
NOW = 1_795_406_400_000  # 2026-11-23 12:00 in China
QUIET = Overview(NOW, 210, 14, 196, 3, None, "0f" * 16, 210, 196, False, None, ())

ENROLMENT = (SyncCode.URL_NOT_USABLE, SyncCode.ALREADY_ENROLLED)
"""Said to who enrols, with the address or the station; a run never ends with them."""


def test_before_the_first_contact_nothing_is_claimed() -> None:
    shown = status_of(QUIET, WORDING)
    assert (shown.online, shown.connection) == (None, "尚未同步")
    assert shown.counts == (("待传", "14"), ("已回执", "196"), ("退回", "3"))
    assert (shown.lists, shown.lists_tone) == ("没有名单", Tone.REFER)


def test_online_says_since_when() -> None:
    assert connection_of(SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW - 60_000), NOW, WORDING) == (True, "在线（11:59）")
    assert connection_of(SyncStatus(state=SyncState.SYNCHRONISED), NOW, WORDING) == (True, "在线")


def test_offline_says_why_and_when_the_next_try_comes() -> None:
    offline = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, attempts=3, next_try_ms=NOW + 12_300)
    online, told = connection_of(offline, NOW, WORDING)
    assert online is False
    assert told.startswith("离线：")
    assert told.endswith("，12 秒后重试")
    assert connection_of(offline, NOW + 20_000, WORDING)[1].endswith("，正在重试")
    assert "后重试" not in connection_of(msgspec.structs.replace(offline, next_try_ms=None), NOW, WORDING)[1]


@pytest.mark.parametrize(("state", "word"), [(SyncState.OFFLINE, "离线"), (SyncState.REFUSED, "未接收"), (SyncState.ALARM, "告警")])
def test_whatever_is_wrong_is_said_in_words_and_briefly(state: SyncState, word: str) -> None:
    for code in (None, *(code for code in SyncCode if code not in ENROLMENT)):
        online, told = connection_of(SyncStatus(state=state, code=code, detail="seq 120"), NOW, WORDING)
        assert online is False, code
        assert told.startswith(word), code
        assert told.count(word + "：") <= 1, code
        assert "{" not in told, code
        assert code is None or code.value not in told
        assert len(told) < 60, code


def in_use(version: int, confirmed: date, expires: date | None = None) -> ListInUse:
    return ListInUse(
        list_id="practice", title="练习名单", version=version, confirmed_on=confirmed, installed_at_ms=NOW, expires_on=expires, entries=10
    )


@pytest.mark.parametrize(
    ("confirmed", "words", "tone"),
    [
        (date(2026, 11, 23), "名单 v3 · 今日", Tone.PLAIN),
        (date(2026, 11, 22), "名单 v3 · 1 天前", Tone.PLAIN),
        (date(2026, 11, 23 - OLD_LIST_DAYS), "名单 v3 · 7 天前", Tone.PLAIN),
        (date(2026, 11, 22 - OLD_LIST_DAYS), "名单 v3 · 8 天前", Tone.REFER),
        (date(2026, 11, 30), "名单 v3 · 今日", Tone.PLAIN),
    ],
)
def test_a_list_has_version_and_age(confirmed: date, words: str, tone: Tone) -> None:
    shown = status_of(replace(QUIET, lists=(in_use(3, confirmed),)), WORDING)
    assert (shown.lists, shown.lists_tone) == (words, tone)


def test_the_oldest_list_tells_the_age_and_an_expired_one_is_said() -> None:
    both = (in_use(3, date(2026, 11, 23)), in_use(2, date(2026, 11, 13)))
    assert status_of(replace(QUIET, lists=both), WORDING).lists == "名单 v3 · 10 天前"
    expired = (in_use(3, date(2026, 11, 23), expires=date(2026, 11, 23)),)
    assert status_of(replace(QUIET, lists=expired), WORDING).lists == "名单 v3 · 有名单已过期"


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(-(10**9), 10**9))
def test_counts_and_waits_are_shown_as_they_are(pending: int, returned: int, wait_ms: int) -> None:
    sync = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, next_try_ms=NOW + wait_ms)
    shown = status_of(replace(QUIET, pending=pending, returned=returned, sync=sync), WORDING)
    assert (shown.counts[0][1], shown.counts[2][1]) == (str(pending), str(returned))
    assert "-" not in shown.connection

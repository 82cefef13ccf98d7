"""The status bar says what is so, and says of what is not known that it is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import CourierCheckError, EnvironmentFault, StoreError
from courier_check.overview import Overview
from courier_check.store.codes import StoreCode
from courier_check.store.lists import ListInUse
from courier_check.sync.codes import SyncCode
from courier_check.sync.due import SILENT_MS
from courier_check.sync.synchroniser import SyncState, SyncStatus
from courier_check.wording import Language, Wording
from ui.background import BackgroundCode
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


DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("contact_ms", "words"),
    [
        (NOW - SILENT_MS, "状态不明：11:57 以来没有联系"),
        (NOW - 26 * 3_600_000, "状态不明：11-22 10:00 以来没有联系"),
        (NOW + SILENT_MS, "状态不明：上次联系的时间（12:03）晚于本机时间"),
        (NOW + DAY_MS, "状态不明：上次联系的时间（11-24 12:00）晚于本机时间"),
    ],
)
def test_a_contact_of_some_time_ago_does_not_make_online(contact_ms: int, words: str) -> None:
    """Whatever has become of the synchroniser, and whichever way the clock was set."""
    assert connection_of(SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=contact_ms), NOW, WORDING) == (None, words)


@pytest.mark.parametrize("away_ms", [1 - SILENT_MS, SILENT_MS - 1])
def test_a_heartbeat_that_is_late_is_no_silence(away_ms: int) -> None:
    assert connection_of(SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW + away_ms), NOW, WORDING)[0]


def test_a_receipt_of_the_run_under_way_is_a_contact() -> None:
    before = SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW - DAY_MS)
    shown = status_of(replace(QUIET, sync=before, receipt_ms=NOW - 1_000), WORDING)
    assert (shown.online, shown.connection) == (True, "在线（11:59）")


ONLINE = SyncStatus(state=SyncState.SYNCHRONISED, last_contact_ms=NOW - 60_000)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError(StoreCode.DISK_FULL), "没有同步：磁盘已满，这一笔没有写入，以前的记录完好"),
        (StoreError(StoreCode.DATABASE_DAMAGED), "没有同步：数据库打不开：文件损坏或密钥不符"),
        (StoreError(StoreCode.FOLDER_ABSENT, folder="D:/courier"), "没有同步：D:/courier 里没有收寄台数据"),
        (EnvironmentFault(BackgroundCode.INTERNAL), "没有同步：程序内部出错，正在做的这一步没有完成"),
    ],
)
@pytest.mark.parametrize("sync", [None, ONLINE, SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, next_try_ms=NOW)])
def test_what_keeps_this_side_from_synchronising_is_said(sync: SyncStatus | None, error: CourierCheckError, words: str) -> None:
    shown = status_of(replace(QUIET, sync=sync, hindrance=error), WORDING)
    assert (shown.online, shown.connection) == (None, words)
    assert shown.counts == status_of(QUIET, WORDING).counts


def test_an_alarm_stays_in_sight_beside_what_is_in_the_way() -> None:
    alarm = SyncStatus(state=SyncState.ALARM, code=SyncCode.ROLLBACK, next_try_ms=NOW + 9_000)
    before = status_of(replace(QUIET, sync=alarm), WORDING).connection
    shown = status_of(replace(QUIET, sync=alarm, hindrance=StoreError(StoreCode.DISK_FULL)), WORDING)
    assert (before.endswith("，9 秒后重试"), shown.online) == (True, False)
    assert shown.connection == before.replace("，9 秒后重试", "，现在没有同步")


def test_another_synchroniser_at_work_is_no_fault() -> None:
    running = StoreError(StoreCode.SYNC_RUNNING)
    offline = SyncStatus(state=SyncState.OFFLINE, code=SyncCode.NO_CONNECTION, next_try_ms=NOW + 12_300)
    for sync in (ONLINE, offline):
        alone = status_of(replace(QUIET, sync=sync), WORDING)
        shown = status_of(replace(QUIET, sync=sync, hindrance=running), WORDING)
        assert (shown.online, shown.connection) == (alone.online, f"{alone.connection} · 另一个同步程序在运行")


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

"""The signature over a request binds method, path, query, body, station and time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.codes import JournalError
from courier_check.journal.keys import SigningKey, VerifyingKey
from courier_check.wire.requests import Authorization, Call, authorization
from support.pki import secret

KEY = SigningKey(secret("a station"))
PUBLIC = VerifyingKey(KEY.public)
CALL = Call("POST", "/v1/journals/x/batches?a=1", b"body")
TEXT = authorization(CALL, "zz-jinshui-01", 1_795_406_400_000, KEY)


def test_a_signed_call_verifies():
    Authorization.parse(TEXT).verify(CALL, PUBLIC)


@pytest.mark.parametrize(
    "changes", [{"method": "PUT"}, {"path": "/v1/journals/x/batches?a=2"}, {"path": "/v1/journals/x/batches"}, {"body": b""}]
)
def test_another_call_does_not_verify(changes):
    with pytest.raises(JournalError):
        Authorization.parse(TEXT).verify(replace(CALL, **changes), PUBLIC)


@pytest.mark.parametrize("changes", [{"station_id": "zz-jinshui-02"}, {"at_ms": 1_795_406_400_001}])
def test_another_station_or_time_does_not_verify(changes):
    with pytest.raises(JournalError):
        replace(Authorization.parse(TEXT), **changes).verify(CALL, PUBLIC)


@given(st.text(max_size=150))
def test_reading_any_text_never_crashes(text):
    with suppress(JournalError):
        Authorization.parse(text).verify(CALL, PUBLIC)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_one_other_character_is_refused(at, char):
    changed = TEXT[:at] + char + TEXT[at + 1 :]
    if changed != TEXT:
        with pytest.raises(JournalError):
            Authorization.parse(changed).verify(CALL, PUBLIC)


@given(st.from_regex(r"Courier-Station v=1,station_id=[a-z0-9-]{1,63},at_ms=[0-9]{1,16},signature=[A-Za-z0-9_-]{86}", fullmatch=True))
def test_well_formed_authorizations_of_nobody_are_refused(text):
    with pytest.raises(JournalError):
        Authorization.parse(text).verify(CALL, PUBLIC)

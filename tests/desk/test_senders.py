"""回头客: known by token, filled in by consent, forgotten on request. Everyone here is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.desk.senders import Senders
from courier_check.errors import UserError
from courier_check.identity.documents import DocumentType, IdentityDocument, Source
from courier_check.inspection.verdict import Outcome
from courier_check.journal.tokens import TokenKind, match_token
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings, unlock
from courier_check.store import views
from courier_check.store.senders import StoredProfile, save_profile
from courier_check.terms import MailKind
from support.clocks import SetClock
from support.entries import Prepared, facts, stored
from support.parcels import DOCUMENT
from support.plain_pages import plain_pages
from support.stations import CHEAP, count

DISTINCT = replace(DOCUMENT, name="欧阳样例甲")
PHONE = "13577776666"
TRACES = (DISTINCT.name or "", PHONE)
PASSPORT = IdentityDocument(type=DocumentType.FOREIGN_PASSPORT, name="SAMPLE EXAMPLA", number="L8988901C", nationality="CAN")


def pages(station: Station) -> bytes:
    return b"\n".join(plain_pages(station.folder.database, unlock(station.folder.path, PRACTICE_PASSPHRASE).key))


def traces(station: Station) -> list[str]:
    data = pages(station)
    return [trace for trace in TRACES if trace.encode() in data]


def refused(code: DeskCode) -> Any:
    return pytest.raises(UserError, match=code.value)


def test_who_sent_before_is_known_by_token_and_nothing_is_filled_in(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    senders = station.desk().senders
    assert senders.find(DOCUMENT).ever == 0
    station.desk().acceptances.submit(Submission(prepared(), clerk))
    known = senders.find(replace(DOCUMENT, name=None, number=" 41010519900307123x"))
    assert (known.today, known.week, known.ever, known.profile, known.prefill) == (1, 1, 1, None, None)
    assert senders.find(replace(DOCUMENT, number="410105199003071248")).ever == 0


def test_visits_are_counted_by_day_and_week(station: Station, clerk: SignedIn, prepared: Prepared, clock: SetClock) -> None:
    station.desk().acceptances.submit(Submission(prepared(), clerk))
    clock.pass_ms(3 * 86_400_000)
    known = station.desk().senders.find(DOCUMENT)
    assert (known.today, known.week, known.ever) == (0, 1, 1)
    clock.pass_ms(30 * 86_400_000)
    known = station.desk().senders.find(DOCUMENT)
    assert (known.today, known.week, known.ever) == (0, 0, 1)


def test_consent_is_an_entry_that_names_nobody(station: Station, clerk: SignedIn) -> None:
    entry = station.desk().senders.consent(DISTINCT, PHONE, clerk).entry
    profile = station.desk().senders.find(DISTINCT).prefill
    assert profile is not None
    assert (profile.name, profile.phone) == (DISTINCT.name, PHONE)
    assert [trace for trace in TRACES if trace in repr(profile)] == []
    said = facts(station, entry.header.seq)
    assert entry.header.kind == "sender-consent"
    assert said == {"profile": profile.profile_id, "notice": station.desk().acceptances.rules.notice.version}
    assert stored(station, entry.header.seq).openings == {}
    assert station.verify().ok
    assert all(each.equal for each in views.compare(station.database))


def test_a_second_consent_renews_the_first(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    first = senders.find(DISTINCT).prefill
    senders.consent(DISTINCT, "13688889999", clerk)
    again = senders.find(DISTINCT).prefill
    assert first is not None
    assert again == StoredProfile(first.profile_id, DISTINCT.name, "13688889999", first.notice)
    assert count(station.database, "sender_profiles") == 1


def test_withdrawing_leaves_the_token_only(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    assert traces(station) == list(TRACES)
    done = senders.withdraw(DISTINCT, clerk)
    assert done.gone
    assert traces(station) == []
    known = senders.find(DISTINCT)
    assert (known.prefill, known.profile is not None) == (None, True), "nobody is asked again"
    assert done.entry.entry.header.kind == "sender-withdrawal"
    with refused(DeskCode.SENDER_NOT_KEPT):
        senders.withdraw(DISTINCT, clerk)


def test_forgetting_leaves_nothing_in_any_page(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    key = station.enrolled().enrolment.match_keys[0]
    token = match_token(key.key, TokenKind.ID_NUMBER, DISTINCT.number or "")
    assert token.encode() in pages(station)
    done = senders.forget(DISTINCT, clerk)
    assert done.gone
    assert traces(station) == []
    assert token.encode() not in pages(station)
    assert senders.find(DISTINCT).profile is None
    assert station.verify().ok
    with refused(DeskCode.SENDER_NOT_KEPT):
        senders.forget(DISTINCT, clerk)


def test_a_withdrawn_profile_can_be_forgotten_and_consented_anew(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    senders.withdraw(DISTINCT, clerk)
    senders.consent(DISTINCT, PHONE, clerk)
    assert senders.find(DISTINCT).prefill is not None
    senders.withdraw(DISTINCT, clerk)
    senders.forget(DISTINCT, clerk)
    assert count(station.database, "sender_profiles") == 0


def test_another_reader_of_the_log_is_told_of(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    with Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(station.clock, hasher=CHEAP)) as other:
        with other.database.snapshot():
            other.database.rows("SELECT COUNT(*) FROM sender_profiles")
            assert senders.forget(DISTINCT, clerk).gone is False
        assert senders.find(DISTINCT).profile is None
    station.close()
    reopened = Station.open(station.folder.path, PRACTICE_PASSPHRASE, Surroundings(station.clock, hasher=CHEAP))
    try:
        assert traces(reopened) == [], "whoever closes last clears the log"
    finally:
        reopened.close()


def test_a_profile_under_an_older_key_is_found_and_brought_up_to_date(station: Station, clerk: SignedIn) -> None:
    """Keys are new each year; a station keeps those of the years before."""
    senders = station.desk().senders
    key = station.enrolled().enrolment.match_keys[0]
    token = match_token(key.key, TokenKind.ID_NUMBER, DISTINCT.number or "")
    with station.database.write() as tx:
        save_profile(tx, StoredProfile("ab" * 16, "旧名", PHONE), key.match_key_id, token)
    senders.consent(DISTINCT, PHONE, clerk)
    brought = senders.find(DISTINCT).prefill
    assert brought is not None
    assert brought == StoredProfile("ab" * 16, DISTINCT.name, PHONE, brought.notice)
    assert brought.notice is not None


@pytest.mark.parametrize("kind", ["withdraw", "forget"])
def test_a_second_profile_under_another_year_s_key_goes_as_well(station: Station, clerk: SignedIn, kind: str) -> None:
    """Two windows at the turn of the year, one of which has the new key only after it kept a profile."""
    identity, rules = station.enrolled(), station.desk().acceptances.rules
    this_year = identity.enrolment.match_keys[0]
    last_year = msgspec.structs.replace(this_year, match_key_id="cd" * 16, year=this_year.year - 1, key=bytes(32))
    keys = (last_year, this_year)
    enrolment = msgspec.structs.replace(identity.enrolment, match_keys=keys)
    senders = Senders(station.database, station.writer(), replace(identity, enrolment=enrolment), rules.policy, rules.notice.version)
    with station.database.write() as tx:
        for number, key in enumerate(keys):
            token = match_token(key.key, TokenKind.ID_NUMBER, DISTINCT.number or "")
            save_profile(tx, StoredProfile(f"{number:032x}", DISTINCT.name, PHONE), key.match_key_id, token)
    getattr(senders, kind)(DISTINCT, clerk)
    assert traces(station) == []
    known = senders.find(DISTINCT)
    assert (known.prefill, known.profile is None) == (None, kind == "forget")
    assert station.verify().ok
    with refused(DeskCode.SENDER_NOT_KEPT):
        getattr(senders, kind)(DISTINCT, clerk)


@pytest.mark.parametrize(
    ("document", "phone", "code"),
    [
        (replace(DISTINCT, name=" "), PHONE, DeskCode.SENDER_INCOMPLETE),
        (replace(DISTINCT, number=None), PHONE, DeskCode.SENDER_INCOMPLETE),
        (DISTINCT, "", DeskCode.SENDER_PHONE_UNFIT),
        (DISTINCT, "135****6666", DeskCode.SENDER_PHONE_UNFIT),
        (DISTINCT, "13577776666转1234", DeskCode.SENDER_PHONE_UNFIT),
        (replace(DISTINCT, number="410105201503071236", born_on=None), PHONE, DeskCode.SENDER_TOO_YOUNG),
        (replace(DISTINCT, number="410105201503071236", born_on=date(1990, 3, 7)), PHONE, DeskCode.SENDER_TOO_YOUNG),
        (replace(PASSPORT, born_on=date(2020, 1, 1)), PHONE, DeskCode.SENDER_TOO_YOUNG),
        (PASSPORT, PHONE, DeskCode.SENDER_AGE_UNKNOWN),
    ],
)
def test_who_can_not_agree_or_be_reached_is_not_kept(
    station: Station, clerk: SignedIn, document: IdentityDocument, phone: str, code: DeskCode
) -> None:
    with refused(code):
        station.desk().senders.consent(document, phone, clerk)
    assert count(station.database, "sender_profiles") == 0


def test_nobody_changes_a_profile_without_signing_in(station: Station, clerk: SignedIn) -> None:
    senders = station.desk().senders
    senders.consent(DISTINCT, PHONE, clerk)
    for act in (
        lambda: senders.consent(DISTINCT, PHONE, None),
        lambda: senders.withdraw(DISTINCT, None),
        lambda: senders.forget(DISTINCT, None),
    ):
        with refused(DeskCode.NOT_SIGNED_IN):
            act()
    assert senders.find(DISTINCT).prefill is not None


def under(station: Station, version: str) -> Senders:
    """The senders of a station whose notice in force is of this version."""
    desk = station.desk()
    return Senders(station.database, station.writer(), station.enrolled(), desk.acceptances.rules.policy, version)


def test_who_agreed_saw_the_version_of_that_day_and_no_other(station: Station, clerk: SignedIn) -> None:
    assert not under(station, "v1").is_informed(DISTINCT)
    under(station, "v1").consent(DISTINCT, PHONE, clerk)
    assert under(station, "v1").is_informed(DISTINCT)
    assert not under(station, "v2").is_informed(DISTINCT), "what has changed is told again (个保法 17 条)"
    assert not under(station, "v1").is_informed(replace(DISTINCT, number="410105199003071248"))
    under(station, "v1").withdraw(DISTINCT, clerk)
    assert not under(station, "v1").is_informed(DISTINCT)


def test_a_newer_notice_is_shown_once_and_noted_by_the_acceptance(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    under(station, "v1").consent(DOCUMENT, PHONE, clerk)
    station.desk().acceptances.submit(Submission(prepared().notice_shown("v2"), clerk))
    assert under(station, "v2").is_informed(DOCUMENT)


def test_of_who_did_not_agree_nothing_tells_what_was_shown(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    station.desk().acceptances.submit(Submission(prepared().notice_shown("v1"), clerk))
    assert not under(station, "v1").is_informed(DOCUMENT)
    with refused(DeskCode.SENDER_INCOMPLETE):
        under(station, "v1").is_informed(replace(DOCUMENT, number=None))


def test_a_profile_of_an_earlier_program_knows_of_no_notice(station: Station, clerk: SignedIn) -> None:
    station.desk().senders.consent(DISTINCT, PHONE, clerk)
    with station.database.write() as tx:
        tx.execute("UPDATE sender_profiles SET notice = NULL")
    assert not station.desk().senders.is_informed(DISTINCT)


def test_a_known_sender_is_checked_as_everybody(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    """每次都核对本人；原件由芯片说明，没有读芯片的也每次都问。"""
    station.desk().senders.consent(DOCUMENT, PHONE, clerk)
    station.desk().acceptances.submit(Submission(prepared(), clerk))
    for source, asked in ((Source.CHIP, {"person-matches"}), (Source.PICTURE, {"person-matches", "original-document"})):
        session = Session.started("s2", MailKind.PARCEL).identified(replace(DOCUMENT, source=source)).sender_known(PHONE)
        verdict = station.desk().acceptances.verdict(station.desk().acceptances.prepare(session))
        assert verdict.outcome is Outcome.INCOMPLETE
        assert {"person-matches", "original-document"} & set(verdict.missing) == asked

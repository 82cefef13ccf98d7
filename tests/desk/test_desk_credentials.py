"""实名码 at the desk: taken once, at any window and after any restart; keys come from the gateway's package only."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.codes import DeskCode
from courier_check.desk.rights import SignedIn
from courier_check.errors import CourierCheckError, UserError
from courier_check.identity.codes import CredentialCode, DocumentReason
from courier_check.identity.credential import TOLERANCE_S
from courier_check.identity.documents import Source
from courier_check.identity.policy import review_document
from courier_check.identity.readings import SourceReading
from courier_check.inspection.verdict import Outcome
from courier_check.journal.parts import opened
from courier_check.station import PRACTICE_PASSPHRASE, Station, Surroundings
from courier_check.store import presented
from courier_check.store.facts import load_number, save_number
from courier_check.terms import MailKind
from courier_check.wire.packages import PackageKind
from support.clocks import SetClock
from support.credentials import KEYS, PERSON, keys_content, package, spoilt, text
from support.entries import Prepared
from support.parcels import TODAY
from support.pki import MadeUpGateway, secret
from support.stations import CHEAP, count, reopened


@pytest.fixture
def believing(station: Station, supervisor: SignedIn) -> Station:
    """A practice station with the key of the made-up issuer."""
    station.desk().credentials.install(package(keys_content()), supervisor)
    return station


def now_s(station: Station) -> int:
    return station.clock.read().wall_ms // 1000


def refusal(station: Station, given: str) -> CredentialCode:
    with pytest.raises(UserError) as caught:
        station.desk().credentials.take(given)
    return CredentialCode(caught.value.code)


def not_installed(station: Station, data: bytes, by: SignedIn | None) -> str:
    with pytest.raises(CourierCheckError) as caught:
        station.desk().credentials.install(data, by)
    return caught.value.code.value


def test_a_credential_serves_once(believing: Station) -> None:
    given = text(now_s(believing))
    assert believing.desk().credentials.take(given) == SourceReading(Source.CREDENTIAL, PERSON)
    assert refusal(believing, given) is CredentialCode.USED
    assert refusal(believing, f" {given.lower()} ") is CredentialCode.USED
    believing.desk().credentials.take(text(now_s(believing), nonce=2))


def test_what_was_taken_is_known_after_a_restart_and_at_another_window(believing: Station) -> None:
    given = text(now_s(believing))
    with Station.open(believing.folder.path, PRACTICE_PASSPHRASE, Surroundings(believing.clock, hasher=CHEAP)) as other:
        other.desk().credentials.take(given)
        assert refusal(believing, given) is CredentialCode.USED
    again = reopened(believing)
    believing.database = again.database
    assert refusal(again, given) is CredentialCode.USED


def test_of_two_windows_at_once_one_takes_it(believing: Station) -> None:
    given, path = text(now_s(believing)), believing.folder.path
    told: list[str] = []

    def window() -> None:
        with Station.open(path, PRACTICE_PASSPHRASE, Surroundings(SetClock(), hasher=CHEAP)) as opened:
            try:
                opened.desk().credentials.take(given)
            except UserError as error:
                told.append(error.code.value)
            else:
                told.append("taken")

    windows = [Thread(target=window) for _ in range(4)]
    for each in windows:
        each.start()
    for each in windows:
        each.join()
    assert sorted(told) == [*["credential-used"] * 3, "taken"]


def test_only_what_is_past_its_end_is_forgotten(believing: Station, clock: SetClock) -> None:
    first, second = text(now_s(believing)), text(now_s(believing) + 30, nonce=2)
    believing.desk().credentials.take(first)
    believing.desk().credentials.take(second)
    clock.pass_ms((290 + TOLERANCE_S + 1) * 1000)
    assert refusal(believing, first) is CredentialCode.EXPIRED
    believing.desk().credentials.take(text(now_s(believing), nonce=3))
    assert count(believing.database, "presented_credentials") == 2
    assert refusal(believing, second) is CredentialCode.USED


def test_a_clock_put_back_makes_no_used_credential_good_again(believing: Station, clock: SetClock) -> None:
    given = text(now_s(believing))
    believing.desk().credentials.take(given)
    clock.pass_ms(3_600_000)
    believing.desk().credentials.take(text(now_s(believing), nonce=2))  # the first is forgotten now
    clock.pass_ms(-3_600_000)
    assert refusal(believing, given) is CredentialCode.EXPIRED
    believing.desk().credentials.take(text(now_s(believing) + 40, nonce=3))  # issued later than what was forgotten: good


def test_a_clock_before_the_gateways_time_does_not_count(believing: Station) -> None:
    given = text(now_s(believing))
    with believing.database.write() as tx:
        save_number(tx, "trusted_ms", believing.clock.read().wall_ms + 3_600_000)
    assert refusal(believing, given) is CredentialCode.EXPIRED


def test_what_is_refused_is_not_used_up(believing: Station, clock: SetClock) -> None:
    early = text(now_s(believing) + TOLERANCE_S + 20)
    assert refusal(believing, early) is CredentialCode.FUTURE
    clock.pass_ms(30_000)
    believing.desk().credentials.take(early)


def test_the_audience_is_this_station_or_its_outlet(believing: Station) -> None:
    certificate = believing.enrolled().certificate
    assert certificate.station is not None
    for number, audience in enumerate((certificate.subject, certificate.station.outlet_id)):
        believing.desk().credentials.take(text(now_s(believing), nonce=number, audience=audience))
    assert refusal(believing, text(now_s(believing), nonce=9, audience="elsewhere")) is CredentialCode.OTHER_AUDIENCE


def test_spoilt_codes_leave_no_trace(believing: Station) -> None:
    for each in spoilt(now_s(believing), 60):
        refusal(believing, each)
    assert count(believing.database, "presented_credentials") == 0


@pytest.mark.slow
def test_of_ten_thousand_forged_stale_and_used_codes_none_is_taken(believing: Station) -> None:
    desk = believing.desk().credentials
    used = [text(now_s(believing), nonce=number) for number in range(100)]
    for each in used:
        desk.take(each)
    for each in spoilt(now_s(believing), 8_000):
        refusal(believing, each)
    for place in range(2_000):
        assert refusal(believing, used[place % 100]) is CredentialCode.USED
    assert count(believing.database, "presented_credentials") == 100


def test_nothing_of_the_person_is_written(believing: Station) -> None:
    believing.desk().credentials.take(text(now_s(believing)))
    held = believing.database.rows("SELECT * FROM presented_credentials")
    assert [len(row) for row in held] == [3]
    written = repr(held).encode() + b"".join(row[0] for row in believing.database.rows("SELECT header FROM journal_entries"))
    for said in (PERSON.name, PERSON.number):
        assert str(said).encode() not in written
        assert str(said) not in repr(held)


def test_without_a_package_nobody_is_believed(station: Station) -> None:
    assert station.desk().credentials.status() is None
    assert refusal(station, text(now_s(station))) is CredentialCode.OTHER_ISSUER


def test_a_text_of_another_kind_is_left_to_be_kept(believing: Station) -> None:
    assert refusal(believing, "https://example.invalid/实名码") is CredentialCode.UNKNOWN


def test_the_practice_station_takes_what_others_do_not_yet(tmp_path: Path, believing: Station) -> None:
    policy = believing.desk().acceptances.rules.policy
    assert policy.credential.accepted
    assert review_document(policy, PERSON, MailKind.PARCEL, TODAY) == ()
    gateway = MadeUpGateway(practice=False)
    with new_real_station(tmp_path / "real", gateway) as real:
        assert not real.desk().acceptances.rules.policy.credential.accepted
        assert refusal(real, text(now_s(real))) is CredentialCode.NOT_ACCEPTED
        reasons = review_document(real.desk().acceptances.rules.policy, PERSON, MailKind.PARCEL, TODAY)
        assert [reason.code for reason in reasons] == [DocumentReason.CREDENTIAL_NOT_ACCEPTED]


def new_real_station(path: Path, gateway: MadeUpGateway) -> Station:
    from support.stations import enrolled_at_nothing

    station = Station.init(path, PRACTICE_PASSPHRASE, Surroundings(SetClock(), hasher=CHEAP), practice=False)
    enrolled_at_nothing(station, gateway)
    return station


# --- the package of keys ------------------------------------------------------------------------------------------------------------------


def test_installed_keys_are_journaled_and_shown(believing: Station) -> None:
    held = believing.desk().credentials.status()
    assert held is not None
    assert (held.version, held.keys) == ("1", KEYS.all())
    row = believing.database.row("SELECT kind, name, version, sha256, signed FROM installed_packages WHERE kind = 'credential-keys'")
    assert row == ("credential-keys", "credential-keys", "1", held.sha256, 1)
    assert believing.verify().ok


def test_a_newer_package_takes_keys_back(believing: Station, supervisor: SignedIn) -> None:
    given = text(now_s(believing))
    other = Station.open(believing.folder.path, PRACTICE_PASSPHRASE, Surroundings(believing.clock, hasher=CHEAP))
    with other:
        other.desk().credentials.take(text(now_s(believing), nonce=5))
        believing.desk().credentials.install(package(b'{"keys":[]}', 2), supervisor)
        assert refusal(other, given) is CredentialCode.OTHER_ISSUER
    assert refusal(believing, given) is CredentialCode.OTHER_ISSUER


def test_what_is_not_believed_changes_nothing(believing: Station, supervisor: SignedIn) -> None:
    foreign = MadeUpGateway(root=type(MadeUpGateway().root)(secret("another root")))
    assert not_installed(believing, package(keys_content(), 2, foreign), supervisor) == DeskCode.PACKAGE_NOT_BELIEVED
    assert not_installed(believing, package(keys_content()), supervisor) == DeskCode.PACKAGE_NOT_NEWER
    of_rules = package(keys_content(), 2, package_kind=PackageKind.RULES)
    assert not_installed(believing, of_rules, supervisor) == DeskCode.PACKAGE_KIND_WRONG
    assert not_installed(believing, package(keys_content(), 2, expires_on="2026-01-01"), supervisor) == DeskCode.PACKAGE_EXPIRED
    assert not_installed(believing, package(keys_content(practice=False), 2), supervisor) == CredentialCode.KEYS_PRACTICE
    assert not_installed(believing, package(b"{}", 2), supervisor) == CredentialCode.KEYS_UNREADABLE
    assert not_installed(believing, package(small_order(), 2), supervisor) == CredentialCode.KEYS_UNREADABLE
    assert not_installed(believing, package(keys_content(), 2), None) == DeskCode.NOT_SIGNED_IN
    held = believing.desk().credentials.status()
    assert held is not None
    assert held.version == "1"


def small_order() -> bytes:
    from courier_check.identity.credential_keys import credential_key_id

    weak = bytes([1]) + bytes(31)
    return keys_content(public_key=weak.hex(), key_id=credential_key_id(weak).hex())


def test_a_clerk_installs_no_keys(station: Station, clerk: SignedIn) -> None:
    assert not_installed(station, package(keys_content()), clerk) == DeskCode.NO_RIGHT


def test_an_altered_file_of_keys_is_noticed(believing: Station) -> None:
    again = reopened(believing)
    believing.database = again.database
    (file,) = again.folder.packages.iterdir()
    file.write_bytes(file.read_bytes() + b"\n")
    assert refusal(again, text(now_s(again))) is CredentialCode.KEYS_LOST
    file.unlink()
    assert refusal(again, text(now_s(again))) is CredentialCode.KEYS_LOST


def test_forgetting_never_goes_back(station: Station) -> None:
    with station.database.write() as tx:
        for number, end in enumerate((100, 300)):
            assert presented.take(tx, "i", bytes([number]), end)
        presented.forget(tx, 300)
        assert presented.take(tx, "i", b"z", 200)
        presented.forget(tx, 250)
        assert load_number(tx, "credentials_forgotten_s") == 300
        assert presented.is_forgotten(tx, 300)
        assert not presented.is_forgotten(tx, 301)


# --- what becomes of them in an acceptance ------------------------------------------------------------------------------------------------


def kept_part(station: Station) -> dict[str, object]:
    part = opened(station.database.value("SELECT opening FROM parts WHERE name = 'kept' ORDER BY seq DESC LIMIT 1"))
    assert isinstance(part, dict)
    return dict(part)


def test_a_taken_credential_identifies_the_sender(believing: Station) -> None:
    reading = believing.desk().credentials.take(text(now_s(believing)))
    session = Session.started("s1", MailKind.PARCEL).read_from(reading).credential_kept("安易递\x00 8F3A")
    assert session.draft.document is not None
    assert session.draft.document.source is Source.CREDENTIAL
    assert session.draft.credential_ref == "安易递 8F3A"
    assert session.again("s2").draft.credential_ref == "安易递 8F3A"
    assert "8F3A" not in repr(session.draft)
    again = session.undo()
    assert again.draft.credential_ref == ""


def test_an_unknown_code_is_kept_with_the_act_as_it_was_scanned(station: Station, clerk: SignedIn, prepared: Prepared) -> None:
    session = prepared(changed=lambda s: s.credential_kept("安易递 8F3A"))
    recorded = station.desk().acceptances.submit(Submission(session, clerk))
    assert recorded.outcome is Outcome.ACCEPT
    assert kept_part(station)["e_credential_ref"] == "安易递 8F3A"
    header = station.database.value("SELECT header FROM journal_entries ORDER BY seq DESC LIMIT 1")
    assert b"8F3A" not in header

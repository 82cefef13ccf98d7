"""Who is believed: the pinned root, and whom it certified for what."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SigningKey, from_text, to_text
from courier_check.wire.certificates import USUAL_LIMITS, Certificate, GatewayDocument, Role, StationPlace, station_certificate, trust
from courier_check.wire.documents import read_document
from courier_check.wire.signed import Signed, sign
from support.pki import MadeUpGateway, secret
from support.sample_journals import with_bit_changed

GATEWAY, PRACTICE_OFF = MadeUpGateway(), MadeUpGateway(practice=False)
STRANGER = MadeUpGateway(root=SigningKey(secret("another root")))
DOCUMENT = GATEWAY.document()
STATION = SigningKey(secret("a station"))


def code_of(document: GatewayDocument, fingerprint: bytes = GATEWAY.fingerprint) -> str:
    with pytest.raises(JournalError) as caught:
        trust(document, fingerprint)
    return caught.value.code


def with_certificates(*signed: Signed) -> GatewayDocument:
    return msgspec.structs.replace(DOCUMENT, certificates=signed)


def body_of(signed: Signed) -> Certificate:
    return msgspec.json.decode(signed.body, type=Certificate)


def reissued(signed: Signed, issuer: SigningKey, **changes: object) -> Signed:
    return sign(msgspec.structs.replace(body_of(signed), **changes), issuer)


ROOT, RECEIPT = DOCUMENT.certificates[0], DOCUMENT.certificates[1]


def test_the_pinned_gateway_is_believed():
    assert trust(DOCUMENT, GATEWAY.fingerprint).root == body_of(ROOT)


def test_a_gateway_with_another_root_is_refused():
    assert code_of(STRANGER.document()) == JournalCode.WRONG_KEY


def test_the_pinned_root_of_another_gateway_beside_its_own_certificates_is_refused():
    assert code_of(with_certificates(ROOT, *STRANGER.document().certificates[1:])) == JournalCode.WRONG_KEY


def test_a_foreign_certificate_under_the_root_s_key_id_is_refused():
    forged = msgspec.structs.replace(sign(body_of(RECEIPT), STRANGER.root), key_id=GATEWAY.root.key_id)
    assert code_of(with_certificates(ROOT, forged)) == JournalCode.BAD_SIGNATURE


def test_a_root_that_another_root_signed_is_refused():
    forged = msgspec.structs.replace(sign(body_of(ROOT), STRANGER.root), key_id=GATEWAY.root.key_id)
    assert code_of(with_certificates(forged)) == JournalCode.BAD_SIGNATURE


def test_the_root_must_come_first():
    assert code_of(with_certificates(RECEIPT, ROOT)) == JournalCode.WRONG_KEY
    assert code_of(with_certificates()) == JournalCode.MALFORMED


@pytest.mark.parametrize("role", [Role.ROOT, Role.STATION])
def test_the_root_does_not_issue_roots_or_stations(role):
    place = StationPlace(outlet_id="o", outlet_name="样例", region="410105") if role == Role.STATION else None
    assert code_of(with_certificates(ROOT, reissued(RECEIPT, GATEWAY.root, role=role, station=place))) == JournalCode.WRONG_KIND


def test_a_certificate_issued_by_a_certified_key_is_refused():
    issuer = GATEWAY.signing[Role.ENROLMENT]
    assert code_of(with_certificates(ROOT, reissued(RECEIPT, issuer))) == JournalCode.WRONG_KEY


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"practice": False}, JournalCode.WRONG_PLACE),
        ({"gateway_id": "other", "subject": "other"}, JournalCode.WRONG_PLACE),
        ({"subject": "other"}, JournalCode.MALFORMED),
        ({"alg": "x25519"}, JournalCode.WRONG_KIND),
        ({"role": Role.INTAKE}, JournalCode.WRONG_KIND),
        ({"subject_key_id": "0" * 32}, JournalCode.WRONG_KEY),
        ({"station": StationPlace(outlet_id="o", outlet_name="样例", region="410105")}, JournalCode.MALFORMED),
    ],
)
def test_a_certificate_that_contradicts_itself_or_its_root_is_refused(changes, code):
    assert code_of(with_certificates(ROOT, reissued(RECEIPT, GATEWAY.root, **changes))) == code


@pytest.mark.parametrize("changes", [{"practice": False}, {"gateway_id": "other"}])
def test_a_document_that_says_other_than_its_root_is_refused(changes):
    assert code_of(msgspec.structs.replace(DOCUMENT, **changes)) == JournalCode.MALFORMED


def test_a_root_of_small_order_is_refused():
    """Anyone could sign under it, if anyone had been made to pin it."""
    neutral = b"\x01" + bytes(31)
    forged = reissued(ROOT, GATEWAY.root, public_key=to_text(neutral))
    assert code_of(with_certificates(forged)) == JournalCode.MALFORMED


@given(st.integers(0, len(DOCUMENT.certificates) - 1), st.booleans(), st.data())
def test_one_bit_changed_in_any_certificate_is_refused(at, in_body, data):
    signed = DOCUMENT.certificates[at]
    raw = signed.body_bytes if in_body else from_text(signed.signature)
    changed = with_bit_changed(raw, data.draw(st.integers(0, len(raw) * 8 - 1)))
    new = {"body": changed.decode("latin-1")} if in_body else {"signature": to_text(changed)}
    certificates = list(DOCUMENT.certificates)
    certificates[at] = msgspec.structs.replace(signed, **new)
    code_of(with_certificates(*certificates))


@pytest.mark.parametrize(
    "limits", [{"batch_entries": 0}, {"batch_entries": 513}, {"batch_entries": True}, {"batch_bytes": 1}, {"batch_bytes": 2**40}]
)
def test_limits_that_would_make_batches_empty_or_endless_are_refused(limits):
    told = msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    with pytest.raises(JournalError):
        read_document(msgspec.json.encode(told | {"limits": told["limits"] | limits}), GatewayDocument)
    assert read_document(msgspec.json.encode(told), GatewayDocument).limits == USUAL_LIMITS


@pytest.mark.parametrize("missing", ["v", "kind", "limits", "name"])
def test_a_document_has_all_its_members(missing):
    told = msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    with pytest.raises(JournalError):
        read_document(msgspec.json.encode({name: value for name, value in told.items() if name != missing}), GatewayDocument)


def test_a_key_that_is_spelled_otherwise_is_refused():
    """y = 3 + (2^255 − 19): OpenSSL reads it as y = 3, and the same key would have two names."""
    for number in range(19):
        forged = reissued(ROOT, GATEWAY.root, public_key=to_text((2**255 - 19 + number).to_bytes(32, "little")))
        assert code_of(with_certificates(forged)) == JournalCode.MALFORMED


def test_a_station_of_this_gateway_is_believed():
    assert station_certificate(GATEWAY.station_certificate(STATION), GATEWAY.trusted()).subject == "zz-jinshui-01"


def test_a_station_of_another_gateway_is_refused():
    with pytest.raises(JournalError) as caught:
        station_certificate(STRANGER.station_certificate(STATION), GATEWAY.trusted())
    assert caught.value.code == JournalCode.WRONG_KEY


def test_a_practice_station_never_meets_a_real_gateway():
    """Same root, same enrolment key: still refused, for the certificate says which it is."""
    with pytest.raises(JournalError) as caught:
        station_certificate(GATEWAY.station_certificate(STATION), PRACTICE_OFF.trusted())
    assert caught.value.code == JournalCode.WRONG_PLACE


@pytest.mark.parametrize("role", [Role.RECEIPT, Role.PACKAGE])
def test_a_station_certified_by_a_key_of_another_role_is_refused(role):
    signed = sign(body_of(GATEWAY.station_certificate(STATION)), GATEWAY.signing[role])
    with pytest.raises(JournalError):
        station_certificate(signed, GATEWAY.trusted())


def test_an_enrolment_key_certifies_nothing_but_stations():
    with pytest.raises(JournalError) as caught:
        station_certificate(reissued(RECEIPT, GATEWAY.signing[Role.ENROLMENT]), GATEWAY.trusted())
    assert caught.value.code == JournalCode.WRONG_KIND


def test_a_region_that_ends_in_a_line_feed_is_refused():
    with pytest.raises(JournalError):
        GATEWAY.certificate(
            Role.STATION, STATION.public, STATION.key_id, "s", StationPlace(outlet_id="o", outlet_name="x", region="410105\n")
        )

"""Packages that were tampered with are refused."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.journal.codes import JournalCode, JournalError
from courier_check.journal.keys import SigningKey
from courier_check.wire.certificates import Role
from courier_check.wire.packages import Manifest, PackageKind, checked_package, publish
from courier_check.wire.signed import sign
from support.pki import MadeUpGateway, secret
from support.sample_journals import with_bit_changed

GATEWAY = MadeUpGateway()
STRANGER = MadeUpGateway(root=SigningKey(secret("another root")))
TRUSTED = GATEWAY.trusted()
KEY = GATEWAY.signing[Role.PACKAGE]
CONTENT = '{"entries":["样本"]}'
MANIFEST = Manifest(
    gateway_id="gw-test",
    package_kind=PackageKind.LIST,
    name="sample-list",
    version=3,
    issued_at_ms=0,
    expires_on=None,
    content_sha256="0" * 64,
    content_size=0,
)
FILE = publish(MANIFEST, CONTENT, KEY)


def code_of(file: object) -> str:
    with pytest.raises(JournalError) as caught:
        checked_package(msgspec.json.encode(file), TRUSTED)
    return caught.value.code


def test_a_package_of_this_gateway_is_believed():
    manifest, content = checked_package(msgspec.json.encode(FILE), TRUSTED)
    assert (manifest.version, content.decode()) == (3, CONTENT)


@given(st.integers(0, len(CONTENT.encode()) * 8 - 1))
def test_one_bit_changed_in_the_content_is_refused(bit):
    changed = with_bit_changed(CONTENT.encode(), bit).decode("utf-8", "replace")
    assert code_of(msgspec.structs.replace(FILE, content=changed)) == JournalCode.BAD_DIGEST


@given(st.integers(0, len(FILE.manifest.body) * 8 - 1))
def test_one_bit_changed_in_the_manifest_is_refused(bit):
    changed = with_bit_changed(FILE.manifest.body_bytes, bit).decode("latin-1")
    code_of(msgspec.structs.replace(FILE, manifest=msgspec.structs.replace(FILE.manifest, body=changed)))


@pytest.mark.parametrize("key", [GATEWAY.signing[Role.RECEIPT], GATEWAY.root, STRANGER.signing[Role.PACKAGE]])
def test_a_package_by_any_other_key_is_refused(key):
    assert code_of(publish(MANIFEST, CONTENT, key)) == JournalCode.WRONG_KEY


def test_a_package_for_another_gateway_is_refused():
    assert code_of(publish(msgspec.structs.replace(MANIFEST, gateway_id="other"), CONTENT, KEY)) == JournalCode.WRONG_PLACE


def test_a_manifest_that_lies_about_size_is_refused():
    good = msgspec.json.decode(FILE.manifest.body, type=Manifest)
    lying = sign(msgspec.structs.replace(good, content_size=good.content_size + 1), KEY)
    assert code_of(msgspec.structs.replace(FILE, manifest=lying)) == JournalCode.BAD_DIGEST


@pytest.mark.parametrize("expires_on", ["soon", "2027-1-1", "2027-01-01\n"])
def test_a_date_of_another_form_is_never_published(expires_on):
    with pytest.raises(JournalError):
        publish(msgspec.structs.replace(MANIFEST, expires_on=expires_on), CONTENT, KEY)


def test_a_file_of_another_version_is_refused_by_name():
    assert code_of(msgspec.structs.replace(FILE, v=2)) == JournalCode.UNSUPPORTED_VERSION


@given(st.binary(max_size=60) | st.sampled_from([b'{"kind":"package-file","x":' + b"[" * 100_000, b"[" * 100_000]))
def test_reading_a_package_never_crashes(data):
    with pytest.raises(JournalError):
        checked_package(data, TRUSTED)

"""实名码: which credentials hold, and what each one that does not is refused with."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.devices.qr import qr_modules
from courier_check.errors import UserError
from courier_check.identity.cbor import encode
from courier_check.identity.codes import CredentialCode
from courier_check.identity.credential import is_credential, signed_credential, verified_credential
from courier_check.identity.credential_keys import CredentialKeys
from courier_check.identity.documents import Source
from courier_check.identity.text import reference
from courier_check.parcel.carriers import Carriers
from courier_check.parcel.waybills import CodeKind, check_waybill
from courier_check.store.resources import read_resource
from courier_check.wording import load_sentences
from support.credentials import KEYS, PERSON, SECRET, credential, keys_content, spoilt, text
from tools.make_credential import keys_content as practice_keys
from tools.vectors.credential_vectors import Raw, plain, written
from tools.vectors.credential_vectors import document as vectors_document

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "credentials"
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
VECTOR_KEYS = CredentialKeys.parse(json.dumps(VECTORS["keys"]).encode())
NOW_S = 1_795_579_200


def code(given: str, now_s: int = NOW_S, keys: CredentialKeys = KEYS) -> str:
    with pytest.raises(UserError) as caught:
        verified_credential(given, keys, now_s, ("practice",))
    assert isinstance(caught.value.code, CredentialCode)
    return caught.value.code.value


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["name"])
def test_good_vectors_hold(case: dict[str, Any]) -> None:
    read = verified_credential(case["text"], VECTOR_KEYS, case["at_s"], VECTORS["audiences"])
    assert read.document.to_mapping() == case["document"]
    assert read.nonce.hex() == case["nonce"]
    assert read.reading.source is read.document.source is Source.CREDENTIAL
    assert is_credential(case["text"])


@pytest.mark.parametrize("case", VECTORS["wrong"], ids=lambda case: case["name"])
def test_wrong_vectors_are_refused_each_with_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        verified_credential(case["text"], VECTOR_KEYS, case["at_s"], VECTORS["audiences"])
    assert caught.value.code.value == case["code"]


def test_a_program_written_from_the_document_alone_agrees() -> None:
    ran = subprocess.run([sys.executable, "-E", "independent.py"], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"{len(VECTORS['good'])} good, {len(VECTORS['wrong'])} wrong")


def test_the_files_are_what_the_tools_write() -> None:
    assert vectors_document() == VECTORS
    assert practice_keys() == read_resource("samples/credential-keys.json")


def test_every_code_is_reached_by_a_vector_or_has_a_test_of_its_own() -> None:
    reached = {case["code"] for case in VECTORS["wrong"]}
    elsewhere = {"credential-used", "credential-not-accepted", "credential-not-in-picture"}
    assert {each.value for each in CredentialCode if "-keys-" not in each.value} == reached | elsewhere


def test_what_it_says_becomes_a_reading_and_nothing_is_shown_in_a_repr() -> None:
    read = verified_credential(text(NOW_S), KEYS, NOW_S, ())
    assert read.document == PERSON
    assert (read.reading.document, read.reading.doubts, dict(read.reading.confidence)) == (PERSON, (), {})
    assert [secret for secret in (PERSON.name, PERSON.number, read.nonce.hex()) if str(secret) in repr((read, read.reading))] == []


def test_without_keys_nobody_is_believed() -> None:
    assert code(text(NOW_S), keys=CredentialKeys({})) == "credential-other-issuer"


def test_a_code_for_nobody_in_particular_is_good_everywhere() -> None:
    assert verified_credential(text(NOW_S), KEYS, NOW_S, ()).audience is None
    assert code(text(NOW_S, audience="elsewhere")) == "credential-other-audience"


def test_three_hundred_forged_stale_early_and_spliced_codes_are_refused() -> None:
    for each in spoilt(NOW_S, 300):
        code(each)


def test_a_bit_more_or_less_anywhere_is_refused() -> None:
    good = text(NOW_S)
    for place in range(6, len(good)):
        other = "B" if good[place] == "A" else "A"
        assert code(good[:place] + other + good[place + 1 :]) in {
            "credential-forged",
            "credential-malformed",
            "credential-other-issuer",
        }


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda data: data.decode("latin-1")))
def test_any_text_is_refused_with_a_code(given_text: str) -> None:
    code(given_text)
    code("CCID1-" + given_text)
    reference(given_text)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=400))
def test_any_letters_behind_the_prefix_are_refused_with_a_code(letters: str) -> None:
    assert code("CCID1-" + letters) in {"credential-unknown", "credential-malformed", "credential-other-issuer", "credential-forged"}


simple = st.integers(-5, 2**40) | st.binary(max_size=20) | st.text(max_size=20) | st.just("resident-id")
maps = st.dictionaries(st.sampled_from([1, 2, 3, 4, 5, 6, 7, -65537]), simple, max_size=7)


@given(maps, maps)
def test_an_issuer_that_signs_nonsense_is_refused_with_a_code(claims: dict[int, Any], fields: dict[int, Any]) -> None:
    header = {1: -8, 4: KEYS.all()[0].key_id}
    for said in (claims, {**plain().claims, **claims}, {**plain().claims, -65537: fields}):
        raw = Raw(said, header, {}, SECRET)
        assert said.get(1) != KEYS.all()[0].issuer
        code(written(raw.message()))


@given(
    st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=60),
    st.from_regex(r"[0-9A-Z]{4,18}", fullmatch=True),
    st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 300),
)
def test_what_was_signed_is_what_is_read(name: str, number: str, until: date | None, seconds: int) -> None:
    person = replace(PERSON, name=name, number=number, valid_until=until)
    made = credential(NOW_S, document=person, issued_at_s=NOW_S, expires_at_s=NOW_S + seconds)
    read = verified_credential(signed_credential(made, SECRET).lower(), KEYS, NOW_S, ())
    assert (read.document, read.expires_at_s) == (person, NOW_S + seconds)


def test_the_code_is_a_qr_code_of_version_nine() -> None:
    assert len(qr_modules(text(NOW_S))) == 17 + 4 * 9


def test_a_scanned_credential_is_told_from_waybills_whatever_scanned_it() -> None:
    carriers = Carriers.parse(read_resource("carriers.json"))
    for symbology in ("QRCode", None):
        check = check_waybill(carriers, text(NOW_S), symbology, ())
        assert (check.kind, check.valid) == (CodeKind.CREDENTIAL, None)
    assert check_waybill(carriers, "CCID1-0189", "QRCode", ()).kind is CodeKind.OTHER


def test_a_text_nobody_can_read_is_kept_as_it_was_without_control_characters() -> None:
    assert reference("实名码: ABC\x00\r\ndef") == "实名码: ABCdef"
    assert len(reference("x" * 10_000)) == 4_296


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"v":2,"keys":[]}',
        keys_content(key_id="0" * 16),
        keys_content(public_key="00"),
        keys_content(not_before="2028-01-01"),
        keys_content(title="a\tb"),
        keys_content(title=""),
        keys_content(issuer="two words"),
        keys_content(issuer="line\n"),
        keys_content(more=1),
        json.dumps({"keys": json.loads(keys_content())["keys"] * 2}).encode(),
        b'{"keys":' + b"[" * 5000,
    ],
)
def test_keys_that_can_not_be_used_are_refused_whole(content: bytes) -> None:
    with pytest.raises(UserError) as caught:
        CredentialKeys.parse(content)
    assert caught.value.code is CredentialCode.KEYS_UNREADABLE


def test_keys_are_found_by_their_id() -> None:
    (key,) = CredentialKeys.parse(keys_content()).all()
    assert key == KEYS.find(key.key_id)
    assert KEYS.find(b"12345678") is None


def test_every_refusal_says_what_to_do() -> None:
    sentences = load_sentences()
    told = [sentences[each.value]["zh"] for each in CredentialCode if "-keys-" not in each.value]
    assert all("请" in each for each in told)
    assert len(set(told)) == len(told)


def test_the_encoding_is_what_the_issuer_signed() -> None:
    assert encode({4: 1, 1: 2, -65537: 3}).hex() == "a3010204013a0001000003"

"""A list is read whole or not at all, and may do no more than its legal basis lets it. All parties are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.journal import canonical
from courier_check.screening.codes import ScreeningCode
from courier_check.screening.entries import Action, IssuerKind, KeyKind, ListPackage, SubjectKind, Vetting, decode_entry, encode_entry

USCC = "91410100MA9YB0A16H"
TOKEN = "ab" * 32
Made = Callable[..., Any]


def test_a_package_reads_back_what_it_wrote_in_canonical_bytes(vetting: Vetting, header: Made, entry: Made) -> None:
    package = ListPackage.build(
        header(), (entry(uscc=USCC, display_name="样例商贸有限公司"), entry(entry_id="e-2", id_tokens=(TOKEN,))), vetting
    )
    data = package.encode()
    assert ListPackage.parse(data, vetting) == package
    assert canonical.encode(json.loads(data)) == data


def test_an_entry_survives_the_store(vetting: Vetting, header: Made, entry: Made) -> None:
    (kept,) = ListPackage.build(header(), (entry(uscc=USCC, display_name="郑州样例商贸有限公司", aliases=("样例店",)),), vetting).entries
    assert decode_entry(encode_entry(kept)) == kept


def test_an_entry_is_found_by_all_its_keys(vetting: Vetting, header: Made, entry: Made) -> None:
    (listed,) = ListPackage.build(
        header(), (entry(uscc=USCC, display_name="郑州样例鑫服饰有限公司", aliases=("样例鑫服饰旗舰店",), phone_tokens=(TOKEN,)),), vetting
    ).entries
    assert listed.keys() == (
        (KeyKind.USCC, USCC),
        (KeyKind.ORG_CODE, "MA9YB0A16"),
        (KeyKind.PHONE_TOKEN, TOKEN),
        (KeyKind.FULL_NAME, "郑州样例鑫服饰有限公司"),
        (KeyKind.CORE_NAME, "样例鑫服饰"),
        (KeyKind.FULL_NAME, "样例鑫服饰旗舰店"),
    )


def test_persons_have_no_core_name_and_phones_no_name(vetting: Vetting, header: Made, entry: Made) -> None:
    person, phone = ListPackage.build(
        header(),
        (
            entry(subject_kind=SubjectKind.PERSON, display_name="钱样例"),
            entry(entry_id="e-2", subject_kind=SubjectKind.PHONE, display_name="某电话", phone_tokens=(TOKEN,)),
        ),
        vetting,
    ).entries
    assert person.keys() == ((KeyKind.FULL_NAME, "钱样例"),)
    assert phone.keys() == ((KeyKind.PHONE_TOKEN, TOKEN),)


@pytest.mark.parametrize(
    ("stated", "basis", "issuer", "allowed"),
    [
        (Action.BLOCK, "样例决定", IssuerKind.AUTHORITY, Action.BLOCK),
        (Action.BLOCK, " ", IssuerKind.AUTHORITY, Action.INSPECT),
        (Action.REVIEW, "", IssuerKind.AUTHORITY, Action.INSPECT),
        (Action.NOTE, "", IssuerKind.AUTHORITY, Action.NOTE),
        (Action.BLOCK, "样例制度", IssuerKind.COMPANY, Action.NOTE),
    ],
)
def test_a_list_does_no_more_than_its_basis_allows(stated: Action, basis: str, issuer: IssuerKind, allowed: Action, header: Made) -> None:
    assert header(action=stated, legal_basis=basis, issuer_kind=issuer).allowed is allowed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91410100MA9YB0A16J", "display_name": "样例"}, ScreeningCode.BAD_USCC),
        ({"uscc": USCC, "org_code": "MA9YB0B20"}, ScreeningCode.BAD_ORG_CODE),
        ({"display_name": "样例", "expires_on": date(2026, 1, 14)}, ScreeningCode.BAD_DATES),
        ({"display_name": "样例", "removed_on": date(2020, 1, 1)}, ScreeningCode.BAD_DATES),
        ({"display_name": "——"}, ScreeningCode.NOTHING_TO_MATCH),
    ],
)
def test_a_defective_entry_stops_the_whole_list(
    changes: dict[str, Any], code: ScreeningCode, vetting: Vetting, header: Made, entry: Made
) -> None:
    with pytest.raises(UserError) as caught:
        ListPackage.build(header(), (entry(entry_id="good", display_name="样例二"), entry(**changes)), vetting)
    assert caught.value.code is code
    assert caught.value.facts == {"list": "made-up", "entry": "e-1"}


def test_the_same_entry_twice_is_refused(vetting: Vetting, header: Made, entry: Made) -> None:
    with pytest.raises(UserError, match="list-duplicate-entry"):
        ListPackage.build(header(), (entry(display_name="样例一"), entry(display_name="样例二")), vetting)


def test_tokens_need_a_named_key_and_blocking_a_remedy(vetting: Vetting, header: Made, entry: Made) -> None:
    with pytest.raises(UserError, match="list-key-unnamed"):
        ListPackage.build(header(match_key_id=None), (entry(id_tokens=(TOKEN,)),), vetting)
    with pytest.raises(UserError, match="list-block-without-remedy"):
        ListPackage.build(header(remedy=" "), (entry(display_name="样例"),), vetting)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["entries"][0].update(listed_on="2026-02-30"), "$.entries[0].listed_on"),
        (lambda d: d["entries"][0].update(id_tokens=["410104198506150027"]), "$.entries[0].id_tokens[0]"),
        (lambda d: d["entries"][0].update(action="410104198506150027"), "$.entries[0].action"),
        (lambda d: d["entries"][0].update(revision=0), "$.entries[0].revision"),
        (lambda d: d.update(version="1"), "$.version"),
        (lambda d: d.update(surprise=1), "$"),
        (lambda d: d.pop("remedy"), "$"),
    ],
)
def test_a_malformed_package_says_where_and_repeats_no_value(change: Made, path: str, vetting: Vetting, header: Made, entry: Made) -> None:
    document = json.loads(ListPackage.build(header(), (entry(display_name="样例"),), vetting).encode())
    change(document)
    with pytest.raises(UserError) as caught:
        ListPackage.parse(json.dumps(document).encode(), vetting)
    assert caught.value.code is ScreeningCode.PACKAGE_MALFORMED
    assert caught.value.facts["path"] == path
    assert "410104198506150027" not in str(caught.value)


def test_another_format_version_is_named(vetting: Vetting, header: Made) -> None:
    data = ListPackage.build(header(), (), vetting).encode().replace(b'"v":1', b'"v":2')
    with pytest.raises(UserError, match=r"list-format-unknown\(version=2\)"):
        ListPackage.parse(data, vetting)


@given(
    data=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_reading_a_package_never_crashes(data: bytes, vetting: Vetting) -> None:
    with pytest.raises(UserError):
        ListPackage.parse(data, vetting)


def test_deep_nesting_is_an_error_for_people(vetting: Vetting) -> None:
    with pytest.raises(UserError):
        ListPackage.parse(b"[" * 200_000, vetting)


@given(offset=st.integers(-800, 800), lasts=st.none() | st.integers(0, 400), removed=st.none() | st.integers(0, 400))
def test_an_entry_is_in_force_from_its_listing_until_it_ends(
    offset: int, lasts: int | None, removed: int | None, vetting: Vetting, header: Made, entry: Made
) -> None:
    listed_on = date(2026, 1, 15)
    ends = [listed_on + timedelta(days=days) for days in (lasts, removed) if days is not None]
    form = entry(
        display_name="样例",
        listed_on=listed_on,
        expires_on=None if lasts is None else listed_on + timedelta(days=lasts),
        removed_on=None if removed is None else listed_on + timedelta(days=removed),
    )
    (listed,) = ListPackage.build(header(), (form,), vetting).entries
    at_on = listed_on + timedelta(days=offset)
    assert listed.in_force(at_on) == (listed_on <= at_on and not any(day <= at_on for day in ends))


def test_a_listed_person_is_masked_in_repr(vetting: Vetting, header: Made, entry: Made) -> None:
    package = ListPackage.build(header(), (entry(subject_kind=SubjectKind.PERSON, display_name="钱样例"),), vetting)
    assert "样例" not in repr(package.entries)
    assert "钱" in repr(package.entries)

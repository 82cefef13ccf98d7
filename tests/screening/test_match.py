"""Who is on a list is found; how far that goes depends on the evidence and on the list's basis. All parties are made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courier_check.errors import UserError
from courier_check.screening.codes import Advice, MatchReason, ScreeningCode
from courier_check.screening.entries import Action, IssuerKind, SubjectKind
from courier_check.screening.match import Freshness, Level, Query, Screening, ScreeningStatus, screen
from courier_check.screening.normalise import NameRules, normalise_name
from courier_check.screening.review import review_screening
from courier_check.terms import Consequence, MailKind, Reason

TODAY = date(2026, 11, 23)
USCC = "91410100MA9YB0A16H"
OTHER_USCC = "92410105MA9YB0B20T"
ID, PHONE, ADDRESS = "1d" * 32, "9e" * 32, "ad" * 32
KEYS = ("k-2026",)
Made = Callable[..., Any]


@pytest.fixture
def named(rules: NameRules) -> Callable[..., Query]:
    def make(text: str, **more: Any) -> Query:
        return Query(name=normalise_name(text, rules), match_key_ids=KEYS, **more)

    return make


def strongest(screening: Screening) -> tuple[Action, tuple[MatchReason, ...]]:
    return screening.hits[0].action, screening.hits[0].reasons


@pytest.mark.parametrize(
    ("listed", "query", "action", "reason"),
    [
        ({"uscc": USCC}, Query(uscc=USCC), Action.BLOCK, MatchReason.SAME_USCC),
        ({"org_code": "MA9YB0A16"}, Query(uscc=USCC), Action.BLOCK, MatchReason.SAME_ORG_CODE),
        ({"id_tokens": (ID,)}, Query(id_tokens=("00" * 32, ID), match_key_ids=KEYS), Action.BLOCK, MatchReason.SAME_ID),
        ({"phone_tokens": (PHONE,)}, Query(phone_tokens=(PHONE,), match_key_ids=KEYS), Action.REVIEW, MatchReason.SAME_PHONE),
        ({"address_tokens": (ADDRESS,)}, Query(address_tokens=(ADDRESS,), match_key_ids=KEYS), Action.REVIEW, MatchReason.SAME_ADDRESS),
    ],
)
def test_an_exact_number_is_found(
    listed: dict[str, Any], query: Query, action: Action, reason: MatchReason, lists: Any, entry: Made
) -> None:
    lists.add(entry(**listed))
    assert strongest(screen(query, lists, TODAY)) == (action, (reason,))


def test_a_company_of_the_same_full_name_is_blocked_only_if_the_list_says_so(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="郑州样例鑫服饰有限公司"), blocks_on_company_name=False)
    assert strongest(screen(named("鄭州 样例鑫服飾有限公司"), lists, TODAY)) == (Action.REVIEW, (MatchReason.SAME_NAME,))
    lists.packages.clear()
    lists.add(entry(display_name="郑州样例鑫服饰有限公司"))
    assert strongest(screen(named("鄭州 样例鑫服飾有限公司"), lists, TODAY)) == (Action.BLOCK, (MatchReason.SAME_NAME,))


def test_the_same_name_with_another_code_is_compared_by_a_person(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="郑州样例鑫服饰有限公司", uscc=USCC))
    action, reasons = strongest(screen(named("郑州样例鑫服饰有限公司", uscc=OTHER_USCC), lists, TODAY))
    assert (action, reasons) == (Action.REVIEW, (MatchReason.SAME_NAME, MatchReason.USCC_DIFFERS))


@pytest.mark.parametrize(
    ("asked", "action", "reasons"),
    [
        ("河南省郑州市样例鑫服饰有限责任公司", Action.REVIEW, (MatchReason.SAME_CORE_NAME,)),
        ("样例鑫服饰旗舰店", Action.REVIEW, (MatchReason.SAME_CORE_NAME,)),
        ("洛阳样例鑫服饰有限公司", Action.NOTE, (MatchReason.SAME_CORE_NAME, MatchReason.REGION_DIFFERS)),
    ],
)
def test_the_same_core_is_reviewed_unless_the_region_differs(
    asked: str, action: Action, reasons: tuple[MatchReason, ...], lists: Any, entry: Made, named: Made
) -> None:
    lists.add(entry(display_name="郑州样例鑫服饰有限公司"))
    assert strongest(screen(named(asked), lists, TODAY)) == (action, reasons)


def test_a_short_core_needs_a_common_region(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="郑州样鑫商行"))
    assert strongest(screen(named("样鑫"), lists, TODAY)) == (Action.NOTE, (MatchReason.SAME_CORE_NAME, MatchReason.SHORT_NAME))
    assert strongest(screen(named("郑州市样鑫有限公司"), lists, TODAY)) == (Action.REVIEW, (MatchReason.SAME_CORE_NAME,))


def test_trade_words_alone_match_nobody(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="永城建材有限公司"), entry(entry_id="e-2", display_name="建材有限公司"))
    assert screen(named("郑州建材有限公司"), lists, TODAY).hits == ()


def test_an_alias_is_found_and_shown(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="郑州样例鑫服饰有限公司", aliases=("样例小铺旗舰店",), phone_tokens=(PHONE,)))
    assert screen(named("样例小铺旗舰店"), lists, TODAY).hits[0].matched_name == "样例小铺旗舰店"
    assert screen(named("无关", phone_tokens=(PHONE,)), lists, TODAY).hits[0].matched_name == "郑州样例鑫服饰有限公司"


def test_a_persons_name_alone_is_never_more_than_a_review(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(subject_kind=SubjectKind.PERSON, display_name="钱样例"))
    action, reasons = strongest(screen(named("钱样例"), lists, TODAY))
    assert (action, reasons) == (Action.REVIEW, (MatchReason.SAME_NAME, MatchReason.PERSON_NAME_ALONE))


def test_a_namesake_with_another_number_is_only_information(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(subject_kind=SubjectKind.PERSON, display_name="钱样例", id_tokens=(ID,)))
    screening = screen(named("钱样例", id_tokens=("00" * 32,)), lists, TODAY)
    assert strongest(screening) == (Action.NOTE, (MatchReason.SAME_NAME, MatchReason.ID_DIFFERS))
    assert screening.level is Level.PASS


def test_a_person_of_the_same_number_is_blocked_whatever_the_name(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(subject_kind=SubjectKind.PERSON, display_name="钱样例", id_tokens=(ID,)))
    assert screen(named("孙样例", id_tokens=(ID,)), lists, TODAY).level is Level.BLOCK


def test_a_list_without_basis_asks_for_inspection_and_papers(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC), legal_basis="")
    screening = screen(Query(uscc=USCC), lists, TODAY)
    assert strongest(screening) == (Action.INSPECT, (MatchReason.SAME_USCC, MatchReason.NO_LEGAL_BASIS))
    assert screening.hits[0].advice is Advice.INSPECT_AND_ASK_PAPERS
    assert screening.level is Level.REVIEW


def test_a_companys_own_list_only_ends_agreement_treatment(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC), issuer_kind=IssuerKind.COMPANY)
    screening = screen(Query(uscc=USCC), lists, TODAY)
    assert screening.level is Level.PASS
    assert screening.ends_agreement
    assert screening.hits[0].advice is Advice.END_AGREEMENT_TREATMENT
    assert [reason.consequence for reason in review_screening(screening, MailKind.AGREEMENT)] == [Consequence.REFER]
    assert [reason.consequence for reason in review_screening(screening, MailKind.PARCEL)] == [Consequence.NOTE]


def test_an_entry_may_be_weaker_than_its_list(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC, action=Action.NOTE))
    assert screen(Query(uscc=USCC), lists, TODAY).hits[0].action is Action.NOTE


def test_an_expired_list_is_stale_and_blocks_no_more(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC), expires_on=TODAY)
    screening = screen(Query(uscc=USCC), lists, TODAY)
    assert strongest(screening) == (Action.REVIEW, (MatchReason.SAME_USCC, MatchReason.LIST_EXPIRED))
    assert (screening.status, screening.stale) == (ScreeningStatus.STALE, ("made-up",))
    assert screen(Query(uscc=USCC), lists, TODAY - timedelta(days=1)).level is Level.BLOCK


def test_an_unconfirmed_list_is_told_and_calls_the_supervisor_only_if_strict(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC))
    lists.confirmed_on = TODAY - timedelta(days=8)
    relaxed, strict = (screen(Query(uscc=OTHER_USCC), lists, TODAY, Freshness(strict=strict)) for strict in (False, True))
    assert [(outcome.status, outcome.level) for outcome in (relaxed, strict)] == [
        (ScreeningStatus.STALE, Level.REVIEW),
        (ScreeningStatus.STALE, Level.REVIEW),
    ]
    assert review_screening(relaxed, MailKind.PARCEL) == (
        Reason(ScreeningCode.LIST_STALE, Consequence.NOTE, facts={"list": "made-up", "days": 7}),
    )
    assert review_screening(strict, MailKind.PARCEL)[0].consequence is Consequence.REFER


def test_a_clock_behind_the_list_makes_it_stale(lists: Any, entry: Made) -> None:
    lists.add(entry(uscc=USCC))
    lists.confirmed_on = TODAY + timedelta(days=1)
    assert screen(Query(uscc=OTHER_USCC), lists, TODAY).level is Level.PASS  # a day between two clocks is nothing
    lists.confirmed_on = TODAY + timedelta(days=2)
    behind = screen(Query(uscc=OTHER_USCC), lists, TODAY)
    assert (behind.status, behind.level, behind.stale) == (ScreeningStatus.STALE, Level.REVIEW, ("made-up",))


def test_without_any_list_nothing_passes_silently(lists: Any) -> None:
    screening = screen(Query(uscc=USCC), lists, TODAY)
    assert (screening.status, screening.level) == (ScreeningStatus.NOT_SCREENED, Level.REVIEW)
    assert review_screening(screening, MailKind.PARCEL) == (Reason(ScreeningCode.NOT_SCREENED, Consequence.REFER),)


def test_numbers_under_a_key_the_station_lacks_do_not_pass_silently(lists: Any, entry: Made) -> None:
    lists.add(entry(id_tokens=(ID,)), match_key_id="k-2025")
    screening = screen(Query(id_tokens=("00" * 32,), match_key_ids=KEYS), lists, TODAY)
    assert (screening.status, screening.level, screening.unkeyed) == (ScreeningStatus.KEY_MISSING, Level.REVIEW, ("made-up",))
    assert review_screening(screening, MailKind.PARCEL)[0].code == ScreeningCode.KEY_MISSING
    assert screen(Query(uscc=USCC), lists, TODAY).status is ScreeningStatus.SCREENED


@pytest.mark.parametrize("query", [Query(), Query(name=None, uscc=""), Query(match_key_ids=KEYS)])
def test_an_empty_question_is_an_error(query: Query, lists: Any) -> None:
    with pytest.raises(UserError, match="screening-empty-query"):
        screen(query, lists, TODAY)


def test_a_store_that_returns_too_much_makes_no_false_hit(lists: Any, entry: Made, named: Made) -> None:
    lists.add(entry(display_name="西藏样例户外有限公司", uscc=OTHER_USCC, id_tokens=(ID,), phone_tokens=(PHONE,)))
    lists.careless = True
    screening = screen(named("岳阳样例代理有限公司", uscc=USCC, id_tokens=("00" * 32,), phone_tokens=("01" * 32,)), lists, TODAY)
    assert (screening.level, screening.hits) == (Level.PASS, ())


def test_an_entry_of_a_list_no_longer_installed_counts_for_nothing(lists: Any, entry: Made) -> None:
    class Outdated(type(lists)):
        def installed(self) -> Any:
            return super().installed()[1:]

    outdated = Outdated(lists.vetting)
    outdated.add(entry(uscc=USCC))
    outdated.add(entry(uscc=OTHER_USCC), list_id="another")
    assert screen(Query(uscc=USCC), outdated, TODAY).hits == ()


def test_hits_come_strongest_first_with_what_the_slip_must_say(lists: Any, entry: Made, named: Made) -> None:
    lists.add(
        entry(entry_id="near", display_name="洛阳样例鑫服饰有限公司"),
        entry(entry_id="phone", subject_kind=SubjectKind.PHONE, phone_tokens=(PHONE,)),
        entry(entry_id="code", uscc=USCC, reason="样例事由"),
    )
    screening = screen(named("郑州样例鑫服饰有限公司", uscc=USCC, phone_tokens=(PHONE,)), lists, TODAY)
    assert [hit.entry_id for hit in screening.hits] == ["code", "phone", "near"]
    hit = screening.hits[0]
    assert (hit.basis, hit.doc_no, hit.remedy, hit.entry_reason) == (
        *("样例决定（虚构）", "样例〔2026〕1号（虚构）", "可以申请行政复议（样本）", "样例事由"),
    )
    assert screening.lists == (("made-up", 3),)
    reasons = review_screening(screening, MailKind.PARCEL)
    assert [(reason.code, reason.consequence, reason.refusal) for reason in reasons] == [
        (ScreeningCode.HIT_BLOCK, Consequence.REFUSE, "R12"),
        (ScreeningCode.HIT_REVIEW, Consequence.REFER, None),
        (ScreeningCode.HIT_NOTE, Consequence.NOTE, None),
    ]


def test_a_hit_does_not_print_the_name(lists: Any, entry: Made) -> None:
    lists.add(entry(subject_kind=SubjectKind.PERSON, display_name="钱样例", id_tokens=(ID,)))
    assert "钱样例" not in repr(screen(Query(id_tokens=(ID,), match_key_ids=KEYS), lists, TODAY))


NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "uscc": st.sampled_from([USCC, OTHER_USCC]),
        "id_tokens": st.just((ID,)),
        "phone_tokens": st.just((PHONE,)),
        "address_tokens": st.just((ADDRESS,)),
    },
).filter(bool)


@given(
    numbers=NUMBERS,
    since=st.integers(-400, 400),
    lasts=st.none() | st.integers(0, 400),
    action=st.sampled_from(Action),
    basis=st.booleans(),
)
def test_an_exact_number_in_force_is_always_found_and_an_ended_one_never(
    numbers: dict[str, Any], since: int, lasts: int | None, action: Action, basis: bool, entry: Made, new_lists: Made
) -> None:
    lists = new_lists()
    listed_on = TODAY - timedelta(days=since)
    expires_on = None if lasts is None else listed_on + timedelta(days=lasts)
    package = lists.add(entry(listed_on=listed_on, expires_on=expires_on, **numbers), action=action, legal_basis="样例" if basis else "")
    screening = screen(Query(**numbers, match_key_ids=KEYS), lists, TODAY)
    assert bool(screening.hits) == package.entries[0].in_force(TODAY)
    assert (screening.level is Level.BLOCK) <= (action is Action.BLOCK and basis)


@given(kind=st.sampled_from(SubjectKind), name=st.sampled_from(["钱样例", "郑州样例鑫服饰有限公司", "样例"]))
def test_a_name_alone_never_blocks_a_person(kind: SubjectKind, name: str, entry: Made, new_lists: Made, rules: NameRules) -> None:
    lists = new_lists()
    lists.add(entry(subject_kind=kind, display_name=name, phone_tokens=(PHONE,)))
    screening = screen(Query(name=normalise_name(name, rules)), lists, TODAY)
    assert screening.level is not Level.BLOCK or kind is SubjectKind.COMPANY

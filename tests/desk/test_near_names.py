"""The desk finds misspelt names from the moment a list is installed, through changes of lists and of files. All parties are made up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from courier_check.acceptance import Session
from courier_check.desk.acceptances import Submission
from courier_check.desk.near_names import ListedNames
from courier_check.desk.rights import SignedIn
from courier_check.desk.screener import Subject
from courier_check.identity.organisations import Organisation
from courier_check.inspection.verdict import Outcome
from courier_check.screening.codes import MatchReason, ScreeningCode
from courier_check.screening.match import Level, Screening, ScreeningStatus
from courier_check.station import Station
from courier_check.store.name_index import IndexFolder
from support.entries import Prepared, facts, part
from support.stations import reopened, station_in

USCC = "91410100MA44TUW1X4"
HEADING = "list_id,list_type,source_org,doc_no,legal_basis,remedy,subject_type,name,reason,listed_on,action"
LISTED, MISSPELT, STRANGER = "郑州鑫华源服饰有限公司", "郑州忻华源服饰有限公司", "洛阳大河图书商行"


Install = Callable[..., None]


@pytest.fixture
def install(station: Station, supervisor: SignedIn) -> Install:
    def make(*names: str) -> None:
        rows = [f"made-up,样本名单,样例局,样例1号,样例依据,可以申诉,企业,{name},样本,2026-01-15,复核" for name in names]
        station.desk().lists.install_csv("\n".join([HEADING, *rows]), supervisor)

    return make


def screened(station: Station, name: str) -> Screening:
    return station.desk().screener.screen(Subject(name=name), station.desk().acceptances.today())


def index_file(station: Station) -> Path:
    files = IndexFolder.of(station.folder.name_indexes, "made-up")
    used = files.in_use()
    assert used is not None
    return files.path / used.base


def names_of(station: Station) -> ListedNames:
    names = station.desk().screener.names
    assert isinstance(names, ListedNames)
    return names


def test_a_misspelt_name_is_found_as_soon_as_the_list_is_there(station: Station, install: Install) -> None:
    install(LISTED)
    assert screened(station, MISSPELT).hits[0].reasons[0] is MatchReason.SIMILAR_NAME
    assert screened(station, STRANGER).level is Level.PASS
    install(STRANGER)
    assert screened(station, MISSPELT).level is Level.PASS
    assert screened(station, "洛阳大和图书商行").level is Level.REVIEW


@pytest.mark.parametrize("harm", [b"", b"not an index", None])
def test_a_small_list_with_a_bad_file_is_indexed_again_at_once(harm: bytes | None, station: Station, install: Install) -> None:
    install(LISTED)
    screened(station, STRANGER)
    file = index_file(station)
    file.write_bytes(file.read_bytes()[:-10] if harm is None else harm)
    again = reopened(station)
    try:
        assert screened(again, MISSPELT).level is Level.REVIEW
        assert screened(again, STRANGER).status is ScreeningStatus.SCREENED
        assert index_file(again) != file
    finally:
        again.close()


def test_a_large_list_is_indexed_beside_the_work_and_nothing_passes_meanwhile(station: Station, install: Install) -> None:
    names_of(station).at_once = 0
    install(LISTED)
    first = screened(station, STRANGER)
    assert (first.status, first.level) == (ScreeningStatus.NOT_SCREENED, Level.REVIEW)
    assert first.unsearched == (("made-up", ScreeningCode.INDEX_BUILDING),)
    names_of(station).wait()
    assert screened(station, STRANGER).level is Level.PASS
    assert screened(station, MISSPELT).level is Level.REVIEW


@pytest.mark.parametrize(("harm", "code"), [(b"not an index", ScreeningCode.INDEX_FOREIGN), (None, ScreeningCode.INDEX_DAMAGED)])
def test_a_large_list_with_a_bad_file_says_so_until_it_is_built_anew(
    harm: bytes | None, code: ScreeningCode, station: Station, install: Install
) -> None:
    install(LISTED)
    screened(station, STRANGER)
    file = index_file(station)
    file.write_bytes(file.read_bytes()[:-10] if harm is None else harm)
    again = reopened(station)
    names_of(again).at_once = 0
    try:
        found = screened(again, STRANGER)
        assert (found.status, found.level, found.unsearched) == (ScreeningStatus.NOT_SCREENED, Level.REVIEW, (("made-up", code),))
        names_of(again).wait()
        assert screened(again, STRANGER).status is ScreeningStatus.SCREENED
    finally:
        again.close()


def test_a_small_change_of_a_large_list_is_laid_over_it(station: Station, install: Install) -> None:
    names_of(station).at_once = 0
    many = [f"郑州样例{letter}商号图书有限公司" for letter in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地"]
    install(LISTED, *many)
    screened(station, STRANGER)
    names_of(station).wait()
    base = index_file(station)
    install(STRANGER, *many)
    during = screened(station, MISSPELT)
    assert (during.hits, during.status) == ((), ScreeningStatus.NOT_SCREENED)  # the old index finds it, the entry is gone
    names_of(station).wait()
    assert screened(station, "洛阳大和图书商行").hits[0].matched_name == STRANGER
    assert screened(station, MISSPELT).level is Level.PASS
    files = IndexFolder.of(station.folder.name_indexes, "made-up").in_use()
    assert files is not None
    assert (files.base, files.overlay is not None) == (base.name, True)


@pytest.mark.slow
def test_who_searches_while_lists_and_indexes_are_swapped_finds_or_is_told(station: Station, install: Install) -> None:
    install(LISTED)
    screened(station, STRANGER)
    found: list[Screening] = []
    begun, over = threading.Event(), threading.Event()

    def search() -> None:
        with station_in(station.folder.path, station.clock) as other:
            while not over.is_set():
                found.append(screened(other, MISSPELT))
                begun.set()

    thread = threading.Thread(target=search)
    thread.start()
    try:
        assert begun.wait(60)
        for number in range(12):
            names_of(station).at_once = 0 if number % 2 else 3_000
            install(LISTED, *(f"郑州样例{letter}商号图书有限公司" for letter in "甲乙丙丁戊己庚辛"[: number % 8]))
            screened(station, STRANGER)
            names_of(station).wait()
    finally:
        over.set()
        thread.join()
    assert len(found) > 1
    assert [result for result in found if result.level is Level.PASS] == []
    assert all(result.hits or result.status is ScreeningStatus.NOT_SCREENED for result in found)


def test_an_organisation_of_a_misspelt_listed_name_is_referred_and_the_entry_says_why(
    station: Station, install: Install, clerk: SignedIn, prepared: Prepared
) -> None:
    install(LISTED)

    def sent_by(session: Session) -> Session:
        return session.sent_by(Organisation(MISSPELT, USCC, "张三丰"))

    recorded = station.desk().acceptances.submit(Submission(prepared(changed=sent_by), clerk))
    assert recorded.outcome is not Outcome.ACCEPT
    said: Any = part(station, recorded.seq or 0, "kept")
    (hit,) = said["hits"]
    assert (hit["list"], hit["rule"], hit["action"]) == ("made-up", "similar-name", "review")
    assert hit["version"] == said["list_versions"]["made-up"]
    assert ["忻", "鑫", "same-sound"] in hit["steps"]
    assert MISSPELT not in str(facts(station, recorded.seq or 0))
    assert station.verify().failures == ()


def test_the_desk_starts_without_numpy(station: Station) -> None:
    code = "import sys, courier_check.station; sys.exit('numpy' in sys.modules or 'rapidfuzz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0

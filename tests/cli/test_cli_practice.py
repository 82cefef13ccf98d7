"""practice: a folder ready to practise in, made once and never twice; its gateway beside a window."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from courier_check.cli.codes import CliCode
from courier_check.cli.practice import DEMO_MARK, LISTS, OUTLET_CARRIERS, make_practice
from courier_check.cli.practice_gateway import MARK, Answering, Mark, ServedPractice, answering, practice_url, prepare, read_mark
from courier_check.clock import Reading, SystemClock
from courier_check.desk.rights import Role
from courier_check.errors import CourierCheckError, EnvironmentFault, StoreError
from courier_check.station import PRACTICE_CLERK, PRACTICE_PASSPHRASE, PRACTICE_PASSWORD, PRACTICE_SUPERVISOR, Station, Surroundings
from courier_check.store.codes import StoreCode
from courier_check.sync.synchroniser import SyncState
from support.commands import ROOT, Command, command_of, start_main_py
from support.processes import Running, eventually
from support.stations import CHEAP

pytestmark = pytest.mark.slow

QUICK = Surroundings(SystemClock(), hasher=CHEAP)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def made_in(folder: Path, surroundings: Surroundings = QUICK) -> str:
    """A practice folder whose gateway no other test speaks to."""
    return make_practice(folder, surroundings, [unused_port()]).url


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice folder for tests that change nothing in it but the journal."""
    folder = tmp_path_factory.mktemp("practice") / "p"
    made_in(folder)
    return folder


@pytest.fixture
def copied(ready: Path, tmp_path: Path) -> Path:
    """One to spoil. Nobody serves its gateway."""
    return Path(shutil.copytree(ready, tmp_path / "p"))


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check_ready(folder: Path) -> None:
    """Everything the practice folder promises is there."""
    with Station.open(folder / "station", PRACTICE_PASSPHRASE, QUICK) as station:
        desk = station.desk()
        assert station.enrolled().enrolment.url == practice_url(folder)
        assert {row.code: row.role for row in desk.operators.all()} == {PRACTICE_SUPERVISOR: "supervisor", PRACTICE_CLERK: "clerk"}
        assert desk.operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD).role is Role.CLERK
        assert desk.outlet.carriers() == OUTLET_CARRIERS
        assert [held.signed for held in desk.lists.status()] == [True] * LISTS
        assert station.verify().ok
    assert len(list((folder / "lists").glob("practice-*.package.json"))) == LISTS
    assert (folder / "lists" / "credential-keys.package.json").exists()


def refused(call: Callable[[], object]) -> CourierCheckError:
    with pytest.raises(CourierCheckError) as caught:
        call()
    return caught.value


# --- making -----------------------------------------------------------------------------------------------------------------------------


def test_the_command_makes_everything_once(command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "p"
    told = command("practice", folder, "--json")
    assert (told.code, told.err) == (0, "")
    assert told.line == {
        "practice": str(folder),
        "station": str(folder / "station"),
        "gateway": str(folder / "gateway"),
        "url": practice_url(folder),
        "made": True,
    }
    check_ready(folder)
    assert command_of(capsys, folder / "station")("station", "status", "--json").line["station"] == "practice-01"
    before = digests(folder)
    again = command("practice", folder)
    assert again.out.startswith("练习台已在 ")
    assert digests(folder) == before


@pytest.mark.parametrize(
    "name",
    ["letter.txt", "practice.json", "station/mine.db", "gateway/gateway.json", "practice.json.bak", "practice.lock/mine"],
)
def test_a_folder_of_somebody_else_is_left_alone(command: Command, tmp_path: Path, name: str) -> None:
    mine = tmp_path / "p" / name
    mine.parent.mkdir(parents=True)
    mine.write_text('{"made_by": "me"}', encoding="utf-8")
    before = digests(tmp_path)
    told = command("practice", tmp_path / "p")
    assert told.code == 3
    assert told.sentence
    assert digests(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_left_alone(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("mine", encoding="utf-8")
    assert command("practice", tmp_path / "p").code == 2
    assert refused(lambda: make_practice(tmp_path / "p", QUICK)).code == StoreCode.FOLDER_NOT_EMPTY
    assert (tmp_path / "p").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("lost", ["station/station.db", "gateway/gateway.db", "gateway/gateway.json", "station/keys.json"])
def test_a_ready_folder_that_lost_a_part_is_not_made_anew(copied: Path, lost: str) -> None:
    (copied / lost).unlink()
    before = digests(copied)
    error = refused(lambda: make_practice(copied, QUICK))
    assert (error.code, error.facts["file"]) == (CliCode.PRACTICE_DAMAGED, lost)
    assert digests(copied) == before


class CutOff(BaseException):
    """The end of a process, as sudden as a signal."""


class Limited(SystemClock):
    """Surroundings that end the making after so many reads of the clock or draws: every key, code, certificate and entry takes some."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def read(self) -> Reading:
        self._count()
        return super().read()

    def draw(self, size: int) -> bytes:
        self._count()
        return secrets.token_bytes(size)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise CutOff


MOST = 80


@settings(max_examples=4)
@given(st.lists(st.integers(0, MOST), min_size=1, max_size=2))
@example([60])  # in the middle of a list
@example([76])  # lists installed, keys of credentials not
def test_a_making_cut_off_anywhere_is_finished_or_made_anew(lives: list[int]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "p"
        for left in lives:
            limited = Limited(left)
            with contextlib.suppress(CutOff):
                made_in(folder, replace(QUICK, clock=limited, random=limited.draw))
        made_in(folder)
        check_ready(folder)


def test_cutting_off_reaches_from_the_first_step_to_the_last(tmp_path: Path) -> None:
    """What the property above rests on: so much is read and drawn, and no more."""
    limited = Limited(MOST)
    made_in(tmp_path / "p", replace(QUICK, clock=limited, random=limited.draw))
    assert 0 <= limited.left < MOST // 4


def test_a_killed_making_is_made_anew_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with start_main_py("practice", folder) as process:
        while process.poll() is None and not (folder / "station" / "folder.json").exists():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
        process.kill()
        process.communicate()
    mark = read_mark(folder)
    assert mark is not None
    assert not mark.ready
    assert refused(lambda: practice_url(folder)).code == CliCode.PRACTICE_ABSENT
    made_in(folder)
    check_ready(folder)


def test_a_kept_demo_of_an_earlier_version_becomes_a_practice_folder_as_it_is(copied: Path) -> None:
    (copied / MARK).unlink()
    (copied / DEMO_MARK).write_text("{}", encoding="utf-8")
    with Station.open(copied / "station", PRACTICE_PASSPHRASE, QUICK) as station:
        station.desk().operators.sign_in(PRACTICE_CLERK, PRACTICE_PASSWORD)
        url, entries = station.enrolled().enrolment.url, station.verify().checked
    practice = make_practice(copied, QUICK)
    assert (practice.made, practice.url, practice_url(copied)) == (False, url, url)
    with Station.open(copied / "station", PRACTICE_PASSPHRASE, QUICK) as station:
        assert station.verify().checked == entries


def test_a_taken_port_is_passed_over_and_the_next_one_remembered(tmp_path: Path) -> None:
    free = unused_port()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = int(listener.getsockname()[1])
        practice = make_practice(tmp_path / "p", QUICK, [taken, free])
        assert refused(lambda: make_practice(tmp_path / "q", QUICK, [taken])).code == CliCode.NO_PORT_FREE
    assert practice.url == practice_url(tmp_path / "p") == f"http://127.0.0.1:{free}"
    check_ready(tmp_path / "p")


def test_two_makers_at_once_make_one_practice(tmp_path: Path) -> None:
    made: list[bool] = []
    threads = [
        threading.Thread(target=lambda: made.append(make_practice(tmp_path / "p", QUICK, [unused_port()]).made), name=f"maker {each}")
        for each in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, True]
    check_ready(tmp_path / "p")


# --- the mark ---------------------------------------------------------------------------------------------------------------------------


@given(
    st.binary() | st.text().map(str.encode) | st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_mark_or_none(data: bytes) -> None:
    assert Mark.parse(data) is None


@given(port=st.integers(1, 65535), ready=st.booleans())
def test_a_mark_is_read_as_it_was_written(port: int, ready: bool) -> None:
    mark = Mark(f"http://127.0.0.1:{port}", ready)
    assert Mark.parse(mark.encode()) == mark


@given(
    st.sampled_from(
        ["", "http://127.0.0.1", "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://10.0.0.1:80", "https://127.0.0.1:8793", "http://["]
    )
    | st.text()
)
def test_a_mark_names_no_other_place_than_loopback(url: str) -> None:
    assert Mark.parse(Mark(url, ready=True).encode()) is None


# --- the gateway beside a window --------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(copied: Path) -> Iterator[ServedPractice]:
    """A gateway served by a child, at a port of its own."""
    with ServedPractice(copied) as gateway:
        yield gateway


def synchronised(folder: Path) -> bool:
    with Station.open(folder / "station", PRACTICE_PASSPHRASE, QUICK) as station:
        return station.synchronise().status.state == SyncState.SYNCHRONISED


def test_a_child_serves_until_the_window_ends(copied: Path, served: ServedPractice) -> None:
    url = practice_url(copied)
    assert served.serving
    assert synchronised(copied)
    assert served.ensure() == url
    with ServedPractice(copied) as second_window:
        assert not second_window.serving
        assert second_window.ensure() == url
    assert answering(copied, url) is Answering.OURS
    served.close()
    assert answering(copied, url) is Answering.NOBODY
    assert not synchronised(copied)
    served.close()
    assert served.ensure() == url
    assert synchronised(copied)


SERVING = """
import sys
from pathlib import Path
from courier_check.cli.practice_gateway import ServedPractice

gateway = ServedPractice(Path(sys.argv[1]))
print(gateway.ensure(), flush=True)
sys.stdin.read()
"""


def test_a_gateway_ends_with_a_window_that_is_killed(copied: Path) -> None:
    command = [sys.executable, "-c", SERVING, str(copied)]
    with Running(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as window:
        assert window.stdout is not None
        url = window.stdout.readline().strip()
        assert answering(copied, url) is Answering.OURS
        window.kill()
        window.wait()
        eventually(lambda: answering(copied, url) is Answering.NOBODY)


def test_a_gateway_left_behind_is_used_and_replaced_when_it_ends(copied: Path) -> None:
    url = practice_url(copied)
    with start_main_py("gateway", "serve", "--data", copied / "gateway", "--port", url.rpartition(":")[2]) as left_behind:
        assert left_behind.stdout is not None
        assert url in left_behind.stdout.readline()
        with ServedPractice(copied) as gateway:
            assert not gateway.serving
            left_behind.terminate()
            left_behind.wait()
            assert gateway.ensure() == url
            assert gateway.serving


class Stranger(http.server.BaseHTTPRequestHandler):
    """Another program at the port."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"hello": "world"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Nothing is to be seen of it."""


def test_another_program_at_the_port_is_told(copied: Path) -> None:
    port = int(practice_url(copied).rpartition(":")[2])
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, name="stranger").start()
        error = refused(ServedPractice(copied).ensure)
        stranger.shutdown()
    assert isinstance(error, EnvironmentFault)
    assert error.code == CliCode.PRACTICE_PORT_TAKEN


def test_a_program_that_accepts_and_never_answers_is_told_too(copied: Path) -> None:
    port = int(practice_url(copied).rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        assert refused(ServedPractice(copied, patience_s=0.1).ensure).code == CliCode.PRACTICE_PORT_TAKEN


def test_a_gateway_that_does_not_start_says_why(copied: Path) -> None:
    (copied / "gateway" / "gateway.db").unlink()
    error = refused(ServedPractice(copied).ensure)
    assert error.code == CliCode.PRACTICE_GATEWAY_FAILED
    assert "网关的数据库不见了" in str(error.facts["detail"])


def test_a_gateway_that_says_nothing_is_ended(copied: Path) -> None:
    gateway = ServedPractice(copied, patience_s=0.01)
    assert refused(gateway.ensure).code == CliCode.PRACTICE_GATEWAY_SILENT
    assert not gateway.serving
    assert answering(copied, practice_url(copied)) is Answering.NOBODY


def test_no_gateway_without_a_practice_folder(tmp_path: Path) -> None:
    assert isinstance(refused(ServedPractice(tmp_path).ensure), StoreError)


def test_a_child_makes_the_folder_a_window_asks_for(tmp_path: Path) -> None:
    url = prepare(tmp_path / "p")
    check_ready(tmp_path / "p")
    assert prepare(tmp_path / "p") == practice_url(tmp_path / "p") == url
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    error = refused(lambda: prepare(tmp_path))
    assert error.code == CliCode.PRACTICE_NOT_MADE
    assert "已有内容" in str(error.facts["detail"])


def test_the_window_loads_no_gateway_to_have_one() -> None:
    script = "import sys, courier_check.cli.practice_gateway; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"fastapi", "uvicorn", "sqlalchemy", "requests", "http.client", "cryptography", "courier_check.station"} & set(loaded)

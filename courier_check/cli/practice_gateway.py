"""The practice gateway beside a window: where a practice folder's gateway answers, and a child process that serves it.

Nothing here loads the gateway, the station or a web framework: the window's process imports this module at its start.
"""

from __future__ import annotations

import json
import sys
import weakref
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from courier_check.cli.codes import CliCode
from courier_check.errors import EnvironmentFault, StoreError

if TYPE_CHECKING:
    import queue
    import subprocess
    import threading

USUAL_PORT = 8793
MARK = "practice.json"
MADE_BY = "courier-check practice"
PATIENCE_S = 60.0
"""How long a gateway or a practice folder may take to get ready: over a second on a quick machine, many on a busy one."""
ANSWER_S = 3.0
ENDING_S = 3.0
LARGEST_ANSWER = 1_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """`practice.json`: this folder was made for practice. `ready`: it is whole; before that it may be made anew."""

    url: str
    ready: bool

    def encode(self) -> bytes:
        return json.dumps({"made_by": MADE_BY, "ready": self.ready, "url": self.url}).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Mark | None:
        """None for anything that the practice command did not write."""
        try:
            held = json.loads(data)
        except (ValueError, RecursionError):
            return None
        if not isinstance(held, dict) or held.get("made_by") != MADE_BY:
            return None
        url, ready = held.get("url"), held.get("ready")
        return cls(url, ready) if isinstance(url, str) and isinstance(ready, bool) and _port_of(url) is not None else None


def read_mark(folder: Path) -> Mark | None:
    """The mark of a practice folder; None where there is none."""
    try:
        return Mark.parse((folder / MARK).read_bytes())
    except OSError:
        return None


def practice_url(folder: Path) -> str:
    """Where the gateway of a practice folder answers, as its station was enrolled. Raises StoreError if the folder is none or not ready."""
    mark = read_mark(folder)
    if mark is None or not mark.ready:
        raise StoreError(CliCode.PRACTICE_ABSENT, folder=str(folder))
    return mark.url


def prepare(folder: Path) -> str:
    """As `practice_url`; a folder that is not ready is first made by a child process. Raises EnvironmentFault with what the child said."""
    import subprocess  # only a first start needs it

    mark = read_mark(folder)
    if mark is None or not mark.ready:
        command = program("practice", str(folder.resolve()), "--json")
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENCE_S, creationflags=_no_console()
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentFault(CliCode.PRACTICE_NOT_MADE, detail=type(error).__name__) from error
        if done.returncode != 0:
            raise EnvironmentFault(CliCode.PRACTICE_NOT_MADE, detail=_last_line(done.stderr))
    return practice_url(folder)


def program(*arguments: str) -> list[str]:
    """This program with other arguments: the frozen one is its own executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "main.py"), *arguments]


class Answering(Enum):
    """Who answers at a practice folder's URL."""

    NOBODY = auto()
    OURS = auto()
    OTHER = auto()


def answering(folder: Path, url: str, *, patience_s: float = ANSWER_S) -> Answering:
    """Ask whoever is at the URL which gateway it is. Its documents are public, so this tells friends apart, not enemies: a station believes
    only what the gateway's keys signed."""
    import http.client  # costs more than all of this module, and no proxy stands before a loopback address

    target = urlsplit(url)
    connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=patience_s)
    try:
        connection.request("GET", "/v1/gateway")
        answer = connection.getresponse()
        said = json.loads(answer.read(LARGEST_ANSWER))
    except ConnectionRefusedError:
        return Answering.NOBODY
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return Answering.OTHER
    finally:
        connection.close()
    return Answering.OURS if said == _document(folder) else Answering.OTHER


class ServedPractice:
    """The gateway of a practice folder, served for as long as this is open. Asked by one thread; another may close it meanwhile, and the
    one that waits is told that it did not start.

    A gateway of the same folder that answers already (of another window, or one started by hand) is used and left running. The child ends
    with this process, even where it is killed: its standard input closes then.
    """

    def __init__(self, folder: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._folder = folder.resolve()
        self._patience_s = patience_s
        self._child: subprocess.Popen[bytes] | None = None
        self._ending: weakref.finalize[..., ServedPractice] | None = None

    def ensure(self) -> str:
        """The URL, with the gateway answering there. May be asked at any time: a gateway that ended is started again.

        Raises StoreError if the folder is not ready, EnvironmentFault if another program holds the port or the gateway does not start.
        """
        url = practice_url(self._folder)
        if self.serving:
            return url
        self.close()
        match answering(self._folder, url, patience_s=min(ANSWER_S, self._patience_s)):
            case Answering.OURS:
                return url
            case Answering.OTHER:
                raise EnvironmentFault(CliCode.PRACTICE_PORT_TAKEN, url=url)
            case Answering.NOBODY:
                self._start(url)
        return url

    @property
    def serving(self) -> bool:
        """Whether a child of this process serves it (and not somebody else's)."""
        child = self._child
        return child is not None and child.poll() is None

    def close(self) -> None:
        """End the child, if there is one: asked politely, then killed after three seconds. Also done when this process ends by itself."""
        if self._ending is not None:
            self._ending()
        self._child = self._ending = None

    def __enter__(self) -> Self:
        try:
            self.ensure()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _start(self, url: str) -> None:
        import queue
        import subprocess
        import threading

        place = ("--data", str(self._folder / "gateway"), "--port", str(_port_of(url)))
        arguments = ("gateway", "serve", *place, "--until-stdin-closes", "--json")
        said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._log.open("wb") as log:
            child = subprocess.Popen(  # noqa: S603 - our own program
                program(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, creationflags=_no_console()
            )
        reader = threading.Thread(target=_pass_on, args=(child, said), name="practice-gateway", daemon=True)
        reader.start()
        self._child, self._ending = child, weakref.finalize(self, _end, child, reader)
        try:
            first = said.get(timeout=self._patience_s)
        except queue.Empty as error:
            self.close()
            raise EnvironmentFault(CliCode.PRACTICE_GATEWAY_SILENT, seconds=round(self._patience_s)) from error
        if not first:
            self._did_not_start(url)

    def _did_not_start(self, url: str) -> None:
        """The child ended at once. That is no harm if another window's gateway came first."""
        self.close()
        match answering(self._folder, url):
            case Answering.OTHER:  # came between our asking and the child's listening
                raise EnvironmentFault(CliCode.PRACTICE_PORT_TAKEN, url=url)
            case Answering.NOBODY:
                raise EnvironmentFault(CliCode.PRACTICE_GATEWAY_FAILED, detail=_last_line(self._log.read_bytes()))

    @property
    def _log(self) -> Path:
        return self._folder / "practice.gateway.log"


def _pass_on(child: subprocess.Popen[bytes], said: queue.SimpleQueue[bytes]) -> None:
    """Every line the child says, and an empty one at its end: a full pipe would stop it."""
    assert child.stdout is not None  # noqa: S101 - asked for in `_start`
    with child.stdout as lines:
        for line in lines:
            said.put(line)
    said.put(b"")


def _end(child: subprocess.Popen[bytes], reader: threading.Thread) -> None:
    import subprocess

    assert child.stdin is not None  # noqa: S101 - asked for in `_start`
    child.stdin.close()
    child.terminate()
    try:
        child.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    reader.join(ENDING_S)


def _document(folder: Path) -> object:
    """What the gateway of the folder says of itself; None if it can't be read, which no gateway says."""
    try:
        held = json.loads((folder / "gateway" / "gateway.json").read_bytes())
    except (OSError, ValueError):
        return None
    return held.get("document") if isinstance(held, dict) else None


def _port_of(url: str) -> int | None:
    """The port of a practice URL: loopback, plain HTTP, nothing else."""
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        return None
    return port if port and url == f"http://127.0.0.1:{port}" else None


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "?"


def _no_console() -> int:
    """On Windows a child of a window must not open a console of its own."""
    if sys.platform == "win32":
        import subprocess

        return subprocess.CREATE_NO_WINDOW
    return 0

"""条码 under a live camera: what one frame gives in some 20 ms of one core, which reads count after several frames, and the thread that
reads the newest frame and drops all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from courier_check.devices.code_agreement import away, is_cut_off, middle
from courier_check.devices.decoders import BARELY_CHECKED, LINEAR, LINEAR_NAMES, UNCHECKED, Effort, Engines, Read
from courier_check.errors import DeviceError

if TYPE_CHECKING:
    from courier_check.devices.decoders import Grey
    from courier_check.devices.pictures import Picture

Share = tuple[float, float]
Outline = tuple[Share, Share, Share, Share]
"""Corners as shares of the frame's width and height."""

LONGEST_SIDE_PX = 1920
"""Larger frames are made smaller: a counter's camera has its label near."""
MOST_BANDS = 8
MEMORY_MS = 1_500
"""Without being read for so long, a code is no longer in view."""
FRAMES, FRAMES_UNCHECKED = 2, 3
"""Frames that must agree before a code counts; more where no check digit, or hardly one, speaks for it."""
MOST_CODES = 30
"""Held at once: nothing that lies under a camera has more, and a film of noise must not fill the memory."""

_EVERYDAY = Effort((*LINEAR_NAMES, "QRCode"), invert=False)
_MATRIX = (Effort(("DataMatrix",), invert=False), Effort(("PDF417",), invert=False))
_BAND = Effort(LINEAR_NAMES, invert=False, lines_only=True)


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A code that counts: enough frames agree on it. `frames`: how many did so lately."""

    text: str
    symbology: str
    outline: Outline
    frames: int


class Reader(Protocol):
    def read(self, frame: Picture) -> Sequence[Read]: ...


class FrameReader:
    """Reads the frames of one camera, each in one of three ways in turn, so that none takes long: the whole frame for the everyday
    symbologies; bars of any direction, cut out and turned upright; the whole frame for Data Matrix or PDF417."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._turn = 0

    @classmethod
    def made(cls) -> FrameReader:
        """DeviceError where zxing-cpp is not usable. The first import takes a while: not for the window's thread."""
        return cls(Engines.loaded())

    def read(self, frame: Picture) -> tuple[Read, ...]:
        """What this frame shows, in its pixels; a misread may be among it."""
        from courier_check.devices.opencv import cv2

        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        scale = min(1.0, LONGEST_SIDE_PX / max(grey.shape))
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = self._in_turn(grey)
        size = (grey.shape[1], grey.shape[0])
        return tuple(read.moved(lambda x, y: (x / scale, y / scale)) for read in found if not is_cut_off(read, size))

    def _in_turn(self, grey: Grey) -> Iterator[Read]:
        cycle, way = divmod(self._turn, 3)
        self._turn += 1
        if way == 1:
            return self._in_bands(grey)
        return self._engines.by_zxing(grey, _EVERYDAY if way == 0 else _MATRIX[cycle % 2])

    def _in_bands(self, grey: Grey) -> Iterator[Read]:
        from courier_check.devices.bars import bar_bands

        for band in bar_bands(grey, MOST_BANDS):
            size = (band.picture.shape[1], band.picture.shape[0])
            for read in self._engines.by_zxing(band.picture, _BAND, view="band", derived=True):
                if not is_cut_off(read, size):
                    yield read.moved(band.back)


@dataclass(slots=True)
class _Followed:
    """One text of one symbology, and when it was read."""

    read: Read
    times: list[int] = field(default_factory=list)


class CodeWatch:
    """Agreement over frames: which codes count now, the first seen first, so that what a clerk picks by number keeps its number."""

    def __init__(self) -> None:
        self._followed: dict[tuple[str, str], _Followed] = {}

    def forget(self) -> None:
        """Nothing is in view: the camera was away."""
        self._followed.clear()

    def frame(self, reads: Sequence[Read], size: tuple[int, int], mono_ms: int) -> tuple[SeenCode, ...]:
        """Take in what one frame of `size` (width, height) gave; each frame once, in order."""
        for each in self._followed.values():
            each.times = [time for time in each.times if mono_ms - time <= MEMORY_MS]
        self._followed = {key: each for key, each in self._followed.items() if each.times}
        for key, read in {(read.symbology, read.text): read for read in reads}.items():
            if key in self._followed or len(self._followed) < MOST_CODES:
                followed = self._followed.setdefault(key, _Followed(read))
                followed.read = read
                followed.times.append(mono_ms)
        return tuple(_seen(each, size) for each in self._followed.values() if self._counts(each))

    def _counts(self, one: _Followed) -> bool:
        """Enough frames, and twice as many as for anything else that was read there; of ITF a longer number always outdoes one cut off."""
        doubtful = one.read.symbology in UNCHECKED | BARELY_CHECKED
        if len(one.times) < (FRAMES_UNCHECKED if doubtful else FRAMES):
            return False
        rivals = [each for each in self._followed.values() if each is not one and _is_rival(each.read, one.read)]
        return all(len(one.times) >= 2 * len(each.times) for each in rivals) and not any(_is_cut(one.read, each.read) for each in rivals)


def _is_rival(other: Read, read: Read) -> bool:
    """Another text in the same place, or of which this one is a part: it moved meanwhile."""
    if (other.symbology in LINEAR) != (read.symbology in LINEAR):
        return False
    return _is_cut(read, other) or away(middle(read.position), other.position) <= 4 or away(middle(other.position), read.position) <= 4


def _is_cut(read: Read, other: Read) -> bool:
    return read.symbology == other.symbology == "ITF" and len(read.text) < len(other.text) and read.text in other.text


def _seen(one: _Followed, size: tuple[int, int]) -> SeenCode:
    a, b, c, d = ((x / size[0], y / size[1]) for x, y in one.read.position)
    return SeenCode(one.read.text, one.read.symbology, (a, b, c, d), len(one.times))


@dataclass(frozen=True, slots=True)
class CodesSeen:
    """What counts now. `told`: why no code can be read at all."""

    codes: tuple[SeenCode, ...] = ()
    told: DeviceError | None = None

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Text and symbology of each."""
        return tuple((code.text, code.symbology) for code in self.codes)


@runtime_checkable
class CodeSource(Protocol):
    """A source of frames that reads codes from its live picture, where they are wanted. Both are instant and may be asked at every tick."""

    @property
    def codes(self) -> CodesSeen:
        """The same object until they change; none while there is a trouble."""

    def watch_codes(self, *, wanted: bool) -> None: ...


class CodeReading:
    """Reads beside the shooting, in a thread of its own: the engines let other threads run. There is one place for a frame; a newer one
    takes the place of the one that waits, so nothing queues and what is told is never old."""

    def __init__(self, made: Callable[[], Reader] = FrameReader.made) -> None:
        self._made = made
        self._changed = Condition()  # over all below
        self._waiting: tuple[Picture, int] | None = None
        self._news: CodesSeen | None = None
        self._forget = False
        self._ended = False
        self._fault: Exception | None = None
        self._thread = Thread(target=self._run, name="codes", daemon=True)
        self._thread.start()

    def offer(self, frame: Picture, mono_ms: int) -> None:
        """The newest frame; it must not be changed afterwards. Returns at once."""
        with self._changed:
            self._waiting = (frame, mono_ms)
            self._changed.notify()

    def news(self) -> CodesSeen | None:
        """What counts, if it is not what was told last. Raises what went wrong in the thread, which is a fault of ours."""
        with self._changed:
            if self._fault is not None:
                raise self._fault
            news, self._news = self._news, None
            return news

    def forget(self) -> None:
        """The camera was away: nothing seen before counts."""
        with self._changed:
            self._waiting, self._news, self._forget = None, None, True

    def close(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._read_all(self._made(), CodeWatch())
        except DeviceError as told:
            self._tell(CodesSeen(told=told))
        except Exception as fault:  # noqa: BLE001 - raised again by `news`
            with self._changed:
                self._fault = fault

    def _read_all(self, reader: Reader, watch: CodeWatch) -> None:
        told = CodesSeen()
        while (taken := self._next()) is not None:
            (frame, mono_ms), forget = taken
            if forget:
                watch.forget()
                told = CodesSeen()
            seen = CodesSeen(watch.frame(reader.read(frame), (frame.shape[1], frame.shape[0]), mono_ms))
            if seen.texts != told.texts:
                told = seen
                self._tell(seen)

    def _next(self) -> tuple[tuple[Picture, int], bool] | None:
        """The frame that waits, and whether all before it is to be forgotten; None at the end."""
        with self._changed:
            while self._waiting is None and not self._ended:
                self._changed.wait()
            if self._ended or self._waiting is None:
                return None
            taken, self._waiting = (self._waiting, self._forget), None
            self._forget = False
            return taken

    def _tell(self, seen: CodesSeen) -> None:
        with self._changed:
            if not self._forget:  # read before the camera went
                self._news = seen

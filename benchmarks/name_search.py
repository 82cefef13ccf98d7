"""Finding misspelt names on a list: the index is built in one process and asked in another, beside the usual peers.

`python -m benchmarks.name_search build FOLDER KIND SIZE` and `python -m benchmarks.name_search ask FOLDER [--peers]` are those processes.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from benchmarks.figures import percentile
from benchmarks.names import Parts, Tables, crowded, elsewhere, hostile, misspellings, parted, recombined, shared_names
from courier_check.desk.near_names import shipped_tables
from courier_check.screening.index import NamedRow, build_index
from courier_check.screening.near import NearName, SearchedList
from courier_check.screening.normalise import NormalName, normalise_name
from courier_check.store.name_index import IndexFolder, InUse

SEED = 20261126
CLEAN, HARD, EACH = 4_000, 1_000, 100
NOMENKLATURA = "COURIER_CHECK_NOMENKLATURA"
"""The Python that has nomenklatura, another than ours (nomenklatura_peer.py)."""
_PEER_SAMPLE, _PEER_CANDIDATES = 800, 50
"""So many questions and clean names it is asked, since it takes milliseconds a pair; and as many candidates as yente gives it."""
LEVELS = (1, 5, 10, 20, 50)
"""False alarms per 1000 clean names at which recall is told."""
_LEAST = 0.5
_LIST = "benchmark"


class Asked(msgspec.Struct, frozen=True):
    """A misspelt name: how, and which listed one it was."""

    kind: str
    text: str
    row: int
    listed: str


class Questions(msgspec.Struct, frozen=True):
    listed: tuple[str, ...]
    asked: tuple[Asked, ...]
    clean: tuple[str, ...]
    hard: tuple[str, ...]
    hostile: tuple[str, ...]


class Built(msgspec.Struct, frozen=True):
    normalised_cpu_s: float
    built_cpu_s: float
    built_wall_s: float
    bytes: int


class Recall(msgspec.Struct, frozen=True):
    """At so many false alarms per 1000, but never below the score from which the program itself tells a name: that score, recall in all and
    by kind, and alarms for names of the same core elsewhere."""

    score: float
    recall: float
    kinds: dict[str, float]
    hard: float


class Answers(msgspec.Struct, frozen=True):
    candidates: float
    cpu_ms: tuple[float, ...]
    hostile_ms: float
    memory_mb: float
    levels: dict[str, Recall]
    peers: dict[str, dict[str, float]]
    peer_cpu_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """`each`: misspellings of a kind."""

    kind: str
    size: int
    clean: int
    hard: int
    each: int


def build(folder: Path, sizes: Sizes) -> Built:
    """Build in a process of its own."""
    return msgspec.json.decode(_run("build", str(folder), *(str(value) for value in _values(sizes))), type=Built)


def ask(folder: Path, *, peers: bool) -> Answers:
    """Ask in another."""
    return msgspec.json.decode(_run("ask", str(folder), *(["--peers"] if peers else [])), type=Answers)


def _values(sizes: Sizes) -> tuple[object, ...]:
    return sizes.kind, sizes.size, sizes.clean, sizes.hard, sizes.each


def _run(*arguments: str) -> bytes:
    return subprocess.run([sys.executable, "-m", "benchmarks.name_search", *arguments], check=True, capture_output=True).stdout


def _built(folder: Path, sizes: Sizes) -> Built:
    names, questions = _questions(sizes)
    (folder / "questions.json").write_bytes(msgspec.json.encode(questions))
    tables = shipped_tables()
    began = time.process_time()
    normal = [normalise_name(name, tables.rules) for name in names]
    normalised, wall = time.process_time(), time.perf_counter()
    index = build_index((NamedRow(str(row), 0, name) for row, name in enumerate(normal)), tables.speller)
    files = IndexFolder.of(folder, _LIST)
    file = files.write(index, tables.version, _LIST, "1")
    files.use(InUse(source="1", base=file))
    size = (files.path / file).stat().st_size
    return Built(normalised - began, time.process_time() - normalised, time.perf_counter() - wall, size)


def _questions(sizes: Sizes) -> tuple[list[str], Questions]:
    draw, tables = random.Random(SEED), Tables()  # noqa: S311 - repeatable, not secret
    names = _names(draw, tables, sizes.kind, sizes.size + sizes.clean)
    listed, clean = names[: sizes.size], [name.whole for name in names[sizes.size : sizes.size + sizes.clean]]
    with_region = [name for name in draw.sample(listed, min(len(listed), 4 * sizes.hard)) if name.region][: sizes.hard]
    whole = [name.whole for name in listed]
    few = tuple(whole) if sizes.size <= 10_000 else ()  # what only peers need would weigh on the memory measured
    hard = tuple(elsewhere(name, draw, tables) for name in with_region)
    asked = tuple(_misspelt(listed, draw, tables, sizes.each))
    return whole, Questions(few, asked, tuple(clean), hard, tuple(hostile(draw, listed, tables)))


def _names(draw: random.Random, tables: Tables, kind: str, count: int) -> list[Parts]:
    match kind:
        case "shared":
            return _shared(draw, tables)
        case "recombined":
            return recombined(draw, _shared(draw, tables), count)
        case _:
            return crowded(draw, tables, count)


def _shared(draw: random.Random, tables: Tables) -> list[Parts]:
    regions = frozenset((*tables.regions, *(region[:-1] for region in tables.regions if region.endswith("市"))))
    names = [parted(name, regions) for name in shared_names()]
    draw.shuffle(names)
    return names


def _misspelt(listed: Sequence[Parts], draw: random.Random, tables: Tables, each: int) -> Iterator[Asked]:
    for kind, misspell in misspellings(tables).items():
        made = 0
        while made < each:
            row = draw.randrange(len(listed))
            text = misspell(listed[row], draw, tables)
            if text is not None and text != listed[row].whole:
                yield Asked(kind, text, row, listed[row].whole)
                made += 1


def _answers(folder: Path, *, peers: bool) -> Answers:
    questions = msgspec.json.decode((folder / "questions.json").read_bytes(), type=Questions)
    finder = _Finder(folder)
    finder.best(questions.clean[0])  # tables read, file opened
    gold = [finder.of(asked) for asked in questions.asked]
    clean = [finder.best(text) for text in questions.clean]
    hard = [finder.best(text) for text in questions.hard]
    for text in (*questions.clean, *(asked.text for asked in questions.asked)):
        finder.timed(text)
    ordinary = tuple(finder.cpu_ms)
    finder.cpu_ms.clear()
    for text in questions.hostile:
        finder.timed(text)
    memory = _memory_mb()
    least = finder.reviewed_from
    levels = {str(level): _recall(max(least, _score_at(level, clean)), questions.asked, gold, hard) for level in LEVELS}
    found = finder.fetched / max(1, len(questions.asked))
    own = Answers(found, ordinary, max(finder.cpu_ms), memory, levels, {}, {})
    return _beside(own, questions) if peers else own


class _Finder:
    """The engine as the desk uses it."""

    def __init__(self, folder: Path) -> None:
        self._tables = shipped_tables()
        files = IndexFolder.of(folder, _LIST)
        used = files.in_use()
        if used is None:
            raise RuntimeError("nothing was built")
        self._list = SearchedList.of(_LIST, files.open(used.base, self._tables.version, _LIST), self._tables)
        self.cpu_ms: list[float] = []
        self.fetched = 0

    @property
    def reviewed_from(self) -> float:
        return self._tables.least(self._list.index.rows)

    def best(self, text: str) -> float:
        """The best score."""
        return max((each.likeness.score for each in self._near(self._normal(text))), default=0.0)

    def of(self, asked: Asked) -> float:
        """The score of the name that was misspelt. Equal names are found by key, before any of this."""
        name = self._normal(asked.text)
        near, index = self._near(name), self._list.index
        if name.full == normalise_name(asked.listed, self._tables.rules).full:
            self.fetched += 1
            return 1.0
        row = str(asked.row)
        self.fetched += any(index.entry_id(each) == row for one in self._tables.speller.readings(name) for each in index.candidates(one))
        return max((each.likeness.score for each in near if each.entry_id == row), default=0.0)

    def timed(self, text: str) -> None:
        """Ask as the desk does, with the score from which a list of this size is reviewed."""
        least = self.reviewed_from
        began = time.process_time()
        list(self._list.near(self._normal(text), least, self._tables))
        self.cpu_ms.append((time.process_time() - began) * 1000)

    def _normal(self, text: str) -> NormalName:
        return normalise_name(text, self._tables.rules)

    def _near(self, name: NormalName) -> list[NearName]:
        return list(self._list.near(name, _LEAST, self._tables))


def _recall(score: float, asked: Sequence[Asked], gold: Sequence[float], hard: Sequence[float]) -> Recall:
    kinds = {kind: _share(one > score for one, each in zip(gold, asked, strict=True) if each.kind == kind) for kind in _kinds(asked)}
    return Recall(score, _share(one > score for one in gold), kinds, 1000 * _share(one > score for one in hard))


def _score_at(level: int, clean: Sequence[float]) -> float:
    return float(sorted(clean, reverse=True)[int(level * len(clean) / 1000)])


def _kinds(asked: Sequence[Asked]) -> list[str]:
    return list(dict.fromkeys(each.kind for each in asked))


def _share(found: Iterator[bool] | Any) -> float:
    told = [bool(each) for each in found]
    return sum(told) / max(1, len(told))


def _beside(own: Answers, questions: Questions) -> Answers:
    """What peers find of the same names, each at its own score for the same false alarms."""
    scorers: dict[str, Callable[[Sequence[str]], Any]] = {
        "rapidfuzz WRatio": lambda texts: process.cdist(texts, questions.listed, scorer=fuzz.WRatio),
        "Jaro-Winkler": lambda texts: process.cdist(texts, questions.listed, scorer=JaroWinkler.normalized_similarity),
        "FTS5 trigram + ratio": _Trigrams(questions.listed).scores,
    }
    peers, times = {}, {}
    rows = [asked.row for asked in questions.asked]
    for name, scores in scorers.items():
        began = time.process_time()
        clean = scores(questions.clean).max(axis=1)
        gold = scores([asked.text for asked in questions.asked])[np.arange(len(rows)), rows]
        times[name] = (time.process_time() - began) * 1000 / (len(rows) + len(questions.clean))
        peers[name] = {str(level): _share(gold > _score_at(level, clean.tolist())) for level in LEVELS}
    if NOMENKLATURA in os.environ:
        for algorithm in ("logic-v1", "logic-v2"):
            peers[f"nomenklatura {algorithm}"], times[f"nomenklatura {algorithm}"] = _nomenklatura(algorithm, questions)
    return msgspec.structs.replace(own, peers=peers, peer_cpu_ms=times)


def _nomenklatura(algorithm: str, questions: Questions) -> tuple[dict[str, float], float]:
    """Recall on a sample, and CPU a pair in ms. The name that was meant is always among its candidates: that one is given to it for
    nothing, and of clean names it sees the fifty most similar."""
    every = max(1, len(questions.asked) // _PEER_SAMPLE)
    asked, clean = questions.asked[::every], questions.clean[:_PEER_SAMPLE]
    alike = process.cdist(clean, questions.listed, scorer=fuzz.ratio)
    nearest = np.argsort(-alike, axis=1)[:, :_PEER_CANDIDATES]
    pairs = [(each.text, each.listed) for each in asked]
    pairs += [(text, questions.listed[row]) for text, rows in zip(clean, nearest, strict=True) for row in rows]
    command = [os.environ[NOMENKLATURA], str(Path(__file__).with_name("nomenklatura_peer.py"))]
    told = subprocess.run(command, input=json.dumps({"algorithm": algorithm, "pairs": pairs}).encode(), capture_output=True, check=True)
    said = json.loads(told.stdout)
    gold = said["scores"][: len(asked)]
    strangers = np.array(said["scores"][len(asked) :]).reshape(len(clean), -1).max(axis=1).tolist()
    recall = {str(level): _share(score > _score_at(level, strangers) for score in gold) for level in LEVELS}
    return recall, said["cpu_s"] * 1000 / len(pairs)


class _Trigrams:
    """SQLite's own: the fifty best by trigrams, ordered by the ratio of letters."""

    def __init__(self, listed: Sequence[str]) -> None:
        self._listed = listed
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
        self._database.executemany("INSERT INTO names (rowid, name) VALUES (?, ?)", enumerate(listed))

    def scores(self, texts: Sequence[str]) -> Any:
        found = np.zeros((len(texts), len(self._listed)), np.float32)
        for place, text in enumerate(texts):
            grams = " OR ".join(f'"{text[at : at + 3]}"' for at in range(len(text) - 2) if '"' not in text[at : at + 3])
            query = "SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 50"
            for (row,) in self._database.execute(query, (grams,)) if grams else ():
                found[place, row] = fuzz.ratio(text, self._listed[row])
        return found


def _memory_mb() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[1])
    if arguments[0] == "build":
        kind, *numbers = arguments[2:]
        print(json.dumps(msgspec.to_builtins(_built(folder, Sizes(kind, *map(int, numbers))))))
    else:
        print(json.dumps(msgspec.to_builtins(_answers(folder, peers="--peers" in arguments))))


def slowest(answers: Answers, share: float) -> float:
    return percentile(answers.cpu_ms, share)


if __name__ == "__main__":
    main(sys.argv[1:])

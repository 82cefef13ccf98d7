"""bundle, export: what a station carries out by hand, and what comes home."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from courier_check.cli.enclosed import digest_of, enclosed
from courier_check.cli.files import opened_file
from courier_check.cli.opening import Access, with_operator, with_station
from courier_check.cli.output import Output
from courier_check.desk.exports import Exports
from courier_check.errors import UserError
from courier_check.station import PRACTICE_SUPERVISOR, PROGRAM, Station
from courier_check.store import facts, inbox
from courier_check.store.new_file import check_new, new_file
from courier_check.sync.bundles import BundleCode, Bundles, Made, Span, spelled
from courier_check.sync.codes import SyncCode

NEW_FILE = click.Path(path_type=Path)
HELD_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SEQ = click.IntRange(1, 2**53 - 1)
_is_range = re.compile(r"(?:(?P<journal>[0-9a-f]{32}):)?(?P<first>[0-9]{1,15})(?:-(?P<last>[0-9]{1,15}))?").fullmatch


@click.group(help="交接包：没有网络时用优盘报送，带回回执")
def bundle() -> None:
    pass


@bundle.command(name="export", help="把待传条目（或当前日志的一段）写成交接包")
@click.argument("file", type=NEW_FILE)
@click.option("--from-seq", type=_SEQ, help="当前日志：从这一条起")
@click.option("--to-seq", type=_SEQ, help="当前日志：到这一条为止")
@with_station
def export_bundle(out: Output, access: Access, file: Path, from_seq: int | None, to_seq: int | None) -> int:
    check_new(file)
    with access.open() as station:
        bundles = _bundles(station)
        spans: tuple[Span, ...] = bundles.pending() if from_seq is to_seq is None else (bundles.span(None, from_seq or 1, to_seq),)
        with new_file(file) as target:
            made = bundles.bundle(target, spans)
            fields = _fields(file, made, digest_of(target))
    fields["missing"] = [_range_fields(span) for span in made.missing]
    if made.missing:
        out.say(fields, "bundle-written-short", file=str(file), entries=made.entries, missing=spelled(made.missing))
        return 1
    out.say(fields, "bundle-written", file=str(file), entries=made.entries)
    return 0


@bundle.command(name="import-receipts", help="读入带回的回执包")
@click.argument("file", type=HELD_FILE)
@with_station
def import_receipts(out: Output, access: Access, file: Path) -> int:
    with access.open() as station:
        with opened_file(file) as source:
            taken = _bundles(station).take_answers(source)
        filed = station.file_taken()  # also what an earlier time was cut off before it was filed
        pending, revoked = inbox.standing(station.database).pending, facts.load(station.database, "revoked") is not None
    counts = {"receipts": taken.receipts, "acknowledged": taken.acknowledged, "returned": taken.returned, "pending": pending}
    lines = [out.wording.of("answers-taken", counts)]
    if revoked:
        lines.append(out.wording.of(SyncCode.REVOKED.value))
    lines += [out.wording.of("answers-journal-taken", {"journal": journal_id, "filed": filed}) for journal_id in taken.taken]
    out.line({"file": str(file), **counts, "revoked": revoked, "taken": [*taken.taken], "refiled": filed}, *lines)
    return 0


@click.command(help="导出日志供核验：RANGE 为 all、首条-末条、一条的序号，或 日志编号:首条-末条（主管）")
@click.argument("wanted", metavar="RANGE")
@click.argument("file", type=NEW_FILE)
@click.option("--reveal", is_flag=True, help="另附明文内容：含个人信息，请妥善保管")
@with_operator
def export(out: Output, access: Access, wanted: str, file: Path, *, reveal: bool) -> int:
    check_new(file)
    with access.open() as station:
        by = access.sign_in(station, PRACTICE_SUPERVISOR)
        exports, bundles = Exports(station.database, station.writer()), _bundles(station)
        exports.check(by, revealed=reveal)
        asked = _asked(bundles, wanted)
        with new_file(file) as target:
            noted: list[int] = []

            def note(entries: int) -> None:
                noted.append(exports.note(entries, by, revealed=reveal))

            made = bundles.export(target, asked, revealed=reveal, note=note if reveal else None)
            if not reveal:  # the file gets its name only after this: no export without its entry, and no entry for a stick that was full
                note(made.entries)
            digest = digest_of(target)
        station.keep_head()
        (seq,) = noted
    fields = {**_fields(file, made, digest), "revealed": reveal, "seq": seq}
    out.say(fields, "exported-revealed" if reveal else "exported", file=str(file), entries=made.entries, seq=seq)
    return 0


def _bundles(station: Station) -> Bundles:
    return Bundles(station.database, station.enrolled(), station.clock, PROGRAM, enclosed())


def _asked(bundles: Bundles, wanted: str) -> Sequence[Span]:
    """RANGE as a person writes it. Raises UserError."""
    if wanted == "all":
        return bundles.everything()
    found = _is_range(wanted)
    if found is None:
        raise UserError(BundleCode.RANGE_FORM)
    first = int(found["first"])
    return (bundles.span(found["journal"], first, int(found["last"] or first)),)


def _fields(file: Path, made: Made, sha256: str) -> dict[str, Any]:
    """`first_seq` of the first range and `last_seq` of the last one, which are of different journals where there are several."""
    ranges = [_range_fields(span) for span in made.spans]
    return {
        "file": str(file),
        "first_seq": made.spans[0].first_seq,
        "last_seq": made.spans[-1].last_seq,
        "entries": made.entries,
        "sha256": sha256,
        "ranges": ranges,
    }


def _range_fields(span: Span) -> dict[str, Any]:
    return {"journal": span.journal_id, "first_seq": span.first_seq, "last_seq": span.last_seq}

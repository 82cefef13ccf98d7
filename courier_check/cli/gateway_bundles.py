"""gateway import-bundle, gateway export: what is said of each batch that came on a stick, and of the whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from courier_check.cli.enclosed import digest_of, enclosed
from courier_check.cli.files import opened_file
from courier_check.cli.output import Output
from courier_check.gateway.bundles import Result, TakenBatch, opened_bundle, write_answers, write_export
from courier_check.gateway.setup import Gateway
from courier_check.store.new_file import check_new, new_file


def import_bundle(out: Output, gateway: Gateway, file: Path, answers: Path | None) -> int:
    """0 if everything is held now, 2 if a batch is not. Raises UserError: then nothing of the file was used."""
    if answers is not None:
        check_new(answers)
    taken = []
    with opened_file(file) as source, opened_bundle(gateway, source) as bundle:
        for each in bundle.take():
            taken.append(each)
            _tell_batch(out, bundle.station_id, each)
    if answers is not None:
        receipts = [each.receipt for each in taken if each.receipt is not None]
        with new_file(answers) as target:
            write_answers(gateway, bundle.station_id, receipts, target)
    counts = Counter(each.result for each in taken)
    fields: dict[str, Any] = {"file": str(file), "station": bundle.station_id, "batches": len(taken)}
    fields |= {"entries": sum(each.entries for each in taken), **{result.value: counts[result] for result in Result}}
    fields["answers"] = str(answers) if answers is not None else None
    out.say(fields, "bundle-taken" if answers is None else "bundle-taken-answered", **fields)
    return 0 if counts[Result.STORED] + counts[Result.HELD] == len(taken) else 2


def export(out: Output, gateway: Gateway, file: Path, station_id: str | None) -> int:
    """导出: everything held (of one station). Raises UserError, JournalError (a row of the database is gone), StoreError."""
    with new_file(file) as target:
        held = write_export(gateway, station_id, target, enclosed())
        digest = digest_of(target)
    entries, stations = sum(each.last_seq for each in held), len({each.station_id for each in held})
    fields = {"file": str(file), "stations": stations, "journals": len(held), "entries": entries, "sha256": digest}
    out.say(fields, "gateway-exported", file=str(file), stations=stations, entries=entries)
    return 0


def _tell_batch(out: Output, station_id: str, batch: TakenBatch) -> None:
    """Every batch for programs; for people those that are not held now."""
    fields: dict[str, Any] = {"station": station_id, "journal": batch.journal_id, "first_seq": batch.first_seq, "last_seq": batch.last_seq}
    fields |= {"result": batch.result.value, "entries": batch.entries}
    if batch.problem is None:
        if out.as_json:
            out.line(fields, "")
        return
    message = out.wording.of(f"bundle-batch-{batch.result.value}", {"why": out.wording.of(batch.problem.value)})
    where = out.wording.of("bundle-batch", {"journal": batch.journal_id, "first_seq": batch.first_seq, "last_seq": batch.last_seq})
    out.line({**fields, "error": {"code": batch.problem.value, "message": message}}, f"{where}{message}")

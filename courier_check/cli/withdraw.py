"""withdraw: a parcel goes back to its sender before dispatch (撤件)."""

from __future__ import annotations

from pathlib import Path

import click

from courier_check.cli.files import LARGEST_SECRET, read_text
from courier_check.cli.opening import SECRET_FILE, Access, with_operator
from courier_check.cli.output import Output
from courier_check.desk.withdrawals import Withdrawal
from courier_check.errors import CourierCheckError, StoreError
from courier_check.store import journal


@click.command(help="撤件：发运前退还寄件人，追加撤件条目；单号可以重新收寄，原条目不变")
@click.argument("seqs", nargs=-1, required=True, type=click.IntRange(1), metavar="SEQ...")
@click.option("--reason", required=True, help="撤件的原因")
@click.option("--number-file", type=SECRET_FILE, help="寄件人现在出示的证件号码的文件（第一行，不进命令历史）；没有出示的须主管办理")
@click.option("--journal", "journal_id", help="日志编号（默认当前日志）")
@with_operator
def withdraw(out: Output, access: Access, seqs: tuple[int, ...], reason: str, number_file: Path | None, journal_id: str | None) -> int:
    number = next(iter(read_text(number_file, LARGEST_SECRET).splitlines()), "") if number_file else ""
    with access.open() as station:
        by = access.sign_in(station)
        place = journal_id or journal.current_journal(station.database) or ""
        for seq in seqs:
            try:
                entry = station.desk().withdrawals.withdraw(Withdrawal(place, seq, reason, number), by).entry
            except StoreError:
                raise
            except CourierCheckError as error:
                out.error({"withdraws": seq}, error)
                continue
            station.keep_head()
            confirmed = str(entry.header.facts["confirmed"])
            fields = {"withdraws": seq, "seq": entry.header.seq, "hash": entry.hash, "confirmed": confirmed}
            out.say(fields, "withdrawn", withdraws=seq, seq=entry.header.seq)
    return out.exit_code()

"""Other processes that check signatures and open parts beside the gateway."""

from __future__ import annotations

import multiprocessing
import os

import pytest
from sqlalchemy import Table

from courier_check.gateway.checkers import LEAST, Checkers
from courier_check.gateway.store.journals import EntryRow
from courier_check.gateway.store.reviews import IndexRow
from courier_check.gateway.store.schema import entries, index_rows
from courier_check.journal import tags
from courier_check.journal.verify import failing
from support.sample_journals import KEY


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="nothing runs beside")
def test_prepared_processes_are_there_before_the_first_batch_and_end_with_it() -> None:
    before = set(multiprocessing.active_children())
    checkers = Checkers()
    try:
        checkers.prepare()
        assert set(multiprocessing.active_children()) - before
        signed = [(tags.HEADER_SIGNATURE, bytes([number]), KEY.sign(tags.HEADER_SIGNATURE, bytes([number]))) for number in range(LEAST)]
        signed[7] = (tags.HEADER_SIGNATURE, b"another", signed[7][2])
        assert checkers.begin(failing, KEY.public, signed).result() == [7]
    finally:
        checkers.close()
    assert set(multiprocessing.active_children()) == before


@pytest.mark.parametrize(("row", "table"), [(EntryRow, entries), (IndexRow, index_rows)])
def test_a_row_has_the_columns_of_its_table(row: type[EntryRow] | type[IndexRow], table: Table) -> None:
    assert list(row._fields) == [column.name for column in table.columns]

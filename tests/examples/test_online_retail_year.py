"""A year of real orders, month by month: the classes of all customers at each month's end, live, replayed and by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.metrics import Segments
from tongmai.store import Database, drop_workspace

FILE = "orders_online_retail/online_retail_2009_2010.parquet"

# Written by hand over the raw file: cancellations and rows without a customer are no orders; an order's moment is that
# of its last row.
BY_HAND = """
WITH orders AS (
    SELECT CAST("Customer ID" AS BIGINT)::VARCHAR AS code, Invoice, max(InvoiceDate) AS placed
    FROM read_parquet($path) WHERE "Customer ID" IS NOT NULL AND Invoice NOT LIKE 'C%' GROUP BY ALL
), measured AS (
    SELECT code, CAST($until AS DATE) - CAST(max(placed) AS DATE) AS recency,
           count(*) FILTER (WHERE placed > CAST($until AS TIMESTAMP) - INTERVAL 90 DAYS) AS frequency
    FROM orders WHERE placed <= CAST($until AS TIMESTAMP) GROUP BY code
)
SELECT code, CASE WHEN recency <= 30 AND frequency >= 2 THEN 'active' WHEN recency <= 60 THEN 'steady'
                  WHEN recency <= 120 THEN 'fading' ELSE 'silent' END
FROM measured
"""


@pytest.mark.slow
@pytest.mark.real_data
async def test_classes_by_month_are_the_same_live_replayed_and_by_hand(
    database: Database,
    settings: Settings,
    example: Callable[[str], ModuleType],
    real_file: Callable[[str], Path],
) -> None:
    path = real_file(FILE)
    retail, year, workroom = example("online_retail"), example("online_retail_year"), example("workroom")
    clock = FixedClock(year.BEGIN)
    room_of = workroom.open_room(database, settings, clock, "retail_year", retail.LABEL, retail.ZONE, retail.OBJECTS)
    async with room_of as room:
        live = [month async for month in year.live_through(room, clock, path, with_lines=False)]
        moves = await Segments(room.metrics).replay(room.workspace, year.ACTIVITY, year.month_ends())
        async with database.read() as tx:
            schema = room.workspace.quoted_schema
            log = await tx.fetch(f"SELECT record_id, at, from_class, to_class FROM {schema}._segment_move ORDER BY id")
            codes = {row["id"]: row["code"] for row in await tx.fetch(f"SELECT id, code FROM {schema}.customer")}
    assert [(each.record_id, each.at, each.from_class, each.to_class) for each in moves] == [tuple(row) for row in log]
    assert len(live) == 13
    for month in live:
        wall = month.at.replace(tzinfo=None)
        by_hand = dict(duckdb.execute(BY_HAND, {"path": str(path), "until": wall.isoformat(" ")}).fetchall())
        replayed = {codes[record]: name for record, name in year.classes_after(moves, month.at).items()}
        assert replayed == by_hand
        assert month.classes == Counter(by_hand.values())
    async with database.write() as tx:
        await drop_workspace(tx, room.workspace)

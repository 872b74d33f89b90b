"""The silent-customer rule on a real wholesaler's year: the back-test's figures, and the same counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, drop_workspace

FILE = "orders_online_retail/online_retail_2009_2010.parquet"

# Written by hand over the raw file: on each day's end, who is silent and was not the day before; who then ordered
# within 60 days; and of all who had ordered before, who did so from the same days on, weighed by the hits of the day.
BY_HAND = """
WITH orders AS (
    SELECT CAST("Customer ID" AS BIGINT)::VARCHAR AS code, Invoice, CAST(max(InvoiceDate) AS DATE) AS day
    FROM read_parquet($path) WHERE "Customer ID" IS NOT NULL AND Invoice NOT LIKE 'C%' GROUP BY ALL
), days AS (SELECT CAST(unnest(generate_series(DATE '2010-03-31', DATE '2010-10-09', INTERVAL 1 DAY)) AS DATE) AS day),
standing AS (
    SELECT o.code, d.day, d.day - max(o.day) > 60 AND count(*) FILTER (WHERE o.day > d.day - 180) >= 3 AS silent
    FROM orders o JOIN days d ON o.day <= d.day GROUP BY o.code, d.day
), turned AS (
    SELECT s.code, s.day, s.silent AND NOT coalesce(lag(s.silent) OVER (PARTITION BY s.code ORDER BY s.day), FALSE) AS hit,
           EXISTS (SELECT 1 FROM orders o WHERE o.code = s.code AND o.day > s.day AND o.day <= s.day + 60) AS again
    FROM standing s
), by_day AS (
    SELECT day, count(*) FILTER (WHERE hit) AS hits, count(*) FILTER (WHERE hit AND again) AS came,
           avg(again::INT) AS share
    FROM turned WHERE day >= DATE '2010-04-01' GROUP BY day
)
SELECT sum(hits), sum(came), sum(hits * share) / sum(hits) FROM by_day
"""


@pytest.mark.slow
@pytest.mark.real_data
async def test_the_silent_customer_rule_is_as_precise_as_counted_by_hand(
    database: Database,
    settings: Settings,
    clock: FixedClock,
    example: Callable[[str], ModuleType],
    real_file: Callable[[str], Path],
) -> None:
    path = real_file(FILE)
    retail, silent, workroom = example("online_retail"), example("silent_customers"), example("workroom")
    room_of = workroom.open_room(database, settings, clock, "silent", retail.LABEL, retail.ZONE, retail.OBJECTS)
    async with room_of as room, silent.prepared(room, path) as tests:
        found = await tests.run(room.workspace, silent.asked(silent.silent()))
    hits, came, base = duckdb.execute(BY_HAND, {"path": str(path)}).fetchone() or (0, 0, 0)
    outcome = found["outcome"]
    assert hits > 500 and found["engine"] == "duckdb" and found["notes"]
    assert (found["hits"], outcome["decided"], outcome["waiting"]) == (hits, hits, 0)
    assert outcome["came_true"] == came
    assert outcome["base_rate"] == pytest.approx(base, abs=1e-5)
    async with database.write() as tx:
        await drop_workspace(tx, room.workspace)

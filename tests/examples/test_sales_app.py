"""Real files in the sales app, no code: customers classified, the overdue lights filled, beside a count by hand."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, drop_workspace

ORDERS = "orders_online_retail/online_retail_2009_2010.parquet"
INVOICES = "ar_ibm_late_payments/accounts_receivable.csv"
ROWS = 3_000


@pytest.mark.slow
async def test_receivables_fill_the_overdue_lights(
    database: Database,
    settings: Settings,
    clock: FixedClock,
    example: Callable[[str], ModuleType],
    real_file: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    path = real_file(INVOICES)
    script, salesroom = example("sales_receivables"), example("salesroom")
    clock.moment = datetime(2013, 3, 1, 12, tzinfo=UTC)
    own = settings.model_copy(update={"data_dir": tmp_path})
    async with salesroom.open_salesroom(own, clock, database, "example_receivables") as room:
        try:
            counts = await script.fill(room, path, date(2013, 3, 1))
            lights = await room.classes("overdue_light")
        finally:
            async with database.write() as tx:
                await drop_workspace(tx, room.workspace)
    with path.open(newline="") as read:
        rows = list(csv.DictReader(read))
    expected: Counter[str] = Counter()
    for row in rows:
        issued, due, settled = (_day(row[name]) for name in ("InvoiceDate", "DueDate", "SettledDate"))
        if issued <= date(2013, 3, 1):
            late = (date(2013, 3, 1) - due).days
            paid = settled <= date(2013, 3, 1)
            expected["paid" if paid else "red" if late > 5 else "yellow" if late >= -7 else "green"] += 1
    assert {name: count for name, count in lights.items() if count} == dict(expected)
    assert counts.get("map refused", 0) == 0


@pytest.mark.slow
async def test_orders_classify_every_customer(
    database: Database,
    settings: Settings,
    clock: FixedClock,
    example: Callable[[str], ModuleType],
    real_file: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    path = real_file(ORDERS)
    script, salesroom = example("sales_orders"), example("salesroom")
    clock.moment = script.AS_OF
    own = settings.model_copy(update={"data_dir": tmp_path})
    async with salesroom.open_salesroom(own, clock, database, "example_orders", "Europe/London") as room:
        try:
            await script.fill(room, path, ROWS)
            classes = await room.classes("customer_health")
            best = await room.rows(
                "customer", filter_="[orders_ever] > 0", sort="-category_count", fields=("external_id", "category_count"),
                limit=1,
            )  # fmt: skip
        finally:
            async with database.write() as tx:
                await drop_workspace(tx, room.workspace)
    with duckdb.connect() as engine:
        found = engine.execute(
            'WITH l AS (SELECT * FROM (SELECT * FROM read_parquet(?) LIMIT ?) WHERE "Customer ID" IS NOT NULL),'
            " bought AS (SELECT * FROM l WHERE NOT starts_with(\"Invoice\", 'C'))"
            ' SELECT (SELECT count(DISTINCT "Customer ID") FROM bought), (SELECT count(DISTINCT "Customer ID") FROM l),'
            ' (SELECT max(n) FROM (SELECT count(DISTINCT left("StockCode", 2)) AS n FROM bought GROUP BY "Customer ID"))',
            [str(path), ROWS],
        ).fetchone()
    assert found is not None
    bought, all_, widest = found
    # Whoever bought and was never talked to is at risk; who only returned goods is of low response (AMB-01).
    assert (classes["red"], classes["red"] + classes["grey"]) == (bought, all_)
    assert best[0]["category_count"] == widest


def _day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()

"""Real order lines: each of the 525,461 rows is accounted for, and what went in is what an independent count says."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import orjson
import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, drop_workspace

ROOT_DIR = Path(__file__).resolve().parents[3]
FILE = Path("orders_online_retail") / "online_retail_2009_2010.parquet"
ROWS = 525_461


def real_file() -> Path | None:
    places = [os.environ.get("TONGMAI_REAL_DATA"), ROOT_DIR.parent / "shared" / "data", ROOT_DIR / "shared" / "data"]
    found = (Path(place) / FILE for place in places if place)
    return next((path for path in found if path.is_file()), None)


def example() -> ModuleType:
    folder = str(ROOT_DIR / "examples")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("online_retail")


def counted(path: Path, what: str) -> Any:
    """An independent count by DuckDB, straight from the raw file."""
    row = duckdb.sql(
        f"""
        WITH rows AS (
            SELECT *, "Customer ID" IS NOT NULL AS known, starts_with(Invoice, 'C') AS cancelled FROM '{path}'
        ), orders AS (SELECT DISTINCT Invoice FROM rows WHERE known AND NOT cancelled)
        SELECT {what} FROM rows
        """
    ).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
async def shop(database: Database, settings: Settings, clock: FixedClock) -> AsyncIterator[Any]:
    path = real_file()
    if path is None:
        pytest.skip("the real data sets are not beside the project; set TONGMAI_REAL_DATA to their folder")
    found = await example().import_all(database, settings, clock, path, "retail")
    yield found, path
    async with database.write() as tx:
        await drop_workspace(tx, found.workspace)


@pytest.mark.slow
@pytest.mark.real_data
async def test_every_row_is_accounted_for(shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found, path = shop
    accounts = {each.object: each for each in found.accounts}
    with capsys.disabled():
        print()
        example().show(found.accounts)
    for each in accounts.values():
        assert each.read == ROWS
        assert each.inserted + each.updated + each.unchanged + each.refused == ROWS
    missing = counted(path, "count(*) FILTER (WHERE NOT known)")
    assert accounts["customer"].refused == missing
    assert accounts["customer"].inserted == counted(path, 'count(DISTINCT "Customer ID")')
    assert accounts["product"].refused == 0
    # One code stands there with a blank behind it as well: texts are trimmed.
    assert accounts["product"].inserted == counted(path, "count(DISTINCT trim(StockCode))")
    assert accounts["order"].refused == counted(path, "count(*) FILTER (WHERE cancelled OR NOT known)")
    assert accounts["order"].inserted == counted(path, "count(DISTINCT Invoice) FILTER (WHERE known AND NOT cancelled)")
    good = "Invoice IN (SELECT Invoice FROM orders) AND Quantity > 0"
    assert accounts["line"].inserted == counted(path, f"count(*) FILTER (WHERE {good})")
    query = {"object": "line", "measures": {"total": "sum(quantity)"}}
    answer = orjson.loads(await found.gateway.query(example().ACTOR, found.workspace, query))
    assert answer["rows"][0]["total"] == counted(path, f"sum(Quantity) FILTER (WHERE {good})")

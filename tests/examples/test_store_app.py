"""A till's files in the store app, no code: sales by store against the plan of the year before, beside a count by hand."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from tests.examples.conftest import OpenRoom

WEEKS = "store_walmart/train.csv.zip"
# Of the same 30 days, by the app's thresholds (S4-05).
_BY_HAND = """
    SELECT "Store", coalesce(sum("Weekly_Sales") FILTER ("Date" >= $since AND "Date" < $as_of), 0)
                    / sum("Weekly_Sales") FILTER ("Date" >= $plan_since AND "Date" < $plan_until)
    FROM read_csv($file) GROUP BY "Store"
"""


def level(reached: float | None) -> str:
    if reached is None:
        return "no_plan"
    bounds = ((0.7, "urgent"), (0.85, "watch"), (0.95, "hint"))
    return next((name for bound, name in bounds if round(reached, 4) < bound), "fine")


async def test_a_till_s_files_become_stores_goods_and_judged_sales(
    open_room: OpenRoom, example: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    """The same way as the real file takes, on a few rows; a week with more returns than sales counts as it is."""
    rows = [
        (1, 1, "2011-10-14", 1000), (1, 1, "2012-10-12", 500), (1, 2, "2012-10-12", -20),
        (2, 1, "2011-10-14", 1000), (2, 1, "2012-10-12", 980),
        (3, 1, "2012-10-12", 7),
    ]  # fmt: skip
    file = tmp_path / "train.csv.zip"
    with zipfile.ZipFile(file, "w") as archive:
        lines = "".join(f"{store},{dept},{day},{amount},FALSE\n" for store, dept, day, amount in rows)
        archive.writestr("train.csv", "Store,Dept,Date,Weekly_Sales,IsHoliday\n" + lines)
    script = example("store_walmart")
    async with open_room(script) as room:
        await script.fill(room, file, script.day_of(""))
        again = await room.pull("till")
        stores = await room.rows(
            "store", filter_="TRUE", sort="number", limit=10, fields=("number", "sales_30", "sell_through_level")
        )
        goods = await room.rows(
            "goods", filter_="[sold_30] > 0", sort="code", limit=10, fields=("code", "stores_selling_30")
        )
    assert [(each["number"], each["sales_30"], each["sell_through_level"]) for each in stores] == [
        ("W1", 480, "urgent"),
        ("W2", 980, "fine"),
        ("W3", 7, "no_plan"),
    ]
    assert [(each["code"], each["stores_selling_30"]) for each in goods] == [("D1", 3), ("D2", 1)]
    assert again.get("map inserted", 0) == 3 + 2 + 4  # by the first pull; the second found nothing new


@pytest.mark.slow
async def test_the_real_stores_are_judged_as_by_hand(
    open_room: OpenRoom, example: Callable[[str], ModuleType], real_file: Callable[[str], Path], tmp_path: Path
) -> None:
    path, script = real_file(WEEKS), example("store_walmart")
    as_of = date(2012, 10, 27)
    async with open_room(script) as room:
        counts = await script.fill(room, path, as_of)
        classes = await room.classes("sell_through_level")
    since, year = as_of - timedelta(days=30), timedelta(days=364)
    with zipfile.ZipFile(path) as archive, duckdb.connect() as engine:
        moments = {"since": since, "as_of": as_of, "plan_since": since - year, "plan_until": as_of - year}
        file = archive.extract(archive.namelist()[0], tmp_path)
        found = engine.execute(_BY_HAND, {**moments, "file": file}).fetchall()
    assert {name: count for name, count in classes.items() if count} == Counter(level(reached) for _, reached in found)
    assert counts["map inserted"] == counts["pull new"]
    assert counts.get("map refused", 0) == 0

"""Real stores in the store app, no code: 45 stores' weekly sales by department against the plan of the year before.

    python examples/store_walmart.py train.csv.zip [AS_OF] [DATA_DIR]

The file is Walmart's weekly sales by store and department (Kaggle, "Walmart Recruiting"), 2010-02 to 2012-10. Each row
comes in as one line of the till; a department is one piece of goods. ``AS_OF`` (2012-10-27) is the day it is looked
from; the 30 days before it are compared with the same weeks of the year before, moved by 364 days so that weekdays fall
together. The three levels are the app's own (S4-05), and so is what sells and what does not (S4-60).
"""

from __future__ import annotations

import asyncio
import sys
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
from salesroom import Example, Salesroom, listed

AS_OF = "2012-10-27"
WINDOW = timedelta(days=30)
YEAR = timedelta(days=364)
# What the till lines are made from: the window, and the weeks before it that make a store's trend.
_BEFORE = timedelta(days=60)
_SALES = """
    SELECT "Store" || '-' || "Dept" || '-' || strftime("Date", '%Y%m%d') AS 流水号, 'W' || "Store" AS 门店编号,
           'D' || "Dept" AS 商品编码, 1 AS 数量, "Weekly_Sales" AS 金额,
           strftime("Date", '%Y-%m-%d 12:00:00') AS 成交时间,
           '' AS 顾客手机号, '' AS 推荐人手机号, '' AS 活动
    FROM weekly WHERE "Date" >= $since AND "Date" < $as_of
"""
_STORES = """
    SELECT 'W' || "Store" AS 门店编号, 'Store ' || "Store" AS 门店名称, '' AS 城市, '' AS 商圈, '' AS 店长,
           round(sum("Weekly_Sales") FILTER ("Date" >= $plan_since AND "Date" < $plan_until), 2) AS "30天计划"
    FROM weekly GROUP BY "Store"
"""
_GOODS = """
    SELECT DISTINCT 'D' || "Dept" AS 商品编码, 'Department ' || "Dept" AS 商品名称, '' AS 品类, '' AS 标价 FROM weekly
"""


def day_of(what: str) -> date:
    return date.fromisoformat(what or AS_OF)


def as_files(source: Path, inbox: Path, as_of: date) -> None:
    """The three lists that a till gives, as CSV."""
    with duckdb.connect() as engine, zipfile.ZipFile(source) as archive:
        unpacked = Path(archive.extract(archive.namelist()[0], inbox.parent))
        engine.execute("CREATE TABLE weekly AS SELECT * FROM read_csv(?)", [str(unpacked)])
        moments = {
            "since": as_of - WINDOW - _BEFORE, "as_of": as_of,
            "plan_since": as_of - WINDOW - YEAR, "plan_until": as_of - YEAR,
        }  # fmt: skip
        for name, query in (("门店档案", _STORES), ("商品档案", _GOODS), ("销售流水", _SALES)):
            used = {key: value for key, value in moments.items() if f"${key}" in query}
            target = str(inbox / f"{name}.csv").replace("'", "''")
            engine.execute(f"COPY ({query}) TO '{target}' (HEADER, DELIMITER ',')", used)


async def fill(room: Salesroom, path: Path, as_of: date) -> dict[str, int]:
    inbox = room.services.settings.data_dir / "inbox" / "till"
    inbox.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(as_files, path, inbox, as_of)
    await room.enable("till", {}, {})
    counts = await room.pull("till")
    await room.bring_up()
    return counts


async def show(room: Salesroom, file: Path, what: str) -> None:
    print(listed(await fill(room, file, day_of(what))))
    print(listed(await room.classes("sell_through_level")))
    shown = ("name", "sales_30", "plan_month", "plan_reached")
    behind = await room.rows("store", filter_="[plan_reached] < 95%", sort="plan_reached", limit=5, fields=shown)
    for each in behind:
        print(f"  {each['name']}: {each['sales_30']} of {each['plan_month']} ({each['plan_reached']})")


def moment(what: str) -> datetime:
    return datetime.combine(day_of(what), time(), UTC)


EXAMPLE = Example("store_walmart", __doc__, moment, show, zone="America/Chicago", app="store")

if __name__ == "__main__":
    sys.exit(EXAMPLE.run(sys.argv[1:]))

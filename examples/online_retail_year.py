"""A year as it happened: real orders come in month by month, and every customer is measured and classed at each end.

    python examples/online_retail_year.py online_retail_2009_2010.parquet [DATA_DIR]

The same file and rules as ``online_retail.py``. The clock stands at the last second of each month while that month's
rows are imported, so that the workspace's history is what it would be had the shop used it all year. Then metrics are
refreshed and the segment is evaluated, as the running program does.

Of each customer: ``recency`` (days since the last order), ``frequency`` (orders in 90 days), ``breadth`` (different
families of products: the first two characters of their codes, for the file has no categories), ``amount`` (what was
ever bought). Classes: active, steady, fading, silent; customers without an order that counts are in none.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
from online_retail import IMPORTS, LABEL, OBJECTS, ZONE
from workroom import Room, import_file, open_room

from tongmai.kit import FixedClock, Settings
from tongmai.metrics import Move, Segments
from tongmai.model import MetricDef, SegmentDef
from tongmai.store import Database

FIRST, LAST = (2009, 12), (2010, 12)
BEGIN = datetime(2009, 11, 30, 12, tzinfo=ZoneInfo(ZONE))


def _metric(key: str, zh: str, en: str, source: str, measure: dict[str, Any], **more: Any) -> MetricDef:
    way = {"order": ("customer", "at"), "line": ("order.customer", "order.at")}[source]
    parts = {"key": key, "label": {"zh": zh, "en": en}, "object": "customer", "source": source, "path": way[0],
             "at": way[1], "measure": measure}  # fmt: skip
    return MetricDef.model_validate({**parts, **more})


METRICS = (
    _metric("recency", "距上次下单天数", "Days since the last order", "order", {"kind": "days_since"}),
    _metric("frequency", "90 天订单数", "Orders in 90 days", "order", {"kind": "count"},
            window={"kind": "rolling", "days": 90}),
    _metric("breadth", "品类数", "Families of products", "line",
            {"kind": "distinct", "value": "LEFT(product.code, 2)"}),
    _metric("amount", "累计金额", "Amount", "line", {"kind": "sum", "value": "quantity * price"}),
)  # fmt: skip
ACTIVITY = SegmentDef.model_validate(
    {
        "key": "activity",
        "label": {"zh": "客户活跃度", "en": "Activity"},
        "object": "customer",
        "classes": [
            {"key": "active", "label": {"zh": "活跃", "en": "Active"}, "colour": "green",
             "when": "recency <= 30 AND frequency >= 2"},
            {"key": "steady", "label": {"zh": "平稳", "en": "Steady"}, "colour": "blue", "when": "recency <= 60"},
            {"key": "fading", "label": {"zh": "待激活", "en": "Fading"}, "colour": "yellow", "when": "recency <= 120"},
            {"key": "silent", "label": {"zh": "沉默", "en": "Silent"}, "colour": "red", "when": "recency > 120"},
        ],
    }
)  # fmt: skip


def month_ends() -> list[datetime]:
    """The last second of each month that the file has rows of, in the shop's zone."""
    count = range(FIRST[0] * 12 + FIRST[1], LAST[0] * 12 + LAST[1] + 1)
    return [datetime(n // 12, n % 12 + 1, 1, tzinfo=ZoneInfo(ZONE)) - timedelta(seconds=1) for n in count]


@dataclass(frozen=True)
class MonthEnd:
    """How many customers were in which class, and how many moved."""

    at: datetime
    classes: Counter[str]
    moves: int


async def live_through(
    room: Room, clock: FixedClock, path: Path, *, with_lines: bool = True
) -> AsyncIterator[MonthEnd]:
    """Imports a month, measures, classes, and goes on to the next. Without lines: recency and frequency only."""
    imports = [each for each in IMPORTS if with_lines or each["object"] in ("customer", "order")]
    await room.define(*(each for each in METRICS if with_lines or each.source == "order"), ACTIVITY)
    segments = Segments(room.metrics)
    with tempfile.TemporaryDirectory() as folder:
        for end in month_ends():
            rows = Path(folder) / f"{end:%Y-%m}.parquet"
            await asyncio.to_thread(_cut, path, rows, end)
            clock.moment = end
            for each in imports:
                await import_file(room, rows, each)
            rows.unlink()
            await room.seal()
            await room.metrics.refresh(room.workspace)
            (evaluated,) = await segments.evaluate(room.workspace)
            yield MonthEnd(end, Counter(await _classes(room)), evaluated.moves)


def _cut(source: Path, target: Path, end: datetime) -> None:
    """The rows of one month as a file of their own."""
    month = f"{end:%Y-%m}"
    rows = duckdb.sql(
        "SELECT * FROM read_parquet($1) WHERE strftime(InvoiceDate, '%Y-%m') = $2", params=[str(source), month]
    )
    rows.write_parquet(str(target))


async def _classes(room: Room) -> dict[str, int]:
    table = f"{room.workspace.quoted_schema}._segment_member"
    async with room.database.read() as tx:
        rows = await tx.fetch(f"SELECT class, count(*) AS n FROM {table} GROUP BY class")  # noqa: S608 - quoted
    return {row["class"]: row["n"] for row in rows}


def classes_after(moves: list[Move], moment: datetime) -> dict[UUID, str]:
    """Who was in which class at a moment, from the moves up to it."""
    found: dict[UUID, str] = {}
    for each in moves:
        if each.at <= moment and each.to_class is not None:
            found[each.record_id] = each.to_class
        elif each.at <= moment:
            found.pop(each.record_id, None)
    return found


async def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(arguments[1]) if len(arguments) == 2 else Path(temporary)
        settings, clock = Settings(data_dir=data_dir), FixedClock(BEGIN)
        database = await Database.open(settings, clock)
        try:
            async with open_room(database, settings, clock, "online_retail", LABEL, ZONE, OBJECTS) as room:
                names = [each.key for each in ACTIVITY.classes]
                print(f"{'month':<9}" + "".join(f"{name:>9}" for name in names) + f"{'moves':>9}")
                async for month in live_through(room, clock, Path(arguments[0])):
                    counts = "".join(f"{month.classes[name]:>9,}" for name in names)
                    print(f"{month.at:%Y-%m}  {counts}{month.moves:>9,}")
                moves = await Segments(room.metrics).replay(room.workspace, ACTIVITY, month_ends())
                print(f"the same from the history alone: {len(moves):,} moves")
        finally:
            await database.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

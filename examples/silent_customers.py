"""A rule tried on a company's own past before it goes live: silent customers of a real wholesaler, by today's rows.

    python examples/silent_customers.py online_retail_2009_2010.parquet [DATA_DIR]

The orders of ``online_retail.py`` were imported in one go, so nothing of the year was known in it; the back-test counts
today's rows from their own moments (``basis: today``) and says so. The rule: a customer who used to order (at least
three orders in his last 180 days) has not for 60 days. The outcome: he buys again within 60 days. Beside it stands the
base rate: of all customers who had ordered before, the share that did so on the same days.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from online_retail import IMPORTS, LABEL, OBJECTS, ZONE
from workroom import Room, import_file, open_room

from tongmai.kit import Settings, SystemClock
from tongmai.model import MetricDef, RuleDef
from tongmai.replica import Replica
from tongmai.rules import BacktestRequest, Backtests
from tongmai.store import Database

# The file begins in December 2009; its last order is of 9 December 2010, so outcomes of October are still seen.
FIRST, AFTER, OUTCOME_DAYS = "2010-04-01", "2010-10-10", 60


def _metric(key: str, zh: str, en: str, measure: dict[str, Any], **more: Any) -> MetricDef:
    parts = {"key": key, "label": {"zh": zh, "en": en}, "object": "customer", "source": "order", "path": "customer",
             "at": "at", "measure": measure}  # fmt: skip
    return MetricDef.model_validate({**parts, **more})


METRICS = (
    _metric("recency", "距上次下单天数", "Days since the last order", {"kind": "days_since"}),
    _metric("ordered", "累计订单数", "Orders ever", {"kind": "count"}),
    _metric("half_year", "180 天订单数", "Orders in 180 days", {"kind": "count"},
            window={"kind": "rolling", "days": 180}),
    _metric("two_months", "60 天订单数", "Orders in 60 days", {"kind": "count"},
            window={"kind": "rolling", "days": OUTCOME_DAYS}),
)  # fmt: skip


def silent(days: int = 60) -> RuleDef:
    """The rule, with how many days of silence it takes."""
    return RuleDef.model_validate(
        {
            "key": "silent_customer",
            "label": {"zh": "沉默客户", "en": "Silent customer"},
            "object": "customer",
            "when": {"kind": "becomes"},
            "if": f"recency > {days} AND half_year >= 3",
            "then": [
                {
                    "kind": "task",
                    "task": "call",
                    "title": "{code} 已 {recency} 天未下单",
                    "due": {"amount": 2, "unit": "working_days"},
                }
            ],
            "outcome": "two_months >= 1",
            "outcome_days": OUTCOME_DAYS,
        }
    )


def asked(rule: RuleDef, against: RuleDef | None = None) -> BacktestRequest:
    parts: dict[str, Any] = {"from": FIRST, "to": AFTER, "basis": "today", "among": "ordered >= 1"}
    return BacktestRequest.model_validate({**parts, "rule": rule, "against": against})


@asynccontextmanager
async def prepared(room: Room, path: Path) -> AsyncIterator[Backtests]:
    """Customers and orders imported, the metrics defined, the columnar replica built: nothing else is needed."""
    for each in IMPORTS:
        if each["object"] in ("customer", "order"):
            await import_file(room, path, each)
    await room.define(*METRICS)
    await room.seal()
    replica = Replica(room.database, room.workspace, room.clock, room.settings)
    await replica.rebuild()
    try:
        yield Backtests(room.metrics, lambda _: replica)
    finally:
        replica.duck.close()


def show(name: str, found: dict[str, Any]) -> None:
    outcome = found["outcome"]
    print(f"{name}: {found['hits']:,} hits on {found['records']:,} customers, {found['moments']} days")
    print(f"  bought again within {outcome['days']} days: {outcome['precision']:.1%} of {outcome['decided']:,} hits")
    print(f"  all who had ordered before, same days:  {outcome['base_rate']:.1%}   (lift {outcome['lift']:.2f})")
    print(f"  lead, median days to the next order:    {outcome['median_lead_days']}")
    busiest = max(found["days"], key=lambda day: day["hits"])
    print(f"  busiest day: {busiest['day']}, {busiest['hits']} hits")


async def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(arguments[1]) if len(arguments) == 2 else Path(temporary)
        settings, clock = Settings(data_dir=data_dir), SystemClock()
        database = await Database.open(settings, clock)
        try:
            opened = open_room(database, settings, clock, "silent_customers", LABEL, ZONE, OBJECTS)
            async with opened as room, prepared(room, Path(arguments[0])) as tests:
                found = await tests.run(room.workspace, asked(silent(), silent(90)))
            show("60 days of silence", found)
            show("90 days of silence", found["against"] | {"moments": found["moments"]})
            only = ", ".join(f"{name} {found['comparison'][name]:,}" for name in ("only_first", "only_second", "both"))
            print(f"customers hit by: {only}")
            print(f"({found['engine']}, {found['seconds']} s) {found['notes'][0]['en']}")
        finally:
            await database.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

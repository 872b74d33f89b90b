"""Metrics at many moments, each row read once, are those of each moment by itself: over random histories, over the
rows as they are now and over the rows as they were known then."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.generic.test_metrics_converge import CUSTOMERS, METRICS, START, Play, everything, steps
from tests.metrics.shop import Shop, metric, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.metrics import Binder, PastTables, StepValues, plan_metrics, unstepped, values_item
from tongmai.model import RuleDef
from tongmai.replica import Replica
from tongmai.rules.backtest_scene import Ground
from tongmai.rules.backtest_versions import Versions
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)
# Beside those of the other suite, filters of rows that ask for the day, in every way that is looked for by halves.
SERVED = (
    *METRICS,
    metric("lately_due", {"kind": "sum", "value": "amount"}, at="created_at",
           where="due BETWEEN TODAY() - 3 AND ADD_WORKDAYS(TODAY(), 2) AND NOT state = 'paid'"),
    metric("yesterday", "count", where="DATE(placed) = ADD_DAYS(TODAY(), -1)", window={"kind": "rolling", "days": 3}),
    metric("stale", {"kind": "max", "value": "amount"}, where="HOURS_BETWEEN(placed, DATETIME(TODAY())) / 24 > 2 OR WORKDAYS_SINCE(due) > 1",
           comparison={"kind": "previous_period"}, window={"kind": "rolling", "days": 5}),
    metric("fresh", {"kind": "distinct", "value": "state"}, where="NOT placed < START_OF(TODAY(), 'month')"),
)  # fmt: skip
RULE = RuleDef.model_validate({
    "key": "any", "label": "r", "object": "customer", "when": {"kind": "becomes"}, "if": "orders > 0",
    "then": [{"kind": "notify", "to": ["owner"], "title": "t"}],
})  # fmt: skip
Found = list[list[dict[str, Any]]]


def values_at(session: duckdb.DuckDBPyConnection, values: StepValues, count: int, at_once: int) -> Found:
    """The companion's columns of every record at each step, so many steps at once."""
    for sql, arguments in values.gathering():
        session.execute(sql, arguments)
    found: Found = [[] for _ in range(count)]
    for first in range(0, count, at_once):
        sql, arguments = values.between(first, min(first + at_once, count))
        session.execute(f"{sql} ORDER BY record_id", arguments)
        names = [column[0] for column in session.description or ()]
        for row in session.fetchall():
            record = dict(zip(names, row, strict=True))
            found[record.pop("_n")].append(record)
    return found


async def at_moments(
    shop: Shop, replica: Replica, object_key: str, moments: Sequence[datetime], *, known: bool, at_once: int = 2
) -> Found:
    """At each moment: by the rows as they were known then, or by the rows as they are now."""
    catalogue = await shop.catalogues.newest(shop.workspace)
    ground = Ground(shop.workspace, catalogue, "known" if known else "today", {"0": RULE}, {})
    eras = [ground.era(moment) for moment in moments]
    with replica.shelf.lease() as manifest, replica.duck.session() as session:
        columns = {key: frozenset(files.columns) for key, files in manifest.objects.items()}
        versions = Versions(shop.database, ground, replica, manifest, session, moments, columns)
        plan = plan_metrics(catalogue, object_key)
        assert not unstepped(plan, len(moments))
        values = StepValues(
            plan, versions.rows, versions.reader.history, shop.workspace.zone, catalogue.calendar.working, eras, "t"
        )
        await versions.make(versions.used)
        return values_at(session, values, len(moments), at_once)


async def recorded_at(shop: Shop, moment: datetime) -> list[dict[str, Any]]:
    """From the history, in PostgreSQL: what the live run would have computed then."""
    catalogue = await shop.catalogues.newest(shop.workspace)
    era = shop.metrics.era(shop.workspace, catalogue, moment)
    binder = Binder()
    tables = PastTables(shop.workspace, catalogue, binder("as_of", "timestamptz"))
    plan = shop.metrics.plan(catalogue, "customer")
    item, spans = values_item(plan, tables, binder, shop.workspace.zone, catalogue.calendar.working)
    statement = binder.statement(f"SELECT * FROM {item} AS v ORDER BY record_id")
    async with shop.database.read() as tx:
        return [dict(row) for row in await tx.fetch(statement.sql, *statement.arguments(spans.given(era)))]


@given(history=st.lists(steps, min_size=4, max_size=20), hours=st.lists(st.integers(-1000, 50), min_size=1, max_size=4),
       at_once=st.integers(1, 4))  # fmt: skip
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_many_steps_give_what_each_moment_gives(
    database: Database, settings: Settings, history: list[Any], hours: list[int], at_once: int
) -> None:
    clock = FixedClock(START)
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"over_time_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    replica = Replica(database, workspace, clock, settings)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*SERVED)
        play = Play(shop)
        for place in range(CUSTOMERS):
            await play.do_owner(place, place)
            await play.do_order(place, place, -24 * place, 10 + place, "open", None)
        await play.do_team(0, 0)
        for step in history:
            await play.step(step)
        await shop.seal()
        await replica.rebuild()
        moments = sorted({clock.now() + timedelta(hours=each) for each in hours})
        found = await at_moments(shop, replica, "customer", moments, known=False, at_once=at_once)
        for n, moment in enumerate(moments):
            await shop.metrics.full(workspace, moment)
            assert found[n] == await everything(shop)
        found = await at_moments(shop, replica, "customer", moments, known=True, at_once=at_once)
        for n, moment in enumerate(moments):
            assert found[n] == await recorded_at(shop, moment)
    finally:
        replica.duck.close()
        async with database.write() as tx:
            await drop_workspace(tx, workspace)

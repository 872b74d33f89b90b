"""Metrics are the same from either engine, to the last digit: over random histories, with the replica up or behind.

The same plays as in ``test_metrics_converge``: every kind of measure, window and comparison, rows moved, deleted,
restored and purged, the clock stepping over holidays.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.generic.test_metrics_converge import CUSTOMERS, METRICS, START, Play, everything, steps
from tests.metrics.shop import Shop, metric, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.metrics import Binder, Metrics, ReplicaTables, calendar_values, own_reader, values_item
from tongmai.replica import Replica
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)
MORE = (
    metric("half", {"kind": "percentile", "value": "amount", "p": "0.07"}),
    metric("typical", {"kind": "duration", "start": "due", "end": "closed", "statistic": "median"}),
    metric("longest", {"kind": "duration", "start": "placed", "end": "closed", "statistic": "max"}),
    metric("first_state", {"kind": "min", "value": "state"}, gives="text"),
    metric("next_due", {"kind": "max", "value": "due"}, gives="date", at="created_at"),
    metric("since_due", "days_since", at="due"),
    metric("worked", {"kind": "sum", "value": "WORKDAYS_BETWEEN(due, TODAY()) + amount / 7"}),
    metric("late", "count", where="ADD_WORKDAYS(due, 3) < TODAY()", window={"kind": "rolling_working", "days": 9}),
    metric("rated", {"kind": "average", "value": "IF(amount > 20, amount / 3, amount * 1.1)"}, decimals=2),
)


async def worked_out_by_duckdb(shop: Shop, replica: Replica) -> list[dict[str, Any]]:
    """All columns as conditions over the replica see them: finished and derived in DuckDB too."""
    era = shop.metrics.era(shop.workspace, catalogue := await shop.catalogues.newest(shop.workspace))
    plan, binder = shop.metrics.plan(catalogue, "customer"), Binder()
    with replica.shelf.lease() as manifest:
        tables = ReplicaTables(own_reader(replica, manifest, catalogue, era))
        item, spans = values_item(plan, tables, binder, shop.workspace.zone, catalogue.calendar.working)
        statement = binder.statement(f"SELECT * FROM {item} AS v ORDER BY record_id")
        given = {**spans.given(era), **calendar_values(catalogue.calendar.working)}

        def work(session: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
            found = session.execute(statement.sql, statement.arguments(given))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return await replica.duck.run(work)


@given(
    before=st.lists(steps, min_size=2, max_size=15),
    after=st.lists(steps, max_size=10),
    is_behind=st.booleans(),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_both_engines_give_the_same_values(
    database: Database, settings: Settings, before: list[Any], after: list[Any], is_behind: bool
) -> None:
    clock = FixedClock(START)
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"metric_engines_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    replica = Replica(database, workspace, clock, settings)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*METRICS, *MORE)
        play = Play(shop)
        for place in range(CUSTOMERS):
            await play.do_owner(place, place)
            await play.do_order(place, place, -24 * place, 10 + place, "open", 5 * place)
        await play.do_team(0, 0)
        await play.do_category(0, "a")
        await play.do_line(0, 0, 0, 1)
        for step in before:
            await play.step(step)
        await shop.seal()
        await replica.advance()
        for step in after:
            await play.step(step)
        await shop.seal()
        columnar = Metrics(database, shop.catalogues, clock, replica=lambda _: replica, fewest_rows=0)
        with replica.shelf.alone() if is_behind else contextlib.nullcontext():
            (done,) = await columnar.full(workspace)
        by_duckdb = await everything(shop)
        (plain,) = await shop.metrics.full(workspace)
        assert by_duckdb == await everything(shop)
        assert plain.engine.name == "postgres"
        if not is_behind:
            assert await worked_out_by_duckdb(shop, replica) == by_duckdb
        purged = is_behind and any(step[0] == "purge" for step in after)
        assert done.engine.name == "duckdb" or (purged and done.engine.code == "purged")
    finally:
        replica.duck.close()
        async with database.write() as tx:
            await drop_workspace(tx, workspace)

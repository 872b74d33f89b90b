"""A day's snapshot is what was known when the day ended, whatever came before the round that keeps it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.generic.played import played
from tests.generic.test_metrics_converge import START, steps
from tests.generic.test_metrics_over_time import recorded_at

from tongmai.kit import FixedClock, Settings
from tongmai.metrics import Snapshots
from tongmai.model import metric_fields
from tongmai.store import Database


def written(value: object) -> str:
    """A value as PostgreSQL writes it: no exponents."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# A purge takes the past away too; the clock is the test's.
late = steps.filter(lambda step: step[0] not in ("purge", "clock", "refresh"))


@given(before=st.lists(steps, max_size=10), after=st.lists(late, min_size=1, max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_what_comes_after_midnight_is_not_in_the_day_that_ended(
    database: Database, settings: Settings, before: list[Any], after: list[Any]
) -> None:
    clock = FixedClock(START)
    async with played(database, settings, clock) as play:
        shop, workspace = play.shop, play.shop.workspace
        for step in before:
            await play.step(step)
        await shop.refresh()
        catalogue = await shop.catalogues.newest(workspace)
        ended = shop.metrics.era(workspace, catalogue).today
        midnight = shop.metrics.era(workspace, catalogue).midnight(ended + timedelta(days=1))
        clock.advance(midnight - clock.now() + timedelta(seconds=20))
        for step in after:
            await play.step(step)
        await shop.seal()
        assert await Snapshots(shop.metrics).close_day(workspace) == ended
        names = {each.key: each.column_name for each in metric_fields(catalogue, "customer")}
        expected = {
            (row["record_id"], key): row[column]
            for row in await recorded_at(shop, midnight - timedelta(microseconds=1))
            for key, column in names.items()
            if row[column] is not None
        }
        kept = await shop.fetch("SELECT record_id, metric, value FROM {schema}._metric_day WHERE day = $1", ended)
        found = {(row["record_id"], row["metric"]): row["value"] for row in kept if row["value"] is not None}
        assert found == {key: written(value) for key, value in expected.items()}

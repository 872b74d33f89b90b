"""A record's metrics at the moment of an entry are those that a full computation of the past gives for that moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.generic.played import played
from tests.generic.test_metrics_converge import METRICS, START, steps
from tests.generic.test_metrics_over_time import recorded_at
from tests.metrics.shop import Shop

from tongmai.kit import FixedClock, Settings
from tongmai.metrics import FORMER_SINCE, Binder, EntryValues
from tongmai.model import Catalogue, Share, TeamMean, companion_columns, metric_parts
from tongmai.store import Database, quote_ident

# A purge takes the past away too.
kept = steps.filter(lambda step: step[0] != "purge")


def told_by_own_rows(catalogue: Catalogue) -> tuple[str, ...]:
    """The columns that no other record has a part in."""
    alone: dict[str, None] = {}
    shared = {each.key for each in catalogue.metrics if isinstance(each.measure, Share)}
    for each in catalogue.metrics:
        if each.key in shared or shared & set(metric_parts(catalogue, each)):
            continue
        names = companion_columns(each)
        alone |= {
            name: None for name in names if not (name.endswith("__base") and isinstance(each.comparison, TeamMean))
        }
    return tuple(alone)


async def at_entries(
    shop: Shop, catalogue: Catalogue, entries: list[tuple[UUID, datetime]], columns: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    """The columns of each record at its moment, in order; all blank for one that was not there."""
    binder = Binder()
    values = EntryValues(shop.workspace, catalogue, {each.key for each in METRICS}, binder)
    item = values.item("customer", "e.id")
    eras = [shop.metrics.era(shop.workspace, catalogue, at) for _, at in entries]
    given = {name: [values.given(era)[name] for era in eras] for name in values.edges}
    given |= {"n": list(range(len(entries))), "id": [id_ for id_, _ in entries], "at": [at for _, at in entries]}
    kinds = {"n": "bigint", "id": "uuid", "at": "timestamptz", **values.edges}
    arrays = ", ".join(binder(name, f"{kind}[]") for name, kind in kinds.items())
    names = ", ".join(quote_ident(name) for name in kinds)
    listed = ", ".join(f"v.{quote_ident(name)}" for name in columns)
    ctes = ", ".join((f"_entry AS (SELECT * FROM unnest({arrays}) AS x({names}))", *values.former))
    statement = binder.statement(
        f"WITH {ctes} SELECT {listed} FROM _entry AS e LEFT JOIN {item} AS v ON v.record_id = e.id ORDER BY e.n"
    )
    async with shop.database.read() as tx:
        rows = await tx.fetch(statement.sql, *statement.arguments({**given, FORMER_SINCE: 0}))
    return [tuple(row) for row in rows]


@given(history=st.lists(kept, min_size=4, max_size=20))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_each_entry_has_the_values_of_its_moment(
    database: Database, settings: Settings, history: list[Any]
) -> None:
    clock = FixedClock(START)
    async with played(database, settings, clock) as play:
        shop, workspace = play.shop, play.shop.workspace
        moments = [clock.now()]
        for step in history:
            await play.step(step)
            moments.append(clock.now())
        await shop.seal()
        catalogue = await shop.catalogues.newest(workspace)
        columns = told_by_own_rows(catalogue)
        ids = [row["id"] for row in await shop.fetch("SELECT id FROM {schema}.customer ORDER BY id")]
        entries = [(id_, at) for at in sorted(set(moments))[::3] for id_ in ids]
        found = await at_entries(shop, catalogue, entries, columns)
        for at in sorted(set(moments))[::3]:
            expected = {row["record_id"]: tuple(row[name] for name in columns) for row in await recorded_at(shop, at)}
            blank = (None,) * len(columns)
            those = [each for each, (_, moment) in zip(found, entries, strict=True) if moment == at]
            assert those == [expected.get(id_, blank) for id_ in ids]

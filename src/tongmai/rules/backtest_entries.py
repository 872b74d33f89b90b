"""Rules on changes and events over a past period: each entry of the log that they would have heard of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tongmai.metrics import Binder
from tongmai.model import Changed, Happens, RuleDef
from tongmai.rules.backtest_course import addressed
from tongmai.rules.backtest_scene import Ground
from tongmai.rules.backtest_state import Hit, State, Version
from tongmai.rules.entries import changes_between, events_of
from tongmai.rules.judging import judged
from tongmai.store import Database

_TICK = timedelta(microseconds=1)


async def hit_entries(
    database: Database, ground: Ground, rules: Sequence[RuleDef], state: State, since: datetime, until: datetime
) -> None:
    """Fills versions that are on changes or events with what their entries in ``[since, until)`` are."""
    state.versions = state.versions or [Version() for _ in rules]
    for version, rule in zip(state.versions, rules, strict=True):
        if not isinstance(rule.when, Changed | Happens):
            continue
        binder = Binder()
        entries = binder.statement(_entries_of(ground, rule, binder))
        given = {"from": since - _TICK, "to": until - _TICK}
        async with database.snapshot() as tx:
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            hits = await judged(tx, ground.workspace, ground.catalogue, rule, entries, given)
        state.roll.bits(found.record_id for found in hits)
        version.hit(
            Hit(
                state.roll.number(found.record_id),
                found.at,
                ground.era(found.at).today,
                addressed(rule, found),
                dict(found.seen),
            )
            for found in hits
        )


def _entries_of(ground: Ground, rule: RuleDef, binder: Binder) -> str:
    if isinstance(rule.when, Changed):
        return changes_between(ground.workspace, rule, binder)
    within = f"v.at > {binder('from', 'timestamptz')} AND v.at <= {binder('to', 'timestamptz')}"
    return events_of(ground.workspace, rule, within)

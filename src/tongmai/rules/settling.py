"""Takes what is as known: rules begin to count from here, and nothing is done about what was so before.

For data of years that come in at once: the first classification of all customers is no news of today, and a task for
each of them would bury whoever gets it. Records that meet a condition are in its episode from now on; what becomes true
later fires as ever.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tongmai.metrics import Era
from tongmai.model import Becomes, Enters, Holds, RuleDef, rules_of
from tongmai.rules.advancing import Step, advance_becomes, advance_holds
from tongmai.rules.engine import Engine
from tongmai.rules.episodes import Finding
from tongmai.rules.ledger import Ledger
from tongmai.rules.reads import Reads
from tongmai.rules.standing import Round, hold_state, look, save_state
from tongmai.store import Workspace, WriteTx

_LAST_SEQ = 2**62


class _Quiet(Ledger):
    """Opens and ends episodes, and puts nothing into the outbox."""

    async def fire(self, found: Sequence[Finding], episodes: Mapping[UUID, UUID] | None = None) -> None:
        return None


async def settle(engine: Engine, workspace: Workspace, as_of: datetime | None = None) -> int:
    """Moves every rule to ``as_of`` (now unless told) without firing; how many. Compute metrics and classes first."""
    catalogue = await engine.catalogues.newest(workspace)
    rules = rules_of(catalogue)
    era = Era(as_of or engine.clock.now(), workspace.zone, catalogue.calendar.working)
    reads = {each.key: Reads(catalogue, each) for each in rules}
    async with engine.database.read() as tx:
        round_ = await look(tx, workspace, catalogue, rules, reads, era, {}, 0)
    await _forget_events(engine, workspace, era)
    settled = 0
    for rule in rules:
        async with engine.database.write() as tx:
            settled += await _settle(tx, engine, round_, rule, reads[rule.key])
    return settled


async def _forget_events(engine: Engine, workspace: Workspace, era: Era) -> None:
    """Events of before are history; else they would stand in the way of those that come."""
    async with engine.database.write() as tx:
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._event SET taken_at = $1 WHERE taken_at IS NULL AND at < $2",
            engine.clock.now(), era.as_of,
        )  # fmt: skip


async def _settle(tx: WriteTx, engine: Engine, round_: Round, rule: RuleDef, reads: Reads) -> int:
    workspace, version = round_.workspace, round_.catalogue.version
    state = await hold_state(tx, workspace, round_.catalogue, rule)
    if state is None:
        return 0
    ledger = _Quiet(tx, workspace, rule, version, round_.era, engine.clock)
    step = Step(tx, round_, rule, reads, state, ledger, engine.open_moments)
    stands: dict[str, object] = {"epoch": round_.head, "seq": _LAST_SEQ, "moment": round_.era.as_of}
    match rule.when:
        case Becomes():
            stands |= await advance_becomes(step, whole=True)
        case Enters(segment=segment):
            stands["move"] = max(round_.moves.get(segment, 0), state.move)
        case Holds():
            stands |= await advance_holds(step)
        case _:
            pass
    told = {"as_of": round_.era.as_of, "since": round_.era.as_of, "version": version, "error": None}
    await save_state(tx, workspace, rule.key, **{**stands, **told})
    return 1

"""Advances the rules of a workspace: from the sealed feed, from metrics, from moments, from moves and from events.

Several processes may run one: they take turns at a rule's row of ``_rule_state``. A rule that fails waits with its
fault told there; the others go on.
"""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from traceback import format_exception
from uuid import UUID

import orjson
import structlog

from tongmai.kit import Clock, TongmaiError, Unavailable
from tongmai.metrics import Binder, Era
from tongmai.model import Becomes, Catalogue, Changed, Enters, Happens, Holds, RuleDef, Scheduled, rules_of
from tongmai.rules.advancing import (
    Moved,
    Step,
    advance_becomes,
    advance_changed,
    advance_enters,
    advance_holds,
    advance_scheduled,
    is_whole_due,
    upto,
)
from tongmai.rules.backtest_engines import FindReplica
from tongmai.rules.entries import events_of
from tongmai.rules.judging import judged
from tongmai.rules.ledger import Ledger, end_effects
from tongmai.rules.moments import last_ends, last_scheduled
from tongmai.rules.past_moments import past_moments
from tongmai.rules.reads import Reads
from tongmai.rules.standing import Round, RuleState, hold_state, look, pass_over, save_state
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

TICK = timedelta(seconds=60)
MOST_EVENTS = 1_000
# Rules that nothing concerned are moved on once they are so far behind, not at each block.
_LAG = 300
_KEPT = 16
_MOST_STEPS = 10
# So often events are put before a rule that stumbles over them; then they are history for it, and its fault is told.
_HEARINGS = 3
# A rule that failed is tried again after so long, or when the model changes.
_RETRY = timedelta(seconds=60)
_log = structlog.get_logger(__name__)


@dataclass
class _Known:
    """Of a workspace: the last epoch with changes by object, up to an epoch; what rules read, for one catalogue, when
    one failed, and how often one stumbled over events since it last heard some."""

    upto: int = -1
    changed: dict[str, int] = field(default_factory=dict)
    version: int = -1
    reads: dict[str, Reads] = field(default_factory=dict)
    failed: dict[str, datetime] = field(default_factory=dict)
    stumbled: Counter[str] = field(default_factory=Counter)


class Engine:
    """One per process, for one event loop. ``find`` gives the replica of a workspace, if there is one."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        tick: timedelta = TICK,
        *,
        find: FindReplica = lambda _: None,
    ) -> None:
        self.open_moments = past_moments(database, find)
        self.database = database
        self.catalogues = catalogues
        self.clock = clock
        self._tick = tick
        self._known: OrderedDict[UUID, _Known] = OrderedDict()

    async def advance(self, workspace: Workspace, as_of: datetime | None = None) -> int:
        """One round at ``as_of`` (now unless told): every rule that something concerns. How many rules moved on."""
        catalogue = await self.catalogues.newest(workspace)
        rules = rules_of(catalogue)
        era = Era(as_of or self.clock.now(), workspace.zone, catalogue.calendar.working)
        round_ = await self._look(workspace, catalogue, rules, era)
        gone = round_.states.keys() - {each.key for each in rules}
        if gone:
            await self._retire(workspace, sorted(gone))
        moved = 0
        idle = []
        for rule in rules:
            if not isinstance(rule.when, Happens):
                if self._is_due(round_, rule):
                    moved += await self._advance(round_, rule)
                elif rule.key in round_.states:
                    idle.append(rule.key)
        awaited = frozenset(rule.when.event for rule in rules if isinstance(rule.when, Happens))
        # First what nobody waits for: a back-fill's thousands must not stand before what somebody does.
        if unheard := round_.waiting_events - awaited:
            await self._forget_events(workspace, unheard)
        if awaited & round_.waiting_events:
            moved += await self._hear_events(round_, rules)
        await self._pass_over(round_, idle)
        return moved

    async def _look(self, workspace: Workspace, catalogue: Catalogue, rules: Sequence[RuleDef], era: Era) -> Round:
        known = self._known.setdefault(workspace.id, _Known())
        self._known.move_to_end(workspace.id)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if known.version != catalogue.version:
            known.version = catalogue.version
            known.reads = {each.key: Reads(catalogue, each) for each in rules}
            known.failed = {}
            known.stumbled = Counter()
        async with self.database.read() as tx:
            if known.upto < 0:
                oldest = await tx.fetch_value(f"SELECT min(epoch) FROM {workspace.quoted_schema}._rule_state")
                known.upto = int(oldest or 0)
            round_ = await look(tx, workspace, catalogue, rules, known.reads, era, known.changed, known.upto)
        known.upto = max(known.upto, round_.head)
        return round_

    def _reads(self, round_: Round, rule: RuleDef) -> Reads:
        return self._known[round_.workspace.id].reads[rule.key]

    def _is_due(self, round_: Round, rule: RuleDef) -> bool:
        state, era, when = round_.states.get(rule.key), round_.era, rule.when
        failed = self._known[round_.workspace.id].failed.get(rule.key)
        if failed is not None and era.as_of - failed < _RETRY:
            return False
        if state is None:
            return True
        match when:
            case Changed():
                return round_.changed.get(rule.object, 0) > state.epoch
            case Enters():
                return round_.moves.get(when.segment, 0) > state.move
            case Scheduled():
                return last_scheduled(when, state.moment or state.since, era) is not None
            case Holds():
                return state.moment is None or state.moment < last_ends(when, 1, era)[0]
            case Becomes():
                reads = self._reads(round_, rule)
                return self._is_measured(round_, reads) and (
                    is_whole_due(round_, rule, reads, state, self._tick) or self._is_touched(round_, reads, state)
                )
            case _:
                return False

    @staticmethod
    def _is_touched(round_: Round, reads: Reads, state: RuleState) -> bool:
        if upto(round_, reads) > state.epoch and any(round_.changed.get(k, 0) > state.epoch for k in reads.objects):
            return True
        if any(round_.moves.get(segment, 0) > state.move for _, segment in reads.classed):
            return True
        return any(
            state.computed_at is None or round_.measured[key].computed_at > state.computed_at
            for _, key in reads.measured
        )

    @staticmethod
    def _is_measured(round_: Round, reads: Reads) -> bool:
        """Whether the metrics that a condition reads are those of today: yesterday's would say yesterday's truth."""
        stands = [round_.measured.get(key) for _, key in reads.measured]
        return all(each is not None and round_.era.at(each.as_of).today == round_.era.today for each in stands)

    async def _advance(self, round_: Round, rule: RuleDef) -> int:
        """The rule's step, and some more while there is more (others wait); 1 if this process moved it on."""
        more, moved = True, 0
        for _ in range(_MOST_STEPS):
            if not more:
                break
            try:
                async with self.database.write() as tx:
                    state = await hold_state(tx, round_.workspace, round_.catalogue, rule)
                    if state is None:
                        return moved
                    changes, more = await self._step(tx, round_, rule, state)
                    moved = 1
                    told = {**changes, "version": round_.catalogue.version, "error": None}
                    await save_state(tx, round_.workspace, rule.key, **told)
            except Unavailable:
                raise
            except Exception as error:
                await self._failed(round_, rule, error)
                return moved
        return moved

    async def _step(self, tx: WriteTx, round_: Round, rule: RuleDef, state: RuleState) -> tuple[Moved, bool]:
        reads = self._reads(round_, rule)
        step = Step(tx, round_, rule, reads, state, self._ledger(tx, round_, rule), self.open_moments)
        match rule.when:
            case Changed():
                return await advance_changed(step)
            case Enters():
                return await advance_enters(step)
            case Scheduled():
                return await advance_scheduled(step), False
            case Holds():
                return await advance_holds(step), False
            case _:
                if not self._is_measured(round_, reads):
                    return {}, False
                whole = is_whole_due(round_, rule, reads, state, self._tick)
                return await advance_becomes(step, whole=whole), False

    def _ledger(self, tx: WriteTx, round_: Round, rule: RuleDef) -> Ledger:
        return Ledger(tx, round_.workspace, rule, round_.catalogue.version, round_.era, self.clock)

    async def _hear_events(self, round_: Round, rules: Sequence[RuleDef]) -> int:
        """Events that wait, for all rules together: an event is taken once all have heard of it. What stumbles over
        some (a lock, a statement's time) is given them again before they are history."""
        schema, moved = round_.workspace.quoted_schema, 0
        stumbled = self._known[round_.workspace.id].stumbled
        failed: list[tuple[RuleDef, Exception]] = []
        async with self.database.write() as tx:
            rows = await tx.fetch(
                f"SELECT id, event FROM {schema}._event WHERE taken_at IS NULL ORDER BY id LIMIT $1"
                " FOR UPDATE SKIP LOCKED",
                MOST_EVENTS,
            )
            for rule in rules:
                ids = [row["id"] for row in rows if isinstance(rule.when, Happens) and row["event"] == rule.when.event]
                if not ids:
                    continue
                try:
                    async with tx.savepoint():
                        moved += await self._hear(tx, round_, rule, ids)
                except Unavailable:
                    raise
                except Exception as error:
                    stumbled[rule.key] += 1
                    if not isinstance(error, TongmaiError) and stumbled[rule.key] < _HEARINGS:
                        raise Unavailable.of("rule.stumbled", "规则稍后重试", "the rule is tried again") from error
                    failed.append((rule, error))
                else:
                    stumbled.pop(rule.key, None)
            await tx.execute(
                f"UPDATE {schema}._event SET taken_at = $2 WHERE id = ANY($1)",
                [row["id"] for row in rows], self.clock.now(),
            )  # fmt: skip
        for each, reason in failed:
            await self._failed(round_, each, reason)
        return moved

    async def _hear(self, tx: WriteTx, round_: Round, rule: RuleDef, ids: list[int]) -> int:
        state = await hold_state(tx, round_.workspace, round_.catalogue, rule)
        if state is None:
            # Another process holds the rule: the round is made again, the events still wait.
            raise Unavailable.of("rule.held", "规则正在处理中", "the rule is being worked on")
        binder = Binder()
        within = f"v.id = ANY({binder('ids', 'bigint[]')}) AND v.at >= {binder('since', 'timestamptz')}"
        entries = events_of(round_.workspace, rule, within)
        given = {"ids": ids, "since": state.since}
        found = await judged(tx, round_.workspace, round_.catalogue, rule, binder.statement(entries), given)
        await self._ledger(tx, round_, rule).fire(found)
        changes = {"as_of": round_.era.as_of, "version": round_.catalogue.version, "error": None}
        await save_state(tx, round_.workspace, rule.key, **changes)
        return 1

    async def _forget_events(self, workspace: Workspace, events: frozenset[str]) -> None:
        """Events that no rule waits for are history at once."""
        async with self.database.write() as tx:
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._event SET taken_at = $2 WHERE taken_at IS NULL AND event = ANY($1)",
                sorted(events), self.clock.now(),
            )  # fmt: skip

    async def _retire(self, workspace: Workspace, gone: Sequence[str]) -> None:
        """Rules that are no more, or not in force: what they had begun ends."""
        schema, now = workspace.quoted_schema, self.clock.now()
        async with self.database.write() as tx:
            rows = await tx.fetch(
                f"DELETE FROM {schema}._rule_state WHERE rule IN (SELECT rule FROM {schema}._rule_state"
                " WHERE rule = ANY($1) FOR UPDATE SKIP LOCKED) RETURNING rule",
                list(gone),
            )
            keys = [row["rule"] for row in rows]
            await tx.execute(f"DELETE FROM {schema}._run WHERE rule = ANY($1)", keys)
            ended = await tx.fetch(
                f"UPDATE {schema}._episode SET ended_at = greatest($2, begun_at)"
                " WHERE rule = ANY($1) AND ended_at IS NULL RETURNING id",
                keys, now,
            )  # fmt: skip
            await end_effects(tx, workspace, [row["id"] for row in ended], now)

    async def _pass_over(self, round_: Round, idle: Sequence[str]) -> None:
        far = [key for key in idle if round_.head - round_.states[key].epoch > _LAG]
        if far:
            async with self.database.write() as tx:
                await pass_over(tx, round_.workspace, far, round_.head)

    async def _failed(self, round_: Round, rule: RuleDef, error: Exception) -> None:
        trace = None if isinstance(error, TongmaiError) else "".join(format_exception(error, limit=-8))
        _log.warning("rule.failed", workspace=round_.workspace.key, rule=rule.key, reason=str(error), trace=trace)
        self._known[round_.workspace.id].failed[rule.key] = round_.era.as_of
        told = {"at": self.clock.now().isoformat(), "zh": "求值失败", "en": "the evaluation failed"}
        if isinstance(error, TongmaiError):
            told |= {"zh": error.sentence("zh"), "en": error.sentence("en")}
        async with self.database.write() as tx:
            # What the failed step had begun was taken back, a new rule's row with it.
            await hold_state(tx, round_.workspace, round_.catalogue, rule)
            await tx.execute(
                f"UPDATE {round_.workspace.quoted_schema}._rule_state SET error = $2::jsonb WHERE rule = $1",
                rule.key, orjson.dumps(told).decode(),
            )  # fmt: skip

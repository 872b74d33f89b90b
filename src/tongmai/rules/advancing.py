"""One rule's step for each kind of trigger: what it hears of, evaluates and writes, in one transaction with its state.

Each gives the columns of ``_rule_state`` that move on.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.metrics import Asked, Binder, Era, Statement
from tongmai.model import Becomes, Changed, Enters, Holds, RuleDef, Scheduled
from tongmai.rules.entries import changes_of, moves_of
from tongmai.rules.episodes import Finding, count_runs, fold
from tongmai.rules.evaluating import present_query, read_findings, turning_query
from tongmai.rules.judging import judged
from tongmai.rules.ledger import Ledger
from tongmai.rules.moments import last_ends, last_scheduled
from tongmai.rules.past_moments import OpenMoments, PastMoments
from tongmai.rules.reads import Reads
from tongmai.rules.standing import Round, RuleState
from tongmai.rules.touching import Stretch, touched_records
from tongmai.store import Record, WriteTx

# So many entries of a log are judged in one transaction.
MOST_ENTRIES = 2_000
# Scheduled moments that were missed are made up for once, if they are not older.
MAKES_UP = timedelta(days=7)
# Metrics as they are now serve for a moment that is hardly past.
_FRESH = timedelta(seconds=60)
_LAST_SEQ = 2**62
_OVERLAP = timedelta(minutes=5)

Moved = Mapping[str, object]


@dataclass(frozen=True)
class Step:
    """What a step is made in. ``again``: there may be more to do at once."""

    tx: WriteTx
    round: Round
    rule: RuleDef
    reads: Reads
    state: RuleState
    ledger: Ledger
    open_moments: OpenMoments

    def past(self, moments: Sequence[datetime]) -> AbstractAsyncContextManager[PastMoments]:
        """The condition at moments that have passed."""
        return self.open_moments(self.round.workspace, self.round.catalogue, self.rule, moments)

    @property
    def era(self) -> Era:
        return self.round.era

    async def fetch(self, asked: Asked, era: Era, **more: object) -> list[Record]:
        return await self.tx.fetch(asked.sql, *asked.arguments(era, more))

    async def in_episode(self) -> set[UUID]:
        rows = await self.tx.fetch(
            f"SELECT record_id FROM {self.round.workspace.quoted_schema}._episode WHERE rule = $1 AND ended_at IS NULL",
            self.rule.key,
        )
        return {row["record_id"] for row in rows}


def upto(round_: Round, reads: Reads) -> int:
    """The epoch a rule may go to: where its condition reads metrics, no further than they are computed."""
    return min(
        (round_.head, *(round_.measured[key].epoch if key in round_.measured else 0 for _, key in reads.measured))
    )


async def advance_becomes(step: Step, *, whole: bool) -> Moved:
    """Evaluates the records that changes touched, or all of them."""
    head = upto(step.round, step.reads)
    measured = [step.round.measured[key].computed_at for _, key in step.reads.measured]
    moves = max((step.round.moves.get(segment, 0) for _, segment in step.reads.classed), default=0)
    move = max(moves, step.state.move)
    stretch = Stretch(step.state.epoch, head, _measured_since(step) if measured else None, step.state.move, move)
    touched: dict[UUID, str | None] | None = await touched_records(
        step.tx, step.round.workspace, step.reads, stretch, step.era
    )
    everything = whole or touched is None
    if everything or touched:
        await _turn(step, None if everything else list(touched or ()), touched or {})
    moved: dict[str, object] = {"epoch": head, "move": move, "as_of": step.era.as_of}
    moved["computed_at"] = max(measured, default=None)
    if everything:
        moved["whole_at"] = step.era.as_of
    return moved


def _measured_since(step: Step) -> datetime | None:
    """Values computed from then on may be new. Refreshes of one object follow one another; those of several overlap."""
    last = step.state.computed_at
    return last if last is None or len(step.reads.measured) == 1 else last - _OVERLAP


async def _turn(step: Step, chosen: list[UUID] | None, causes: Mapping[UUID, str | None]) -> None:
    round_, rule = step.round, step.rule
    asked = turning_query(round_.workspace, round_.catalogue, rule, chosen=chosen is not None)
    rows = await step.fetch(asked, step.era, rule=rule.key, subjects=chosen or [])
    ended = [row["id"] for row in rows if row["begins"] is None]
    found = (replace(each, cause=causes.get(each.record_id)) for each in read_findings(rows, step.era.as_of))
    turns = fold(ended, found)
    await step.ledger.end(turns.ended, step.era.as_of)
    await step.ledger.begin(turns.began)


async def advance_changed(step: Step) -> tuple[Moved, bool]:
    """Judges the next entries of the feed, each at its own moment; whether there are more."""
    assert isinstance(step.rule.when, Changed)
    schema, state = step.round.workspace.quoted_schema, step.state
    last = await step.tx.fetch_row(
        "SELECT count(*) AS entries, max(x.epoch) AS epoch, (array_agg(x.seq ORDER BY x.epoch DESC, x.seq DESC))[1]"
        " AS seq FROM (SELECT h.epoch, h.seq"
        f" FROM {schema}._history AS h WHERE (h.epoch, h.seq) > ($1, $2) AND h.epoch >= $1 AND h.epoch <= $3"
        " AND h.object = $4 ORDER BY h.epoch, h.seq LIMIT $5) AS x",
        state.epoch, state.seq, step.round.head, step.rule.object, MOST_ENTRIES,
    )  # fmt: skip
    assert last is not None
    more = last["entries"] == MOST_ENTRIES
    to = (last["epoch"], last["seq"]) if more else (step.round.head, _LAST_SEQ)
    if last["entries"]:
        binder = Binder()
        entries = changes_of(step.round.workspace, step.rule, binder)
        found = await _judged(
            step, binder.statement(entries),
            after=state.epoch, after_seq=state.seq, upto=to[0], upto_seq=to[1], since=state.since,
        )  # fmt: skip
        await step.ledger.fire(found)
    return {"epoch": to[0], "seq": to[1], "as_of": step.era.as_of}, more


async def _judged(step: Step, entries: Statement, **given: object) -> list[Finding]:
    return await judged(step.tx, step.round.workspace, step.round.catalogue, step.rule, entries, given)


async def advance_scheduled(step: Step) -> Moved:
    """Fires at the latest moment of the cron line that has come, once, as of that moment."""
    assert isinstance(step.rule.when, Scheduled)
    moment = last_scheduled(step.rule.when, step.state.moment or step.state.since, step.era)
    if moment is None:
        return {"as_of": step.era.as_of}
    late = step.era.as_of - moment
    if late <= MAKES_UP:
        is_fresh = bool(step.reads.measured) and late <= _FRESH
        await step.ledger.fire(await (_present(step, moment) if is_fresh else _past(step, moment)))
    return {"as_of": step.era.as_of, "moment": moment}


async def _present(step: Step, moment: datetime) -> list[Finding]:
    asked = present_query(step.round.workspace, step.round.catalogue, step.rule)
    return list(read_findings(await step.fetch(asked, step.era.at(moment), open=[]), moment))


async def _past(step: Step, moment: datetime) -> list[Finding]:
    async with step.past([moment]) as past:
        return await past.findings(await past.standing(moment))


async def advance_holds(step: Step) -> Moved:
    """Evaluates the ends of the periods that have passed; at first looks back over as many as the rule asks for."""
    when = step.rule.when
    assert isinstance(when, Holds)
    ends = last_ends(when, when.periods + 1, step.era)
    moment = step.state.moment
    goes_on = moment in ends and step.state.version == step.round.catalogue.version
    runs = await _runs(step) if goes_on else {}
    due = [each for each in ends if moment is not None and each > moment] if goes_on else ends[-when.periods :]
    if not due:
        return {"as_of": step.era.as_of}
    inside = await step.in_episode()
    async with step.past(due) as past:
        for end in due:
            runs = count_runs(runs, await past.standing(end))
            # A look back says what runs there are; only the last period says what turns now.
            if goes_on or end == due[-1]:
                enough = [each for each, periods in runs.items() if periods >= when.periods or each in inside]
                turns = fold(inside, await past.findings(enough))
                await step.ledger.end(turns.ended, end)
                await step.ledger.begin(turns.began)
                inside = {each.record_id for each in (*turns.began, *turns.lasting)}
    await _keep_runs(step, runs)
    return {"as_of": step.era.as_of, "moment": due[-1]}


async def _runs(step: Step) -> dict[UUID, int]:
    rows = await step.tx.fetch(
        f"SELECT record_id, periods FROM {step.round.workspace.quoted_schema}._run WHERE rule = $1", step.rule.key
    )
    return {row["record_id"]: row["periods"] for row in rows}


async def _keep_runs(step: Step, runs: Mapping[UUID, int]) -> None:
    workspace = step.round.workspace
    await step.tx.execute(f"DELETE FROM {workspace.quoted_schema}._run WHERE rule = $1", step.rule.key)
    rows = [(step.rule.key, record_id, periods) for record_id, periods in runs.items()]
    await step.tx.copy_records(workspace.schema, "_run", ("rule", "record_id", "periods"), rows)


async def advance_enters(step: Step) -> tuple[Moved, bool]:
    """Each move ends the record's episode; one into a class of the rule begins a new one."""
    when = step.rule.when
    assert isinstance(when, Enters)
    schema = step.round.workspace.quoted_schema
    moves = await step.tx.fetch(
        f"SELECT id, record_id, at FROM {schema}._segment_move WHERE segment = $1 AND id > $2 ORDER BY id LIMIT $3",
        when.segment, step.state.move, MOST_ENTRIES,
    )  # fmt: skip
    if not moves:
        return {"as_of": step.era.as_of}, False
    binder = Binder()
    within = f"m.id > {binder('after', 'bigint')} AND m.id <= {binder('upto', 'bigint')}"
    entries = moves_of(step.round.workspace, step.rule, within)
    found = await _judged(step, binder.statement(entries), after=step.state.move, upto=moves[-1]["id"])
    begun = {each.entry: each for each in found}
    for wave in _waves((row["record_id"], row) for row in moves):
        await step.ledger.end([row["record_id"] for row in wave], wave[0]["at"])
        await step.ledger.begin([begun[row["id"]] for row in wave if row["id"] in begun])
    return {"as_of": step.era.as_of, "move": moves[-1]["id"]}, len(moves) == MOST_ENTRIES


def _waves(rows: Iterable[tuple[UUID, Record]]) -> list[list[Record]]:
    """In each wave a record stands at most once and all are of one moment; a record's rows keep their order."""
    waves: list[list[Record]] = []
    last: dict[UUID, int] = {}
    moments: list[datetime] = []
    for record_id, row in rows:
        at = last.get(record_id, -1) + 1
        while at < len(waves) and moments[at] != row["at"]:
            at += 1
        if at == len(waves):
            waves.append([])
            moments.append(row["at"])
        waves[at].append(row)
        last[record_id] = at
    return waves


def is_whole_due(round_: Round, rule: RuleDef, reads: Reads, state: RuleState, tick: timedelta) -> bool:
    """Whether all records are to be evaluated: at first, after a change of the model, each day, and for conditions
    that ask what minute it is at each tick."""
    assert isinstance(rule.when, Becomes)
    era = round_.era
    if state.whole_at is None or state.version != round_.catalogue.version:
        return True
    if era.at(state.whole_at).today != era.today:
        return True
    return "now" in reads.moments and era.as_of - state.whole_at >= tick

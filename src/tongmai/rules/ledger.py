"""What an evaluation writes: episodes, the live log, and what is to be done; all in the transaction that decided it."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import Clock, new_id
from tongmai.metrics import Era
from tongmai.model import Escalate, Lock, MakeSignal, RuleDef
from tongmai.rules.episodes import Finding
from tongmai.store import Workspace, WriteTx
from tongmai.work import due_after

OUTBOX_CHANNEL = "tongmai_outbox"
# Rules that set one another off come to an end here.
DEEPEST_CHAIN = 8
# The action of an outbox row that ends what an episode had begun.
END = "end"


@dataclass(frozen=True)
class Ledger:
    """Writes for one rule in one transaction."""

    tx: WriteTx
    workspace: Workspace
    rule: RuleDef
    version: int
    era: Era
    clock: Clock

    async def begin(self, found: Sequence[Finding]) -> None:
        """Opens an episode for each finding and fires."""
        if not found:
            return
        episodes = {each.record_id: new_id(self.clock) for each in found}
        rows = [(episodes[each.record_id], self.rule.key, each.record_id, each.at) for each in found]
        columns = ("id", "rule", "record_id", "begun_at")
        await self.tx.copy_records(self.workspace.schema, "_episode", columns, rows)
        await self.fire(found, episodes)

    async def end(self, records: Iterable[UUID], at: datetime) -> None:
        """Ends their open episodes: locks of theirs are released, signals end."""
        schema = self.workspace.quoted_schema
        rows = await self.tx.fetch(
            f"UPDATE {schema}._episode SET ended_at = greatest($3, begun_at)"
            " WHERE rule = $1 AND record_id = ANY($2) AND ended_at IS NULL RETURNING id",
            self.rule.key, list(records), at,
        )  # fmt: skip
        if any(isinstance(each, Lock | MakeSignal) for each in self.rule.then):
            await end_effects(self.tx, self.workspace, [row["id"] for row in rows], self.clock.now())

    async def fire(self, found: Sequence[Finding], episodes: Mapping[UUID, UUID] | None = None) -> None:
        """Logs each finding and puts its actions into the outbox, but where the rule's own chain led there."""
        chains = await self._chains(found)
        fired: list[tuple[object, ...]] = []
        to_do: list[tuple[object, ...]] = []
        for each in found:
            firing = new_id(self.clock)
            before = chains.get(each.cause or "", ())
            held = "loop" if self.rule.key in before else "too_deep" if len(before) >= DEEPEST_CHAIN else None
            episode = (episodes or {}).get(each.record_id)
            fired.append(self._logged(firing, each, [*before, self.rule.key], episode, held))
            if held is None:
                to_do += self._actions(firing, each)
        await self.tx.copy_records(self.workspace.schema, "_firing", _FIRING, fired)
        await self.tx.copy_records(self.workspace.schema, "_outbox", _OUTBOX, to_do)
        if to_do:
            await self.tx.notify(OUTBOX_CHANNEL, self.workspace.key)

    def _logged(
        self, firing: UUID, each: Finding, chain: list[str], episode: UUID | None, held: str | None
    ) -> tuple[object, ...]:
        return (
            firing, self.rule.key, self.version, self.rule.object, each.record_id, each.at, self.clock.now(),
            each.owner, _json(each.seen), _json(each.told), chain, each.cause, each.entry, episode, held,
        )  # fmt: skip

    def _actions(self, firing: UUID, each: Finding) -> Iterable[tuple[object, ...]]:
        for number, action in enumerate(self.rule.then):
            due = self.clock.now()
            if isinstance(action, Escalate):
                due = due_after(each.at, action.after, self.era.zone, self.era.calendar)
            key = f"rule:{self.rule.key}:{firing}:{number}"
            yield key, firing, number, action.model_dump_json(), due

    async def _chains(self, found: Sequence[Finding]) -> dict[str, tuple[str, ...]]:
        """For causes that are firings of rules, the rules that led there."""
        firings = {cause: id_ for cause in {each.cause for each in found} if cause and (id_ := firing_of(cause))}
        if not firings:
            return {}
        rows = await self.tx.fetch(
            f"SELECT id, chain FROM {self.workspace.quoted_schema}._firing WHERE id = ANY($1)", list(firings.values())
        )
        chains = {row["id"]: tuple(row["chain"]) for row in rows}
        return {cause: chains.get(id_, ()) for cause, id_ in firings.items()}


async def end_effects(tx: WriteTx, workspace: Workspace, episodes: Sequence[UUID], now: datetime) -> None:
    """What the episodes had begun ends with them: locks are released here, signals by the outbox."""
    if not episodes:
        return
    schema = workspace.quoted_schema
    await tx.execute(
        f"UPDATE {schema}._lock SET released_at = $2 WHERE episode = ANY($1) AND released_at IS NULL",
        list(episodes), now,
    )  # fmt: skip
    put = await tx.execute(
        f"INSERT INTO {schema}._outbox (key, firing, number, action, next_at)"
        " SELECT 'rule:' || f.rule || ':' || f.id || ':end', f.id, -1, $2::jsonb, $3"
        f" FROM {schema}._firing AS f WHERE f.episode = ANY($1) AND f.held IS NULL AND EXISTS"
        f" (SELECT FROM {schema}._outbox AS b WHERE b.firing = f.id AND b.action ->> 'kind' = 'signal')"
        " ON CONFLICT DO NOTHING",
        list(episodes), orjson.dumps({"kind": END}).decode(), now,
    )  # fmt: skip
    if put:
        await tx.notify(OUTBOX_CHANNEL, workspace.key)


def cause_of(rule_key: str, firing: UUID) -> str:
    """What history tells of a change that a rule made."""
    return f"rule:{rule_key}:{firing}"


def firing_of(cause: str) -> UUID | None:
    """The firing that a cause names, if it is a rule's."""
    kind, _, rest = cause.partition(":")
    try:
        return UUID(rest.rpartition(":")[2]) if kind == "rule" else None
    except ValueError:
        return None


_FIRING = (
    "id", "rule", "version", "object", "record_id", "at", "logged_at", "owner", "seen", "told", "chain", "cause",
    "entry", "episode", "held",
)  # fmt: skip
_OUTBOX = ("key", "firing", "number", "action", "next_at")


def _json(given: Mapping[str, object]) -> str:
    return orjson.dumps(given).decode()

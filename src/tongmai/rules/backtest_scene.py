"""What a back-test asks of an engine, moment by moment; and PostgreSQL's answers, by the live rule's own queries."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import orjson

from tongmai.kit import Text
from tongmai.metrics import Asked, AskedRows, Binder, Candidate, Era, PresentTables, Tables, decision
from tongmai.model import Becomes, Catalogue, RuleDef, SegmentDef
from tongmai.rules.backtest_request import Basis
from tongmai.rules.episodes import Finding, Turns, fold
from tongmai.rules.evaluating import RuleRows, TablesMaker, read_findings, standing_query
from tongmai.store import Database, Record, Workspace


@dataclass(frozen=True)
class Ground:
    """What is tried where. ``conditions`` are rules by name, of which the condition and the people count;
    ``segments`` are decision tables by name. All are over the same object."""

    workspace: Workspace
    catalogue: Catalogue
    basis: Basis
    conditions: Mapping[str, RuleDef]
    segments: Mapping[str, SegmentDef]

    @property
    def object(self) -> str:
        return next(iter(self.conditions.values())).object

    def era(self, at: datetime) -> Era:
        return Era(at, self.workspace.zone, self.catalogue.calendar.working)


class TooMuchHistory(Exception):
    """More of the past than is worth bringing to another engine."""


class Scene(Protocol):
    """One engine that goes forward over moments. ``restore`` before the first ``go`` to take up an earlier run."""

    @property
    def engine(self) -> str: ...

    @property
    def why(self) -> Text: ...

    async def restore(self, name: str, inside: Collection[UUID]) -> None:
        """Who the condition ``name`` stood for."""
        ...

    async def go(self, at: datetime) -> None:
        """To the next moment."""
        ...

    async def turns(self, name: str) -> Turns:
        """What began and ended of the condition ``name`` since it was last asked for (``lasting`` is left out)."""
        ...

    async def among(self, name: str, ids: Collection[UUID]) -> list[Finding]:
        """Those of the records for which the condition holds now."""
        ...

    async def candidates(self, name: str) -> list[Candidate]:
        """The records whose class by the segment ``name`` is not the one they are in, by their ids; without what the
        table saw."""
        ...

    async def move(self, name: str, classes: Mapping[UUID, str | None]) -> None:
        """The classes of the segment ``name`` that records are in from here on."""
        ...


@dataclass(frozen=True)
class _TodayTables(PresentTables):
    """The present rows, in a statement that takes the moment although rows do not depend on it."""

    moment: str = ""

    def rows(self, object_key: str) -> str:
        return f"(SELECT * FROM {super().rows(object_key)} WHERE {self.moment} IS NOT NULL)"


class PostgresScene:
    """The history laid over the present rows at each moment: exact for every rule, slow for many rows.

    ``catalogue`` may lack metrics that nothing reads.
    """

    def __init__(self, database: Database, ground: Ground, catalogue: Catalogue, why: Text) -> None:
        self.engine = "postgres"
        self.why = why
        self._database = database
        self._ground = ground
        self._catalogue = catalogue
        self._asked: dict[tuple[str, str], Asked] = {}
        self._inside: dict[str, frozenset[UUID]] = {}
        self._members: dict[str, dict[UUID, str | None]] = {}
        self._at: datetime | None = None

    async def restore(self, name: str, inside: Collection[UUID]) -> None:
        self._inside[name] = frozenset(inside)

    async def go(self, at: datetime) -> None:
        self._at = at

    async def turns(self, name: str) -> Turns:
        rule = self._ground.conditions[name]
        inside = self._inside.get(name, frozenset())
        asked = self._kept(name, "standing", lambda: standing_query(*self._place, rule, self._tables))
        more = {"open": list(inside)} if _leaves(rule) else {}
        assert self._at is not None
        turns = fold(inside, read_findings(await self._fetch(asked, more), self._at))
        self._inside[name] = inside - frozenset(turns.ended) | frozenset(each.record_id for each in turns.began)
        return Turns(turns.began, turns.ended)

    async def among(self, name: str, ids: Collection[UUID]) -> list[Finding]:
        rule = self._ground.conditions[name]
        asked = self._kept(name, "among", lambda: among_query(self._rows(), self._catalogue, rule))
        assert self._at is not None
        return list(read_findings(await self._fetch(asked, {"ids": list(ids)}), self._at))

    async def candidates(self, name: str) -> list[Candidate]:
        def make() -> Asked:
            rows = self._rows()
            return rows.asked(decision(rows, self._ground.segments[name], tells_seen=False))

        members = self._members.get(name, {})
        found = await self._fetch(self._kept(name, "decision", make), {})
        return [each for each in read_candidates(found) if each.wanted != members.get(each.record_id)]

    async def move(self, name: str, classes: Mapping[UUID, str | None]) -> None:
        self._members.setdefault(name, {}).update(classes)

    @property
    def _place(self) -> tuple[Workspace, Catalogue]:
        return self._ground.workspace, self._catalogue

    @property
    def _tables(self) -> TablesMaker | None:
        return None if self._ground.basis == "known" else self._present

    def _present(self, binder: Binder) -> Tables:
        return _TodayTables(self._ground.workspace, moment=binder("as_of", "timestamptz"))

    def _rows(self) -> AskedRows:
        return AskedRows.past(*self._place, self._ground.object, self._tables)

    def _kept(self, name: str, kind: str, make: MakeAsked) -> Asked:
        if (name, kind) not in self._asked:
            self._asked[name, kind] = make()
        return self._asked[name, kind]

    async def _fetch(self, asked: Asked, more: Mapping[str, object]) -> list[Record]:
        assert self._at is not None
        async with self._database.snapshot() as tx:
            # A moment's question over all rows of a company takes longer than a request may.
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            return list(await tx.fetch(asked.sql, *asked.arguments(self._ground.era(self._at), more)))


class MakeAsked(Protocol):
    def __call__(self) -> Asked: ...


def among_query(rows: AskedRows, catalogue: Catalogue, rule: RuleDef) -> Asked:
    """The findings of chosen records (``$ids``)."""
    found = RuleRows(rows, catalogue, rule)
    return rows.asked(
        f"SELECT {found.columns} FROM {rows.source} WHERE {found.begins} AND o.id = ANY({rows.binder('ids', 'uuid[]')})"
    )


def read_candidates(rows: Iterable[Record | Mapping[str, Any]]) -> list[Candidate]:
    # What may be left says one of few things, of very many records.
    leaves = cache(orjson.loads)
    found = [Candidate(row["id"], row["wanted"], leaves(row["leaves"]), {}, row["deleted"]) for row in rows]
    return sorted(found, key=lambda each: each.record_id)


def _leaves(rule: RuleDef) -> bool:
    return isinstance(rule.when, Becomes) and rule.when.leave_when is not None

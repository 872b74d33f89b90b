"""A back-test over the columnar replica: rows, metrics, conditions and episodes stay in DuckDB; what turns comes out.

Only what begins or ends at a step is fetched, so that a condition which stands for half of all customers costs as
little as one that stands for none.
"""

# ruff: noqa: S608 - names come from quote_ident, texts are ours, values are bound

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import orjson

from tongmai.kit import Text
from tongmai.metrics import Asked, AskedRows, Binder, Candidate, calendar_values, decision
from tongmai.model import RuleDef
from tongmai.replica import Manifest, Replica
from tongmai.rules.backtest_classes import StepClasses
from tongmai.rules.backtest_reads import columns_read, reduced
from tongmai.rules.backtest_scene import Ground, read_candidates
from tongmai.rules.backtest_values import BacktestValues
from tongmai.rules.backtest_versions import StepTables, Versions
from tongmai.rules.episodes import Finding, Turns
from tongmai.rules.evaluating import RuleRows
from tongmai.store import Database, quote_ident

Result = TypeVar("Result")


class ReplicaScene:
    """Implements ``Scene``. ``moments`` are all that it will be asked to go to."""

    def __init__(
        self, database: Database, ground: Ground, replica: Replica, moments: Sequence[datetime], why: Text
    ) -> None:
        self.engine = "duckdb"
        self.why = why
        self._database = database
        self._ground = ground
        self._catalogue = reduced(ground)
        self._replica = replica
        self._moments = list(moments)
        self._number = {at: number for number, at in enumerate(moments)}
        self._stack = ExitStack()
        self._step = 0
        self._asked: dict[tuple[str, str], Asked] = {}
        self._restored: dict[str, list[UUID]] = {}

    async def __aenter__(self) -> Self:
        """Raises ``replica.Damaged``, ``TooMuchHistory`` and ``duckdb.Error``."""
        await asyncio.to_thread(self._replica.shelf.present)
        manifest: Manifest = self._stack.enter_context(self._replica.shelf.lease())
        try:
            self._session = await asyncio.to_thread(self._replica.duck.session)
            self._stack.callback(self._session.close)
            self._versions = Versions(
                self._database,
                self._ground,
                self._replica,
                manifest,
                self._session,
                self._moments,
                columns_read(self._ground, self._catalogue),
            )
            self._values = BacktestValues(
                self._ground.workspace.zone,
                self._catalogue,
                self._versions.rows,
                self._versions.reader.history,
                self._tables,
                [self._ground.era(at) for at in self._moments],
            )
            await self._prepare()
        except BaseException:
            self._stack.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    async def restore(self, name: str, inside: Collection[UUID]) -> None:
        await self._in_thread(lambda: self._keep_ids(_inside(name), inside))

    async def go(self, at: datetime) -> None:
        self._step = self._number[at]
        await self._in_thread(lambda: self._values.step(self._session, self._step, self._more({})))

    async def turns(self, name: str) -> Turns:
        standing, found = self._asked[name, "standing"], self._asked[name, "began"]
        era, at = self._ground.era(self._moments[self._step]), self._moments[self._step]
        inside, present = _inside(name), quote_ident(f"bt_present_{name}")

        def work() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
            session = self._session
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE {present} AS {standing.sql}", standing.arguments(era, self._more({}))
            )
            ended = session.execute(f"SELECT id FROM {inside} EXCEPT SELECT id FROM {present}").fetchall()
            session.execute(
                f"CREATE OR REPLACE TEMP TABLE bt_began AS SELECT id FROM {present} EXCEPT SELECT id FROM {inside}"
            )
            began: list[tuple[Any, ...]] = session.execute("SELECT id FROM bt_began").fetchall()
            if began and not self._is_plain(name):
                began = session.execute(found.sql, found.arguments(era, self._more({}))).fetchall()
            session.execute(f"CREATE OR REPLACE TEMP TABLE {inside} AS SELECT id FROM {present}")
            return began, ended

        began, ended = await self._in_thread(work)
        findings = (Finding(row[0], at) if self._is_plain(name) else _finding(row, at) for row in began)
        return Turns(
            began=tuple(sorted(findings, key=lambda each: each.record_id)), ended=tuple(sorted(row[0] for row in ended))
        )

    async def among(self, name: str, ids: Collection[UUID]) -> list[Finding]:
        asked, at = self._asked[name, "among"], self._moments[self._step]

        def work() -> list[tuple[Any, ...]]:
            self._keep_ids("bt_began", ids)
            arguments = asked.arguments(self._ground.era(at), self._more({}))
            found: list[tuple[Any, ...]] = self._session.execute(asked.sql, arguments).fetchall()
            return found

        return [_finding(row, at) for row in await self._in_thread(work)]

    async def candidates(self, name: str) -> list[Candidate]:
        asked = self._asked[name, "decision"]
        era = self._ground.era(self._moments[self._step])

        def work() -> list[dict[str, Any]]:
            cursor = self._session.execute(asked.sql, asked.arguments(era, self._more({})))
            columns = [column[0] for column in cursor.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

        return read_candidates(await self._in_thread(work))

    async def move(self, name: str, classes: Mapping[UUID, str | None]) -> None:
        if classes:
            await self._in_thread(lambda: self._keep_members(name, classes))

    async def _prepare(self) -> None:
        """All statements, then the views and tables that they read."""
        for name, rule in self._ground.conditions.items():
            self._asked[name, "standing"] = self._standing(name, rule)
            self._asked[name, "began"] = self._asked[name, "among"] = self._chosen(rule)
        for name, segment in self._ground.segments.items():
            rows = self._rows()
            table, member = decision(rows, segment, tells_seen=False), quote_ident(f"bt_member_{name}")
            self._asked[name, "decision"] = rows.asked(
                # Whom his class does not let leave would be told for nothing, day after day.
                f"SELECT d.* FROM ({table}) AS d LEFT JOIN {member} AS m ON m.id = d.id"
                " WHERE m.class IS DISTINCT FROM d.wanted AND (d.deleted"
                " OR json_extract_string(d.leaves, '$.' || m.class) IS DISTINCT FROM 'false')"
            )
        await self._versions.make(self._versions.used)
        classes = StepClasses(self._database, self._ground, self._session, self._moments)
        await classes.make(self._versions.classed)

        def work() -> None:
            for name in self._ground.conditions:
                self._session.execute(f"CREATE OR REPLACE TEMP TABLE {_inside(name)} (id UUID)")
            for name in self._ground.segments:
                table = quote_ident(f"bt_member_{name}")
                self._session.execute(f"CREATE OR REPLACE TEMP TABLE {table} (id UUID, class VARCHAR)")
            self._values.begin(self._session)

        await self._in_thread(work)

    def _standing(self, name: str, rule: RuleDef) -> Asked:
        rows = self._rows()
        found = RuleRows(rows, self._catalogue, rule)
        where = found.begins
        if found.has_leave:
            where = f"{found.lasts} AND (({found.begins}) OR o.id IN (SELECT id FROM {_inside(name)}))"
        return rows.asked(f"SELECT o.id AS id FROM {rows.source} WHERE {where}")

    def _chosen(self, rule: RuleDef) -> Asked:
        rows = self._rows()
        found = RuleRows(rows, self._catalogue, rule)
        where = f"{found.begins} AND o.id IN (SELECT id FROM bt_began)"
        return rows.asked(f"SELECT {found.columns} FROM {rows.source} WHERE {where}")

    def _rows(self) -> AskedRows:
        binder = Binder()
        return AskedRows(
            self._ground.workspace, self._catalogue, self._ground.object, self._tables(binder), binder,
            lambda of_object, _: self._values.item(of_object, binder),
        )  # fmt: skip

    def _tables(self, binder: Binder) -> StepTables:
        return StepTables(self._versions.reader, binder, self._versions.used, self._versions.classed)

    def _is_plain(self, name: str) -> bool:
        """Conditions of which only the ids matter: the outcome and the population."""
        return not name.isdigit()

    def _more(self, given: Mapping[str, object]) -> dict[str, object]:
        return {"step": self._step, **calendar_values(self._catalogue.calendar.working), **given}

    def _keep_ids(self, table: str, ids: Collection[UUID]) -> None:
        document = orjson.dumps([each.hex for each in ids]).decode()
        listed = "SELECT CAST(unnest(from_json($1, '[\"VARCHAR\"]')) AS UUID) AS id"
        self._session.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {listed}", [document])

    def _keep_members(self, name: str, classes: Mapping[UUID, str | None]) -> None:
        table = quote_ident(f"bt_member_{name}")
        self._keep_ids("bt_moved", list(classes))
        self._session.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM bt_moved)")
        document = orjson.dumps([[key.hex, each] for key, each in classes.items() if each is not None]).decode()
        self._session.execute(
            f"INSERT INTO {table} SELECT CAST(r[1] AS UUID), r[2]"
            " FROM (SELECT unnest(from_json($1, '[[\"VARCHAR\"]]')) AS r)",
            [document],
        )

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        """Cancelled, it is interrupted and waited for: nothing goes on behind our back."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._session.interrupt()
            await asyncio.wait({task})
            raise


def _inside(name: str) -> str:
    return quote_ident(f"bt_inside_{name}")


def _finding(row: Sequence[Any], at: datetime) -> Finding:
    """A row of ``RuleRows.columns``: id, owner, begins, seen, told."""
    record_id, owner, begins, seen, told = row
    return Finding(record_id, at, begins, owner, orjson.loads(seen), orjson.loads(told))

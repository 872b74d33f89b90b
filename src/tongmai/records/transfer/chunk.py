"""One chunk of an import, in one transaction: staged, looked up, checked as a set, written with its history.

Nothing here commits. The caller keeps the checkpoint in the same transaction, so that a chunk is done with its count or
not at all.
"""

# ruff: noqa: S608 - names are ours

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from tongmai.identity import end_access_of_gone
from tongmai.kit import Fault, Internal
from tongmai.model import PERSON, BoundField
from tongmai.records.entry import key_literal
from tongmai.records.numbering import draw_numbers
from tongmai.records.statement import Statement
from tongmai.records.transfer.checks import fault_of
from tongmai.records.transfer.lookups import LookupPlan
from tongmai.records.transfer.missing import missing_chunk, missing_keys_sql, missing_plan
from tongmai.records.transfer.people import GUARDED, refuse_roles
from tongmai.records.transfer.plan import FindingPlan, ImportPlan
from tongmai.schema import unique_fields
from tongmai.store import Database, WriteTx, quote_ident
from tongmai.tabular import ParsedChunk, array_literal

_TEMP = "pg_temp"


@dataclass(slots=True)
class ChunkOutcome:
    """What became of each row. ``refused`` has the faults by row number. ``epoch`` is where the history stands.

    ``collided``: rows were left out, because another record had their unique values.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    made_related: int = 0
    refused: dict[int, list[Fault]] = field(default_factory=dict)
    epoch: int | None = None
    collided: bool = False


async def write_chunk(
    tx: WriteTx,
    database: Database,
    plan: ImportPlan,
    chunk: ParsedChunk,
    now: datetime,
    *,
    expect_collisions: bool = False,
) -> ChunkOutcome:
    """Writes the rows that may be written. Raises asyncpg's TM001 where the plan's catalogue is outdated.

    ``expect_collisions``: unique values are likely to be taken (the chunk before was so); only a matter of time.
    """
    outcome = ChunkOutcome(refused=dict(chunk.faults))
    if chunk.staged:
        outcome.epoch = await open_change(tx, plan)
        await _Writer(tx, database, plan, now, outcome, expect_collisions).write(chunk)
    accounted = outcome.inserted + outcome.updated + outcome.unchanged + len(outcome.refused)
    if accounted != chunk.read:
        raise Internal.of(
            "import.account",
            f"导入的账目对不上：读 {chunk.read} 行，记 {accounted} 行",
            f"The import's account does not add up: {chunk.read} rows read, {accounted} accounted for",
        )
    return outcome


async def open_change(tx: WriteTx, plan: ImportPlan) -> int:
    """Joins the feed's present epoch until the end of the transaction."""
    place = plan.place
    epoch: int = await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", place.structure.catalogue.version)
    return epoch


class _Writer:
    """The steps of one chunk, in order."""

    def __init__(
        self,
        tx: WriteTx,
        database: Database,
        plan: ImportPlan,
        now: datetime,
        outcome: ChunkOutcome,
        expect_collisions: bool,
    ) -> None:
        self._tx = tx
        self._database = database
        self._plan = plan
        self._now = now
        self._outcome = outcome
        self._expect_collisions = expect_collisions
        self._given = plan.given(now, outcome.epoch)

    async def write(self, chunk: ParsedChunk) -> None:
        plan, tables = self._plan, self._plan.tables
        await self._tx.execute(f"{plan.create}; {plan.session_defaults(self._now)}")
        into = tables.new if plan.is_plain else tables.in_
        staged = await self._tx.copy_text(_TEMP, tables.plain_name(into), plan.copy_columns, _once(chunk.copy))
        for lookup in plan.lookups:
            await self._run(lookup.find)
            if lookup.column.create_missing:
                await self._make_missing(lookup)
            await self._run(lookup.missing)
        if plan.finding is None:
            await self._write_wave(1, staged)
        else:
            await self._write_found(plan.finding, staged)
        await self._collect_faults()

    async def _make_missing(self, lookup: LookupPlan) -> None:
        tables = self._plan.tables
        keys = [row[0] for row in await self._tx.fetch(missing_keys_sql(tables, lookup))]
        if not keys:
            return
        plan = missing_plan(self._plan, lookup, self._now)
        made = await write_chunk(self._tx, self._database, plan, missing_chunk(plan, keys, self._now), self._now)
        self._outcome.made_related += made.inserted + made.made_related
        self._outcome.epoch = max(self._outcome.epoch or 0, made.epoch or 0)
        await self._tx.execute(f"DELETE FROM {tables.lookup(lookup.number)}")
        await self._run(lookup.find)

    async def _write_found(self, finding: FindingPlan, staged: int) -> None:
        plan, tables = self._plan, self._plan.tables
        blank = " OR ".join(f"i.{column} IS NULL" for column in finding.blank_keys)
        code = f"ARRAY['blank:' || {key_literal(plan.request.key[0])}]"
        await self._tx.execute(
            f"INSERT INTO {tables.fault} (_row, codes) SELECT i._row, {code} FROM {tables.in_} AS i WHERE {blank}"
        )
        await self._tx.execute(finding.order)
        waves: int = await self._tx.fetch_value(f"SELECT max(_wave) FROM {tables.in_}")
        for wave in range(1, waves + 1):
            if wave > 1:
                await self._tx.execute(f"DELETE FROM {tables.new}; DELETE FROM {tables.target}")
            await self._find(finding, wave)
            await self._write_wave(wave, staged)
        await self._settle_repeats()

    async def _find(self, finding: FindingPlan, wave: int) -> None:
        tables = self._plan.tables
        self._given["wave"] = wave
        await self._run(finding.find)
        several = f"ARRAY['several:' || {key_literal(self._plan.request.key[0])}]"
        await self._tx.execute(
            f"INSERT INTO {tables.fault} (_row, codes) SELECT g._row, {several} FROM {tables.target} AS g WHERE g.n > 1"
        )
        await self._tx.fetch_value(finding.lock)
        if self._plan.request.mode == "update":
            await self._tx.execute(
                f"INSERT INTO {tables.fault} (_row, codes) SELECT i._row, ARRAY['none:key'] FROM {tables.in_} AS i"
                f" WHERE i._wave = $1 AND i._same IS NULL"
                f" AND NOT EXISTS (SELECT FROM {tables.target} AS g WHERE g._row = i._row)"
                f" AND NOT EXISTS (SELECT FROM {tables.fault} AS f WHERE f._row = i._row)",
                wave,
            )

    async def _write_wave(self, wave: int, staged: int) -> None:
        """Writes the candidates of one wave: the rows staged, or those of them that are picked now."""
        plan = self._plan
        self._given["wave"] = wave
        candidates = staged if plan.candidates is None else await self._run(plan.candidates)
        for default in plan.defaults:
            await self._run(default)
        await self._run(plan.checks)
        if plan.finding is not None:
            await self._run(plan.finding.checks)
        if plan.object_key == PERSON:
            self._outcome.refused |= await refuse_roles(self._tx, plan)
        # What is left are the rows to be written, in the order of the file.
        wanted = candidates - await self._tx.execute(
            f"DELETE FROM {plan.tables.new} AS s USING {plan.tables.fault} AS f WHERE f._row = s._row"
        )
        await self._number()
        await self._retoken()
        if plan.finding is None:
            await self._insert(wanted)
            return
        found: int = await self._tx.fetch_value(f"SELECT count(*) FROM {plan.tables.new} AS s WHERE s._found")
        await self._insert(wanted - found)
        await self._update(plan.finding, found)
        if plan.object_key == PERSON:
            await end_access_of_gone(self._tx, plan.place.workspace, self._now, plan.place.actor)

    async def _insert(self, wanted: int) -> None:
        plan = self._plan
        inserted = await self._insert_free()
        self._outcome.inserted += inserted
        self._expect_collisions = inserted < wanted
        self._outcome.collided |= inserted < wanted
        if inserted == wanted:
            await self._run(plan.note)
        else:
            await self._run(plan.note_made)
            await self._run(plan.duplicates)

    async def _insert_free(self) -> int:
        """Inserts the candidates whose unique values are free: how many."""
        plan = self._plan
        if plan.insert_free is None:
            return await self._tx.execute(plan.insert)
        if not self._expect_collisions:
            with suppress(asyncpg.UniqueViolationError):
                async with self._tx.savepoint():
                    return await self._tx.execute(plan.insert)
        return await self._tx.execute(plan.insert_free)

    async def _update(self, finding: FindingPlan, found: int) -> None:
        refused = 0
        try:
            async with self._tx.savepoint():
                self._given["only"] = None
                updated = await self._tx.fetch_value(finding.update.sql, *finding.update.arguments(self._given))
        except asyncpg.UniqueViolationError:
            updated, refused = await self._update_one_by_one(finding)
        self._outcome.updated += updated
        self._outcome.unchanged += found - updated - refused

    async def _update_one_by_one(self, finding: FindingPlan) -> tuple[int, int]:
        """Two rows of a wave want the same unique value: the first gets it, as it would one by one. Answers how many
        were updated and how many refused."""
        rows = await self._tx.fetch(f"SELECT s._row FROM {self._plan.tables.new} AS s WHERE s._found ORDER BY s._row")
        updated = refused = 0
        for row in rows:
            self._given["only"] = row["_row"]
            try:
                async with self._tx.savepoint():
                    updated += await self._tx.fetch_value(finding.update.sql, *finding.update.arguments(self._given))
            except asyncpg.UniqueViolationError as error:
                await self._refuse_unique(row["_row"], error)
                refused += 1
        return updated, refused

    async def _refuse_unique(self, row: int, error: asyncpg.UniqueViolationError) -> None:
        definition = self._plan.place.structure.definition(self._plan.object_key)
        fields = unique_fields(definition, error.constraint_name or "") or ()
        if not fields:
            raise error
        await self._tx.execute(
            f"INSERT INTO {self._plan.tables.fault} (_row, codes) VALUES ($1, ARRAY[$2::text])",
            row,
            f"unique:{','.join(fields)}",
        )

    async def _number(self) -> None:
        """Gives the records to be made their auto numbers, in the order of the rows."""
        plan, tables = self._plan, self._plan.tables
        if not plan.auto_numbers:
            return
        columns = ", ".join(f"s.{_column(each)}" for each in plan.auto_numbers)
        found = await self._tx.fetch(
            f"SELECT s._row, {columns} FROM {tables.new} AS s WHERE NOT s._found ORDER BY s._row"
        )
        keys = [each.key for each in plan.auto_numbers]
        rows: list[dict[str, object]] = [dict(zip(keys, row[1:], strict=True)) for row in found]
        day = self._now.astimezone(plan.place.zone).date()
        await draw_numbers(self._database, plan.place, plan.object_key, rows, day)
        for number in plan.auto_numbers:
            await self._tx.execute(
                f"UPDATE {tables.new} AS s SET {_column(number)} = v.number"
                f" FROM unnest($1::bigint[], $2::text[]) AS v(row, number) WHERE s._row = v.row",
                [row["_row"] for row in found],
                [row[number.key] for row in rows],
            )

    async def _retoken(self) -> None:
        """Search tokens of rows whose values came from SQL: made by the same tokeniser, from the values as they are."""
        plan = self._plan
        if not plan.retoken:
            return
        columns = ", ".join(f"s.{_column(each)}" for each in plan.retoken)
        rows = await self._tx.fetch(f"SELECT s._row, {columns} FROM {plan.tables.new} AS s")
        tokens = []
        for row in rows:
            found: set[str] = set()
            for place, bound in enumerate(plan.retoken, 1):
                found |= bound.search_tokens(row[place])
            tokens.append(array_literal(sorted(found)))
        await self._tx.execute(
            f"UPDATE {plan.tables.new} AS s SET _search = v.tokens::text[]"
            f" FROM unnest($1::bigint[], $2::text[]) AS v(row, tokens) WHERE s._row = v.row",
            [row[0] for row in rows],
            tokens,
        )

    async def _settle_repeats(self) -> None:
        """Rows that repeat the one before them: as it was accepted or refused, so are they."""
        tables = self._plan.tables
        await self._tx.execute(
            f"INSERT INTO {tables.fault} (_row, codes) SELECT i._row, f.codes FROM {tables.in_} AS i"
            f" JOIN {tables.fault} AS f ON f._row = i._same"
            f" WHERE NOT EXISTS (SELECT FROM {tables.fault} AS own WHERE own._row = i._row)"
        )
        self._outcome.unchanged += await self._tx.fetch_value(
            f"SELECT count(*) FROM {tables.in_} AS s WHERE s._same IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {tables.fault} AS f WHERE f._row = s._row)"
        )

    async def _collect_faults(self) -> None:
        rows = await self._tx.fetch(f"SELECT _row, codes FROM {self._plan.tables.fault} ORDER BY _row")
        known: dict[str, Fault] = {}
        for row in rows:
            for code in row["codes"]:
                if code == GUARDED:
                    continue
                if code not in known:
                    known[code] = fault_of(self._plan.place, self._plan.object_key, code)
                self._outcome.refused.setdefault(row["_row"], []).append(known[code])

    async def _run(self, statement: Statement) -> int:
        return await self._tx.execute(statement.sql, *statement.arguments(self._given))


def _column(bound: BoundField) -> str:
    return quote_ident(bound.definition.column_name)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content

"""The queue of names that might mean a record: seen, decided once, and the rows that waited looked at again."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import Clock, Conflict, NotFound, Text, new_id
from tongmai.link.identity.name_list import Candidate
from tongmai.link.looking_again import look_again
from tongmai.link.mapping.own_codes import names_there
from tongmai.link.raw import RawRows
from tongmai.model import MappingDef
from tongmai.schema import CatalogueStore
from tongmai.store import Database, ReadTx, Record, Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a person: which record ``given`` means. ``about`` is what the source calls it, where ``given``
    is a code of the source's; ``rows`` wait for the answer."""

    id: UUID
    mapping: str
    field: str
    object: str
    given: str
    candidates: tuple[Candidate, ...]
    rows: int
    at: datetime
    about: str | None = None


class Decisions:
    """Reads and answers the queue of all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, clock: Clock, raw: RawRows) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._raw = raw

    async def open(self, workspace: Workspace, *, mapping: str | None = None, limit: int = 50) -> list[Question]:
        """What waits for a person; what most rows wait for comes first."""
        schema = workspace.quoted_schema
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "SELECT q.id, q.mapping, q.field, q.object, q.given, q.candidates, q.at,"
                f" (SELECT count(*) FROM {schema}._match_wait w WHERE w.queue_id = q.id) AS rows"
                f" FROM {schema}._match_queue q WHERE q.state = 'open' AND ($1::text IS NULL OR q.mapping = $1)"
                " ORDER BY rows DESC, q.at, q.id LIMIT $2",
                mapping,
                limit,
            )
            return await self._named(tx, workspace, [_question(row) for row in rows])

    async def _named(self, tx: ReadTx, workspace: Workspace, questions: list[Question]) -> list[Question]:
        catalogue = await self._catalogues.get(workspace)
        groups: dict[tuple[str, str], list[Question]] = {}
        for each in questions:
            if (asking := catalogue.mapping_by_key.get(each.mapping)) is not None:
                groups.setdefault((asking.source, each.object), []).append(each)
        about: dict[UUID, str] = {}
        for (source, target), group in groups.items():
            texts = [each.given for each in group]
            names = await names_there(tx, workspace, catalogue, self._raw, source, target, texts)
            about |= {each.id: names[each.given] for each in group if each.given in names}
        return [replace(each, about=about.get(each.id)) for each in questions]

    async def object_of(self, workspace: Workspace, question: UUID) -> str:
        """The object whose records may be the answer. Raises ``NotFound``."""
        async with self._database.read() as tx:
            found: str | None = await tx.fetch_value(
                f"SELECT object FROM {workspace.quoted_schema}._match_queue WHERE id = $1", question
            )
        if found is None:
            raise _unknown()
        return found

    async def decide(self, workspace: Workspace, question: UUID, record: UUID | None, *, by: UUID | None) -> int:
        """The text means ``record``, or none of ours; how many rows are looked at again.

        The caller sees to it that ``by`` may see the record. Raises ``NotFound``, ``Conflict`` if it was decided.
        """
        catalogue = await self._catalogues.get(workspace)
        async with self._database.write() as tx:
            row = await self._locked(tx, workspace, question)
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._match_queue"
                " SET state = $2, record_id = $3, decided_by = $4, decided_at = $5 WHERE id = $1",
                question, "none" if record is None else "matched", record, by, self._clock.now(),
            )  # fmt: skip
            mapping = catalogue.mapping_by_key.get(row["mapping"])
            return 0 if mapping is None else await self._release(tx, workspace, mapping, question)

    async def settle(
        self,
        tx: WriteTx,
        workspace: Workspace,
        mapping: MappingDef,
        field: str,
        target: str,
        given: str,
        record: UUID,
        *,
        by: UUID | None,
    ) -> int:
        """Says what a text means before or after it is asked; how many rows are looked at again."""
        now = self._clock.now()
        question: UUID = await tx.fetch_value(
            f"INSERT INTO {workspace.quoted_schema}._match_queue AS q"
            " (id, mapping, field, object, given, candidates, state, record_id, decided_by, decided_at, at)"
            " VALUES ($1, $2, $3, $4, $5, '[]', $6, $7, $8, $9, $9) ON CONFLICT (mapping, field, given) DO UPDATE"
            " SET state = excluded.state, record_id = excluded.record_id, decided_by = excluded.decided_by,"
            " decided_at = excluded.decided_at RETURNING q.id",
            new_id(self._clock), mapping.key, field, target, given, "matched", record,
            by, now,
        )  # fmt: skip
        return await self._release(tx, workspace, mapping, question)

    async def forget(self, tx: WriteTx, workspace: Workspace, mapping: str, field: str, given: str) -> None:
        """Takes an answer back: the next row with this text asks again."""
        await tx.execute(
            f"DELETE FROM {workspace.quoted_schema}._match_queue"
            " WHERE mapping = $1 AND field = $2 AND given = $3 AND state = 'matched'",
            mapping, field, given,
        )  # fmt: skip

    async def _release(self, tx: WriteTx, workspace: Workspace, mapping: MappingDef, question: UUID) -> int:
        waiting = await tx.fetch(
            f"DELETE FROM {workspace.quoted_schema}._match_wait WHERE queue_id = $1 RETURNING key", question
        )
        keys = [each["key"] for each in waiting]
        return await look_again(tx, workspace, self._raw, mapping.key, mapping.source, mapping.stream, keys)

    async def _locked(self, tx: WriteTx, workspace: Workspace, question: UUID) -> Record:
        row = await tx.fetch_row(
            f"SELECT mapping, state FROM {workspace.quoted_schema}._match_queue WHERE id = $1 FOR UPDATE", question
        )
        if row is None:
            raise _unknown()
        if row["state"] != "open":
            raise Conflict.of(
                "match.decided",
                "这一项已经确认过",
                "This was decided already",
                way_out=Text("刷新后看结果", "See what was decided after a refresh"),
            )
        return row


def _unknown() -> NotFound:
    return NotFound.of("match.unknown", "没有这个待确认项", "There is nothing of that id to be decided")


def _question(row: Record) -> Question:
    candidates = tuple(
        Candidate(UUID(each["id"]), each["text"], each["score"]) for each in orjson.loads(row["candidates"])
    )
    return Question(
        row["id"], row["mapping"], row["field"], row["object"], row["given"], candidates, row["rows"], row["at"]
    )

"""Further reads of the gateway: history, groups and aggregates, search, and why someone may do something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from tongmai.access import Action, Actor, AnyActor, Explanation, explain
from tongmai.formula import Moment
from tongmai.kit import Fault, Invalid, Text, Unavailable
from tongmai.model import faults_of
from tongmai.records.aggregation import Aggregation, read_aggregation
from tongmai.records.chronicle import MOST_ENTRIES, compile_history
from tongmai.records.engine import Declined, QueryEngine, Question, Reply
from tongmai.records.explaining import compile_policy_row, policy_paths
from tongmai.records.finding import MOST_FOUND, compile_search, objects_to_search
from tongmai.records.grouping import compile_aggregation
from tongmai.records.listing import require_readable
from tongmai.records.place import Place
from tongmai.records.query import Query
from tongmai.records.reading import value_out_of_range
from tongmai.records.refusals import not_found
from tongmai.records.replying import replied, with_explanation
from tongmai.records.runtime import Runtime
from tongmai.records.searching import search_values
from tongmai.records.statement import Statement
from tongmai.store import Workspace

# What of a query does not change its statement.
_UNSHAPED: dict[str, object] = {
    "limit": 1, "as_of": None, "engine": "auto", "at_least": None, "max_age_s": None, "explain": False,
}  # fmt: skip


class Inquirer:
    """One statement each, its answer made by PostgreSQL."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._engine: QueryEngine | None = None

    def use_engine(self, engine: QueryEngine) -> None:
        """Questions over many records are put to ``engine`` first."""
        self._engine = engine

    async def history(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        limit: int,
        before_seq: int | None,
    ) -> bytes:
        _check_limit(limit, MOST_ENTRIES)

        async def work(place: Place) -> bytes | None:
            require_readable(place, object_key)
            statement = self._runtime.kept.get(
                ("history", place.key, object_key), lambda: compile_history(place, object_key)
            )
            return await self._value(place, statement, {"id": record_id, "limit": limit, "before_seq": before_seq})

        found = await self._runtime.with_present_catalogue(actor, workspace, work)
        if found is None:
            raise not_found(object_key)
        return found

    async def query(self, actor: AnyActor, workspace: Workspace, wanted: Query, *, as_of: datetime | None) -> bytes:
        moment = as_of or wanted.as_of

        async def work(place: Place) -> bytes:
            require_readable(place, wanted.object)
            shape = wanted.model_copy(update=_UNSHAPED)
            asked = self._runtime.kept.get(("asked", place.key, shape), lambda: read_aggregation(place, shape))
            chosen = await self._choose(place, asked, wanted, moment)
            if isinstance(chosen, Reply):
                return replied(chosen, explained=wanted.explain)
            statement = self._runtime.kept.get(
                ("query", place.key, shape, moment is not None),
                lambda: compile_aggregation(place, asked, as_of=moment is not None),
            )
            found = await self._value(place, statement, {"limit": wanted.limit, "as_of": moment})
            assert found is not None
            return with_explanation(found, chosen) if wanted.explain else found

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def _choose(
        self, place: Place, asked: Aggregation, wanted: Query, moment: datetime | None
    ) -> Reply | Declined:
        """The other engine's reply, or why PostgreSQL answers. ``Unavailable`` if it was told not to."""
        if wanted.engine == "postgresql":
            return Declined(Text("按请求使用 PostgreSQL", "PostgreSQL was asked for"))
        if moment is not None:
            declined: Reply | Declined = Declined(
                Text("过去时点的数据由 PostgreSQL 从历史还原", "The past is rebuilt from history, in PostgreSQL")
            )
        elif self._engine is None:
            declined = Declined(Text("没有列式副本", "There is no columnar replica here"))
        else:
            question = Question(
                place, asked, wanted.limit, self._runtime.clock.now(), wanted.engine == "duckdb",
                wanted.at_least, wanted.max_age_s,
            )  # fmt: skip
            declined = await self._engine.answer(question)
        if isinstance(declined, Declined) and wanted.engine == "duckdb":
            raise Unavailable((Fault("query.engine", declined.why, field="engine"),))
        return declined

    async def search(
        self, actor: AnyActor, workspace: Workspace, text: str, *, objects: Sequence[str] | None, limit: int
    ) -> bytes:
        _check_limit(limit, MOST_FOUND)

        async def work(place: Place) -> bytes:
            chosen = objects_to_search(place, objects)
            given = search_values(text) | {"typed": text.strip().lower(), "limit": limit}
            statement = self._runtime.kept.get(("search", place.key, chosen), lambda: compile_search(place, chosen))
            found = await self._value(place, statement, given)
            assert found is not None
            return found

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def explain(
        self,
        actor: Actor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        action: Action,
        field: str | None,
    ) -> Explanation:
        async def work(place: Place) -> Explanation:
            place.structure.definition(object_key)
            statement = self._runtime.kept.get(
                ("policy row", place.key, object_key), lambda: compile_policy_row(place, object_key)
            )
            now = self._runtime.clock.now()
            given = place.given(now) | {"id": record_id}
            async with self._runtime.database.read() as tx:
                found = await tx.fetch_row(statement.sql, *statement.arguments(given))
            if found is None:
                raise not_found(object_key)
            paths = policy_paths(place, object_key)
            row = {".".join(path): value for path, value in zip(paths, found.values(), strict=True)}
            moment = Moment(now, workspace.zone, place.structure.catalogue.calendar.working, place.given(now))
            catalogue = place.structure.catalogue
            return explain(catalogue, actor, object_key, row, action, field, moment=moment)

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def _value(self, place: Place, statement: Statement, given: Mapping[str, object]) -> bytes | None:
        arguments = statement.arguments(place.given(self._runtime.clock.now()) | dict(given))
        try:
            async with self._runtime.database.read() as tx:
                found: bytes | None = await tx.fetch_value(statement.sql, *arguments)
        except asyncpg.DataError as error:
            raise value_out_of_range() from error
        return found


def read_query(document: Mapping[str, object]) -> Query:
    """A query as it comes over the wire. Raises ``Invalid`` with every fault."""
    try:
        return Query.model_validate(document)
    except ValidationError as error:
        raise Invalid(tuple(faults_of(error))) from None


def _check_limit(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        raise Invalid.of("limit", f"limit 须在 1 到 {most} 之间", f"limit must be from 1 to {most}", field="limit")

"""The one door to business rows (law 2): reads and writes on behalf of an actor, under the actor's policies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import orjson

from tongmai.access import Action, Actor, AnyActor, Explanation
from tongmai.kit import Clock, Settings, StaleVersion
from tongmai.records.bulk import Bulk, Operation
from tongmai.records.changer import Changer, Patch, both_sides
from tongmai.records.changing import ChangeAction
from tongmai.records.engine import QueryEngine
from tongmai.records.feed import MOST_EVENTS, FeedPage, Position, read_feed, read_head
from tongmai.records.gathering import Gathering
from tongmai.records.idempotency import digest, once
from tongmai.records.inquiring import Inquirer, read_query
from tongmai.records.looks import Looks
from tongmai.records.maker import Maker
from tongmai.records.people import is_about_people
from tongmai.records.place import Place
from tongmai.records.preparing import Values
from tongmai.records.purging import Purger
from tongmai.records.query import Query
from tongmai.records.reading import Reader
from tongmai.records.redacting import Redactor
from tongmai.records.runtime import Runtime
from tongmai.records.undoing import Undoer
from tongmai.records.upserting import Upserter
from tongmai.records.written import Written
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

Result = TypeVar("Result")
PeopleListener = Callable[[UUID], None]


class Gateway:
    """One per process, for one event loop. Answers to reads are JSON in bytes, as PostgreSQL made it.

    Every method raises ``NotFound`` for an object, record or entry that is not there or not for the actor to see,
    ``Denied`` for what no role allows, ``Invalid`` with all faults of what was given, ``Unavailable`` for a fault of
    the machine. Writes take an open transaction (``tx``) to be part of, and then make no second try of their own.
    """

    def __init__(self, database: Database, catalogues: CatalogueStore, clock: Clock, settings: Settings) -> None:
        self._runtime = Runtime(database, catalogues, clock, settings)
        self._reader = Reader(self._runtime)
        self._inquirer = Inquirer(self._runtime)
        self._looks = Looks(self._runtime)
        self._maker = Maker(self._runtime)
        self._changer = Changer(self._runtime)
        self._bulk = Bulk(self._maker, self._changer)
        self._upserter = Upserter(self._runtime, self._maker, self._changer)
        self._undoer = Undoer(self._runtime, self._changer)
        self._purger = Purger(self._runtime)
        self._redactor = Redactor(self._runtime)
        self._people_listeners: list[PeopleListener] = []

    def on_people_changed(self, listener: PeopleListener) -> None:
        """Calls ``listener(workspace id)`` after people or teams were written here: who remembers actors forgets
        them."""
        self._people_listeners.append(listener)

    def use_engine(self, engine: QueryEngine) -> None:
        """``query`` is put to ``engine`` first, which answers what it has at hand; the rest PostgreSQL answers."""
        self._inquirer.use_engine(engine)

    async def list(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        *,
        filter: str | None = None,
        sort: str | None = None,
        fields: tuple[str, ...] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        as_of: datetime | None = None,
        search: str | None = None,
        count: bool = True,
        deleted: bool = False,
    ) -> bytes:
        """``{"items": […], "next_cursor": …, "count": n | null, "count_is_exact": bool}`` in one statement.

        ``filter`` is a formula, ``sort`` like ``-amount,name`` (default: newest first; blanks last). The count is exact
        up to 1,000, beyond that an estimate. ``deleted`` lists the bin instead.
        """
        page = await self._reader.list(
            actor, workspace, object_key, filter=filter, sort=sort, fields=fields, limit=limit, cursor=cursor,
            as_of=as_of, search=search, count=count, deleted=deleted,
        )  # fmt: skip
        await self._looks.at_page(actor, workspace, object_key, page)
        return page

    async def get(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        as_of: datetime | None = None,
        fields: tuple[str, ...] | None = None,
    ) -> bytes:
        """The record's fields as the actor may see them, hidden ones blank; relations as ``{id, label}``."""
        found = await self._reader.get(actor, workspace, object_key, record_id, as_of=as_of, fields=fields)
        await self._looks.at_record(actor, workspace, object_key, "get", [str(record_id)])
        return found

    async def query(
        self,
        actor: AnyActor,
        workspace: Workspace,
        query: Query | Mapping[str, object],
        *,
        as_of: datetime | None = None,
    ) -> bytes:
        """Groups and aggregates: ``{"rows": [{…}], "is_complete": bool, "engine": …, "epoch": n}``. See ``Query``.

        ``epoch`` is the last one of the feed that the figures hold whole. Raises ``Unavailable`` where the query
        insists on an engine that cannot answer it.
        """
        asked = query if isinstance(query, Query) else read_query(query)
        found = await self._inquirer.query(actor, workspace, asked, as_of=as_of)
        await self._looks.at_figures(actor, workspace, asked)
        return found

    async def gather(self, actor: AnyActor, workspace: Workspace, asked: Gathering) -> bytes:
        """Groups with exact counts and their first records, in one statement. See ``compile_gathering``."""
        found = await self._reader.gather(actor, workspace, asked)
        await self._looks.at_gathered(actor, workspace, asked.object, found)
        return found

    async def search(
        self,
        actor: AnyActor,
        workspace: Workspace,
        text: str,
        *,
        objects: Sequence[str] | None = None,
        limit: int = 20,
    ) -> bytes:
        """``{"items": [{object, id, label}]}`` over all objects the actor may search."""
        found = await self._inquirer.search(actor, workspace, text, objects=objects, limit=limit)
        await self._looks.at_found(actor, workspace, found)
        return found

    async def history(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        limit: int = 100,
        before_seq: int | None = None,
    ) -> bytes:
        """``{"items": [{seq, at, version, action, actor, via, cause, before, after}], "next_before": …}``, newest
        first.

        Who may see the record now sees its whole past, with the masks of now; a deleted record's too.
        """
        found = await self._inquirer.history(
            actor, workspace, object_key, record_id, limit=limit, before_seq=before_seq
        )
        await self._looks.at_record(actor, workspace, object_key, "history", [str(record_id)])
        return found

    async def explain(
        self,
        actor: Actor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        action: Action,
        field: str | None = None,
    ) -> Explanation:
        """Why the actor can (or can't) do this with the record. Callers see to it who may ask about whom."""
        return await self._inquirer.explain(actor, workspace, object_key, record_id, action, field)

    async def feed_place(self, workspace: Workspace) -> Position:
        """Where the feed ends now."""
        return await read_head(self._runtime, workspace)

    async def feed(
        self, actor: AnyActor, workspace: Workspace, *, after: tuple[int, int], limit: int = 200
    ) -> FeedPage:
        """The sealed changes behind ``after`` (epoch, seq) that the actor may see; at most ``limit`` are looked at.

        Goes on over pages in which there is nothing to be seen, so an empty page means that the end is reached.
        """
        place_after = Position(*after)

        async def work(place: Place) -> FeedPage:
            page = await read_feed(self._runtime, place, place_after, min(limit, MOST_EVENTS))
            while not page.events and not page.is_complete:
                page = await read_feed(self._runtime, place, page.last, min(limit, MOST_EVENTS))
            return page

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def create(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        values: Values | Sequence[Values],
        *,
        cause: str | None = None,
        idempotency_key: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Makes one record or, of a sequence, all or none (at most 1,000).

        The same ``idempotency_key`` with the same values gives the answer of the first time for a day.
        """
        many = not isinstance(values, Mapping)
        given = [values] if isinstance(values, Mapping) else list(values)

        async def work(place: Place) -> Written:
            if idempotency_key is None:
                return await self._maker.create(place, object_key, given, cause=cause, tx=tx, many=many)
            return await self._once(
                place,
                idempotency_key,
                digest("create", object_key, given),
                tx,
                lambda own: self._maker.create(place, object_key, given, cause=cause, tx=own, many=many),
            )

        return await self._write(actor, workspace, object_key, work, tx)

    async def update(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        values: Values,
        *,
        expected_version: int | None = None,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Changes the given fields; raises ``StaleVersion`` with both sides if someone else changed the record since
        ``expected_version``.

        Before and after the change the record must lie where the actor may update (as PostgreSQL's WITH CHECK has it):
        who may update only own records cannot give them away, who may update the team's can within the team.
        """
        patch = Patch(record_id, values, expected_version)
        return await self._change(actor, workspace, object_key, "update", patch, cause, tx)

    async def delete(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        expected_version: int | None = None,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Puts the record into the bin: it is in no list any more, ``restore`` brings it back."""
        patch = Patch(record_id, version=expected_version)
        return await self._change(actor, workspace, object_key, "delete", patch, cause, tx)

    async def restore(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Takes the record out of the bin; ``Conflict`` if another one has its unique values by now."""
        return await self._change(actor, workspace, object_key, "restore", Patch(record_id), cause, tx)

    async def purge(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> None:
        """Removes the record for good, with the values in its history; ``Conflict`` if others refer to it."""

        async def work(place: Place) -> None:
            await self._inside(tx, lambda own: self._purger.purge(place, object_key, record_id, own, cause=cause))

        await self._write(actor, workspace, object_key, work, tx)

    async def redact(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        written: Mapping[str, Collection[int]],
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> bool:
        """Takes values out of a record that stays, and out of its history: by field, those that the entries ``written``
        wrote. Whether anything went. See ``Redactor``."""

        async def work(place: Place) -> bool:
            return await self._inside(
                tx, lambda own: self._redactor.redact(place, object_key, record_id, written, own, cause=cause)
            )

        return await self._write(actor, workspace, object_key, work, tx)

    async def undo(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        seq: int,
        *,
        tx: WriteTx | None = None,
    ) -> Written:
        """Takes back one change of the record's history; ``Conflict`` if its fields were changed again since."""

        async def work(place: Place) -> Written:
            return await self._inside(tx, lambda own: self._undoer.undo(place, object_key, record_id, seq, own))

        return await self._write(actor, workspace, object_key, work, tx)

    async def upsert(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        key_field: str,
        values: Values,
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Changes the record whose unique ``key_field`` has the given value, or makes it."""

        async def work(place: Place) -> Written:
            return await self._upserter.upsert(place, object_key, key_field, values, cause=cause, tx=tx)

        return await self._write(actor, workspace, object_key, work, tx)

    async def bulk(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        operations: Sequence[Operation],
        *,
        cause: str | None = None,
        idempotency_key: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Up to 1,000 operations, all or nothing; faults tell the operation (``row``, from 1)."""

        async def work(place: Place) -> Written:
            async def run(own: WriteTx) -> Written:
                return await self._bulk.run(place, object_key, operations, cause=cause, tx=own)

            if idempotency_key is None:
                return await self._inside(tx, run)
            told = [(each.kind, str(each.id), each.version, dict(each.values)) for each in operations]
            return await self._once(place, idempotency_key, digest("bulk", object_key, told), tx, run)

        return await self._write(actor, workspace, object_key, work, tx)

    async def _change(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        action: ChangeAction,
        patch: Patch,
        cause: str | None,
        tx: WriteTx | None,
    ) -> Written:
        async def work(place: Place) -> Written:
            return await self._changer.change(place, object_key, action, [patch], cause=cause, tx=tx)

        try:
            return await self._write(actor, workspace, object_key, work, tx)
        except StaleVersion as error:
            theirs = orjson.loads(await self._reader.get(actor, workspace, object_key, patch.id))
            raise StaleVersion(error.faults, both_sides(patch, theirs)) from error

    async def _write(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        work: Callable[[Place], Awaitable[Result]],
        tx: WriteTx | None,
    ) -> Result:
        """In the caller's transaction there is no second try: it is spoilt, and the caller's to begin anew."""
        if tx is not None:
            done = await work(await self._runtime.place(actor, workspace))
            if is_about_people(object_key):
                tx.after_commit(lambda: self._tell_people_changed(workspace.id))
            return done
        done = await self._runtime.with_present_catalogue(actor, workspace, work)
        if is_about_people(object_key):
            self._tell_people_changed(workspace.id)
        return done

    async def _inside(self, tx: WriteTx | None, work: Callable[[WriteTx], Awaitable[Result]]) -> Result:
        return await work(tx) if tx is not None else await self._runtime.database.write_retry(work)

    async def _once(
        self,
        place: Place,
        key: str,
        request: bytes,
        tx: WriteTx | None,
        work: Callable[[WriteTx], Awaitable[Written]],
    ) -> Written:
        now = self._runtime.clock.now()
        return await self._inside(tx, lambda own: once(own, place, key, request, now, lambda: work(own)))

    def _tell_people_changed(self, workspace_id: UUID) -> None:
        for listener in self._people_listeners:
            listener(workspace_id)

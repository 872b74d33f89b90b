"""The one door to business rows (law 2): reads and writes on behalf of an actor, under the actor's policies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tongmai.access import AnyActor
from tongmai.kit import Clock, Settings
from tongmai.records.changer import Changer, Patch
from tongmai.records.changing import ChangeAction
from tongmai.records.maker import Maker
from tongmai.records.place import Place
from tongmai.records.preparing import Values
from tongmai.records.reading import Reader
from tongmai.records.runtime import Runtime
from tongmai.records.written import Written
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

Result = TypeVar("Result")


class Gateway:
    """One per process. All answers are JSON as PostgreSQL makes it."""

    def __init__(self, database: Database, catalogues: CatalogueStore, clock: Clock, settings: Settings) -> None:
        runtime = Runtime(database, catalogues, clock, settings)
        self._runtime = runtime
        self._reader = Reader(runtime)
        self._maker = Maker(runtime)
        self._changer = Changer(runtime)

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
        """``{"items": […], "next_cursor": …, "count": n, "count_is_exact": bool}``."""
        return await self._reader.list(
            actor, workspace, object_key, filter=filter, sort=sort, fields=fields, limit=limit, cursor=cursor,
            as_of=as_of, search=search, count=count, deleted=deleted,
        )  # fmt: skip

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
        return await self._reader.get(actor, workspace, object_key, record_id, as_of=as_of, fields=fields)

    async def create(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        values: Values | Sequence[Values],
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> Written:
        """Makes one record or, of a sequence, all or none (at most 1,000)."""
        many = not isinstance(values, Mapping)
        given = [values] if isinstance(values, Mapping) else list(values)

        async def work(place: Place) -> Written:
            return await self._maker.create(place, object_key, given, cause=cause, tx=tx, many=many)

        return await self._write(actor, workspace, work, tx)

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
        """Changes the given fields. With ``expected_version`` only if nobody else has changed the record since."""
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
        return await self._change(actor, workspace, object_key, "restore", Patch(record_id), cause, tx)

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

        return await self._write(actor, workspace, work, tx)

    async def _write(
        self,
        actor: AnyActor,
        workspace: Workspace,
        work: Callable[[Place], Awaitable[Result]],
        tx: WriteTx | None,
    ) -> Result:
        """In the caller's transaction there is no second try: it is spoilt, and the caller's to begin anew."""
        if tx is not None:
            return await work(await self._runtime.place(actor, workspace))
        return await self._runtime.with_present_catalogue(actor, workspace, work)

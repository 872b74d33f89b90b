"""Saved views: which records of an object, in which order and columns, drawn as list, kanban, calendar or gallery."""

# ruff: noqa: S608 - the schema is quoted by the workspace

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import Field

from tongmai.access import Actor, Policies, manages, refusal
from tongmai.kit import Clock, Denied, NotFound, StaleVersion, Text, TooLarge, new_id
from tongmai.model import Catalogue, Definition, Key, no_object
from tongmai.store import Database, Record, Workspace

MOST_VIEWS = 200
# jsonb and text hold every character but this one.
_NO_NUL = r"^[^\x00]*$"
_Text = Annotated[str, Field(max_length=10_000, pattern=_NO_NUL)]


class Column(Definition):
    """A column in its place; ``width`` in pixels, without it the screen chooses."""

    field: Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_NUL)]
    width: Annotated[int | None, Field(ge=40, le=1200)] = None


class ViewBody(Definition):
    """How to ask and how to draw. ``by`` is the choice of a kanban or the date of a calendar; ``frozen`` counts the
    columns that stay in place."""

    kind: Literal["list", "kanban", "calendar", "gallery"] = "list"
    filter: _Text | None = None
    sort: Annotated[str | None, Field(max_length=300, pattern=_NO_NUL)] = None
    columns: Annotated[tuple[Column, ...], Field(max_length=100)] = ()
    frozen: Annotated[int, Field(ge=0, le=10)] = 1
    group: Key | None = None
    by: Key | None = None


class ViewWanted(Definition):
    """What a person saves."""

    label: Annotated[str, Field(min_length=1, max_length=60, pattern=_NO_NUL)]
    shared: bool = False
    body: ViewBody


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view as it is kept; ``mine`` for the one who made it, ``may_change`` for him and who manages the model."""

    id: UUID
    object: str
    label: str
    shared: bool
    version: int
    body: ViewBody
    mine: bool
    may_change: bool


class Views:
    """The views of all objects. Raises ``NotFound`` for an object or a view that is not for the actor to see."""

    def __init__(self, database: Database, clock: Clock, policies: Policies) -> None:
        self._database = database
        self._clock = clock
        self._policies = policies

    async def list(self, actor: Actor, workspace: Workspace, catalogue: Catalogue, object_key: str) -> list[SavedView]:
        """The actor's own and the shared ones, by name."""
        self._require(actor, catalogue, object_key)
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT * FROM {workspace.quoted_schema}._view WHERE object = $1 AND (shared OR owner = $2)"
                " ORDER BY shared DESC, label, id",
                object_key,
                actor.id,
            )
        return [_view(row, actor, catalogue) for row in rows]

    async def save(
        self, actor: Actor, workspace: Workspace, catalogue: Catalogue, object_key: str, wanted: ViewWanted
    ) -> SavedView:
        """Keeps a new view. Raises ``Denied`` where it would be shared by who may not, ``TooLarge`` for too many."""
        self._require(actor, catalogue, object_key)
        self._require_sharing(actor, catalogue, wanted)
        table = f"{workspace.quoted_schema}._view"
        async with self._database.write() as tx:
            there = await tx.fetch_value(f"SELECT count(*) FROM {table} WHERE owner = $1", actor.id)
            if there >= MOST_VIEWS:
                raise TooLarge.of(
                    "view.too_many",
                    f"每人最多保存 {MOST_VIEWS} 个视图",
                    f"A person keeps at most {MOST_VIEWS} views",
                    way_out=Text("请先删除不再用的视图", "Remove views that are no longer used"),
                )
            row = await tx.fetch_row(
                f"INSERT INTO {table} (id, object, owner, label, shared, body, changed_at)"
                " VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7) RETURNING *",
                new_id(self._clock), object_key, actor.id, wanted.label, wanted.shared, _json(wanted.body),
                self._clock.now(),
            )  # fmt: skip
        assert row is not None
        return _view(row, actor, catalogue)

    async def change(
        self,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        view_id: UUID,
        wanted: ViewWanted,
        version: int | None = None,
    ) -> SavedView:
        """Replaces a view. Raises ``Denied`` where it is another's, ``StaleVersion`` where it changed meanwhile."""
        present = await self._find(actor, workspace, catalogue, view_id)
        if not present.may_change:
            raise _not_yours()
        if wanted.shared and not present.shared:
            self._require_sharing(actor, catalogue, wanted)
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                f"UPDATE {workspace.quoted_schema}._view SET label = $2, shared = $3, body = $4::jsonb,"
                " changed_at = $5, version = version + 1 WHERE id = $1 AND ($6::integer IS NULL OR version = $6)"
                " RETURNING *",
                view_id, wanted.label, wanted.shared, _json(wanted.body), self._clock.now(), version,
            )  # fmt: skip
        if row is None:
            raise StaleVersion.of(
                "view.stale", "视图刚被修改，请刷新后再改", "The view has just been changed; reload it first"
            )
        return _view(row, actor, catalogue)

    async def remove(self, actor: Actor, workspace: Workspace, catalogue: Catalogue, view_id: UUID) -> None:
        """Removes a view. Raises ``Denied`` where it is another's."""
        present = await self._find(actor, workspace, catalogue, view_id)
        if not present.may_change:
            raise _not_yours()
        async with self._database.write() as tx:
            await tx.execute(f"DELETE FROM {workspace.quoted_schema}._view WHERE id = $1", view_id)

    async def _find(self, actor: Actor, workspace: Workspace, catalogue: Catalogue, view_id: UUID) -> SavedView:
        async with self._database.read() as tx:
            row = await tx.fetch_row(
                f"SELECT * FROM {workspace.quoted_schema}._view WHERE id = $1 AND (shared OR owner = $2)",
                view_id,
                actor.id,
            )
        if row is None:
            raise NotFound.of(
                "view.unknown",
                "没有这个视图",
                "There is no such view",
                way_out=Text("它可能已被删除，请重新选择", "It may be gone: choose another"),
            )
        self._require(actor, catalogue, row["object"])
        return _view(row, actor, catalogue)

    def _require(self, actor: Actor, catalogue: Catalogue, object_key: str) -> None:
        if object_key not in catalogue.object_by_key:
            raise no_object(object_key)
        if not self._policies.of(actor, catalogue, object_key).may("read"):
            raise refusal(actor, catalogue, object_key, "read")

    def _require_sharing(self, actor: Actor, catalogue: Catalogue, wanted: ViewWanted) -> None:
        if wanted.shared and not manages(actor, catalogue, "model"):
            raise Denied.of(
                "view.sharing",
                "只有能搭建的人可以共享视图",
                "Only who may build can share a view",
                field="shared",
                way_out=Text(
                    "请保存为自己的视图，或请管理员共享", "Keep it as your own, or ask an administrator to share it"
                ),
            )


def _view(row: Record, actor: Actor, catalogue: Catalogue) -> SavedView:
    mine = row["owner"] == actor.id
    body = ViewBody.model_validate(orjson.loads(row["body"]))
    return SavedView(
        row["id"],
        row["object"],
        row["label"],
        row["shared"],
        row["version"],
        body,
        mine,
        mine or manages(actor, catalogue, "model"),
    )


def _json(body: ViewBody) -> str:
    return body.model_dump_json()


def _not_yours() -> Exception:
    return Denied.of(
        "view.not_yours", "这是别人共享的视图，请另存为自己的", "It is another's shared view: save it as your own"
    )

"""Installing, upgrading, exporting and removing apps, each as one changeset with its preview."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text
from tongmai.market.ledger import (
    AppStep,
    InstalledApp,
    drop_app,
    end_step,
    entry_of,
    find_step,
    installed_apps,
    keep_step,
    put_app,
    return_entry,
)
from tongmai.market.package import AppInfo, AppPackage, ContentPiece
from tongmai.market.pieces import Address, Pieces, address_text, kind_of, name_of, pieces_of, put_pieces
from tongmai.market.three_way import Conflict as PieceConflict
from tongmai.market.three_way import Side, merge_three, take_away
from tongmai.model import Catalogue, Changeset, Definition, diff
from tongmai.records import Gateway
from tongmai.schema import Applied, CatalogueStore, Preview, SchemaEditor
from tongmai.store import Database, Workspace, WriteTx

_ACTOR = SystemActor("market")


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """What an install, upgrade or removal of ``app`` would do, and what the pieces are ``before`` and ``after`` it.

    ``kept`` are the company's own changes to what the app brought, ``lost`` what of the company's own cannot stay
    (fields on an object that goes), ``content`` the titles of packs that come or go, ``change`` the applied one's id.
    """

    app: AppInfo
    changeset: Changeset
    preview: Preview
    before: Pieces
    after: Pieces
    conflicts: tuple[PieceConflict, ...] = ()
    kept: tuple[Address, ...] = ()
    lost: tuple[Address, ...] = ()
    content: tuple[str, ...] = ()
    change: UUID | None = None

    @property
    def added(self) -> list[Address]:
        return [each for each in self.after if each not in self.before]

    @property
    def changed(self) -> list[Address]:
        return [each for each, item in self.after.items() if each in self.before and self.before[each] != item]

    @property
    def removed(self) -> list[Address]:
        return [each for each in self.before if each not in self.after and each not in self.lost]


class Market:
    """The apps of workspaces. Everything it changes goes through the schema editor and the gateway."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, editor: SchemaEditor, gateway: Gateway, clock: Clock
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._editor = editor
        self._gateway = gateway
        self._clock = clock

    async def list(self, workspace: Workspace) -> list[InstalledApp]:
        """The installed apps, the oldest first."""
        async with self._database.read() as tx:
            return await installed_apps(tx, workspace)

    async def plan(
        self, workspace: Workspace, package: AppPackage, choices: Mapping[Address, Side] | None = None
    ) -> MarketPlan:
        """What installing or upgrading to the package would do. Raises ``Invalid`` where it cannot be at all."""
        present = await self._catalogues.newest(workspace)
        apps = {each.key: each for each in await self.list(workspace)}
        missing = [key for key in package.info.requires if key not in apps]
        if missing:
            raise Invalid.of(
                "app.requires",
                f"请先安装：{'、'.join(missing)}",
                f"Install first: {', '.join(missing)}",
            )
        installed = apps.get(package.info.key)
        base = _brought(installed.brought, present) if installed else {}
        theirs = _brought(package.model, present)
        mine = pieces_of(present)
        if installed is None:
            _require_free(mine, theirs, apps.values())
        merged = merge_three(base, mine, {**_others(mine, base), **theirs}, choices)
        changeset = diff(present, put_pieces(present, merged.pieces))
        preview = await self._editor.preview(workspace, changeset)
        there = installed.content if installed else {}
        content = tuple(each.title for each in package.content if each.key not in there)
        return MarketPlan(
            package.info, changeset, preview, mine, merged.pieces, merged.conflicts, merged.kept, content=content
        )

    async def install(
        self,
        workspace: Workspace,
        package: AppPackage,
        actor_id: UUID | None = None,
        choices: Mapping[Address, Side] | None = None,
    ) -> MarketPlan:
        """Installs or upgrades. Raises ``Invalid`` with every fault; then nothing was changed."""
        plan = await self.plan(workspace, package, choices)
        if plan.changeset and plan.preview.faults:
            raise Invalid(plan.preview.faults)
        applied = await self._apply(workspace, plan.changeset, actor_id)
        content, made = await self._put_content(workspace, package)
        async with self._database.write() as tx:
            before = await entry_of(tx, workspace, package.info.key)
            await put_app(tx, workspace, package, content, self._clock.now(), actor_id)
            await self._keep(tx, workspace, applied, package.info.key, before, made=made)
        return replace(plan, change=None if applied is None else applied.id)

    async def plan_removal(self, workspace: Workspace, key: str) -> MarketPlan:
        """What removing an app would do: exactly what it brought goes, and what cannot stand without that."""
        installed = await self._find(workspace, key)
        await self._require_unneeded(workspace, key)
        present = await self._catalogues.newest(workspace)
        mine = pieces_of(present)
        stays, lost = take_away(_brought(installed.brought, present), mine)
        changeset = diff(present, put_pieces(present, stays))
        preview = await self._editor.preview(workspace, changeset)
        app = AppInfo(key=key, label=installed.label, version=installed.version)
        return MarketPlan(app, changeset, preview, mine, stays, lost=lost, content=tuple(installed.content))

    async def remove(self, workspace: Workspace, key: str, actor_id: UUID | None = None) -> MarketPlan:
        """Removes an app. Its data are retired and can be brought back while they are kept (undo the change)."""
        installed = await self._find(workspace, key)
        plan = await self.plan_removal(workspace, key)
        if plan.changeset and plan.preview.faults:
            raise Invalid(plan.preview.faults)
        applied = await self._apply(workspace, plan.changeset, actor_id)
        async with self._database.write() as tx:
            binned = await self._bin(tx, workspace, [UUID(each) for each in installed.content.values()])
            before = await entry_of(tx, workspace, key)
            await drop_app(tx, workspace, key)
            await self._keep(tx, workspace, applied, key, before, binned=binned)
        return replace(plan, change=None if applied is None else applied.id)

    async def undo(self, workspace: Workspace, change_id: UUID, actor_id: UUID | None = None) -> Applied:
        """Takes a change of the model back. Where it installed, upgraded or removed an app, the app is again as it was,
        with its content; that can be taken back in its turn.

        Raises ``Conflict`` where something later was done to the app or another app needs it, and as
        ``SchemaEditor.undo`` does.
        """
        async with self._database.read() as tx:
            step = await find_step(tx, workspace, change_id)
        if step is not None and step.before is None:
            await self._require_unneeded(workspace, step.app)
        applied = await self._editor.undo(workspace, change_id, actor_id)
        if step is None:
            return applied
        async with self._database.write() as tx:
            binned = await self._bin(tx, workspace, step.made)
            made = await self._unbin(tx, workspace, step.binned)
            before = await entry_of(tx, workspace, step.app)
            await return_entry(tx, workspace, step.app, step.before)
            await end_step(tx, workspace, change_id)
            await self._keep(tx, workspace, applied, step.app, before, made=made, binned=binned, live=not step.live)
        return applied

    async def export(self, workspace: Workspace, info: AppInfo) -> AppPackage:
        """What the workspace built itself, as a package: all but what is built in or came with apps unchanged."""
        present = await self._catalogues.newest(workspace)
        brought: dict[Address, object] = {}
        for each in await self.list(workspace):
            brought |= pieces_of(each.brought)
        own = {
            address: item
            for address, item in pieces_of(present).items()
            if brought.get(address) != item and not getattr(item, "builtin", False)
        }
        mine = pieces_of(present)
        for address in list(own):
            # A field needs its object's traits beside it to be read again.
            if len(address) == 3:
                own.setdefault(("object", address[1]), mine["object", address[1]])
        blank = Catalogue()
        return AppPackage(info=info, model=put_pieces(blank, own))

    async def _apply(self, workspace: Workspace, changeset: Changeset, actor_id: UUID | None) -> Applied | None:
        return await self._editor.apply(workspace, changeset, actor_id) if changeset else None

    async def _keep(
        self,
        tx: WriteTx,
        workspace: Workspace,
        applied: Applied | None,
        app: str,
        before: str | None,
        *,
        made: Sequence[UUID] = (),
        binned: Sequence[UUID] = (),
        live: bool = True,
    ) -> None:
        """A step without a change of the model leaves nothing to take it back by."""
        if applied is not None:
            step = AppStep(applied.id, app, before, tuple(made), tuple(binned), live)
            await keep_step(tx, workspace, step, self._clock.now())

    async def _bin(self, tx: WriteTx, workspace: Workspace, records: Iterable[UUID]) -> Sequence[UUID]:
        """Those that went into the bin; one that somebody removed meanwhile stays removed."""
        return await self._each(
            tx, records, lambda each: self._gateway.delete(_ACTOR, workspace, "content", each, tx=tx)
        )

    async def _unbin(self, tx: WriteTx, workspace: Workspace, records: Iterable[UUID]) -> Sequence[UUID]:
        """Those that came back; one that was purged, or whose key another has by now, does not."""
        return await self._each(
            tx, records, lambda each: self._gateway.restore(_ACTOR, workspace, "content", each, tx=tx)
        )

    async def _each(
        self, tx: WriteTx, records: Iterable[UUID], act: Callable[[UUID], Awaitable[object]]
    ) -> Sequence[UUID]:
        found = []
        for each in records:
            with suppress(NotFound, Conflict):
                async with tx.savepoint():
                    await act(each)
                found.append(each)
        return found

    async def _require_unneeded(self, workspace: Workspace, key: str) -> None:
        needed = [each.key for each in await self.list(workspace) if key in each.requires]
        if needed:
            raise Conflict.of(
                "app.needed",
                f"以下应用需要它：{'、'.join(needed)}",
                f"These apps need it: {', '.join(needed)}",
            )

    async def _find(self, workspace: Workspace, key: str) -> InstalledApp:
        found = next((each for each in await self.list(workspace) if each.key == key), None)
        if found is None:
            raise NotFound.of("app.unknown", f"没有安装应用“{key[:60]}”", f"The app “{key[:60]}” is not installed")
        return found

    async def _put_content(self, workspace: Workspace, package: AppPackage) -> tuple[dict[str, str], Sequence[UUID]]:
        """The app's content packs as published records: ids by key, and which are new. One that the company changed is
        left as it is."""
        found: dict[str, str] = {}
        new: list[UUID] = []
        for piece in package.content:
            page = orjson.loads(
                await self._gateway.list(
                    _ACTOR, workspace, "content", filter=f"key = '{piece.key.replace(chr(39), chr(39) * 2)}'", limit=1
                )
            )
            if page["items"]:
                found[piece.key] = page["items"][0]["id"]
                continue
            made = await self._gateway.create(_ACTOR, workspace, "content", _content(piece, self._clock.now()))
            found[piece.key] = str(made.one.id)
            new.append(made.one.id)
        return found, new


def _brought(model: Catalogue, present: Catalogue) -> dict[Address, Definition]:
    """An app's pieces. What it says of a built-in object are fields for it: the object itself is the platform's."""
    builtin = {each.key for each in present.objects if each.builtin}
    return {a: item for a, item in pieces_of(model).items() if not (a[0] == "object" and a[1] in builtin)}


def _others(mine: Pieces, base: Pieces) -> dict[Address, Definition]:
    """The company's own pieces: to the app's eyes they are as they are."""
    return {address: item for address, item in mine.items() if address not in base}


def _require_free(mine: Pieces, theirs: Pieces, apps: Iterable[InstalledApp]) -> None:
    """Raises ``Invalid`` for every name that is taken, with whose it is."""
    taken = [address for address, item in theirs.items() if address in mine and mine[address] != item]
    if not taken:
        return
    owners = {address: each.label for each in apps for address in pieces_of(each.brought)}
    raise Invalid(tuple(_taken(each, mine, owners.get(each)) for each in taken[:100]))


def _taken(address: Address, mine: Pieces, owner: Text | None) -> Fault:
    kind, name, key = kind_of(address), name_of(address, mine), ".".join(address[1:])
    if owner is None:
        way_out = Text("请先改名或移除自己的", "Rename or remove your own first")
    else:
        way_out = Text(f"它来自应用“{owner.zh}”：请先移除该应用", f"It is of the app “{owner.en}”: remove that first")
    text = Text(f"已有{kind.zh}“{name.zh}”（{key}）", f"There is a {kind.en} “{name.en}” ({key}) already")
    return Fault("app.name_taken", text, way_out, field=address_text(address))


def _content(piece: ContentPiece, now: datetime) -> dict[str, JsonValue]:
    return {
        "key": piece.key,
        "title": piece.title,
        "kind": piece.kind,
        "body": piece.body,
        "must_read": piece.must_read,
        "state": "published",
        "edition": 1,
        "published_at": now.isoformat(),
    }

"""Installing, upgrading, exporting and removing apps, each as one changeset with its preview."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text
from tongmai.market.beginning import Beginning, Beginnings
from tongmai.market.content_piece import ContentPiece
from tongmai.market.ground import ground_below, own_parts, said_by
from tongmai.market.ledger import AppStep, InstalledApp, find_step, has_later_step, installed_apps
from tongmai.market.narrowing import narrowed
from tongmai.market.package import AppInfo, AppPackage
from tongmai.market.packs import Packs
from tongmai.market.pieces import (
    Address,
    Pieces,
    address_text,
    brought_by,
    kind_of,
    name_of,
    packs_of,
    pieces_of,
    put_pieces,
)
from tongmai.market.settling import DropApp, PutApp, Settler, TakeBack, as_rider
from tongmai.market.shelf import Shelf
from tongmai.market.three_way import Conflict as PieceConflict
from tongmai.market.three_way import Side, merge_three, take_away
from tongmai.model import Catalogue, Changeset, Definition, Label, diff, read_document, starting_catalogue
from tongmai.records import Gateway
from tongmai.schema import Applied, CatalogueStore, Preview, SchemaEditor
from tongmai.store import Database, Workspace, list_workspaces


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """What an install, upgrade or removal of ``app`` would do, and what the pieces are ``before`` and ``after`` it.

    Content packs are pieces like the rest. ``kept`` are the company's own changes to what the app brought, ``lost``
    what of the company's own cannot stay (fields on an object that goes), ``change`` the applied one's id.
    ``is_there``: there is nothing to do at all.
    """

    app: AppInfo
    changeset: Changeset
    preview: Preview
    before: Pieces
    after: Pieces
    conflicts: tuple[PieceConflict, ...] = ()
    kept: tuple[Address, ...] = ()
    lost: tuple[Address, ...] = ()
    change: UUID | None = None
    is_there: bool = False

    @property
    def added(self) -> list[Address]:
        return [each for each in self.after if each not in self.before]

    @property
    def changed(self) -> list[Address]:
        return [each for each, item in self.after.items() if each in self.before and self.before[each] != item]

    @property
    def removed(self) -> list[Address]:
        return [each for each in self.before if each not in self.after and each not in self.lost]

    @property
    def packs_to_write(self) -> tuple[ContentPiece, ...]:
        """The content packs that come or are to say something else."""
        written = (self.after[each] for each in (*self.added, *self.changed))
        return tuple(each for each in written if isinstance(each, ContentPiece))

    @property
    def packs_to_drop(self) -> tuple[str, ...]:
        """The keys of the content packs that go."""
        return tuple(address[1] for address in self.removed if address[0] == "content")


class Market:
    """The apps of workspaces. Everything it changes goes through the schema editor and the gateway."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, editor: SchemaEditor, gateway: Gateway, clock: Clock
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._editor = editor
        self._packs = Packs(database, gateway, clock)
        self._settler = Settler(database, catalogues, self._packs, clock)
        self._beginnings = Beginnings()
        self.shelf = Shelf()

    async def list(self, workspace: Workspace) -> list[InstalledApp]:
        """The installed apps, the oldest first."""
        await self._settler.settle(workspace)
        async with self._database.read() as tx:
            return await installed_apps(tx, workspace)

    async def resume(self) -> int:
        """Does for apps what killed processes left undone, in all workspaces; how many steps."""
        async with self._database.read() as tx:
            workspaces = await list_workspaces(tx)
        return sum([await self._settler.settle(each) for each in workspaces])

    async def narrow(self, workspace: Workspace, package: AppPackage, scenarios: Collection[str]) -> AppPackage:
        """The package with what the scenarios need, and those that the workspace has of it: an app grows and is never
        cut back (S0-37). The whole of it where the workspace has the whole. Raises ``Invalid``."""
        apps = await self.list(workspace)
        there = _scenarios_there(package, apps)
        return package if there is None else narrowed(package, {*scenarios, *there}, _ground(package, apps))

    async def scenarios(self, workspace: Workspace, package: AppPackage) -> tuple[Beginning, ...]:
        """What each of the package's scenarios brings by itself, and whether the workspace has it (S0-37)."""
        apps = await self.list(workspace)
        return await self._beginnings.of(package, _ground(package, apps), _scenarios_there(package, apps))

    async def plan(
        self, workspace: Workspace, package: AppPackage, choices: Mapping[Address, Side] | None = None
    ) -> MarketPlan:
        """What installing or upgrading to the package would do. Raises ``Invalid`` where it cannot be at all."""
        present = await self._catalogues.newest(workspace)
        apps = {each.key: each for each in await self.list(workspace)}
        if faults := await self._missing([key for key in package.info.requires if key not in apps]):
            raise Invalid(faults)
        installed = apps.get(package.info.key)
        ground = ground_below(
            (*package.info.requires, *(installed.requires if installed else ())), apps.values(), present
        )
        base = said_by(installed.brought, present, ground) if installed else {}
        theirs = said_by(package.model, present, ground)
        mine = pieces_of(present)
        # What of the ground the app changes was as the app below brought it, and is so again where it no longer does.
        changed = {each: ground[each] for each in (*theirs, *base) if each in ground}
        if installed is None:
            _require_free(mine, {a: item for a, item in theirs.items() if a not in changed}, apps.values())
        if installed is not None:
            base |= packs_of(each for each in installed.texts if each.key in installed.content)
        mine |= await self._present_packs(workspace, package, installed)
        theirs |= packs_of(package.content)
        merged = merge_three({**changed, **base}, mine, {**changed, **theirs}, choices)
        changeset = diff(present, put_pieces(present, merged.pieces))
        preview = await self._editor.preview(workspace, changeset, with_rider=True)
        plan = MarketPlan(package.info, changeset, preview, mine, merged.pieces, merged.conflicts, merged.kept)
        idle = not changeset and not plan.packs_to_write and not plan.packs_to_drop
        return replace(plan, is_there=idle and installed is not None and installed.is_of(package))

    async def install(
        self,
        workspace: Workspace,
        package: AppPackage,
        actor_id: UUID | None = None,
        choices: Mapping[Address, Side] | None = None,
    ) -> MarketPlan:
        """Installs or upgrades. Raises ``Invalid`` with every fault; then nothing was changed."""
        plan = await self.plan(workspace, package, choices)
        if plan.preview.faults:
            raise Invalid(plan.preview.faults)
        if plan.is_there:
            return plan
        written = plan.packs_to_write
        await self._packs.rehearse(workspace, written, await self._packs.of(workspace, [each.key for each in written]))
        rider = as_rider(PutApp(package=package, write=written, drop=plan.packs_to_drop, actor=actor_id))
        applied = await self._editor.apply(workspace, plan.changeset, actor_id, rider=rider)
        await self._settler.settle(workspace)
        return replace(plan, change=applied.id)

    async def plan_removal(self, workspace: Workspace, key: str) -> MarketPlan:
        """What removing an app would do: exactly what it brought goes, and what cannot stand without that."""
        installed = await self._find(workspace, key)
        if faults := _needed_by(key, await self.list(workspace)):
            raise Conflict(tuple(faults))
        present = await self._catalogues.newest(workspace)
        mine = pieces_of(present)
        ground = ground_below(installed.requires, await self.list(workspace), present)
        stays, lost = take_away(said_by(installed.brought, present, ground), mine, ground)
        changeset = diff(present, put_pieces(present, stays))
        preview = await self._editor.preview(workspace, changeset, with_rider=True)
        app = AppInfo(key=key, label=installed.label, version=installed.version)
        packs = await self._packs.of(workspace, installed.content)
        before = {**mine, **packs_of(each.piece for each in packs.values())}
        return MarketPlan(app, changeset, preview, before, stays, lost=lost)

    async def remove(self, workspace: Workspace, key: str, actor_id: UUID | None = None) -> MarketPlan:
        """Removes an app. Its data are retired and can be brought back while they are kept (undo the change)."""
        plan = await self.plan_removal(workspace, key)
        if plan.preview.faults:
            raise Invalid(plan.preview.faults)
        rider = as_rider(DropApp(app=key))
        applied = await self._editor.apply(workspace, plan.changeset, actor_id, rider=rider)
        await self._settler.settle(workspace)
        return replace(plan, change=applied.id)

    async def preview_undo(self, workspace: Workspace, change_id: UUID) -> Preview:
        """What ``undo`` would do, with every reason for which it would be refused among its faults; nothing is changed.

        Raises as ``SchemaEditor.preview_undo`` does.
        """
        step, faults = await self._to_undo(workspace, change_id)
        preview = await self._editor.preview_undo(workspace, change_id)
        return preview if step is None else replace(preview, faults=(*faults, *preview.faults))

    async def undo(self, workspace: Workspace, change_id: UUID, actor_id: UUID | None = None) -> Applied:
        """Takes a change of the model back. Where it installed, upgraded or removed an app, the app is again as it was,
        with its content; that can be taken back in its turn.

        Raises ``Conflict`` where something later was done to the app, another app needs it or one that it needs is
        gone, and as ``SchemaEditor.undo`` does.
        """
        step, faults = await self._to_undo(workspace, change_id)
        if faults:
            raise Conflict(faults)
        rider = None if step is None else as_rider(TakeBack(change=change_id))
        applied = await self._editor.undo(workspace, change_id, actor_id, rider=rider)
        await self._settler.settle(workspace)
        return applied

    async def export(self, workspace: Workspace, key: str) -> AppPackage:
        """What the workspace built itself, as a package that requires the apps it builds on.

        All but what is built in or came with apps unchanged; what the company removed of an app is not told. The
        version rises with every change of the model. Raises ``Invalid`` for a key that is none.
        """
        present = await self._catalogues.newest(workspace)
        own, requires = own_parts(present, pieces_of(present), await self.list(workspace))
        version = f"{1 + present.version // 10_000}.{present.version % 10_000}"
        label = {"zh": workspace.label.zh, "en": workspace.label.en}
        info = read_document(AppInfo, {"key": key, "label": label, "version": version, "requires": requires})
        return AppPackage(info=info, model=put_pieces(Catalogue(), own))

    async def _to_undo(self, workspace: Workspace, change_id: UUID) -> tuple[AppStep | None, tuple[Fault, ...]]:
        """The step of an app that the change was part of, and what stands in the way of taking it back."""
        apps = await self.list(workspace)
        async with self._database.read() as tx:
            step = await find_step(tx, workspace, change_id)
            if step is None:
                return None, ()
            later = await has_later_step(tx, workspace, step)
        faults = [_changed_since(step.app)] if later else []
        if step.before is None:
            faults += _needed_by(step.app, apps)
        else:
            there = {each.key for each in apps}
            faults += await self._missing([each for each in step.requires if each not in there])
        return step, tuple(faults)

    async def _missing(self, apps: Sequence[str]) -> tuple[Fault, ...]:
        """Those that come with the program by the name under which they are offered."""
        if not apps:
            return ()
        offered = {each.info.key: each.info.label for each in await self.shelf.packages()}
        names = _in_a_row([_named(key, offered[key]) if key in offered else Text.same(key) for key in apps])
        return (Fault("app.requires", Text(f"请先安装：{names.zh}", f"Install first: {names.en}")),)

    async def _present_packs(
        self, workspace: Workspace, package: AppPackage, installed: InstalledApp | None
    ) -> dict[Address, Definition]:
        """The packs that the app brought or would bring, as the company has them; in the app's order, as they have none
        of their own."""
        brought = () if installed is None else (*(each.key for each in installed.texts), *installed.content)
        found = await self._packs.of(workspace, (*brought, *(each.key for each in package.content)))
        return packs_of(each.piece for each in found.values())

    async def _find(self, workspace: Workspace, key: str) -> InstalledApp:
        found = next((each for each in await self.list(workspace) if each.key == key), None)
        if found is None:
            raise NotFound.of("app.unknown", f"没有安装应用“{key[:60]}”", f"The app “{key[:60]}” is not installed")
        return found


def _scenarios_there(package: AppPackage, apps: Iterable[InstalledApp]) -> frozenset[str] | None:
    """Those that the workspace has; None where it has the whole app."""
    installed = next((each for each in apps if each.key == package.info.key), None)
    if installed is None:
        return frozenset()
    known = {each.key for each in package.scenarios}
    return None if installed.scenarios is None else frozenset(known.intersection(installed.scenarios))


def _ground(package: AppPackage, apps: Iterable[InstalledApp]) -> Catalogue:
    """What is there without the app: what every workspace has, and the apps that it requires."""
    ground = starting_catalogue()
    for each in apps:
        if each.key in package.info.requires:
            ground = put_pieces(ground, {**pieces_of(ground), **brought_by(each.brought, ground)})
    return ground


def _require_free(mine: Pieces, theirs: Pieces, apps: Iterable[InstalledApp]) -> None:
    """Raises ``Invalid`` for every name that is taken, with whose it is."""
    taken = [address for address, item in theirs.items() if address in mine and mine[address] != item]
    if not taken:
        return
    owners = {address: each.label for each in apps for address in pieces_of(each.brought)}
    raise Invalid(tuple(_taken(each, mine, owners.get(each)) for each in taken[:100]))


def _needed_by(key: str, apps: Iterable[InstalledApp]) -> list[Fault]:
    needed = [_named(each.key, each.label) for each in apps if key in each.requires]
    if not needed:
        return []
    names = _in_a_row(needed)
    text = Text(f"以下应用需要它：{names.zh}", f"These apps need it: {names.en}")
    return [Fault("app.needed", text, Text("请先移除它们", "Remove these first"))]


def _named(key: str, label: Text | Label) -> Text:
    """What people call an app, and its key, by which packages and commands name it."""
    return Text(f"{label.zh}（{key}）", f"{label.en} ({key})")


def _in_a_row(names: Sequence[Text]) -> Text:
    return Text("、".join(each.zh for each in names), ", ".join(each.en for each in names))


def _changed_since(app: str) -> Fault:
    return Fault(
        "app.changed_since",
        Text(f"应用“{app}”之后又升级或移除过", f"The app “{app}” was upgraded or removed since"),
        Text("请先撤销后一次变更", "Take the later change back first"),
    )


def _taken(address: Address, mine: Pieces, owner: Text | None) -> Fault:
    kind, name, key = kind_of(address), name_of(address, mine), ".".join(address[1:])
    if owner is None:
        way_out = Text("请先改名或移除自己的", "Rename or remove your own first")
    else:
        way_out = Text(
            f"它来自应用“{owner.zh}”：移除该应用，或在 app.yaml 的 requires 里写上它",
            f"It is of the app “{owner.en}”: remove that, or name it under requires in app.yaml",
        )
    text = Text(f"已有{kind.zh}“{name.zh}”（{key}）", f"There is a {kind.en} “{name.en}” ({key}) already")
    return Fault("app.name_taken", text, way_out, field=address_text(address))

"""Apps: what is installed, what comes with the program; install, upgrade, remove with a preview; export.

An app may bring roles: who installs one needs every power that its definitions give.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Language, Text, TooLarge
from tongmai.market import (
    Address,
    AppPackage,
    Conflict,
    MarketPlan,
    Side,
    address_text,
    name_of,
    read_address,
    read_package,
    write_package,
)
from tongmai.model import Catalogue, Definition, Key
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import YES_NO, Answer, Operation, Parameter
from tongmai.web.routes.model import require_power, shown_preview
from tongmai.web.shapes.modelling import AppChange, AppConflict, AppPiece, AppPlan, AppsListed

_PREVIEW = Parameter("preview", Text("只预览，不改变", "Only show what it would do"), YES_NO, 5)
_LARGEST_FILE = 20 * 1024 * 1024


class AppWanted(BaseModel):
    """``theirs`` names the conflicts (``field customer.level``) in which the app's side is to win. With ``scenarios``
    only what they need comes, beside those that are there; without, the whole app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theirs: tuple[str, ...] = Field((), max_length=1_000)
    scenarios: tuple[Key, ...] | None = Field(None, min_length=1, max_length=100)


class PackageWanted(AppWanted):
    """``file`` is the uploaded package, a ZIP."""

    file: UUID


async def list_apps(call: Call) -> Response:
    await _require(call)
    installed = await call.services.market.list(call.workspace)
    packages = {each.info.key: each for each in await call.services.market.shelf.packages()}
    there = {each.key for each in installed}
    found: AppsListed = {
        "installed": [
            {
                "key": each.key,
                "label": each.label.say(call.language),
                "version": each.version,
                "installed_at": each.installed_at.isoformat(),
                "offered_version": packages[each.key].info.version if each.key in packages else None,
                "scenarios": None if each.scenarios is None else list(each.scenarios),
            }
            for each in installed
        ],
        "offered": [
            {
                "key": each.info.key,
                "label": each.info.label.say(call.language),
                "version": each.info.version,
                "description": each.info.description.say(call.language) if each.info.description else None,
                "requires": list(each.info.requires),
                "installed": each.info.key in there,
                "scenarios": len(each.scenarios),
            }
            for each in packages.values()
        ],
    }
    return document(found)


async def install_app(call: Call) -> Response:
    """Installs or upgrades an app that comes with the program."""
    await _require(call)
    package = await call.services.market.shelf.package(call.part("app"))
    return await _put(call, package, await call.body(AppWanted))


async def install_package(call: Call) -> Response:
    """Installs or upgrades an app from an uploaded file."""
    await _require(call)
    wanted = await call.body(PackageWanted)
    content = await _content(call, wanted.file)
    # Beside the event loop: a large one is some seconds of work.
    return await _put(call, await asyncio.to_thread(read_package, content), wanted)


async def remove_app(call: Call) -> Response:
    await _require(call)
    market, key = call.services.market, call.part("app")
    plan = await market.plan_removal(call.workspace, key)
    if not call.yes("preview"):
        require_power(call, await call.catalogue(), plan.changeset)
        plan = await market.remove(call.workspace, key, call.actor.id)
    return document(_plan(call, await call.catalogue(), plan, {}))


async def export_own(call: Call) -> Response:
    """What this workspace built itself, as a package."""
    await _require(call)
    package = await call.services.market.export(call.workspace, call.workspace.key[:40])
    name = f"{package.info.key}-{package.info.version}.zip"
    return Response(
        write_package(package),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _require(call: Call) -> None:
    require_manage(call.actor, await call.catalogue(), "model")


async def _put(call: Call, package: AppPackage, wanted: AppWanted) -> Response:
    market = call.services.market
    choices: Mapping[Address, Side] = {read_address(each): "theirs" for each in wanted.theirs}
    if wanted.scenarios is not None:
        package = await market.narrow(call.workspace, package, wanted.scenarios)
    plan = await market.plan(call.workspace, package, choices)
    if not call.yes("preview"):
        require_power(call, await call.catalogue(), plan.changeset)
        plan = await market.install(call.workspace, package, call.actor.id, choices)
    return document(_plan(call, await call.catalogue(), plan, choices))


async def _content(call: Call, file: UUID) -> bytes:
    stored = await call.services.files.find(call.actor, call.workspace, file)
    if stored.size > _LARGEST_FILE:
        raise TooLarge.of(
            "app.too_large",
            "应用包过大",
            "The package is too large",
            field="file",
            way_out=Text("应用包至多 20 MB", "A package has at most 20 MB"),
        )
    return b"".join([chunk async for chunk in call.services.files.content(call.workspace, stored)])


def _plan(call: Call, catalogue: Catalogue, plan: MarketPlan, choices: Mapping[Address, Side]) -> dict[str, object]:
    language = call.language

    def pieces(addresses: Iterable[Address]) -> list[AppPiece]:
        return [_piece(each, plan, language) for each in addresses]

    found: dict[str, object] = {
        "app": plan.app.key,
        "label": plan.app.label.say(language),
        "version": plan.app.version,
        "preview": shown_preview(call, catalogue, plan.preview),
        "added": pieces(plan.added),
        "changed": [_change(each, plan, language) for each in plan.changed],
        "removed": pieces(plan.removed),
        "conflicts": [_conflict(each, plan, choices, language) for each in plan.conflicts],
        "kept": pieces(plan.kept),
        "lost": pieces(plan.lost),
        "change": str(plan.change) if plan.change else None,
    }
    return found


def _piece(address: Address, plan: MarketPlan, language: Language) -> AppPiece:
    name = name_of(address, plan.after, plan.before).say(language)
    return {"at": address_text(address), "kind": address[0], "label": name}


def _change(address: Address, plan: MarketPlan, language: Language) -> AppChange:
    piece = _piece(address, plan, language)
    return {**piece, "before": _written(plan.before[address]), "after": _written(plan.after[address])}


def _conflict(each: Conflict, plan: MarketPlan, choices: Mapping[Address, Side], language: Language) -> AppConflict:
    piece = _piece(each.address, plan, language)
    return {
        **piece,
        "chosen": choices.get(each.address, "mine"),
        "base": _written(each.base),
        "mine": _written(each.mine),
        "theirs": _written(each.theirs),
    }


def _written(side: Definition | None) -> dict[str, object] | None:
    return None if side is None else side.model_dump(mode="json", by_alias=True)


_DONE = {200: Answer(Text("所做的改变", "What it does"), AppPlan)}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/apps",
        list_apps,
        "apps",
        Text("应用列表", "Apps"),
        answers={200: Answer(Text("已安装和可安装的", "Installed and offered"), AppsListed)},
    ),
    Operation(
        "POST",
        "/api/apps/{app}/install",
        install_app,
        "apps",
        Text("安装或升级", "Install or upgrade"),
        parameters=(_PREVIEW,),
        takes=AppWanted,
        answers=_DONE,
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "POST",
        "/api/apps/package",
        install_package,
        "apps",
        Text("从上传的应用包安装或升级", "Install or upgrade from an uploaded package"),
        parameters=(_PREVIEW,),
        takes=PackageWanted,
        answers=_DONE,
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "DELETE",
        "/api/apps/{app}",
        remove_app,
        "apps",
        Text("移除：恰好移除它带来的", "Remove: exactly what it brought"),
        parameters=(_PREVIEW,),
        answers=_DONE,
        problems=(404, 409),
    ),
    Operation(
        "GET",
        "/api/apps/export",
        export_own,
        "apps",
        Text("导出自己搭建的内容", "Export what was built here"),
        answers={200: Answer(Text("应用包", "The package"), media_types=("application/zip",))},
    ),
)

"""Apps: what is installed, what comes with the program; install, upgrade, remove with a preview; export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Language, NotFound, Text
from tongmai.market import (
    Address,
    AppInfo,
    AppPackage,
    MarketPlan,
    address_text,
    built_in_apps,
    read_package,
    write_package,
)
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import YES_NO, Answer, Operation, Parameter

_PREVIEW = Parameter("preview", Text("只预览，不改变", "Only show what it would do"), YES_NO, 5)
_LONGEST = 200


class AppWanted(BaseModel):
    """``theirs`` names the conflicts (``field customer.level``) in which the app's side is to win."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theirs: tuple[str, ...] = Field((), max_length=1_000)


async def list_apps(call: Call) -> Response:
    await _require(call)
    installed = await call.services.market.list(call.workspace)
    there = {each.key for each in installed}
    offered = [read_package(folder).info for _, folder in built_in_apps()]
    return document(
        {
            "installed": [
                {
                    "key": each.key,
                    "label": each.label.say(call.language),
                    "version": each.version,
                    "installed_at": each.installed_at.isoformat(),
                }
                for each in installed
            ],
            "offered": [
                {
                    "key": each.key,
                    "label": each.label.say(call.language),
                    "version": each.version,
                    "description": each.description.say(call.language) if each.description else None,
                    "installed": each.key in there,
                }
                for each in offered
            ],
        }
    )


async def install_app(call: Call) -> Response:
    """Installs or upgrades an app that comes with the program."""
    await _require(call)
    package = _offered(call.part("app"))
    wanted = await call.body(AppWanted)
    market = call.services.market
    choices: Mapping[Address, Literal["mine", "theirs"]] = {_address(each): "theirs" for each in wanted.theirs}
    if call.yes("preview"):
        plan = await market.plan(call.workspace, package, choices)
    else:
        plan = await market.install(call.workspace, package, call.actor.id, choices)
    return document(_plan(plan, call.language))


async def remove_app(call: Call) -> Response:
    await _require(call)
    market, key = call.services.market, call.part("app")
    if call.yes("preview"):
        plan = await market.plan_removal(call.workspace, key)
    else:
        plan = await market.remove(call.workspace, key, call.actor.id)
    return document(_plan(plan, call.language))


async def export_own(call: Call) -> Response:
    """What this workspace built itself, as a package."""
    await _require(call)
    label = call.workspace.label
    info = AppInfo(key=call.workspace.key[:40], label=label, version="1.0")
    package = await call.services.market.export(call.workspace, info)
    name = f"{call.workspace.key}.zip"
    return Response(
        write_package(package),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _require(call: Call) -> None:
    require_manage(call.actor, await call.catalogue(), "model")


def _offered(key: str) -> AppPackage:
    for name, folder in built_in_apps():
        if name == key:
            return read_package(folder)
    raise NotFound.of("app.unknown", f"没有应用“{key[:60]}”", f"There is no app “{key[:60]}”")


def _address(text: str) -> Address:
    kind, _, rest = text[:_LONGEST].partition(" ")
    return (kind, *rest.split("."))


def _plan(plan: MarketPlan, language: Language) -> dict[str, object]:
    return {
        "preview": plan.preview.document(language),
        "conflicts": [
            {
                "at": address_text(each.address),
                "mine": each.mine.model_dump(mode="json") if each.mine else None,
                "theirs": each.theirs.model_dump(mode="json") if each.theirs else None,
            }
            for each in plan.conflicts
        ],
        "kept": [address_text(each) for each in plan.kept],
        "lost": [address_text(each) for each in plan.lost],
    }


_DONE = {200: Answer(Text("所做的改变", "What it does"), {"type": "object"})}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/apps",
        list_apps,
        "apps",
        Text("应用列表", "Apps"),
        answers={200: Answer(Text("已安装和可安装的", "Installed and offered"), {"type": "object"})},
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

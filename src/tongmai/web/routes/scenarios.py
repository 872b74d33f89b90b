"""The scenarios of an app: which pains one may begin with, and what each brings of how much (S0-37)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Language, Text
from tongmai.market import Beginning
from tongmai.model import ObjectDef, SourceDef
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes.scenarios import AppScenario, AppScenarios, ScenarioPart


async def list_scenarios(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "model")
    market = call.services.market
    found = await market.scenarios(call.workspace, await market.shelf.package(call.part("app")))
    answer: AppScenarios = {"items": [_scenario(each, call.language) for each in found]}
    return document(answer)


def _scenario(each: Beginning, language: Language) -> AppScenario:
    scenario, board = each.scenario, each.board
    return {
        "key": scenario.key,
        "label": scenario.label.say(language),
        "pain": scenario.pain.say(language),
        "proof": {
            "board": board.key,
            "board_label": board.label.say(language),
            "widget": each.figure.key,
            "label": each.figure.label.say(language),
        },
        "sources": _parts(each.package.model.sources, language),
        "objects": _parts((one for one in each.package.model.objects if not one.builtin), language),
        "shares": [{"kind": kind, "count": count, "of": of} for kind, (count, of) in each.shares.items()],
        "installed": each.is_there,
    }


def _parts(items: Iterable[ObjectDef | SourceDef], language: Language) -> list[ScenarioPart]:
    return [{"key": each.key, "label": each.label.say(language)} for each in items]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/apps/{app}/scenarios",
        list_scenarios,
        "apps",
        Text("应用的场景", "An app's scenarios"),
        answers={200: Answer(Text("各场景带来什么", "What each brings"), AppScenarios)},
        problems=(404,),
    ),
)

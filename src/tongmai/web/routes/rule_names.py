"""What the rules are called that brought somebody his work: groups of a day's page bear their names (S0-04)."""

from __future__ import annotations

import orjson
from starlette.responses import Response
from typing_extensions import TypedDict

from tongmai.kit import Text
from tongmai.model import SIGNAL, TASK
from tongmai.rules import names_of_rules
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes import Caption, items_of

_OPEN = {SIGNAL: "state IN ('new', 'seen')", TASK: "state = 'open'"}
_MOST = 500


class RuleName(TypedDict):
    """A rule by its key, as it is called now."""

    rule: str
    label: Caption


async def list_rule_names(call: Call) -> Response:
    """Only of rules by which an open signal or task came about that the actor may see: no other rule is named."""
    names = names_of_rules(await call.catalogue())
    seen: set[str] = set()
    for key, is_open in _OPEN.items():
        query = {"object": key, "group_by": ["rule"], "filter": is_open, "limit": _MOST}
        found = orjson.loads(await call.services.gateway.query(call.actor, call.workspace, query))
        seen |= {row["rule"] for row in found["rows"]}
    return document({"items": [{"rule": key, "label": names[key]} for key in sorted(seen & names.keys())]})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/rules/names",
        list_rule_names,
        "rules",
        Text("我能看到的待办和信号所属规则的名称", "What the rules are called whose open tasks and signals I may see"),
        answers={200: Answer(Text("名称", "Names"), items_of(RuleName))},
    ),
)

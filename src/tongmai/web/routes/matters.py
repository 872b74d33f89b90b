"""What waits: the tasks and signals that need somebody, the most urgent first, in groups and group by group (S0-04)."""

from __future__ import annotations

from typing import get_args

import orjson
from starlette.responses import Response

from tongmai.kit import NotFound, Text
from tongmai.rules import names_of_rules
from tongmai.web.answers import json_answer
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.shapes import ANY_RECORD, page_of
from tongmai.web.shapes.working import MattersShown
from tongmai.work import URGENCIES, MatterKind, MattersAsked, Whose

_LIMIT = Limit(50, most=500)
_KINDS: tuple[MatterKind, ...] = get_args(MatterKind)
_WHOSE: tuple[Whose, ...] = get_args(Whose)
_LONGEST_KEY = 100


async def gather_matters(call: Call) -> Response:
    found = await call.services.work.matters.gather(call.actor, call.workspace, _asked(call))
    names = names_of_rules(await call.catalogue())
    seen = {each["rule"] for each in orjson.loads(found)["groups"]}
    # Only rules by which something came about that the actor sees are named.
    told = orjson.dumps({key: names[key] for key in sorted(seen & names.keys())}, default=_caption)
    return json_answer(b'%s,"rules":%s}' % (found[:-1], told))


def _caption(words: object) -> dict[str, str]:
    assert isinstance(words, Text)
    return {"zh": words.zh, "en": words.en}


async def list_matters(call: Call) -> Response:
    return json_answer(
        await call.services.work.matters.list(
            call.actor,
            call.workspace,
            _asked(call),
            limit=_LIMIT.asked(call),
            cursor=call.query.get("cursor"),
        )
    )


def _asked(call: Call) -> MattersAsked:
    kind = next((each for each in _KINDS if each == call.part("kind")), None)
    if kind is None:
        raise NotFound.of(
            "matter.kind",
            "没有这一种事项",
            "There is no such kind of matter",
            way_out=Text("请用 signal 或 task", "Use signal or task"),
        )
    return MattersAsked(
        kind,
        call.one_of("whose", _WHOSE) or "all",
        urgency=call.one_of("urgency", URGENCIES),
        rule=call.query.get("rule"),
        # Tasks show no gap.
        gap=call.query.get("gap") if kind == "signal" else None,
        person="nobody" if call.query.get("person") == "nobody" else call.id_asked("person"),
    )


_WHICH = (
    Parameter(
        "whose",
        Text(
            "mine：自己的；others：看得到的他人的（待办只含逾期的）；all：全部",
            "mine: one's own; others: what others have that one may see (of tasks those overdue); all: both",
        ),
        {"enum": list(_WHOSE)},
        10,
    ),
    Parameter(
        "urgency",
        Text("只看这一档紧急程度", "Of this urgency only"),
        {"enum": list(URGENCIES)},
        10,
    ),
    Parameter(
        "rule",
        Text("只看这条规则的；留空为不属于任何规则的", "Of this rule only; empty: of none"),
        longest=_LONGEST_KEY,
    ),
    Parameter("gap", Text("只看反映这种缺口的信号", "Signals of this gap only"), longest=_LONGEST_KEY),
    Parameter("person", Text("只看这个人的；nobody：没有负责人的", "Of this person only; nobody: of none"), longest=36),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/matters/{kind}/groups",
        gather_matters,
        "tasks",
        Text(
            "等人处理的待办或信号，按紧急程度和规则分组，带数量和每组的前几条",
            "Tasks or signals that wait, by urgency and rule, with counts and the first of each group",
        ),
        parameters=_WHICH,
        answers={200: Answer(Text("各组，最紧急的在前", "The groups, the most urgent first"), MattersShown)},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/matters/{kind}",
        list_matters,
        "tasks",
        Text("等人处理的待办或信号，等得最久的在前", "Tasks or signals that wait, what has waited longest first"),
        parameters=(
            *_WHICH,
            _LIMIT.parameter,
            Parameter("cursor", Text("下一页", "The next page")),
        ),
        answers={200: Answer(Text("一页", "A page"), page_of(ANY_RECORD))},
        problems=(404,),
    ),
)

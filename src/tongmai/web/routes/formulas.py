"""What an editor of formulas asks while a person types: is it right, of which type, what is there to use."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.formula import (
    BOOLEAN,
    DATE,
    DATETIME,
    NUMBER,
    TEXT,
    EmptyScope,
    Formula,
    Scope,
    Type,
    functions,
    parse,
    to_json,
)
from tongmai.kit import Invalid, Language, NotFound, Text
from tongmai.model import FIELD_TYPES, OPERATORS, Catalogue, ObjectScope, no_object
from tongmai.web.answers import document, json_answer
from tongmai.web.call import Call
from tongmai.web.formula_trial import value_for
from tongmai.web.known_scope import KnownScope
from tongmai.web.operation import YES_NO, Answer, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import FieldTypeShown, FormulaChecked, FormulaTried, FunctionShown, OperatorShown

_WANTED = {"number": NUMBER, "text": TEXT, "boolean": BOOLEAN, "date": DATE, "datetime": DATETIME}
_UNKNOWN = frozenset({"object.unknown", "formula.unknown_field"})


async def check_formula(call: Call) -> Response:
    """200 also for a wrong formula, with its faults and their positions: to be wrong is normal while one types."""
    wanted = call.one_of("expect", tuple(_WANTED))
    expect = _WANTED[wanted] if wanted else None
    try:
        found = await _parsed(call, call.query.get("text", ""), call.query.get("object"), expect)
    except Invalid as refused:
        return document({"ok": False, "faults": [fault.document(call.language) for fault in refused.faults]})
    name = found.type.name()
    paths = sorted(".".join(path) for path in found.paths)
    answer: dict[str, object] = {
        "ok": True,
        "type": found.type.kind.value,
        "type_name": name.say(call.language),
        "paths": paths,
    }
    if call.yes("tree"):
        # Only of names the caller may know: others were refused above.
        answer["tree"] = to_json(found.tree)
    return document(answer)


class Trial(BaseModel):
    """A formula over an object, and the record it is to be worked out for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: str = Field(min_length=1, max_length=100)
    text: str = Field(max_length=20_000)
    record: UUID


async def try_formula(call: Call) -> Response:
    """200 also for a wrong formula, as with the check."""
    asked = await call.body(Trial)
    try:
        found = await _parsed(call, asked.text, asked.object)
        value = await value_for(
            call.services.gateway, call.actor, call.workspace, asked.object, asked.record, asked.text, found.type
        )
    except Invalid as refused:
        return document({"ok": False, "faults": [fault.document(call.language) for fault in refused.faults]})
    return document(
        {"ok": True, "value": value, "type": found.type.kind.value, "type_name": found.type.name().say(call.language)}
    )


async def list_functions(call: Call) -> Response:
    return json_answer(_functions(call.language))


async def list_field_types(call: Call) -> Response:
    return json_answer(_field_types(call.language))


async def _parsed(call: Call, text: str, key: str | None, expect: Type | None = None) -> Formula:
    """By the catalogue in memory; what that does not know, by the newest, if there is one."""
    catalogue = await call.catalogue()
    try:
        return parse(text, _scope(call, catalogue, key), expect=expect)
    except (Invalid, NotFound) as refused:
        if _UNKNOWN.isdisjoint(fault.code for fault in refused.faults):
            raise
        newest = await call.services.catalogues.newest(call.workspace)
        if newest is catalogue:
            raise
    return parse(text, _scope(call, newest, key), expect=expect)


def _scope(call: Call, catalogue: Catalogue, key: str | None) -> Scope:
    if key is None:
        return EmptyScope()
    visible = {each.key for each in call.services.visible.objects(call.actor, catalogue)}
    if key not in visible:
        raise no_object(key)
    return KnownScope(ObjectScope(catalogue, key), call.actor, catalogue, call.services.policies)


@lru_cache(maxsize=2)
def _functions(language: Language) -> bytes:
    items = [
        {
            "name": each.name,
            "aliases": list(each.aliases),
            "group": each.group,
            "signature": each.signature(),
            "meaning": each.zh if language == "zh" else each.en,
            "example": each.example,
            "shows": each.shows,
        }
        for each in functions()
    ]
    return orjson.dumps({"items": items})


@lru_cache(maxsize=2)
def _field_types(language: Language) -> bytes:
    types = [
        {"key": each.key, "label": each.label.say(language), "options": each.Options.model_json_schema()}
        for each in FIELD_TYPES.values()
    ]
    operators = [
        {
            "key": each.key,
            "label": each.label.say(language),
            "template": each.template,
            "operands": each.operands,
            "takes_list": each.takes_list,
        }
        for each in OPERATORS.values()
    ]
    return orjson.dumps({"items": types, "operators": operators})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/formula/check",
        check_formula,
        "formulas",
        Text("检查公式", "Check a formula"),
        parameters=(
            Parameter("text", Text("公式", "The formula"), longest=20_000),
            Parameter("object", Text("在哪个对象上", "The object it is over"), longest=100),
            Parameter("expect", Text("期望的类型", "The type wanted"), {"enum": list(_WANTED)}, 20),
            Parameter("tree", Text("是否给出解析后的树", "Whether to give the parsed tree"), YES_NO, 5),
        ),
        answers={
            200: Answer(
                Text("是否正确、类型、错误及位置", "Whether it is right, its type, its faults with positions"),
                FormulaChecked,
            )
        },
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/formula/try",
        try_formula,
        "formulas",
        Text("在一条记录上试算公式", "Work a formula out for one record"),
        takes=Trial,
        answers={
            200: Answer(
                Text("值和类型，或错误及位置", "The value and its type, or the faults with their positions"),
                FormulaTried,
            )
        },
        problems=(404, 413, 415),
        asks=True,
    ),
    Operation(
        "GET",
        "/api/functions",
        list_functions,
        "formulas",
        Text("公式函数", "Functions"),
        answers={200: Answer(Text("函数", "The functions"), items_of(FunctionShown))},
    ),
    Operation(
        "GET",
        "/api/field-types",
        list_field_types,
        "formulas",
        Text("字段类型和筛选方式", "Field types and filter operators"),
        answers={
            200: Answer(
                Text("字段类型", "The field types"),
                items_of(FieldTypeShown, operators={"type": "array", "items": OperatorShown}),
            )
        },
    ),
)

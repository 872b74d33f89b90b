"""Light entry: today's key progress by one tap, and taking it back (S2-19, S2-20)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from tongmai.kit import Invalid, Text
from tongmai.link import Offer
from tongmai.model import Key
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import ID, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.talking import EntryOffer, EntryUndone, EntryWritten

_LIMIT = Limit(6, most=30, about=Text("每类记录数", "How many records a kind"))


class EntryRequest(BaseModel):
    """The record it is about, what a person adds (only what the object asks for), and how many seconds it took him."""

    model_config = ConfigDict(extra="forbid")

    object: Key
    about: UUID
    values: Annotated[dict[Key, JsonValue], Field(max_length=5)] = Field(default_factory=dict)
    seconds: Annotated[Decimal, Field(ge=0, le=86_400)] | None = None


async def list_light_entries(call: Call) -> Response:
    found = await call.services.links.offers.of(
        call.actor,
        call.workspace,
        near=call.id_asked("near"),
        limit=_LIMIT.asked(call),
    )
    return document({"items": [_offer(each) for each in found]})


async def write_light_entry(call: Call) -> Response:
    given = await call.body(EntryRequest)
    if any(isinstance(value, dict | list) for value in given.values.values()):
        raise Invalid.of("entry.value", "只填文字、数字或日期", "Only texts, numbers and dates", field="values")
    made = await call.services.links.light_entries.write(
        call.actor,
        call.workspace,
        given.object,
        call.part("preset"),
        given.about,
        values=given.values,
        seconds=given.seconds,
    )
    return document(
        {
            "id": str(made.id),
            "object": given.object,
            "record": str(made.record),
            "moved": [{"field": each.field, "before": each.before, "after": each.after} for each in made.moved],
            "by_system": made.by_system,
            "by_person": made.by_person,
            "share": round(made.share, 3),
            "is_repeated": made.is_repeated,
        },
        status=200 if made.is_repeated else 201,
    )


async def undo_light_entry(call: Call) -> Response:
    undone = await call.services.links.light_entries.undo(call.actor, call.workspace, call.id("entry"))
    return document({"restored": list(undone.restored), "kept": list(undone.kept)})


def _offer(each: Offer) -> dict[str, object]:
    return {
        "object": each.object,
        "label": _caption(each.label),
        "about": each.about,
        "asks": list(each.asks),
        "presets": [
            {
                "key": one.key,
                "label": _caption(one.label),
                "color": one.color,
                "moves": [_caption(label) for label in one.moves],
            }
            for one in each.presets
        ],
        "subjects": [{"id": str(one.id), "label": one.label, "presets": list(one.presets)} for one in each.subjects],
    }


def _caption(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


_WRITTEN = Answer(Text("已录入：记录与移动的字段", "Written: the record and what moved"), EntryWritten)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/light-entry", list_light_entries, "tasks",
        Text("可一点录入的关键进展，及可能相关的记录", "What one tap can write down, and about what"),
        parameters=(
            Parameter("near", Text("只看与这条记录相关的", "Only what is related to this record"), ID, 36),
            _LIMIT.parameter,
        ),
        answers={200: Answer(Text("预设与记录", "Presets and records"), items_of(EntryOffer))},
    ),
    Operation(
        "POST", "/api/light-entry/{preset}", write_light_entry, "tasks",
        Text("点一下：写跟进、推进阶段；同一天重复点只算一次", "One tap writes the record and moves what it is about"),
        takes=EntryRequest, answers={200: _WRITTEN, 201: _WRITTEN}, problems=(404, 409),
    ),
    Operation(
        "POST", "/api/light-entry/{entry}/undo", undo_light_entry, "tasks",
        Text("撤销一天内自己的录入", "Take one's own entry of the last day back"),
        answers={200: Answer(Text("恢复与保留的字段", "What was restored and what kept"), EntryUndone)},
        problems=(404, 409),
    ),
)  # fmt: skip

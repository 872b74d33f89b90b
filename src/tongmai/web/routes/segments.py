"""Segments: how many records are in which class, and who moved when and why."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from tongmai.formula import FALSE, parse, to_text
from tongmai.kit import Invalid, Text
from tongmai.metrics import SegmentReader
from tongmai.model import ObjectScope
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import WHOLE, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import NEXT_BEFORE, items_of
from tongmai.web.shapes.measuring import ClassStanding, SegmentMove, SegmentName, SegmentShown

_LIMIT = Limit(50, most=500)


async def list_segments(call: Call) -> Response:
    """Those that the caller may see of any record."""
    catalogue, policies = await call.catalogue(), call.services.policies
    items = [
        {"key": each.key, "label": each.label.say(call.language), "object": each.object}
        for each in catalogue.segments
        if policies.of(call.actor, catalogue, each.object).readable.get(each.key, FALSE) != FALSE
    ]
    return document({"items": items})


async def show_segment(call: Call) -> Response:
    reader, key = SegmentReader(call.services.metrics), call.part("segment")
    segment, counts = await reader.counts(call.actor, call.workspace, key)
    members = await reader.members(call.actor, call.workspace, key, call.query.get("class"), _LIMIT.asked(call))
    scope = ObjectScope(await call.catalogue(), segment.object)
    return document(
        {
            "segment": segment.key,
            "label": segment.label.say(call.language),
            "object": segment.object,
            "classes": [
                {
                    "key": each.key,
                    "label": each.label.say(call.language),
                    "colour": each.colour,
                    "count": counts[each.key],
                }
                for each in segment.classes
            ],
            "members": [
                {
                    "id": str(each.record_id),
                    "label": each.title,
                    "class": each.segment_class,
                    "since": each.since.isoformat(),
                    "reason": _in_words(call, scope, each.reason),
                }
                for each in members
            ],
        }
    )


async def list_segment_moves(call: Call) -> Response:
    reader = SegmentReader(call.services.metrics)
    before = call.whole("before", 0, least=0, most=2**62) or None
    limit = _LIMIT.asked(call)
    key = call.part("segment")
    found = await reader.moves(call.actor, call.workspace, key, limit, before)
    catalogue = await call.catalogue()
    segment = catalogue.segment_by_key.get(key)
    scope = None if segment is None else ObjectScope(catalogue, segment.object)
    return document(
        {
            "items": [
                {
                    "seq": each.seq,
                    "id": str(each.record_id),
                    "label": each.title,
                    "at": each.at.isoformat(),
                    "from": each.from_class,
                    "to": each.to_class,
                    "reason": _in_words(call, scope, each.reason),
                    "version": each.version,
                }
                for each in found
            ],
            "next_before": found[-1].seq if len(found) == limit else None,
        }
    )


async def list_segments_of_record(call: Call) -> Response:
    """Why a record has its colour: the class it is in, since when, and what was seen at the last move."""
    reader = SegmentReader(call.services.metrics)
    found = await reader.of_record(call.actor, call.workspace, call.part("object"), call.id())
    items = []
    scope = ObjectScope(await call.catalogue(), call.part("object"))
    for each in found:
        words = {one.key: one for one in each.segment.classes}
        now = words[each.segment_class]
        before = words.get(each.move.from_class or "") if each.move else None
        items.append(
            {
                "segment": each.segment.key,
                "label": each.segment.label.say(call.language),
                "class": now.key,
                "class_label": now.label.say(call.language),
                "colour": now.colour,
                "since": each.since.isoformat(),
                "from_label": before.label.say(call.language) if before else None,
                "reason": _in_words(call, scope, each.move.reason) if each.move else None,
            }
        )
    return document({"items": items})


def _in_words(call: Call, scope: ObjectScope | None, reason: Mapping[str, object]) -> dict[str, object]:
    """The reason with its condition by the labels of the fields; as it was written where it no longer parses."""
    when = reason.get("when")
    if scope is None or not isinstance(when, str):
        return dict(reason)
    try:
        return {**reason, "when": to_text(parse(when, scope).tree, scope, call.language)}
    except Invalid:
        return dict(reason)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/segments",
        list_segments,
        "metrics",
        Text("分层列表", "The segments"),
        answers={
            200: Answer(
                Text("分层", "The segments"),
                items_of(SegmentName),
            )
        },
    ),
    Operation(
        "GET",
        "/api/segments/{segment}",
        show_segment,
        "metrics",
        Text("分层各级的数量和成员", "Counts by class, and members"),
        parameters=(
            Parameter("class", Text("只看这一级的成员", "Members of this class only"), longest=40),
            _LIMIT.parameter,
        ),
        answers={200: Answer(Text("数量与成员", "Counts and members"), SegmentShown)},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/segments/{segment}/moves",
        list_segment_moves,
        "metrics",
        Text("谁在何时为何变动", "Who moved when and why"),
        parameters=(_LIMIT.parameter, Parameter("before", Text("在此序号之前", "Before this seq"), WHOLE, 20)),
        answers={
            200: Answer(
                Text("变动，最近的在前", "Moves, the latest first"), items_of(SegmentMove, next_before=NEXT_BEFORE)
            )
        },
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/records/{object}/{id}/segments",
        list_segments_of_record,
        "metrics",
        Text("一条记录所在的分层和原因", "The classes a record is in, and why"),
        answers={200: Answer(Text("分层", "The classes"), items_of(ClassStanding))},
        problems=(404,),
    ),
)

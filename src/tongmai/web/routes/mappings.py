"""Mappings: tried out before they are put to use; names that a person decides on; where a record's values come from."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Invalid, Text
from tongmai.link import Origin, shipped_mappings
from tongmai.model import AddMapping, ChangeMapping, Changeset, MappingDef, apply, check_catalogue
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.linking import Lineage, MappingTried, MatchDecided, MatchQuestion
from tongmai.web.watched_rows import ROWS_HIDDEN, may_see_rows

_LIMIT = Limit(50, most=500)


class TrialRequest(BaseModel):
    """A mapping, whether or not it is in the catalogue yet, and how many rows to try."""

    model_config = ConfigDict(extra="forbid")

    mapping: MappingDef
    limit: int = Field(200, ge=1, le=1000)


class DecisionRequest(BaseModel):
    """The record that the text means; null for none of ours."""

    model_config = ConfigDict(extra="forbid")

    record: UUID | None


async def list_shipped_mappings(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "model")
    return document({"items": [each.model_dump(mode="json") for each in shipped_mappings()]})


async def try_mapping(call: Call) -> Response:
    catalogue = await call.catalogue()
    require_manage(call.actor, catalogue, "model")
    asked = await call.body(TrialRequest)
    mapping = asked.mapping
    before = catalogue.mapping_by_key.get(mapping.key)
    action = AddMapping(mapping=mapping) if before is None else ChangeMapping(before=before, after=mapping)
    faults = check_catalogue(apply(catalogue, Changeset(actions=(action,))))
    if faults:
        raise Invalid(tuple(faults))
    tried = await call.services.links.trial.run(call.workspace, mapping, limit=asked.limit)
    outcome, keys = tried.outcome, [each.key for each in tried.samples]
    is_seen = await may_see_rows(call, mapping.source, mapping.stream, keys, mapping)
    samples = [
        {
            "key": each.key,
            "body": each.body,
            "values": {name: None if value is None else str(value) for name, value in each.values.items()},
            "faults": [fault.document(call.language) for fault in each.faults],
        }
        for each in tried.samples
    ]
    withheld = {"key": "…", "body": {}, "values": {}, "faults": [ROWS_HIDDEN.document(call.language)]}
    counts = ("read", "inserted", "updated", "unchanged", "skipped", "waiting")
    return document(
        {
            **{name: getattr(outcome, name) for name in counts},
            "refused": len(outcome.refused),
            "absent": outcome.absent,
            "from_source": tried.fresh_from_source,
            "samples": samples if is_seen else [withheld],
        }
    )


async def list_match_questions(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "model")
    found = await call.services.links.decisions.open(
        call.workspace, mapping=call.query.get("mapping"), limit=_LIMIT.asked(call)
    )
    return document(
        {
            "items": [
                {
                    "id": str(each.id),
                    "mapping": each.mapping,
                    "field": each.field,
                    "object": each.object,
                    "given": each.given,
                    "about": each.about,
                    "rows": each.rows,
                    "candidates": [
                        {"id": str(one.id), "label": one.text, "score": one.score} for one in each.candidates
                    ],
                    "at": each.at.isoformat(),
                }
                for each in found
            ]
        }
    )


async def decide_match(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "model")
    asked = await call.body(DecisionRequest)
    links, question = call.services.links, call.id("question")
    if asked.record is not None:
        target = await links.decisions.object_of(call.workspace, question)
        # What the caller may not see, nothing is matched with.
        await call.services.gateway.get(call.actor, call.workspace, target, asked.record)
    rows = await links.decisions.decide(call.workspace, question, asked.record, by=call.actor.id)
    return document({"rows": rows})


async def show_lineage(call: Call) -> Response:
    found = await call.services.links.lineage.of(call.actor, call.workspace, call.part("object"), call.id())
    return document(
        {
            "fields": {each.field: _origin(call, each) for each in found.origins},
            "rows": [
                {
                    "mapping": each.mapping.key,
                    "source": each.mapping.source,
                    "stream": each.mapping.stream,
                    "key": each.key,
                    "at": each.mapped_at.isoformat(),
                    "link": each.link,
                }
                for each in found.rows
            ],
        }
    )


def _origin(call: Call, each: Origin) -> dict[str, object]:
    local = each.at.astimezone(ZoneInfo(call.workspace.zone))
    return {
        "kind": each.kind,
        "words": each.words(f"{local:%H:%M}").say(call.language),
        "at": each.at.isoformat(),
        "source": None if each.source is None else each.source.key,
        "stream": each.stream,
        "key": each.key,
        "paths": each.paths,
        "given": each.given,
        "link": each.link,
        "person": None if each.person is None else str(each.person),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/mappings/shipped", list_shipped_mappings, "mappings",
        Text("随产品提供的 12 条字段关联规则", "The 12 field associations that come with the product"),
        answers={200: Answer(Text("映射", "Mappings"), items_of(MappingDef))},
    ),
    Operation(
        "POST", "/api/mappings/trial", try_mapping, "mappings",
        Text("试跑映射，不留下任何改动", "Try a mapping; nothing stays"),
        takes=TrialRequest, answers={200: Answer(Text("样本与计数", "Samples and counts"), MappingTried)},
        problems=(404,),
    ),
    Operation(
        "GET", "/api/mappings/questions", list_match_questions, "mappings",
        Text("待人确认的名称", "Names for a person to decide on"),
        parameters=(
            Parameter("mapping", Text("只看这个映射的", "Of this mapping only"), longest=40),
            _LIMIT.parameter,
        ),
        answers={200: Answer(Text("待确认项", "What waits"), items_of(MatchQuestion))},
    ),
    Operation(
        "POST", "/api/mappings/questions/{question}", decide_match, "mappings",
        Text("确认名称指哪条记录", "Decide which record a name means"),
        takes=DecisionRequest,
        answers={200: Answer(Text("重新处理的行数", "How many rows are taken again"), MatchDecided)},
        problems=(404, 409),
    ),
    Operation(
        "GET", "/api/records/{object}/{id}/lineage", show_lineage, "records",
        Text("每个值来自哪里", "Where each value comes from"),
        answers={200: Answer(Text("按字段的来源", "Origins by field"), Lineage)}, problems=(404,),
    ),
)  # fmt: skip

"""Why can (or can't) someone see or do this? The answer names each role, what it grants and whether that holds."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from tongmai.access import ACTIONS, Actor, Explanation, Person, explain, require_manage
from tongmai.identity import load_person, write_audit
from tongmai.kit import NotFound, Text
from tongmai.web.answers import document, json_answer
from tongmai.web.call import Call, parse_id
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.routes.records import FILTER
from tongmai.web.shapes import ANY_RECORD, page_of
from tongmai.web.shapes.identity import AccessExplained

_LIMIT = Limit(20, most=100)


async def explain_access(call: Call) -> Response:
    """About oneself anybody may ask; about others who manages access."""
    action = call.one_of("action", ACTIONS) or "read"
    object_key = call.query.get("object", "")
    person = await _person(call)
    catalogue = await call.catalogue()
    record = call.query.get("id")
    if record is None:
        found = explain(catalogue, person, object_key, None, action, call.query.get("field"))
    else:
        found = await call.services.gateway.explain(
            Actor(person, language=call.language),
            call.workspace,
            object_key,
            parse_id(record, "id"),
            action,
            call.query.get("field"),
        )
    return document(_document(call, found))


async def preview_access(call: Call) -> Response:
    """What a person sees of an object, through the very gateway they would ask; each look is in the audit log."""
    require_manage(call.actor, await call.catalogue(), "access")
    person = await _load(call, call.id("person"))
    object_key = call.part("object")
    found = await call.services.gateway.list(
        # The log of looks is not to say that the person looked himself.
        Actor(person, via=f"preview:{call.actor.id}", language=call.language),
        call.workspace,
        object_key,
        filter=call.query.get("filter"),
        limit=_LIMIT.asked(call),
    )
    async with call.services.database.write() as tx:
        await write_audit(
            tx,
            call.services.clock.now(),
            "access_preview",
            workspace_id=call.workspace.id,
            actor=call.actor.id,
            detail={"person": str(person.id), "object": object_key},
        )
    return json_answer(found)


async def _person(call: Call) -> Person:
    wanted = call.query.get("person")
    if wanted is None or wanted == str(call.actor.id):
        return call.actor.person
    require_manage(call.actor, await call.catalogue(), "access")
    return await _load(call, parse_id(wanted, "person"))


async def _load(call: Call, wanted: UUID) -> Person:
    async with call.services.database.read() as tx:
        person = await load_person(tx, call.workspace, wanted)
    if person is None:
        raise NotFound.of("person.unknown", "没有此人员", "There is no such person", field="person")
    return person


def _document(call: Call, found: Explanation) -> dict[str, object]:
    language = call.language
    return {
        "allowed": found.allowed,
        "verdict": found.verdict.say(language),
        "reasons": [
            {"holds": each.holds, "text": each.text.say(language), "role": each.role, "scope": each.scope}
            for each in found.reasons
        ],
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/access/explain",
        explain_access,
        "access",
        Text("为什么能（或不能）看到、操作", "Why someone can, or cannot, see or do this"),
        parameters=(
            Parameter("object", Text("对象", "The object"), longest=100),
            Parameter("action", Text("操作", "What to do"), {"enum": list(ACTIONS)}, 20),
            Parameter("field", Text("字段", "A field of it"), longest=100),
            Parameter("id", Text("某条记录", "One record of it"), {"type": "string", "format": "uuid"}, 40),
            Parameter(
                "person", Text("谁（默认自己）", "Who; oneself if not given"), {"type": "string", "format": "uuid"}, 40
            ),
        ),
        answers={
            200: Answer(
                Text("结论和理由", "The verdict and the reasons"),
                AccessExplained,
            )
        },
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/access/preview/{person}/{object}",
        preview_access,
        "access",
        Text("以某人的身份查看（记入审计）", "See what a person sees (kept in the audit log)"),
        parameters=(FILTER, _LIMIT.parameter),
        answers={200: Answer(Text("此人能看到的记录", "The records that they see"), page_of(ANY_RECORD))},
        problems=(404,),
    ),
)

"""Being away: one's own absences, and those of a colleague for who leads him or manages people."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import manages, require_manage
from tongmai.kit import Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.routes.notices import mine
from tongmai.web.shapes import items_of
from tongmai.web.shapes.working import AbsenceOfPerson, AbsenceShown
from tongmai.work import Absence


class AbsenceWanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    from_at: AwareDatetime
    to_at: AwareDatetime
    stand_in: UUID | None = None
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] | None = None


async def _colleague(call: Call, *, writing: bool = False) -> UUID:
    """The person of the path. Raises ``Denied`` for who neither manages people nor leads him."""
    person, catalogue = call.id("person"), await call.catalogue()
    if not manages(call.actor, catalogue, "people") and not await call.services.work.people.is_led_by(
        call.workspace, person, mine(call, writing=writing)
    ):
        require_manage(call.actor, catalogue, "people")
    return person


async def _list(call: Call, person: UUID) -> Response:
    found = await call.services.work.absences.of(call.workspace, person)
    return document({"items": [_shown(each) for each in found]})


async def _add(call: Call, person: UUID) -> Response:
    given = await call.body(AbsenceWanted)
    added = await call.services.work.absences.add(
        call.workspace, person, given.from_at, given.to_at, given.stand_in, given.reason
    )
    return document(_shown(added), status=201)


async def _end(call: Call, person: UUID) -> Response:
    await call.services.work.absences.end(call.workspace, person, call.id())
    return nothing()


async def list_my_absences(call: Call) -> Response:
    return await _list(call, mine(call))


async def add_my_absence(call: Call) -> Response:
    return await _add(call, mine(call, writing=True))


async def end_my_absence(call: Call) -> Response:
    return await _end(call, mine(call, writing=True))


async def list_absences(call: Call) -> Response:
    return await _list(call, await _colleague(call))


async def add_absence(call: Call) -> Response:
    """Somebody fell ill and cannot say so himself."""
    return await _add(call, await _colleague(call, writing=True))


async def end_absence(call: Call) -> Response:
    return await _end(call, await _colleague(call, writing=True))


async def list_all_absences(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "people")
    found = await call.services.work.absences.all(call.workspace)
    return document({"items": [{**_shown(each), "person": str(each.person)} for each in found]})


def _shown(each: Absence) -> dict[str, object]:
    return {
        "id": str(each.id),
        "from_at": each.from_at.isoformat(),
        "to_at": each.to_at.isoformat(),
        "stand_in": each.stand_in and str(each.stand_in),
        "reason": each.reason,
    }


_LISTED = {200: Answer(Text("外出", "Absences"), items_of(AbsenceShown))}
_ADDED = {201: Answer(Text("外出", "The absence"), AbsenceShown)}
_ENDED = {204: Answer(Text("已取消", "Taken back"))}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/me/absences", list_my_absences, "notices",
        Text("我的外出和代理", "My absences and who stands in"),
        answers=_LISTED,
    ),
    Operation(
        "POST", "/api/me/absences", add_my_absence, "notices",
        Text("登记外出", "Be away"),
        takes=AbsenceWanted,
        answers=_ADDED,
    ),
    Operation(
        "DELETE", "/api/me/absences/{id}", end_my_absence, "notices",
        Text("取消外出", "Take an absence back"),
        answers=_ENDED,
        problems=(404,),
    ),
    Operation(
        "GET", "/api/people/{person}/absences", list_absences, "notices",
        Text("一位同事的外出和代理", "A colleague's absences"),
        answers=_LISTED,
        problems=(403,),
    ),
    Operation(
        "POST", "/api/people/{person}/absences", add_absence, "notices",
        Text("代同事登记外出，限其上级和人员管理员", "Note a colleague as away: who leads him or manages people"),
        takes=AbsenceWanted,
        answers=_ADDED,
        problems=(403, 404),
    ),
    Operation(
        "DELETE", "/api/people/{person}/absences/{id}", end_absence, "notices",
        Text("取消同事的外出", "Take a colleague's absence back"),
        answers=_ENDED,
        problems=(403, 404),
    ),
    Operation(
        "GET", "/api/absences", list_all_absences, "notices",
        Text("全公司正在和将要外出的人", "Who is or will be away"),
        answers={200: Answer(Text("外出，先开始的在前", "Absences, the soonest first"), items_of(AbsenceOfPerson))},
        problems=(403,),
    ),
)  # fmt: skip

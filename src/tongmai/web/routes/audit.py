"""The audit log of the workspace: sign-ins, accounts, exports, looks at watched records (S2-52)."""

from __future__ import annotations

import orjson
from starlette.responses import Response
from typing_extensions import TypedDict

from tongmai.access import require_manage
from tongmai.identity import read_audit
from tongmai.kit import Text
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.common import AnyValue, Id, Moment

_LIMIT = Limit(100, most=500)


class AuditEntry(TypedDict):
    """What somebody did. ``actor`` is null where nobody was signed in; ``detail`` tells the rest, by kind."""

    id: Id
    at: Moment
    actor: Id | None
    name: str | None
    kind: str
    detail: dict[str, AnyValue]


async def list_audit(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "audit")
    limit = _LIMIT.asked(call)
    wanted = {name: call.id_asked(name) for name in ("actor", "record", "before")}
    async with call.services.database.read() as tx:
        rows = await read_audit(tx, call.workspace.id, kind=call.query.get("kind"), limit=limit, **wanted)
        names = await tx.fetch(
            f"SELECT id, name FROM {call.workspace.quoted_schema}.person WHERE id = ANY($1)",  # noqa: S608 - quoted
            list({row["actor"] for row in rows if row["actor"]}),
        )
    known = {row["id"]: row["name"] for row in names}
    items = [
        {
            "id": str(row["id"]),
            "at": row["at"].isoformat(),
            "actor": None if row["actor"] is None else str(row["actor"]),
            "name": known.get(row["actor"]),
            "kind": row["kind"],
            "detail": orjson.loads(row["detail"]),
        }
        for row in rows
    ]
    return document({"items": items, "next_before": items[-1]["id"] if len(items) == limit else None})


_PAGE = items_of(AuditEntry, next_before={"type": ["string", "null"]})
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/audit",
        list_audit,
        "audit",
        Text("审计日志，新的在前", "The audit log, the latest first"),
        parameters=(
            Parameter("kind", Text("只看这一类，如 look、export", "Of this kind, such as look, export"), longest=40),
            Parameter("actor", Text("只看这个人", "Of this person"), longest=36),
            Parameter("record", Text("谁看过这条记录", "Who looked at this record"), longest=36),
            _LIMIT.parameter,
            Parameter("before", Text("上一页最后一条的 id", "The id of the last one seen"), longest=36),
        ),
        answers={
            200: Answer(
                Text("审计日志", "The audit log"), items_of(AuditEntry, next_before={"type": ["string", "null"]})
            )
        },
    ),
)

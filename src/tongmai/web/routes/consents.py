"""The ledger of consent to keeping chats (AMB-31, S0-05): for who manages the audit; and of one customer, for who may
see him."""

from __future__ import annotations

import asyncio
import csv
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import get_args
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.identity import write_audit
from tongmai.kit import Invalid, Language, Text
from tongmai.link.wecom import (
    Agreement,
    AgreementsAsked,
    AgreementState,
    Known,
    Pair,
    Place,
    customer_object,
)
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import ID, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.consenting import AgreementCounts, AgreementShown, RecordConsent

_LIMIT = Limit(50, most=200)
_STATES: tuple[AgreementState, ...] = get_args(AgreementState)
_STATE_WORDS = {
    "agreed": Text("已同意", "agreed"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "refused": Text("不同意", "refused"),
    "unanswered": Text("未答复", "unanswered"),
}
_ANSWERS = {"agree": Text("同意", "agrees"), "disagree": Text("不同意", "disagrees")}
_HEAD = (
    Text("数据源", "Source"), Text("客户编号", "Customer's id"), Text("客户", "Customer"),
    Text("成员编号", "Member's id"), Text("成员", "Member"), Text("群聊", "Room"), Text("目前", "Now"),
    Text("自", "Since"), Text("时间", "At"), Text("答复", "Answer"), Text("得知途径", "Told by"),
)  # fmt: skip
# A spreadsheet would take a text that begins so for a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


async def list_consents(call: Call) -> Response:
    catalogue = await call.catalogue()
    require_manage(call.actor, catalogue, "audit")
    limit, cursor = _LIMIT.asked(call), call.query.get("cursor")
    after = None if cursor is None else _place(cursor)
    page = await call.services.links.agreements.page(call.actor, call.workspace, _asked(call), limit, after)
    return document(
        {
            "items": [_shown(each) for each in page.items],
            "counts": {state: page.counts.get(state, 0) for state in _STATES},
            "customer_object": customer_object(catalogue),
            "next_cursor": None if page.after is None else _cursor(page.after),
        }
    )


async def export_consents(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "audit")
    found = await call.services.links.agreements.every(call.actor, call.workspace, _asked(call))
    async with call.services.database.write() as tx:
        await write_audit(
            tx, call.services.clock.now(), "consents_exported", workspace_id=call.workspace.id, actor=call.actor.id,
            detail={"rows": len(found), "ip": call.ip},
        )  # fmt: skip
    text = await asyncio.to_thread(_csv, found, call.language, ZoneInfo(call.workspace.zone))
    content = "\ufeff" + text
    headers = {"content-disposition": 'attachment; filename="consents.csv"', "cache-control": "no-store"}
    return Response(content, headers=headers, media_type="text/csv; charset=utf-8")


async def show_record_consent(call: Call) -> Response:
    found = await call.services.links.agreements.of_record(call.actor, call.workspace, call.part("object"), call.id())
    agreed = sum(each.state == "agreed" for each in found)
    kept = "all" if agreed == len(found) else "some" if agreed else "none"
    return document({"kept": kept if found else None, "items": [_shown(each) for each in found]})


def _asked(call: Call) -> AgreementsAsked:
    return AgreementsAsked(call.one_of("state", _STATES), call.id_asked("customer"), call.id_asked("person"))


def _shown(each: Agreement) -> dict[str, object]:
    return {
        "source": each.pair.source,
        "customer_id": each.pair.customer,
        "member_id": each.pair.member,
        "room": each.pair.room,
        "state": each.state,
        "since": each.since and each.since.isoformat(),
        "customer": _known(each.customer),
        "member": _known(each.member),
        "told": [{"at": word.at.isoformat(), "answer": word.answer, "by": word.by} for word in each.told],
    }


def _known(found: Known | None) -> dict[str, object] | None:
    return None if found is None else {"object": found.object, "id": str(found.id), "label": found.label}


def _csv(found: Sequence[Agreement], language: Language, zone: ZoneInfo) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([each.say(language) for each in _HEAD])
    writer.writerows(line for each in found for line in _lines(each, language, zone))
    return text.getvalue()


def _lines(each: Agreement, language: Language, zone: ZoneInfo) -> Iterator[list[str]]:
    """A line for each word that was told; one for a pair of which nothing was."""
    pair = each.pair
    head = [
        pair.source, pair.customer, _label(each.customer), pair.member, _label(each.member), pair.room,
        _STATE_WORDS[each.state].say(language), _when(each.since, zone),
    ]  # fmt: skip
    words = [[_when(word.at, zone), _ANSWERS[word.answer].say(language), word.by] for word in each.told]
    yield from ([_harmless(cell) for cell in (*head, *word)] for word in words or [["", "", ""]])


def _label(known: Known | None) -> str:
    return (known and known.label) or ""


def _when(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_MARKS) else cell


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(orjson.dumps([place.told, *place.pair])).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        told, *pair = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at = None if told is None else datetime.fromisoformat(told)
        if len(pair) == len(Pair._fields) and all(isinstance(each, str) for each in pair) and (at is None or at.tzinfo):
            return Place(at, Pair(*pair))
    except (ValueError, TypeError):
        pass
    raise Invalid.of("cursor.invalid", "翻页标记无效", "This is no cursor of this list", field="cursor")


_NARROWED = (
    Parameter("state", Text("只看这种状态", "Of this state"), {"type": "string", "enum": list(_STATES)}, 20),
    Parameter("customer", Text("只看这位客户（记录编号）", "Of this customer (a record's id)"), ID, 36),
    Parameter("person", Text("只看这位成员（人员编号）", "Of this member (a person's id)"), ID, 36),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/consents", list_consents, "audit",
        Text("会话存档同意台账，最近变更的在前", "The ledger of consent to keeping chats, the latest first"),
        parameters=(
            *_NARROWED,
            _LIMIT.parameter,
            Parameter("cursor", Text("上一页的 next_cursor", "The next_cursor of the last page"), longest=2000),
        ),
        answers={200: Answer(Text("客户与成员（或群聊）逐对的状态", "How each pair stands"), items_of(
            AgreementShown, counts=AgreementCounts, customer_object={"type": ["string", "null"]},
            next_cursor={"type": ["string", "null"]}))},
    ),
    Operation(
        "GET", "/api/consents/export", export_consents, "audit",
        Text("导出台账（CSV），每次变更一行", "The ledger as CSV, a line for each word that was told"),
        parameters=_NARROWED,
        answers={200: Answer(Text("CSV 文件", "A CSV file"), None, ("text/csv",))},
    ),
    Operation(
        "GET", "/api/records/{object}/{id}/consent", show_record_consent, "records",
        Text("这位客户的聊天是否留存，为何不留", "Whether a customer's chats are kept, and why not"),
        answers={200: Answer(Text("留存情况", "How it stands"), RecordConsent)},
        problems=(404,),
    ),
)  # fmt: skip

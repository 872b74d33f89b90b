"""What WeCom tells when it is asked: contacts, followed customers, calls, Moments with their interactions, approvals.

Each reading yields ``Reading``s: the stream, a key that stays the same when it is told again, the vendor's own JSON,
and the moment it speaks of. Pages: developer.work.weixin.qq.com/document/path/90208 (departments), 90200 (members),
92114 (customers), 93662 (calls), 93333 (Moments), 91816 and 91983 (approvals).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from tongmai.kit import Invalid
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.reading import Reading
from tongmai.link.wecom.client import WeComClient
from tongmai.link.wecom.tags import with_tag_names

_CALL_PAGE = 100
_SPAN = timedelta(days=30)
NO_FOLLOW = {84061, 40096}


async def departments(client: WeComClient) -> AsyncIterator[Reading]:
    answer = await client.get("/cgi-bin/department/list")
    for item in objects(answer.get("department")):
        yield Reading("departments", text_of(item, "id"), item)


async def members(client: WeComClient) -> AsyncIterator[Reading]:
    """All members, each once, whatever departments they belong to."""
    seen: set[str] = set()
    async for department in departments(client):
        answer = await client.get("/cgi-bin/user/list", {"department_id": department.key})
        for item in objects(answer.get("userlist")):
            userid = text_of(item, "userid")
            if userid and userid not in seen:
                seen.add(userid)
                yield Reading("members", userid, item)


async def followed_customers(client: WeComClient) -> AsyncIterator[Reading]:
    """External contacts with all that follow them (``follow_user``: remark, tags, since when, by which way)."""
    answer = await client.get("/cgi-bin/externalcontact/get_follow_user_list")
    followers = answer.get("follow_user")
    seen: set[str] = set()
    for follower in followers if isinstance(followers, list) else []:
        for external in await _customers_of(client, str(follower)):
            if external not in seen:
                seen.add(external)
                yield await followed_customer(client, external)


async def _customers_of(client: WeComClient, userid: str) -> list[str]:
    try:
        answer = await client.get("/cgi-bin/externalcontact/list", {"userid": userid})
    except Invalid as refusal:
        # A member who follows nobody is told as a fault by the vendor.
        if refusal.extra.get("vendor_code") in NO_FOLLOW:
            return []
        raise
    found = answer.get("external_userid")
    return [str(each) for each in found] if isinstance(found, list) else []


async def followed_customer(client: WeComClient, external: str) -> Reading:
    """One customer; where many follow, the vendor hands them out in pages of 500."""
    cursor = ""
    followers: list[JsonValue] = []
    while True:
        params = {"external_userid": external} | ({"cursor": cursor} if cursor else {})
        answer = await client.get("/cgi-bin/externalcontact/get", params)
        followers += map(with_tag_names, objects(answer.get("follow_user")))
        cursor = text_of(answer, "next_cursor")
        if not cursor:
            break
    contact = answer.get("external_contact")
    body: JsonObject = {**(contact if isinstance(contact, dict) else {}), "follow_user": [*followers]}
    return Reading("customers", external, body)


async def calls(client: WeComClient, since: datetime, until: datetime) -> AsyncIterator[Reading]:
    """Calls that were answered (S0-40), in spans of 30 days as the vendor allows."""
    for start, end in _spans(since, until):
        offset = 0
        while True:
            body: JsonObject = {"start_time": start, "end_time": end, "offset": offset, "limit": _CALL_PAGE}
            answer = await client.post("/cgi-bin/dial/get_dial_record", body)
            found = objects(answer.get("record"))
            for item in found:
                yield _call(item)
            if len(found) < _CALL_PAGE:
                break
            offset += len(found)


def _call(item: JsonObject) -> Reading:
    caller, callees = item.get("caller"), objects(item.get("callee"))
    who = text_of(caller, "userid") if isinstance(caller, dict) else ""
    whom = ",".join(text_of(each, "phone") or text_of(each, "userid") for each in callees)
    when = item.get("call_time")
    moment = datetime.fromtimestamp(when, UTC) if isinstance(when, int) else None
    return Reading("calls", f"{text_of(item, 'call_time')}:{who}:{whom}", item, moment)


async def moments(client: WeComClient, since: datetime, until: datetime) -> AsyncIterator[Reading]:
    """Customer Moments (客户朋友圈) that members published, then who liked and commented each."""
    for start, end in _spans(since, until):
        body: JsonObject = {"start_time": start, "end_time": end, "limit": 20}
        async for item in client.pages("/cgi-bin/externalcontact/get_moment_list", body, "moment_list"):
            identity, creator = text_of(item, "moment_id"), text_of(item, "creator")
            yield Reading("moments", identity, item, _seconds(item.get("create_time")))
            answer = await client.post(
                "/cgi-bin/externalcontact/get_moment_comments", {"moment_id": identity, "userid": creator}
            )
            for reading in _interactions(identity, creator, answer):
                yield reading


def _interactions(moment_id: str, creator: str, answer: JsonObject) -> Iterator[Reading]:
    for kind, name in (("comment", "comment_list"), ("like", "like_list")):
        for item in objects(answer.get(name)):
            who = text_of(item, "external_userid") or text_of(item, "userid")
            body: JsonObject = {**item, "moment_id": moment_id, "creator": creator, "kind": kind}
            key = f"{moment_id}:{kind}:{who}:{text_of(item, 'create_time')}"
            yield Reading("moment_interactions", key, body, _seconds(item.get("create_time")))


async def approvals(client: WeComClient, since: datetime, until: datetime) -> AsyncIterator[Reading]:
    """Approvals handed in within the span, with all their details and the state of each node (S0-11)."""
    for start, end in _spans(since, until):
        cursor: JsonValue = ""
        while True:
            body: JsonObject = {"starttime": str(start), "endtime": str(end), "new_cursor": cursor, "size": 100}
            answer = await client.post("/cgi-bin/oa/getapprovalinfo", body)
            numbers = answer.get("sp_no_list")
            for number in numbers if isinstance(numbers, list) else []:
                yield await approval(client, str(number))
            cursor = answer.get("new_next_cursor") or ""
            if not cursor:
                break


async def approval(client: WeComClient, number: str) -> Reading:
    answer = await client.post("/cgi-bin/oa/getapprovaldetail", {"sp_no": number})
    info = answer.get("info")
    body: JsonObject = info if isinstance(info, dict) else {}
    return Reading("approvals", number, flat_approval(body), _seconds(body.get("apply_time")))


def flat_approval(info: JsonObject) -> JsonObject:
    """The vendor's details, and beside them what a mapping can name: ``form`` (title → the readable value), where it
    stands (``_standing``)."""
    return {**info, "form": _form(info), **_standing(info)}


def _standing(info: JsonObject) -> JsonObject:
    """``status``; ``node`` counts from 1 and is the first that has not decided, None where all is decided;
    ``node_since`` and ``finished_at`` are the last decision before."""
    status = APPROVAL_STATES.get(text_of(info, "sp_status"), "unknown")
    nodes = objects(info.get("sp_record"))
    waiting = next((n for n, each in enumerate(nodes, 1) if text_of(each, "sp_status") == _UNDECIDED), None)
    decided = [_seconds(each.get("sptime")) for node in nodes for each in objects(node.get("details"))]
    last = max((each for each in decided if each is not None and each.timestamp() > 0), default=None)
    since = (last or _seconds(info.get("apply_time"))) if status == "open" else None
    finished = None if status == "open" else last
    return {
        "status": status,
        "node": waiting if status == "open" else None,
        "node_since": None if since is None else since.isoformat(),
        "finished_at": None if finished is None else finished.isoformat(),
    }


_UNDECIDED = "1"


def _form(info: JsonObject) -> JsonObject:
    data = info.get("apply_data")
    form: JsonObject = {}
    for control in objects(data.get("contents")) if isinstance(data, dict) else []:
        titles = objects(control.get("title"))
        title = next((text_of(each, "text") for each in titles if each.get("lang") == "zh_CN"), "")
        form[title or text_of(control, "id")] = _readable(text_of(control, "control"), control.get("value"))
    return form


APPROVAL_STATES = {
    "1": "open",
    "2": "approved",
    "3": "rejected",
    "4": "cancelled",
    "6": "cancelled_after_approval",
    "7": "deleted",
    "10": "paid",
}


def _readable(control: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return None
    match control:
        case "Number":
            return value.get("new_number")
        case "Money":
            return value.get("new_money")
        case "Date":
            date = value.get("date")
            return text_of(date, "s_timestamp") if isinstance(date, dict) else None
        case "Selector":
            selector = value.get("selector")
            options = objects(selector.get("options")) if isinstance(selector, dict) else []
            chosen = [text_of(word, "text") for option in options for word in objects(option.get("value"))[:1]]
            return "、".join(chosen)
        case "Contact":
            people = [*objects(value.get("members")), *objects(value.get("departments"))]
            return "、".join(text_of(each, "name") for each in people)
        case "File":
            return [text_of(each, "file_id") for each in objects(value.get("files"))]
        case "Table":
            children = objects(value.get("children"))
            return [_form({"apply_data": {"contents": child.get("list")}}) for child in children]
        case _:
            return value.get("text")


def _spans(since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
    """Spans of at most 30 days, both ends in seconds of the epoch."""
    start = since
    while start < until:
        end = min(start + _SPAN, until)
        yield int(start.timestamp()), int(end.timestamp())
        start = end


def _seconds(value: JsonValue) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and not isinstance(value, bool) else None

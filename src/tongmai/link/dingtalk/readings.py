"""What DingTalk tells when it is asked: departments, members, approval instances with their forms and states (S0-72).

Pages under open.dingtalk.com/document/orgapp: obtain-the-department-list-v2,
queries-the-complete-information-of-a-department-user, obtain-an-approval-list-of-instance-ids,
obtains-the-details-of-a-single-approval-instance-pop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

from pydantic import JsonValue

from tongmai.link.dingtalk.client import DingTalkClient
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.reading import Reading

_ROOT = "1"
_PAGE = 100
_ID_PAGE = 20
_SPAN = timedelta(days=120)


async def departments(client: DingTalkClient) -> AsyncIterator[Reading]:
    """All of them, level by level from the root."""
    waiting = [_ROOT]
    seen: set[str] = set()
    while waiting:
        parent = waiting.pop(0)
        answer = await client.old("/topapi/v2/department/listsub", {"dept_id": int(parent)})
        for item in objects(answer.get("result")):
            key = text_of(item, "dept_id")
            if key and key not in seen:
                seen.add(key)
                waiting.append(key)
                yield Reading("departments", key, item)


async def members(client: DingTalkClient) -> AsyncIterator[Reading]:
    """All members, each once, whatever departments they belong to."""
    seen: set[str] = set()
    places = [_ROOT, *[each.key async for each in departments(client)]]
    for place in places:
        cursor: JsonValue = 0
        while True:
            answer = await client.old("/topapi/v2/user/list", {"dept_id": int(place), "cursor": cursor, "size": _PAGE})
            result = answer.get("result")
            page: JsonObject = result if isinstance(result, dict) else {}
            for item in objects(page.get("list")):
                userid = text_of(item, "userid")
                if userid and userid not in seen:
                    seen.add(userid)
                    yield Reading("members", userid, item)
            if not page.get("has_more"):
                break
            cursor = page.get("next_cursor")


async def approvals(
    client: DingTalkClient, process_codes: tuple[str, ...], since: datetime, until: datetime
) -> AsyncIterator[Reading]:
    """Instances of these templates begun within the span, each with its form, its tasks and its state."""
    for code in process_codes:
        for start, end in _spans(since, until):
            following: JsonValue = 0
            while following is not None:
                asked: JsonObject = {
                    "processCode": code,
                    "startTime": start,
                    "endTime": end,
                    "nextToken": following,
                    "maxResults": _ID_PAGE,
                }
                answer = await client.post("/v1.0/workflow/processes/instanceIds/query", asked)
                result = answer.get("result")
                page: JsonObject = result if isinstance(result, dict) else {}
                ids = page.get("list")
                for identity in ids if isinstance(ids, list) else []:
                    yield await approval(client, str(identity))
                following = page.get("nextToken") or None


async def approval(client: DingTalkClient, identity: str) -> Reading:
    answer = await client.get("/v1.0/workflow/processInstances", {"processInstanceId": identity})
    result = answer.get("result")
    body: JsonObject = result if isinstance(result, dict) else {}
    return Reading("approvals", identity, flat_approval(identity, body), _moment(body.get("createTime")))


def flat_approval(identity: str, body: JsonObject) -> JsonObject:
    """The vendor's details, and beside them ``form``: name → value, and ``state``: one word for status and result."""
    form: JsonObject = {}
    for component in objects(body.get("formComponentValues")):
        name = text_of(component, "name")
        if name:
            form[name] = component.get("value")
    status, result = text_of(body, "status"), text_of(body, "result")
    states = {"RUNNING": "open", "NEW": "open", "TERMINATED": "cancelled", "CANCELED": "cancelled"}
    finished = {"agree": "approved", "refuse": "rejected"}
    state = finished.get(result, "unknown") if status == "COMPLETED" else states.get(status, "unknown")
    return {**body, "processInstanceId": identity, "form": form, "state": state}


def _moment(value: JsonValue) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _spans(since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
    """Spans of at most 120 days, as the vendor allows, in milliseconds of the epoch."""
    start = since
    while start < until:
        end = min(start + _SPAN, until)
        yield int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        start = end

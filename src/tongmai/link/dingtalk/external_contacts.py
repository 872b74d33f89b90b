"""The organisation's external contacts (外部联系人): read with their labels' names, and written back to (S1-61, S3-20).

Pages: open.dingtalk.com/document/orgapp/obtain-the-external-contact-list, obtains-a-list-of-external-contact-tags,
obtains-the-external-contact-details-of-an-enterprise, update-enterprise-external-contacts. The last one takes a contact
whole, but for his mobile, which it does not change; it knows no writing on a condition, so what is there is read just
before, and what was changed there meanwhile is a conflict.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Literal, TypeAlias

from pydantic import JsonValue

from tongmai.kit import Fault, Invalid, Text
from tongmai.link.dingtalk.client import DingTalkClient
from tongmai.link.source import Pushed, PushRow
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.reading import Reading
from tongmai.link.vendors.tag_names import no_single_tag
from tongmai.link.vendors.write_conflicts import still_to_write

STREAM = "external_contacts"
Detail: TypeAlias = Literal["name", "title", "company_name", "address", "remark", "labels"]

_PAGE = 100
_MOST_LABELS = 20
_VENDOR = Text("钉钉", "DingTalk")
# What the vendor takes of a contact; what is not given it might take away.
_WRITTEN = (
    "name", "title", "company_name", "address", "remark",
    "follower_user_id", "label_ids", "share_dept_ids", "share_user_ids",
)  # fmt: skip


async def external_contacts(client: DingTalkClient) -> AsyncIterator[Reading]:
    """All of them, each with ``labels``: the names of his ``label_ids``."""
    labels = await _labels(client)
    async for item in _pages(client, "/topapi/extcontact/list"):
        userid = text_of(item, "userid")
        if userid:
            yield Reading(STREAM, userid, _with_labels(item, labels))


async def write_contact(client: DingTalkClient, opened: Iterable[str], row: PushRow) -> Pushed:
    """Writes ``row.changed``.

    Raises ``Invalid`` for what is not opened or DingTalk refuses, ``SourceAway`` for what may pass.
    """
    closed = sorted(row.changed) if row.stream != STREAM else sorted(row.changed.keys() - set(opened))
    if closed:
        raise _not_opened(closed)
    answer = await client.old("/topapi/extcontact/get", {"user_id": row.key})
    result = answer.get("result")
    labels = await _labels(client)
    contact = _with_labels(result if isinstance(result, dict) else {}, labels)
    found = still_to_write(row, {path: contact.get(path) for path in row.changed})
    if isinstance(found, Pushed):
        return found
    if found:
        values = {path: row.changed[path] for path in found}
        await client.old("/topapi/extcontact/update", {"contact": _letter(row.key, contact, values, labels)})
    return Pushed("done")


def _letter(
    userid: str, contact: JsonObject, values: Mapping[str, JsonValue], labels: list[tuple[str, int]]
) -> JsonObject:
    """The contact as it shall be. Raises ``Invalid`` for labels that are none."""
    changed: JsonObject = {name: value or "" for name, value in values.items() if name != "labels"}
    if "labels" in values:
        changed["label_ids"] = [*_label_ids(values["labels"], contact, labels)]
    whole = contact | changed
    return {"user_id": userid, **{name: whole[name] for name in _WRITTEN if whole.get(name) is not None}}


def _label_ids(wanted: JsonValue, contact: JsonObject, labels: list[tuple[str, int]]) -> list[int]:
    """The labels of these names; of several that are called so, the one that is put on already."""
    listed = wanted if isinstance(wanted, list) else [] if wanted in (None, "") else [wanted]
    present = contact.get("label_ids")
    on = set(map(str, present)) if isinstance(present, list) else set()
    ids: list[int] = []
    faults: list[Fault] = []
    for name in map(str, listed):
        called = [number for label, number in labels if label == name]
        fitting = [number for number in called if str(number) in on] or called
        if len(fitting) == 1:
            ids += fitting
        else:
            faults.append(no_single_tag("dingtalk.label", _VENDOR, name, len(fitting)))
    if not faults and not 0 < len(ids) <= _MOST_LABELS:
        faults.append(_too_many())
    if faults:
        raise Invalid(tuple(faults))
    return ids


async def _labels(client: DingTalkClient) -> list[tuple[str, int]]:
    """Name and id of each label of all groups."""
    found: list[tuple[str, int]] = []
    async for group in _pages(client, "/topapi/extcontact/listlabelgroups"):
        found += [(text_of(each, "name"), int(text_of(each, "id") or 0)) for each in objects(group.get("labels"))]
    return found


async def _pages(client: DingTalkClient, path: str) -> AsyncIterator[JsonObject]:
    offset = 0
    while True:
        found = objects((await client.old(path, {"size": _PAGE, "offset": offset})).get("results"))
        for item in found:
            yield item
        if len(found) < _PAGE:
            return
        offset += len(found)


def _with_labels(contact: JsonObject, labels: list[tuple[str, int]]) -> JsonObject:
    names, ids = {str(number): name for name, number in labels}, contact.get("label_ids")
    on = map(str, ids) if isinstance(ids, list) else ()
    return {**contact, "labels": [names[each] for each in on if each in names]}


def _not_opened(closed: list[str]) -> Invalid:
    listed = "、".join(closed)
    return Invalid.of(
        "dingtalk.not_opened",
        f"没有开放写回：{listed}",
        f"Not opened for writing: {listed}",
        way_out=Text(
            "请管理员在数据源的“可写的外部联系人资料”里开放；手机号钉钉没有开放修改",
            "Open it under the source's “details that may be written”; DingTalk lets nobody change the mobile",
        ),
    )


def _too_many() -> Fault:
    return Fault(
        "dingtalk.label_count",
        Text("钉钉要求外部联系人有 1 至 20 个标签", "DingTalk wants an external contact to have 1 to 20 labels"),
        Text("请至少选一个标签，至多 20 个", "Choose at least one, at most 20"),
    )

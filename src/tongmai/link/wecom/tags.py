"""The corporation's tags on a customer by their names: which are to be put on and taken off.

Members' own tags are not among WeCom's open interfaces. Pages: developer.work.weixin.qq.com/document/path/92117 (the
corporation's tags), 92118 (tags of a customer).
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from tongmai.kit import Invalid, Text
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.tag_names import no_single_tag
from tongmai.link.wecom.client import WeComClient

_OF_CORPORATION = "1"
_VENDOR = Text("企业微信", "WeCom")


@dataclass(frozen=True, slots=True)
class TagChange:
    """Ids of tags; false where nothing changes."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)

    @property
    def body(self) -> JsonObject:
        return {"add_tag": list(self.add), "remove_tag": list(self.remove)}


def with_tag_names(follower: JsonObject) -> JsonObject:
    """What a follower noted, and beside it ``corp_tags``: the names of the corporation's tags, as a mapping reads
    them."""
    return {**follower, "corp_tags": [text_of(each, "tag_name") for each in _on(follower)]}


async def tag_change(client: WeComClient, follower: JsonObject, wanted: JsonValue) -> TagChange:
    """From the tags that a follower has put on a customer to those of these names.

    Raises ``Invalid`` with each name that the corporation has no tag of, or several.
    """
    listed = wanted if isinstance(wanted, list) else [] if wanted in (None, "") else [wanted]
    names = {str(each).strip() for each in listed}
    present = {text_of(each, "tag_name"): text_of(each, "tag_id") for each in _on(follower)}
    ids: dict[str, list[str]] = {}
    if names - present.keys():
        answer = await client.post("/cgi-bin/externalcontact/get_corp_tag_list", {})
        for group in objects(answer.get("tag_group")):
            for tag in objects(group.get("tag")):
                ids.setdefault(text_of(tag, "name"), []).append(text_of(tag, "id"))
    added = sorted(names - present.keys())
    faults = [
        no_single_tag("wecom.tag", _VENDOR, name, len(ids.get(name, ())))
        for name in added
        if len(ids.get(name, ())) != 1
    ]
    if faults:
        raise Invalid(tuple(faults))
    gone = sorted(present.keys() - names)
    return TagChange(tuple(ids[name][0] for name in added), tuple(present[name] for name in gone))


def _on(follower: JsonObject) -> list[JsonObject]:
    return [each for each in objects(follower.get("tags")) if text_of(each, "type") == _OF_CORPORATION]

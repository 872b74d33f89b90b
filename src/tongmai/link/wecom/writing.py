"""A person's change written to what a member noted of a customer: remark, company, mobiles, description, tags (S3-20).

What is noted belongs to the member who follows the customer: the row that was pulled named him
(``follow_user.0.userid``), and nobody else's notes are touched, whoever stands at his place in the list by now. WeCom
knows no writing on a condition: what it has is read just before, and what was changed there meanwhile is a conflict.

Pages: developer.work.weixin.qq.com/document/path/92115 (remark), 92118 (tags of a customer).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from pydantic import JsonValue

from tongmai.kit import Fault, Invalid, Text
from tongmai.link.source import Pushed, PushRow
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.write_conflicts import same_words, still_to_write
from tongmai.link.wecom.client import WeComClient
from tongmai.link.wecom.readings import NO_FOLLOW, followed_customer
from tongmai.link.wecom.tags import TagChange, tag_change

Note: TypeAlias = Literal["remark", "remark_corp_name", "remark_mobiles", "description", "corp_tags"]

# The names by which notes are written, and the most letters of each.
_WRITTEN_AS = {
    "remark": ("remark", 20),
    "remark_corp_name": ("remark_company", 20),
    "description": ("description", 150),
    "remark_mobiles": ("remark_mobiles", 20),
}
_NAMES = {
    "remark": Text("备注", "The remark"),
    "remark_corp_name": Text("备注企业", "The company"),
    "description": Text("描述", "The description"),
    "remark_mobiles": Text("备注手机号", "The mobile"),
}
_PLACE = re.compile(r"(follow_user\.\d{1,4})\.(\w+?)(?:\.(\d{1,2}))?")
_HERE = "+86"
_OF_WECHAT = "1"


@dataclass(frozen=True, slots=True)
class _Place:
    """A path into a follower's notes; ``index`` where it means one of several mobiles."""

    path: str
    follower: str
    note: str
    index: int | None

    def value(self, notes: JsonObject) -> JsonValue:
        """What stands there."""
        found = notes.get(self.note)
        if self.index is None:
            return found
        return found[self.index] if isinstance(found, list) and self.index < len(found) else None

    def are_same(self, one: JsonValue, other: JsonValue) -> bool:
        """Mobiles are, with +86 or without."""
        if self.note == "remark_mobiles":
            one, other = _bare(one), _bare(other)
        return same_words(self.path, one, other)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is written for one follower."""

    follower: str
    notes: Mapping[str, JsonValue]
    tags: TagChange


def whose(stream: str, path: str) -> tuple[str, ...]:
    """The path that names the follower whose note stands at ``path``."""
    place = _PLACE.fullmatch(path) if stream == "customers" else None
    return () if place is None else (f"{place[1]}.userid",)


def opening(stream: str, path: str) -> str | None:
    """Which of the notes that can be written stands at ``path``."""
    place = _PLACE.fullmatch(path) if stream == "customers" else None
    return place[2] if place is not None and place[2] in get_args(Note) else None


async def write_notes(client: WeComClient, opened: Iterable[str], row: PushRow) -> Pushed:
    """Writes ``row.changed``. Raises ``Invalid`` for what is not opened or WeCom refuses, before anything is written
    where that can be known; ``SourceAway`` for what may pass."""
    places = _places(row, frozenset(opened))
    contact = await _contact(client, row.key)
    notes = {each: _notes_of(contact, each, row.before) for each in {place.follower for place in places}}
    theirs = {place.path: place.value(notes[place.follower]) for place in places}
    by_path = {place.path: place for place in places}
    found = still_to_write(row, theirs, lambda path, one, other: by_path[path].are_same(one, other))
    if isinstance(found, Pushed):
        return found
    wanted = [by_path[path] for path in found]
    letters = [
        await _letter(client, contact, notes[follower], [each for each in wanted if each.follower == follower], row)
        for follower in sorted({each.follower for each in wanted})
    ]
    for letter in letters:
        await _send(client, row.key, letter)
    return Pushed("done")


def _places(row: PushRow, opened: frozenset[str]) -> list[_Place]:
    found: list[_Place] = []
    closed: list[str] = []
    for path in sorted(row.changed):
        place = _PLACE.fullmatch(path) if row.stream == "customers" else None
        index = None if place is None or place[3] is None else int(place[3])
        if place is None or place[2] not in opened or (index is not None) > (place[2] == "remark_mobiles"):
            closed.append(path)
        else:
            found.append(_Place(path, place[1], place[2], index))
    if closed:
        listed = "、".join(closed)
        raise Invalid.of(
            "wecom.not_opened",
            f"没有开放写回：{listed}",
            f"Not opened for writing: {listed}",
            way_out=Text(
                "请管理员在数据源的“可写的客户备注”里开放（只能写跟进人的备注、企业、手机、描述、企业标签）",
                "Open it under the source's “notes that may be written” (a follower's remark, company, mobiles,"
                " description and tags)",
            ),
        )
    return found


async def _contact(client: WeComClient, external: str) -> JsonObject:
    """The customer with all who follow him. Raises ``Invalid`` for whom nobody follows any more."""
    try:
        return (await followed_customer(client, external)).body
    except Invalid as refusal:
        if refusal.extra.get("vendor_code") in NO_FOLLOW:
            raise _unfollowed("") from refusal
        raise


def _notes_of(contact: JsonObject, position: str, before: Mapping[str, JsonValue]) -> JsonObject:
    """The notes of the follower who stood at ``position`` when the row was pulled."""
    userid = text_of(before, f"{position}.userid")
    for each in objects(contact.get("follow_user")):
        if userid and text_of(each, "userid") == userid:
            return each
    raise _unfollowed(userid)


async def _letter(
    client: WeComClient, contact: JsonObject, notes: JsonObject, places: Sequence[_Place], row: PushRow
) -> _Letter:
    """What to write. Raises ``Invalid`` with all that WeCom would not take."""
    values: dict[str, JsonValue] = {}
    tags = TagChange()
    for place in places:
        value = row.changed[place.path]
        if place.note == "corp_tags":
            tags = await tag_change(client, notes, value)
        elif place.note == "remark_mobiles":
            values[place.note] = _mobiles(values.get(place.note, notes.get(place.note)), place.index, value)
        else:
            values[place.note] = "" if value is None else str(value)
    if isinstance(listed := values.get("remark_mobiles"), list):
        values["remark_mobiles"] = [each for each in map(_bare, listed) if each]
    faults = [*_too_long(values)]
    if "remark_corp_name" in values and text_of(contact, "type") != _OF_WECHAT:
        faults.append(_no_company())
    if faults:
        raise Invalid(tuple(faults))
    return _Letter(text_of(notes, "userid"), _never_all_blank(values, notes), tags)


def _mobiles(present: JsonValue, index: int | None, value: JsonValue) -> list[JsonValue]:
    """The list with one put in its place, or another list."""
    listed = list(present) if isinstance(present, list) else []
    if index is None:
        listed = list(value) if isinstance(value, list) else [value]
    elif index < len(listed):
        listed[index] = value
    else:
        listed.append(value)
    return listed


def _never_all_blank(values: Mapping[str, JsonValue], notes: JsonObject) -> Mapping[str, JsonValue]:
    """A letter with nothing but blanks would be taken for an empty one: the notes that stay go along."""
    if not values or any(values.values()):
        return values
    kept = {name: notes[name] for name in ("remark", "description") if name not in values and notes.get(name)}
    return {**kept, **values}


async def _send(client: WeComClient, external: str, letter: _Letter) -> None:
    """Of notes and tags the tags go last: what is refused there leaves the notes written, as a person is told."""
    to: JsonObject = {"userid": letter.follower, "external_userid": external}
    if letter.notes:
        # An empty text in place of the mobiles takes them all away.
        cleared: JsonValue = [""]
        written = {_WRITTEN_AS[name][0]: cleared if value == [] else value for name, value in letter.notes.items()}
        await client.post("/cgi-bin/externalcontact/remark", to | written)
    if letter.tags:
        await client.post("/cgi-bin/externalcontact/mark_tag", to | letter.tags.body)


def _too_long(values: Mapping[str, JsonValue]) -> Iterable[Fault]:
    for name, value in values.items():
        most = _WRITTEN_AS[name][1]
        if any(len(str(each)) > most for each in (value if isinstance(value, list) else [value])):
            label = _NAMES[name]
            yield Fault(
                "wecom.too_long",
                Text(f"{label.zh}超过企业微信允许的 {most} 个字", f"{label.en} is longer than WeCom's {most} letters"),
                Text("请改短后再发", "Shorten it and send it again"),
            )


def _no_company() -> Fault:
    return Fault(
        "wecom.no_company",
        Text("对方也在用企业微信，企业名称由他自己的企业认证", "Users of WeCom bear their own company's name"),
        Text("只有微信客户可以备注企业", "A company can be noted of WeChat's users only"),
    )


def _unfollowed(userid: str) -> Invalid:
    who = Text(f"{userid} 已不再", f"{userid} no longer follows") if userid else Text("已没有成员", "Nobody follows")
    return Invalid.of(
        "wecom.unfollowed",
        f"{who.zh}跟进这位客户，没有写回",
        f"{who.en} this customer; nothing was written",
        way_out=Text(
            "请取来源的值，重新拉取后再改：改动会写给现在的跟进人",
            "Take what the source has, and change it after the next pull: it goes to who follows now",
        ),
    )


def _bare(value: JsonValue) -> JsonValue:
    """Numbers of this country are noted without its prefix."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return "" if value is None else str(value).strip().removeprefix(_HERE)

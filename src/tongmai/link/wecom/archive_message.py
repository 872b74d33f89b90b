"""One message of WeCom's archive (会话内容存档) in its decrypted JSON form, by its published types.

Vendor's page: developer.work.weixin.qq.com/document/path/91774. A type that the page does not name is set aside with
its reason by whoever reads; the fields that every message has are never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from pydantic import JsonValue

from tongmai.kit import Invalid, Text
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of

_LONGEST_TEXT = 40_000
_DEEPEST_RECORD = 4


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file that the vendor keeps; ``sdk_file_id`` fetches it. ``size`` in bytes."""

    sdk_file_id: str
    name: str
    size: int
    md5: str


class ArchivedMessage(NamedTuple):
    """``kind`` is the vendor's ``msgtype`` (``switch`` for a member who changed the corporation).

    ``text`` is what a person reads in it, ``None`` where there is nothing to read or it may not be kept;
    ``revokes`` the id of the message that this one takes back.
    """

    id: str
    seq: int
    sender: str
    receivers: tuple[str, ...]
    room: str
    at: datetime
    kind: str
    text: str | None
    files: tuple[ArchivedFile, ...]
    revokes: str | None
    body: JsonObject

    def __repr__(self) -> str:
        """Without what was said."""
        return f"ArchivedMessage({self.id!r}, {self.kind!r})"

    @property
    def people(self) -> tuple[str, ...]:
        return (self.sender, *self.receivers)


def read_message(line: JsonObject) -> ArchivedMessage:
    """Raises ``Invalid`` for a message without its id, time or people, and for an unknown type (``archive.kind``)."""
    identity = text_of(line, "msgid")
    if line.get("action") == "switch":
        moment = _moment(line.get("time"))
        return ArchivedMessage(
            identity, _seq(line), text_of(line, "user"), (), "", moment, "switch", None, (), None, line
        )
    kind = text_of(line, "msgtype")
    if kind not in _KINDS:
        raise Invalid.of(
            "archive.kind",
            f"未知的消息类型“{kind[:40]}”，已搁置",
            f"The message type '{kind[:40]}' is unknown; it was set aside",
            way_out=Text(
                "其余照常；等升级后“从头重新拉取”这个数据流", "All else goes on; pull this stream anew after an upgrade"
            ),
        )
    receivers = line.get("tolist")
    sender = text_of(line, "from")
    if not identity or not sender or not isinstance(receivers, list):
        raise _incomplete("msgid, from, tolist")
    content = _KINDS[kind]
    body = _body(line, content.part or kind)
    text = content.text(body)
    files = _files(body) if content.has_file else _files_of_items(body) if kind == "mixed" else ()
    revokes = text_of(body, "pre_msgid") or None if kind == "revoke" else None
    return ArchivedMessage(
        identity, _seq(line), sender, tuple(map(str, receivers)), text_of(line, "roomid"),
        _moment(line.get("msgtime")), kind, text[:_LONGEST_TEXT] or None, files, revokes, line,
    )  # fmt: skip


def _seq(line: Mapping[str, JsonValue]) -> int:
    found = line.get("seq")
    return found if isinstance(found, int) else 0


def _moment(value: JsonValue) -> datetime:
    """Milliseconds of the epoch; as text in some forwarders' exports."""
    try:
        millis = value if type(value) is int else int(str(value))
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _incomplete("msgtime") from error


def _body(line: Mapping[str, JsonValue], part: str) -> JsonObject:
    found = line.get(part)
    return found if isinstance(found, dict) else {}


def _incomplete(names: str) -> Invalid:
    return unreadable("archive.incomplete", f"存档消息缺少 {names}", f"An archived message lacks {names}")


def unreadable(code: str, zh: str, en: str) -> Invalid:
    """A line that is no message as the vendor writes it."""
    return Invalid.of(
        code,
        zh,
        en,
        way_out=Text("请核对存档程序写出的这一行", "Check this line of the program that writes the archive"),
    )


def _joined(*names: str) -> Callable[[JsonObject], str]:
    if len(names) == 1:
        (name,) = names
        return lambda body: text_of(body, name)
    return lambda body: "\n".join(text for name in names if (text := text_of(body, name)))


def _nothing(_: JsonObject) -> str:
    return ""


def _mixed(body: JsonObject) -> str:
    """Items hold their content as JSON within JSON."""
    texts = (_inner(item) for item in objects(body.get("item")) if item.get("type") == "text")
    return "\n".join(text_of(each, "content") for each in texts if each)


def _inner(item: JsonObject) -> JsonObject:
    content = item.get("content")
    if isinstance(content, dict):
        return content
    try:
        found = orjson.loads(content) if isinstance(content, str) else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _chat_record(body: JsonObject, depth: int = 0) -> str:
    """What was forwarded: quoted talk, which must not be read as said here; shown as lines that begin with '>'."""
    lines = [text_of(body, "title")]
    for item in objects(body.get("item")):
        inner = _inner(item)
        if item.get("type") == "chatrecord" and depth < _DEEPEST_RECORD:
            lines.append(_chat_record(inner, depth + 1))
        else:
            lines.append(text_of(inner, "content") or text_of(inner, "title"))
    return "\n".join(f"> {each}" for each in lines if each)


def _news(body: JsonObject) -> str:
    return "\n".join(_joined("title", "description")(item) for item in objects(body.get("item")))


def _files(body: JsonObject) -> tuple[ArchivedFile, ...]:
    identity = text_of(body, "sdkfileid")
    if not identity:
        return ()
    size = next((int(text) for name in _SIZES if (text := text_of(body, name)).isdigit()), 0)
    return (ArchivedFile(identity, text_of(body, "filename"), size, text_of(body, "md5sum")),)


def _files_of_items(body: JsonObject) -> tuple[ArchivedFile, ...]:
    return tuple(file for item in objects(body.get("item")) for file in _files(_inner(item)))


_SIZES = ("filesize", "voice_size", "imagesize")


@dataclass(frozen=True, slots=True)
class _Content:
    text: Callable[[JsonObject], str] = _nothing
    has_file: bool = False
    part: str = ""


_KINDS: Mapping[str, _Content] = {
    "text": _Content(_joined("content")),
    "image": _Content(has_file=True),
    "revoke": _Content(),
    "agree": _Content(),
    "disagree": _Content(),
    "voice": _Content(has_file=True),
    "video": _Content(has_file=True),
    "card": _Content(_joined("corpname", "userid")),
    "location": _Content(_joined("title", "address")),
    "emotion": _Content(has_file=True),
    "file": _Content(_joined("filename"), has_file=True),
    "link": _Content(_joined("title", "description", "link_url")),
    "weapp": _Content(_joined("displayname", "title", "description")),
    "chatrecord": _Content(_chat_record),
    "todo": _Content(_joined("title", "content")),
    "vote": _Content(_joined("votetitle")),
    "collect": _Content(_joined("title")),
    "redpacket": _Content(_joined("wish")),
    "external_redpacket": _Content(_joined("wish"), part="redpacket"),
    "meeting": _Content(_joined("topic", "address", "remarks")),
    "docmsg": _Content(_joined("title", "link_url"), part="doc"),
    "markdown": _Content(_joined("content"), part="info"),
    "news": _Content(_news, part="info"),
    "calendar": _Content(_joined("title", "place", "remarks")),
    "mixed": _Content(_mixed),
    "meeting_voice_call": _Content(has_file=True),
    "voip_doc_share": _Content(_joined("filename"), has_file=True),
    "sphfeed": _Content(_joined("sph_name", "feed_desc")),
    "voiptext": _Content(part="info"),
    "qydiskfile": _Content(_joined("filename"), part="info"),
}
# All that are read; any other is set aside.
MESSAGE_KINDS = frozenset(_KINDS)

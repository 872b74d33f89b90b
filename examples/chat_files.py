"""Real chats as they lie in their files, and the same as an archive of WeCom: JSON lines, a dialogue after the other.

Read are JDDC (JD.com's customer service, tab separated, a customer known by his id), CrossWOZ (``*.json.zip``, a
dialogue each) and STC-3 (``*.json``, a public helpdesk). None of them tells when anything was said. So a moment is
given to each message: sessions are spread evenly over the days before ``until``, and within one a message comes as long
after the one before as it takes to type it (three characters a second). What depends on moments is of this pace.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

MEMBER = "13800000001"
_DAYS = 28
_CHARACTERS_A_SECOND = 3


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``customer`` is who the file says he is; a session of his may be one of several."""

    session: str
    customer: str
    by_customer: bool
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message with the moment it was given."""

    said: Said
    at: datetime


def read_chats(path: Path) -> list[Said]:
    """All messages of a file, in its order. What is no text (an empty line) is left out."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return list(_crosswoz(json.loads(packed.read(path.stem))))
    if path.suffix == ".json":
        return list(_helpdesk(json.loads(path.read_text("utf-8"))))
    return list(_jddc(path.read_text("utf-8")))


def given_moments(chats: Sequence[Said], until: datetime) -> list[Sent]:
    """Oldest first."""
    sessions = [list(each) for _, each in groupby(chats, key=lambda said: said.session)]
    begun, step = until - timedelta(days=_DAYS), timedelta(days=_DAYS) / (len(sessions) + 1)
    sent: list[Sent] = []
    for number, session in enumerate(sessions):
        at = begun + step * number
        for said in session:
            at += timedelta(seconds=1 + len(said.text) / _CHARACTERS_A_SECOND)
            sent.append(Sent(said, at.replace(microsecond=0)))
    return sorted(sent, key=lambda each: each.at)


def external_ids(chats: Iterable[Said]) -> dict[str, str]:
    """Of each customer his id as WeCom would have it, in the order in which they turn up."""
    found: dict[str, str] = {}
    for said in chats:
        found.setdefault(said.customer, f"wm{len(found):030d}")
    return found


def archive_lines(sent: Sequence[Sent], ids: dict[str, str]) -> Iterator[str]:
    """The archive, each customer having agreed to be kept before his first word."""
    agreed: set[str] = set()
    seq = 0
    for each in sent:
        customer, millis = ids[each.said.customer], int(each.at.timestamp() * 1000)
        if customer not in agreed:
            agreed.add(customer)
            seq += 1
            yield _line(seq, millis - 1, customer, MEMBER, "agree", {"userid": customer, "agree_time": millis - 1})
        seq += 1
        sides = (customer, MEMBER) if each.said.by_customer else (MEMBER, customer)
        yield _line(seq, millis, *sides, "text", {"content": each.said.text})


def _line(seq: int, millis: int, sender: str, receiver: str, kind: str, body: dict[str, object]) -> str:
    message = {
        "seq": seq, "msgid": f"{seq}_external", "action": "send", "from": sender, "tolist": [receiver], "roomid": "",
        "msgtime": millis, "msgtype": kind, kind: body,
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False)


def _jddc(text: str) -> Iterator[Said]:
    for line in text.split("\n"):
        if line:
            session, user, by_agent, _, _, _, said = line.split("\t", 6)
            yield Said(session, user, by_agent == "0", said)


def _crosswoz(dialogues: dict[str, dict[str, list[dict[str, str]]]]) -> Iterator[Said]:
    for key, dialogue in dialogues.items():
        for message in dialogue["messages"]:
            yield Said(key, key, message["role"] == "usr", message["content"])


def _helpdesk(dialogues: list[dict[str, object]]) -> Iterator[Said]:
    for item in dialogues:
        key, turns = str(item["id"]), item["turns"]
        for turn in turns if isinstance(turns, list) else ():
            for text in turn["utterances"]:
                yield Said(key, key, turn["sender"] == "customer", text)

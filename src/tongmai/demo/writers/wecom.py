"""The company's talks as WeCom has them: members, customers with who follows them, calls and Moments behind its
interfaces, and the message archive as JSON lines, a file a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from tongmai.demo.chats import Call, Post
from tongmai.demo.people import Colleague, Team
from tongmai.demo.talk import Contact, Message
from tongmai.demo.world import Customer
from tongmai.simulators.wecom import Company


@dataclass
class WeComWriter:
    """Fills the simulated corporation and the folder that the archive's forwarder would fill."""

    teams: Sequence[Team]
    people: Sequence[Colleague]
    contacts: Sequence[Contact]
    messages: Sequence[Message]
    company: Company
    folder: Path
    calls: Sequence[Call] = ()
    posts: Sequence[Post] = ()
    _upto: datetime | None = field(default=None, init=False)

    def bring_up(self, moment: datetime) -> None:
        """Adds all that happened since the last time, up to the moment."""
        if self._upto is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._colleagues()
        for contact in self.contacts:
            if self._is_new(contact.added, moment):
                self.company.customers[contact.external] = _contact(contact)
        self._archive(moment)
        for call in self.calls:
            if self._is_new(call.at, moment):
                self.company.calls.append(_call(call))
        for post in self.posts:
            if self._is_new(post.at, moment):
                self.company.moments.append(_moment(post))
            if post.at <= moment:
                self.company.comments[post.id] = _reactions(post, moment)
        self._upto = moment

    def _is_new(self, at: datetime, moment: datetime) -> bool:
        return at <= moment and (self._upto is None or at > self._upto)

    def _colleagues(self) -> None:
        numbers = {team.key: number for number, team in enumerate(self.teams, 1)}
        self.company.departments = [
            {"id": numbers[each.key], "name": each.name, "parentid": numbers.get(each.parent or "", 0), "order": 1}
            for each in self.teams
        ]
        self.company.members = {
            each.phone: {
                "userid": each.phone, "name": each.name, "mobile": each.phone, "email": each.email,
                "department": [numbers[each.team]], "status": 1,
            }
            for each in self.people
        }  # fmt: skip

    def _archive(self, moment: datetime) -> None:
        days: dict[str, list[bytes]] = defaultdict(list)
        for seq, message in enumerate(self.messages, 1):
            if self._is_new(message.at, moment):
                days[f"{message.at:%Y-%m-%d}"].append(orjson.dumps(_archived(seq, message)))
        for day, lines in days.items():
            # A day goes on in its file: what was read of it is told by the offset.
            with (self.folder / f"{day}.jsonl").open("ab") as file:
                file.write(b"\n".join(lines) + b"\n")


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "external_contact": {
            "external_userid": contact.external, "name": contact.name, "position": contact.position,
            "corp_name": contact.company, "type": 1, "gender": 0,
        },
        "follow_user": [
            {
                "userid": contact.seller.phone, "remark": contact.remark, "createtime": int(contact.added.timestamp()),
                "tags": [], "remark_mobiles": [contact.mobile], "add_way": 1,
            }
        ],
    }  # fmt: skip


def _archived(seq: int, message: Message) -> dict[str, Any]:
    customer, member = message.customer.external, message.customer.seller.phone
    millis = int(message.at.timestamp() * 1000)
    body = {"content": message.text} if message.kind == "text" else {"userid": customer, f"{message.kind}_time": millis}
    return {
        "seq": seq, "msgid": message.id, "action": "send", "from": customer if message.by_customer else member,
        "tolist": [member if message.by_customer else customer], "roomid": "", "msgtime": millis,
        "msgtype": message.kind, message.kind: body,
    }  # fmt: skip


def _call(call: Call) -> dict[str, Any]:
    return {
        "call_time": int(call.at.timestamp()), "total_duration": call.seconds, "call_type": 1,
        "caller": {"userid": call.customer.seller.phone, "duration": call.seconds},
        "callee": [{"phone": call.customer.phone, "duration": call.seconds}],
    }  # fmt: skip


def _moment(post: Post) -> dict[str, Any]:
    return {
        "moment_id": post.id, "creator": post.by.phone, "create_time": int(post.at.timestamp()), "create_type": 1,
        "visible_type": 1, "text": {"content": post.text},
    }  # fmt: skip


def _reactions(post: Post, moment: datetime) -> dict[str, Any]:
    def listed(reactions: Sequence[tuple[Customer, datetime]]) -> list[dict[str, Any]]:
        return [
            {"external_userid": who.external, "create_time": int(at.timestamp())}
            for who, at in reactions
            if at <= moment
        ]

    return {"like_list": listed(post.likes), "comment_list": listed(post.comments)}

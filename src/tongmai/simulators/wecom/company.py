"""A small corporation in memory: its people, customers, talks, calls, Moments and approvals, as WeCom knows them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tongmai.kit import Clock

Json: TypeAlias = dict[str, Any]

MEMBERS = (
    ("zhangsan", "张三", "13800000001", 2),
    ("lisi", "李四", "13800000002", 2),
    ("wangwu", "王五", "13800000003", 3),
)
CUSTOMERS = (
    ("wmSIMCUSTOMER000000000000000001", "陈老板", "宏达机械有限公司"),
    ("wmSIMCUSTOMER000000000000000002", "刘经理", "恒通商贸（上海）有限公司"),
    ("wmSIMCUSTOMER000000000000000003", "赵总", "蓝天食品股份有限公司"),
)
TAG_GROUPS = (("客户等级", ("重点客户", "普通客户")), ("意向", ("已报价", "试用中")))


@dataclass
class Company:
    """``per_minute`` is the rate limit of each interface; ``token_seconds`` how long an access token lives;
    ``archive_notice_seconds`` the least time between two notices of archived messages, 15 with the vendor."""

    clock: Clock
    corp_id: str = "wwsimulated0000001"
    agent_id: int = 1000002
    secret: str = "simulated-app-secret"  # noqa: S105 - a stand-in for trying the product, no key to anything
    archive_secret: str = "simulated-archive-secret"  # noqa: S105 - as above
    token: str = "simulatedtoken"  # noqa: S105 - as above
    encoding_aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    token_seconds: int = 7200
    per_minute: int = 10_000
    page: int = 100
    archive_notice_seconds: float = 0.0
    departments: list[Json] = field(default_factory=list)
    members: dict[str, Json] = field(default_factory=dict)
    customers: dict[str, Json] = field(default_factory=dict)
    tag_groups: list[Json] = field(default_factory=list)
    archive: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    agreed: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    rooms: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    calls: list[Json] = field(default_factory=list)
    moments: list[Json] = field(default_factory=list)
    comments: dict[str, Json] = field(default_factory=dict)
    approvals: dict[str, Json] = field(default_factory=dict)
    sent: list[Json] = field(default_factory=list)
    settled: list[Json] = field(default_factory=list)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    counted: dict[tuple[str, int], int] = field(default_factory=dict)

    @staticmethod
    def sample(clock: Clock) -> Company:
        company = Company(clock)
        company.departments = [
            {"id": 1, "name": "总部", "parentid": 0, "order": 1},
            {"id": 2, "name": "销售一部", "parentid": 1, "order": 1},
            {"id": 3, "name": "销售二部", "parentid": 1, "order": 2},
        ]
        for userid, name, mobile, department in MEMBERS:
            company.members[userid] = {
                "userid": userid,
                "name": name,
                "mobile": mobile,
                "email": f"{userid}@example.com",
                "department": [department],
                "status": 1,
            }
        for group, tags in TAG_GROUPS:
            company.add_tag_group(group, *tags)
        for number, (identity, name, corp) in enumerate(CUSTOMERS):
            company.add_customer(identity, name, corp, MEMBERS[number % len(MEMBERS)][0])
        return company

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def add_customer(self, identity: str, name: str, corp: str, follower: str) -> Json:
        found = self.customers.setdefault(
            identity,
            {
                "external_contact": {
                    "external_userid": identity,
                    "name": name,
                    "corp_name": corp,
                    "type": 1,
                    "gender": 0,
                },
                "follow_user": [],
            },
        )
        if all(each["userid"] != follower for each in found["follow_user"]):
            found["follow_user"].append(
                {"userid": follower, "remark": name, "createtime": self.now(), "tags": [], "add_way": 1}
            )
        return found

    def add_tag_group(self, name: str, *tags: str) -> None:
        """A group of the corporation's tags, which all members may put on their customers."""
        number = len(self.tag_groups) + 1
        listed = [{"id": f"etSIMTAG{number}{place}", "name": tag} for place, tag in enumerate(tags, 1)]
        self.tag_groups.append({"group_id": f"etSIMGROUP{number}", "group_name": name, "tag": listed})

    def new_token(self, secret: str) -> str:
        token = secrets.token_urlsafe(48)
        self.tokens[token] = (secret, self.clock.now().timestamp() + self.token_seconds)
        return token

    def token_fault(self, token: str) -> int:
        """0, or the vendor's code: no token, an unknown one, one that has ended."""
        if not token:
            return 41001
        known = self.tokens.get(token)
        if known is None:
            return 40014
        return 42001 if self.clock.now().timestamp() >= known[1] else 0

    def ticket(self, kind: str) -> str:
        """What pages are signed with: ``corp`` for the corporation, ``agent`` for the application."""
        return f"{kind}-ticket-{self.corp_id}"

    def is_over_limit(self, path: str) -> bool:
        minute = self.now() // 60
        count = self.counted.get((path, minute), 0) + 1
        self.counted[(path, minute)] = count
        return count > self.per_minute

    def say(self, sender: str, to: list[str], kind: str, body: Json, *, room: str = "", at_ms: int = 0) -> Json:
        """A message enters the archive."""
        seq = len(self.archive) + 1
        at = at_ms or int(self.clock.now().timestamp() * 1000)
        ending = "_external" if _ext(sender, to) else ""
        message: Json = {
            "seq": seq,
            "msgid": f"{secrets.randbelow(10**19)}_{at}{ending}",
            "action": "send",
            "from": sender,
            "tolist": to,
            "roomid": room,
            "msgtime": at,
            "msgtype": kind,
            kind: body,
        }
        self.archive.append(message)
        return message

    def speak(self, sender: str, to: list[str], recording: bytes, seconds: int) -> Json:
        """A voice message enters the archive; its recording is fetched by ``sdkfileid``."""
        digest = hashlib.md5(recording, usedforsecurity=False).hexdigest()
        identity = f"CtYBMzA2OT{digest}"
        self.files[identity] = recording
        body = {"voice_size": len(recording), "play_length": seconds, "sdkfileid": identity, "md5sum": digest}
        return self.say(sender, to, "voice", body)

    def agree(self, member: str, customer: str, answer: str, at: int = 0) -> None:
        """``answer``: Agree, Disagree or Default_Agree."""
        self.agreed[(member, customer)] = (answer, at or self.now())


def _ext(sender: str, to: list[str]) -> bool:
    return any(each.startswith(("wm", "wo")) for each in (sender, *to))

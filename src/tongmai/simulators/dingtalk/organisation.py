"""A small organisation in memory: its people, approvals, to-dos, cards, as DingTalk knows them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tongmai.kit import Clock

Json: TypeAlias = dict[str, Any]

PEOPLE = (
    ("manager01", "周经理", "13900000001", 2),
    ("sales01", "吴销售", "13900000002", 2),
    ("sales02", "郑销售", "13900000003", 3),
)
LABELS = (("客户分级", ((1001, "普通"), (1002, "重要"))), ("来源", ((1003, "展会"),)))
CONTACTS = (
    ("ext001", "孙采购", "13700000001", "华兴五金有限公司", "sales01"),
    ("ext002", "李厂长", "13700000002", "德胜机械厂", "sales02"),
)
TEMPLATE = "PROC-SIMULATED-DISCOUNT"


@dataclass
class Organisation:
    """``per_minute`` is the rate limit of each interface; ``token_seconds`` how long an access token lives."""

    clock: Clock
    corp_id: str = "dingsimulated000001"
    app_key: str = "dingsimulatedappkey"
    app_secret: str = "simulated-dingtalk-secret"  # noqa: S105 - a stand-in for trying the product
    token: str = "simulatedtoken"  # noqa: S105 - as above
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    token_seconds: int = 7200
    per_minute: int = 10_000
    departments: list[Json] = field(default_factory=list)
    people: dict[str, Json] = field(default_factory=dict)
    approvals: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    label_groups: list[Json] = field(default_factory=list)
    notifications: list[Json] = field(default_factory=list)
    todos: dict[str, Json] = field(default_factory=dict)
    cards: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    user_tokens: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    counted: dict[tuple[str, int], int] = field(default_factory=dict)

    @staticmethod
    def sample(clock: Clock) -> Organisation:
        made = Organisation(clock)
        made.departments = [
            {"dept_id": 2, "name": "华东销售部", "parent_id": 1},
            {"dept_id": 3, "name": "华南销售部", "parent_id": 1},
            {"dept_id": 4, "name": "华东一组", "parent_id": 2},
        ]
        for userid, name, mobile, department in PEOPLE:
            made.people[userid] = {
                "userid": userid,
                "unionid": f"union-{userid}",
                "name": name,
                "mobile": mobile,
                "email": f"{userid}@example.com",
                "dept_id_list": [department],
                "active": True,
            }
        for group, labels in LABELS:
            listed = [{"id": number, "name": label} for number, label in labels]
            made.label_groups.append({"name": group, "color": -15220075, "labels": listed})
        for userid, name, mobile, company, follower in CONTACTS:
            made.contacts[userid] = {
                "userid": userid,
                "name": name,
                "mobile": mobile,
                "state_code": "86",
                "company_name": company,
                "title": "",
                "address": "",
                "remark": "",
                "follower_user_id": follower,
                "label_ids": [1001],
                "share_dept_ids": [],
                "share_user_ids": [],
            }
        return made

    def milliseconds(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

    def new_token(self) -> str:
        token = secrets.token_hex(16)
        self.tokens[token] = self.clock.now().timestamp() + self.token_seconds
        return token

    def is_token_good(self, token: str) -> bool:
        return self.clock.now().timestamp() < self.tokens.get(token, 0.0)

    def is_over_limit(self, path: str) -> bool:
        minute = self.milliseconds() // 60_000
        count = self.counted.get((path, minute), 0) + 1
        self.counted[(path, minute)] = count
        return count > self.per_minute

    def moment(self) -> str:
        """As the present API writes moments: to the minute, with a zone's letter."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%MZ")

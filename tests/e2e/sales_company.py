"""A company that runs the sales app: four people, and rows on which its boards and panels have something to show.

Made through the command line and the API alone, by the people whom it concerns. Moments are counted from now: the app's
conditions are about yesterday, the last 48 hours and the days behind a due date.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from tests.program import COMMAND, announced, stopped

Row = Mapping[str, object]
# Login, name, role; all of one team, but finance, which is nobody's subordinate.
PEOPLE = (
    ("admin", "管理员", "administrator", None),
    ("zhuguan", "陈主管", "supervisor", "销售一部"),
    ("xiaoshou", "林销售", "sales", "销售一部"),
    ("caiwu", "何财务", "finance", "财务部"),
)
# Whose days the company counts, wherever the tests run.
ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "Kestrel-meadow-42"
_CORE: dict[str, object] = {
    "customer_type": "clinic",
    "industry": "dental",
    "budget_range": "under_50k",
    "decision_role": "owner",
    "key_person": "李院长",
    "phone": "13575550000",
}


@dataclass(frozen=True)
class Company:
    """Where it runs, and the ids of its customers by name."""

    address: str
    customers: dict[str, str]
    passwords: dict[str, str]


@contextmanager
def running_company(data: Path) -> Iterator[Company]:
    """The product with the sales app on an empty data folder; ended with the block."""
    _tongmai(data, "workspace", "create", "sales", "--zh", "绍兴医械", "--en", "Shaoxing Medical")
    _tongmai(data, "app", "install", "sales", "--yes")
    login, name, role, _ = PEOPLE[0]
    _tongmai(data, "user", "add", login, "--name", name, "--role", role, "--password-stdin", given=PASSWORD)
    command = [*COMMAND, "serve", "--json", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_around(data)) as process:
        try:
            address = str(announced(process)["address"])
            yield Company(address, _filled(address), {each[0]: PASSWORD for each in PEOPLE})
        finally:
            stopped(process)


def _around(data: Path) -> dict[str, str]:
    return {**os.environ, "TONGMAI_DATA_DIR": str(data)}


def _tongmai(data: Path, *words: str, given: str | None = None) -> None:
    done = subprocess.run(
        [*COMMAND, *words], env=_around(data), input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class _Desk:
    """The administrator at the API."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=60)
        answer = self._client.post("/api/session", json={"login": PEOPLE[0][0], "password": PASSWORD})
        answer.raise_for_status()
        self._client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def __enter__(self) -> _Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def made(self, path: str, row: Row) -> dict[str, Any]:
        answer = self._client.post(path, json=row)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def record(self, object_key: str, **row: object) -> str:
        return str(self.made(f"/api/records/{object_key}", row)["record"]["id"])

    def wait_for(self, object_key: str, condition: str) -> None:
        """Returns when a record meets the condition; fails after a minute and a half."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            answer = self._client.get(f"/api/records/{object_key}", params={"filter": condition, "limit": "1"})
            if answer.json().get("items"):
                return
            time.sleep(0.3)
        raise AssertionError(f"no {object_key} with {condition}")

    def change(self, object_key: str, record: str, **row: object) -> None:
        answer = self._client.patch(f"/api/records/{object_key}/{record}", json=row, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text


def _filled(address: str) -> dict[str, str]:
    now = datetime.now(UTC)
    with _Desk(address) as desk:
        people = _people(desk)
        seller = people["xiaoshou"]
        customers = {
            name: desk.record("customer", name=name, city=city, owner=seller, **_CORE)
            for name, city in (
                ("绍兴康复医院", "绍兴"),
                ("越城口腔诊所", "绍兴"),
                ("柯桥大药房", "绍兴"),
                ("诸暨中医院", "诸暨"),
            )
        }
        first, second, third, fourth = customers.values()
        _talk(desk, first, second, seller, now)
        _trade(desk, (first, second, third), seller, now)
        desk.record("quote", name="骨科耗材报价", customer=second, amount=86_000, state="sent",
                    sent_at=_at(now, hours=80), owner=seller)  # fmt: skip
        desk.record("approval", name="三季度返利", number="R-1", customer=third, kind="rebate", amount=12_000,
                    node="finance_first", state="running", submitted_at=_at(now, hours=60),
                    node_since=_at(now, hours=52), owner=seller)  # fmt: skip
        today = now.astimezone(ZONE).date()
        for name, customer, late in (("首付款", first, 12), ("二期款", second, -3), ("尾款", fourth, -40)):
            desk.record("payment_plan", name=name, customer=customer, amount=50_000, owner=seller,
                        sign_date=str(today - timedelta(days=90)), due_date=str(today - timedelta(days=late)))  # fmt: skip
        # The boards' conditions are over metrics, which follow the feed: the last rows are in them when these are.
        desk.wait_for("customer", "[messages_yesterday] > 0")
        desk.wait_for("payment_plan", "[overdue_light] = 'green'")
        return customers


def _people(desk: _Desk) -> dict[str, str]:
    """The others with their sign-ins; a supervisor leads his team."""
    teams: dict[str, str] = {}
    found: dict[str, str] = {}
    for login, name, role, team in PEOPLE[1:]:
        if team is not None and team not in teams:
            teams[team] = desk.record("team", name=team)
        found[login] = desk.record("person", name=name, roles=[role], team=teams.get(team or ""))
        desk.made("/api/accounts", {"person": found[login], "login": login, "password": PASSWORD})
    desk.change("team", teams["销售一部"], lead=found["zhuguan"])
    return found


def _talk(desk: _Desk, first: str, second: str, seller: str, now: datetime) -> None:
    """Yesterday's chat of the first customer, whom nobody noted anything about; an older one; two calls."""
    yesterday = datetime.combine(now.astimezone(ZONE).date() - timedelta(days=1), time_of_day(12), ZONE)
    said = (
        (first, "in", "那批钢板能不能这周五前到？手术排在下周一。", yesterday),
        (first, "out", "我问下仓库，今天下班前回您。", yesterday + timedelta(minutes=5)),
        (first, "in", "好的，另外报价单再发我一份。", yesterday + timedelta(minutes=9)),
        (second, "in", "收到报价，我们内部看一下。", now - timedelta(days=6)),
    )
    for customer, direction, text, at in said:
        desk.record("message", customer=customer, direction=direction, text=text, sent_at=at.isoformat(),
                    kind="text", owner=seller)  # fmt: skip
    for text, number, hours in (("确认手术排期", "13800138001", 30), ("李院长：设备科要三家比价", "13800138002", 5)):
        desk.record("call", customer=first, summary=text, number=number, seconds=132, owner=seller,
                    started_at=_at(now, hours=hours))  # fmt: skip


def _trade(desk: _Desk, customers: tuple[str, str, str], seller: str, now: datetime) -> None:
    """What the first store bought most, and new products that the others of its city buy."""
    products = {
        name: desk.record("product", name=name, code=code, category=category, is_new=is_new, price=price)
        for name, code, category, is_new, price in (
            ("接骨板", "JG-1", "骨科", False, 1_200), ("髓内钉", "JG-2", "骨科", False, 2_600),
            ("缝合线", "FH-1", "耗材", False, 35), ("医用口罩", "KZ-1", "耗材", False, 18),
            ("可吸收骨钉", "XP-1", "骨科", True, 4_800), ("三维打印导板", "XP-2", "骨科", True, 6_300),
        )
    }  # fmt: skip
    first, second, third = customers
    bought = (
        (first, 40, (("缝合线", 300), ("接骨板", 60), ("髓内钉", 25), ("医用口罩", 10))),
        (second, 20, (("可吸收骨钉", 12), ("三维打印导板", 4))),
        (third, 10, (("可吸收骨钉", 6), ("缝合线", 50))),
    )
    for at, (customer, days, lines) in enumerate(bought, start=1):
        order = desk.record("order", number=f"SO-{at}", customer=customer, placed=_at(now, days=days), owner=seller)
        for product, quantity in lines:
            desk.record("order_line", order=order, product=products[product], quantity=quantity,
                        amount=quantity * 100, owner=seller)  # fmt: skip


def _at(now: datetime, **before: float) -> str:
    return (now - timedelta(**before)).isoformat()

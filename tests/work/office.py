"""An office for tests of work: two teams under a head, customers, and the rooms over a workspace of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.records.company import Company, found_company, hire

from tongmai.access import Actor
from tongmai.kit import FixedClock, Settings
from tongmai.model import Grant, RoleDef
from tongmai.store import Database, Workspace
from tongmai.work import Channels, Content, Message, Notices, People, Runtime, Subject, Tasks, Undeliverable

CUSTOMER: dict[str, Any] = {
    "key": "customer",
    "label": {"zh": "客户", "en": "Customer"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": "名称", "required": True},
        {"key": "kind", "type": "text", "label": "类型"},
        {"key": "objection", "type": "text", "label": "异议", "options": {"max_length": 20}},
        {"key": "script", "type": "text", "label": "话术"},
        {"key": "amount", "type": "money", "label": "金额"},
        {"key": "coach", "type": "person", "label": "教练"},
        {"key": "helpers", "type": "relation", "label": "协作人", "options": {"target": "person", "many": True}},
        {"key": "parent", "type": "relation", "label": "上级客户", "options": {"target": "customer"}},
    ],
}
ROLES = (
    RoleDef(
        key="sales",
        label={"zh": "销售", "en": "Sales"},  # type: ignore[arg-type]
        grants=(Grant(object="customer", read="own", create=True, update="own"),),
    ),
    RoleDef(
        key="supervisor",
        label={"zh": "主管", "en": "Supervisor"},  # type: ignore[arg-type]
        grants=(
            Grant(object="customer", read="subtree", update="subtree", field_access={"owner": "write"}),
            Grant(object="task", read="subtree", update="subtree"),
            Grant(object="content", read="all", create=True, update="all"),
        ),
    ),
    RoleDef(key="vp", label={"zh": "副总", "en": "VP"}),  # type: ignore[arg-type]
)  # fmt: skip


@dataclass
class Post:
    """A channel that keeps what it was given. ``fails`` is raised that many times first."""

    key: str = "post"
    sent: list[Message] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(message)

    def refuses(self) -> Undeliverable:
        return Undeliverable.of("post.refused", "拒收", "refused")


@dataclass
class Office:
    """``north`` and ``south`` lie under ``head``. ann and bob are in north, cat in south; max leads north, eve head."""

    company: Company
    clock: FixedClock
    settings: Settings
    runtime: Runtime
    channels: Channels
    post: Post
    notices: Notices
    tasks: Tasks
    people: People
    content: Content
    teams: dict[str, UUID]

    @property
    def workspace(self) -> Workspace:
        return self.company.workspace

    def __getitem__(self, name: str) -> Actor:
        return self.company[name]

    def id(self, name: str) -> UUID:
        return self.company[name].id

    def name(self, person: UUID) -> str:
        return next(name for name, actor in self.company.people.items() if actor.id == person)

    async def customer(self, owner: str | None = "ann", **values: Any) -> Subject:
        given = {"name": "仁和医院", **values}
        made = await self.company.make("customer", owner=None if owner is None else str(self.id(owner)), **given)
        return Subject("customer", made, given["name"])

    async def task(self, task: UUID) -> dict[str, Any]:
        return await self.company.get("task", task)

    async def rows(self, sql: str, *args: object) -> list[Mapping[str, Any]]:
        return await self.company.fetch(sql, *args)


async def open_office(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Office:
    company = await found_company(database, workspace, clock, settings, objects=(CUSTOMER,), roles=ROLES)
    head = await company.make("team", name="总部")
    teams = {"head": head}
    for name in ("north", "south"):
        teams[name] = await company.make("team", name=name, parent=str(head))
    for name, team, role in (
        ("ann", "north", "sales"), ("bob", "north", "sales"), ("cat", "south", "sales"),
        ("max", "north", "supervisor"), ("eve", "head", "supervisor"), ("vic", "head", "vp"),
    ):  # fmt: skip
        await hire(company, name, teams[team], role)
    await company.change("team", teams["north"], lead=str(company["max"].id))
    await company.change("team", head, lead=str(company["eve"].id))
    runtime = Runtime(database, company.catalogues, company.gateway, clock)
    post = Post()
    channels = Channels([post])
    notices = Notices(runtime, channels)
    return Office(
        company, clock, settings, runtime, channels, post, notices, Tasks(runtime, notices), People(runtime),
        Content(runtime, notices), teams,
    )  # fmt: skip

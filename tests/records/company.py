"""A small company for the gateway's tests: objects with every kind of field, roles, people in two teams."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tongmai.access import Actor, AnyActor, Person, SystemActor
from tongmai.kit import Clock, Settings
from tongmai.model import Catalogue, Grant, ObjectDef, RoleDef, diff
from tongmai.records import Gateway, Written
from tongmai.schema import CatalogueStore, SchemaEditor, begin_catalogue
from tongmai.store import Database, Workspace

STAGES = [{"key": "lead", "label": "线索"}, {"key": "talk", "label": "谈判"}, {"key": "won", "label": "赢单"}]

CUSTOMER: dict[str, Any] = {
    "key": "customer",
    "label": {"zh": "客户", "en": "Customer"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True, "searchable": True},
        {"key": "code", "type": "text", "label": "客户编码", "unique": True, "indexed": True},
        {"key": "phone", "type": "phone", "label": "电话", "searchable": True},
        {
            "key": "level",
            "type": "choice",
            "label": "等级",
            "options": {"choices": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]},
            "default": "'b'",
        },
        {
            "key": "tags",
            "type": "multi_choice",
            "label": "标签",
            "options": {"choices": [{"key": "vip", "label": "重要"}, {"key": "new", "label": "新"}]},
        },
        {"key": "cost", "type": "money", "label": "成本"},
        {"key": "price", "type": "money", "label": "报价"},
        {"key": "margin", "type": "formula", "label": "毛利", "options": {"text": "price - cost"}},
        {"key": "parent", "type": "relation", "label": "上级客户", "options": {"target": "customer"}},
        {"key": "partners", "type": "relation", "label": "伙伴", "options": {"target": "customer", "many": True}},
        {"key": "extra", "type": "json", "label": "其他"},
        {"key": "cycle", "type": "duration", "label": "周期"},
        {"key": "place", "type": "point", "label": "位置"},
    ],
}
DEAL: dict[str, Any] = {
    "key": "deal",
    "label": {"zh": "商机", "en": "Deal"},
    "title": "title",
    "fields": [
        {"key": "title", "type": "text", "label": "标题", "required": True, "searchable": True},
        {"key": "number", "type": "auto_number", "label": "编号", "options": {
            "pattern": "D-{YYYY}{MM}-{0000}", "reset": "month"}},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}, "indexed": True},
        {"key": "amount", "type": "money", "label": "金额", "indexed": True,
         "hint": {"message": {"zh": "建议填写金额", "en": "Better with an amount"}}},
        {"key": "stage", "type": "choice", "label": "阶段", "options": {"choices": STAGES}, "default": "'lead'"},
        {"key": "closes", "type": "date", "label": "预计日期"},
        {"key": "met", "type": "datetime", "label": "见面时间"},
        {"key": "customer_code", "type": "text", "label": "客户编码", "lookup": {
            "object": "customer", "match": "code", "show": "name"}},
        {"key": "strict_code", "type": "text", "label": "必查编码", "lookup": {
            "object": "customer", "match": "code", "show": "name", "blocks": True}},
    ],
    "validations": [
        {"key": "positive", "formula": "amount IS BLANK OR amount >= 0", "field": "amount",
         "message": {"zh": "金额不能为负", "en": "No negative amount"}},
        {"key": "known", "formula": "stage != 'won' OR customer.code IS NOT BLANK",
         "message": {"zh": "赢单的客户须有编码", "en": "A won deal's customer has a code"}},
    ],
    "uniques": [{"key": "title_customer", "fields": ["title", "customer"]}],
}  # fmt: skip

ROLES = (
    RoleDef(
        key="seller",
        label={"zh": "销售", "en": "Seller"},  # type: ignore[arg-type]
        grants=(
            Grant(object="customer", read="own", create=True, update="own", delete="own",
                  field_access={"cost": "none", "owner": "write"}),
            Grant(object="deal", read="own", create=True, update="own", delete="own"),
            Grant(object="person", read="team", fields="read"),
        ),
    ),
    RoleDef(
        key="supervisor",
        label={"zh": "主管", "en": "Supervisor"},  # type: ignore[arg-type]
        grants=(
            Grant(object="customer", read="team", create=True, update="team",
                  field_access={"phone": "read", "owner": "write"}),
            Grant(object="deal", read="team", update="team"),
            Grant(object="person", read="all", fields="read"),
        ),
    ),
    RoleDef(
        key="clerk",
        label={"zh": "文员", "en": "Clerk"},  # type: ignore[arg-type]
        grants=(Grant(object="customer", read="own", create=True),),
    ),
    RoleDef(
        key="viewer",
        label={"zh": "浏览", "en": "Viewer"},  # type: ignore[arg-type]
        grants=(Grant(object="customer", read="all", fields="read", field_access={"phone": "none", "price": "none"}),),
    ),
)  # fmt: skip


@dataclass
class Company:
    """The gateway over a workspace, with actors by name."""

    database: Database
    workspace: Workspace
    gateway: Gateway
    catalogues: CatalogueStore
    editor: SchemaEditor
    clock: Clock
    system: SystemActor = field(default_factory=lambda: SystemActor("test"))
    people: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    async def make(self, object_key: str, actor: AnyActor | None = None, **values: Any) -> UUID:
        return (await self.gateway.create(actor or self.system, self.workspace, object_key, values)).one.id

    async def change(self, object_key: str, record_id: UUID, actor: AnyActor | None = None, **values: Any) -> Written:
        return await self.gateway.update(actor or self.system, self.workspace, object_key, record_id, values)

    async def list(self, object_key: str, actor: AnyActor | None = None, **options: Any) -> dict[str, Any]:
        found = await self.gateway.list(actor or self.system, self.workspace, object_key, **options)
        return json.loads(found)  # type: ignore[no-any-return]

    async def names(self, object_key: str, actor: AnyActor | None = None, **options: Any) -> list[Any]:
        title = "title" if object_key == "deal" else "name"
        return [item[title] for item in (await self.list(object_key, actor, **options))["items"]]

    async def get(
        self, object_key: str, record_id: UUID, actor: AnyActor | None = None, **options: Any
    ) -> dict[str, Any]:
        found = await self.gateway.get(actor or self.system, self.workspace, object_key, record_id, **options)
        return json.loads(found)  # type: ignore[no-any-return]

    async def history(self, object_key: str, record_id: UUID, actor: AnyActor | None = None) -> list[dict[str, Any]]:
        found = await self.gateway.history(actor or self.system, self.workspace, object_key, record_id)
        return json.loads(found)["items"]  # type: ignore[no-any-return]

    async def query(self, actor: AnyActor | None = None, **query: Any) -> list[dict[str, Any]]:
        found = await self.gateway.query(actor or self.system, self.workspace, query)
        return json.loads(found)["rows"]  # type: ignore[no-any-return]

    async def fetch(self, sql: str, *args: object) -> list[Mapping[str, Any]]:
        async with self.database.read() as tx:
            return list(await tx.fetch(sql.replace("{schema}", self.workspace.quoted_schema), *args))


async def found_company(
    database: Database,
    workspace: Workspace,
    clock: Clock,
    settings: Settings,
    *,
    objects: tuple[dict[str, Any], ...] = (CUSTOMER, DEAL),
    roles: tuple[RoleDef, ...] = ROLES,
) -> Company:
    """The objects and roles in a fresh workspace, without people."""
    catalogues = CatalogueStore(database)
    async with database.write() as tx:
        start = await begin_catalogue(tx, workspace, clock)
    catalogues.put(workspace, start)
    target = Catalogue(
        version=start.version,
        objects=(*start.objects, *(ObjectDef.model_validate(each) for each in objects)),
        roles=(*start.roles, *roles),
    )
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, diff(start, target), None)
    gateway = Gateway(database, catalogues, clock, settings)
    return Company(database, workspace, gateway, catalogues, editor, clock)


async def hire(company: Company, name: str, team: UUID | None, *roles: str) -> Actor:
    """A person with a record, as an actor. Teams in these tests have nobody below."""
    made = await company.make("person", name=name, roles=list(roles), team=None if team is None else str(team))
    mates = [made]
    mates += [known.id for known in company.people.values() if team is not None and known.person.team == team]
    teams = () if team is None else (team,)
    people = tuple(mates)
    actor = Actor(Person(made, name, team, roles, teams, people, people))
    company.people[name] = actor
    for other, known in list(company.people.items()):
        if team is not None and known.person.team == team:
            person = Person(known.id, other, team, known.person.roles, teams, people, people)
            company.people[other] = Actor(person)
    return actor

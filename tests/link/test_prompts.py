"""Only what fits the moment is asked (S0-30): the articles' counter-example is a customer who has just complained of a
late delivery and is met by “complete this customer's industry”."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.link.desk import CUSTOMER, Desk, open_desk

from tongmai.access import Actor
from tongmai.identity import load_actor
from tongmai.kit import FixedClock, NotFound, Settings
from tongmai.link.prompts import Standing
from tongmai.model import ObjectDef, RoleDef, check_catalogue, diff
from tongmai.store import Database, Workspace

TICKET: dict[str, Any] = {
    "key": "ticket", "label": "工单",
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "closed_at", "type": "datetime", "label": "关单时间"},
    ],
}  # fmt: skip
PROMPTS: dict[str, Any] = {
    "items": [
        {"key": "profile", "label": {"zh": "完善客户属性", "en": "Complete the customer"}, "fields": ["city", "credit"]},
        {"key": "address", "label": "核对地址", "fields": ["city"], "when": "TRUE", "after": ["warehouse_moved"]},
        {"key": "contact", "label": "更新联系人", "fields": ["phone"], "when": "TRUE", "after": ["owner_changed"]},
    ],
    "hush": [
        {"label": "刚投诉过", "event": "complaint", "days": 14},
        {"label": "有工单未关闭", "object": "ticket", "by": "customer", "when": "[closed_at] IS BLANK"},
    ],
}  # fmt: skip
ROLES: tuple[dict[str, Any], ...] = (
    {"key": "sales", "label": "销售", "grants": [{"object": "customer", "read": "all", "update": "all"}]},
    {"key": "service", "label": "客服", "grants": [
        {"object": "customer", "read": "all", "update": "all"}, {"object": "ticket", "read": "all"}]},
    {"key": "reader", "label": "旁观", "grants": [{"object": "customer", "read": "all"}]},
)  # fmt: skip


@dataclass
class Asking:
    desk: Desk
    clock: FixedClock
    customer: UUID
    people: dict[str, Actor]

    async def of(self, role: str = "service", record: UUID | None = None) -> Standing:
        return await self.desk.links.prompts.of(
            self.people[role], self.desk.workspace, "customer", record or self.customer
        )

    async def keys(self, role: str = "service") -> list[str]:
        return [each.key for each in (await self.of(role)).asked]

    async def happens(self, event: str) -> None:
        self.clock.advance(timedelta(minutes=5))
        async with self.desk.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {self.desk.workspace.quoted_schema}._event (event, object, record_id, at, key)"
                " VALUES ($1, 'customer', $2, $3, $4)",
                event, self.customer, self.clock.now(), f"{event}:{self.clock.now()}",
            )  # fmt: skip


@pytest.fixture
async def asking(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings
) -> AsyncIterator[Asking]:
    desk = await open_desk(database, workspace, clock, settings)
    catalogue = await desk.catalogues.get(workspace)
    customer = ObjectDef.model_validate({**CUSTOMER, "prompts": PROMPTS})
    objects = tuple(customer if each.key == "customer" else each for each in catalogue.objects)
    wanted = catalogue.replace(
        objects=(*objects, ObjectDef.model_validate(TICKET)),
        roles=(*catalogue.roles, *(RoleDef.model_validate(each) for each in ROLES)),
    )
    await desk.editor.apply(workspace, diff(catalogue, wanted), None)
    people: dict[str, Actor] = {}
    for role in ("sales", "service", "reader"):
        person = await desk.make("person", name=role, roles=[role])
        async with database.read() as tx:
            found = await load_actor(tx, workspace, person)
        assert found is not None
        people[role] = found
    yield Asking(desk, clock, await desk.make("customer", name="宏达机械", phone="13800000001"), people)
    await desk.links.close()


async def test_with_nothing_on_what_is_blank_is_asked_for_until_it_is_filled(asking: Asking) -> None:
    standing = await asking.of()
    assert next((each.key, each.label.en, each.fields) for each in standing.asked) == (
        "profile", "Complete the customer", ("city", "credit"),
    )  # fmt: skip
    values = {"city": "苏州", "credit": "1"}
    await asking.desk.gateway.update(
        asking.desk.system, asking.desk.workspace, "customer", asking.customer, values
    )  # fmt: skip
    assert "profile" not in await asking.keys()


async def test_after_a_complaint_nobody_is_asked_for_anything_for_two_weeks(asking: Asking) -> None:
    await asking.happens("complaint")
    standing = await asking.of()
    assert (standing.asked, standing.is_hushed, [each.zh for each in standing.reasons]) == ((), True, ["刚投诉过"])
    asking.clock.advance(timedelta(days=15))
    assert "profile" in await asking.keys()


async def test_what_belongs_to_what_was_just_heard_comes_first_the_latest_before_also_after_a_complaint(
    asking: Asking,
) -> None:
    await asking.happens("warehouse_moved")
    await asking.happens("owner_changed")
    assert await asking.keys() == ["contact", "address", "profile"]
    await asking.happens("complaint")
    standing = await asking.of()
    assert [(each.key, each.because) for each in standing.asked] == [
        ("contact", "owner_changed"), ("address", "warehouse_moved"),
    ]  # fmt: skip
    asking.clock.advance(timedelta(days=4))
    assert await asking.keys() == []


async def test_an_open_ticket_hushes_also_who_may_not_see_it_without_telling_him(asking: Asking) -> None:
    ticket = await asking.desk.make("ticket", customer=str(asking.customer))
    for role, reasons in (("service", ["有工单未关闭"]), ("sales", [])):
        standing = await asking.of(role)
        assert (standing.asked, standing.is_hushed, [each.zh for each in standing.reasons]) == ((), True, reasons)
    now = asking.clock.now().isoformat()
    await asking.desk.gateway.update(
        asking.desk.system, asking.desk.workspace, "ticket", ticket, {"closed_at": now}
    )  # fmt: skip
    assert "profile" in await asking.keys("sales")


async def test_who_may_not_change_the_record_is_asked_for_nothing(asking: Asking) -> None:
    assert (await asking.of("reader")).asked == ()
    with pytest.raises(NotFound):
        await asking.of("service", UUID(int=1))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": [{"key": "a", "label": "甲", "fields": ["nothing"]}]}, "entry.unknown_field"),
        ({"items": [{"key": "a", "label": "甲", "fields": ["city"], "when": "[city] +"}]}, None),
        ({"items": [{"key": "a", "label": "甲", "fields": ["city"]}] * 2}, "prompt.duplicate_key"),
        ({"hush": [{"label": "乙", "object": "none", "by": "customer"}]}, "prompt.unknown_object"),
        ({"hush": [{"label": "乙", "object": "ticket", "by": "closed_at"}]}, "prompt.by"),
    ],
)
async def test_prompts_that_cannot_work_are_refused_with_the_place(
    asking: Asking, change: dict[str, Any], code: str | None
) -> None:
    catalogue = await asking.desk.catalogues.get(asking.desk.workspace)
    odd = ObjectDef.model_validate({**CUSTOMER, "prompts": {**PROMPTS, **change}})
    objects = tuple(odd if each.key == "customer" else each for each in catalogue.objects)
    faults = list(check_catalogue(catalogue.replace(objects=objects)))
    assert [each for each in faults if "customer" in (each.field or "") and code in (None, each.code)]


def test_a_hush_is_either_an_event_or_records() -> None:
    for odd in ({"label": "丙"}, {"label": "丙", "event": "complaint", "object": "ticket", "by": "customer"}):
        with pytest.raises(ValueError, match="either event"):
            ObjectDef.model_validate({**CUSTOMER, "prompts": {**PROMPTS, "hush": [odd]}})

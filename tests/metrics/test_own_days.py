"""A company's own working days move the windows that count them, and every value with them."""

from __future__ import annotations

from datetime import date

from tongmai.model import CalendarDef, ChangeCalendar, Changeset

from .shop import Shop, metric
from .test_values import ago


async def test_another_calendar_has_every_value_computed_anew(shop: Shop) -> None:
    # It is Monday; the last two working days before it are Thursday and Friday.
    customer = await shop.make("customer", name="甲")
    for days in (3, 4, 5):  # Friday, Thursday, Wednesday
        await shop.make("order", customer=customer, placed=ago(days=days), amount=1)
    await shop.define(
        metric("recent", "count", window={"kind": "rolling_working", "days": 3}),
        metric("apart", {"kind": "max", "value": "WORKDAYS_BETWEEN(DATE(placed), '2026-11-02')"}),
    )
    await shop.full()
    before = await shop.values("recent", "apart")
    thursday = date(2026, 10, 29)
    closed = Changeset(actions=(ChangeCalendar(after=CalendarDef(closed=(thursday,))),))
    applied = await shop.editor.apply(shop.workspace, closed, None)
    await shop.refresh()
    refreshed = await shop.values("recent", "apart")
    await shop.full()
    assert refreshed == await shop.values("recent", "apart")
    assert refreshed["甲"] == (before["甲"][0] + 1, before["甲"][1] - 1)
    await shop.editor.undo(shop.workspace, applied.id, None)
    await shop.refresh()
    assert await shop.values("recent", "apart") == before

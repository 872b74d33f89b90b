"""Values and classes on the edges of weeks, months, working days and leap days, and when news comes late.

``test_windows`` tells what a window means; here stand the values that people see, refreshed step by step as time goes
on, which must be those of a full computation at each step.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tongmai.metrics import Segments
from tongmai.model import SegmentDef

from .shop import Shop, metric

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
WEEK: dict[str, Any] = {"kind": "calendar", "unit": "week"}
MONTH: dict[str, Any] = {"kind": "calendar", "unit": "month"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def customer(shop: Shop, *placed: str, now: str) -> UUID:
    """A customer with an order at each of the moments, made at ``now``."""
    shop.clock.moment = at(now)
    found = await shop.make("customer", name="甲")
    for each in placed:
        await shop.make("order", customer=found, placed=at(each), amount=1)
    return found


async def seen(shop: Shop, now: datetime | str, *metrics: str) -> Any:
    """The values after a refresh at ``now``; a full computation must not change them."""
    shop.clock.moment = now if isinstance(now, datetime) else at(now)
    await shop.refresh()
    refreshed = await shop.values(*metrics)
    await shop.metrics.full(shop.workspace)
    assert await shop.values(*metrics) == refreshed
    return refreshed["甲"]


async def test_a_week_ends_with_sunday_to_the_last_microsecond(shop: Shop) -> None:
    """2026-11-01 is a Sunday; what was ordered on its last microsecond is last week's a microsecond later."""
    await shop.define(
        metric("this_week", "count", window=WEEK), metric("last_week", "count", window={**WEEK, "back": 1})
    )
    await customer(shop, "2026-10-26T00:00", "2026-11-01T23:59:59.999999", "2026-11-02T00:00", now="2026-10-25T12:00")
    monday = at("2026-11-02T00:00")
    assert await seen(shop, "2026-10-25T23:59:59", "this_week", "last_week") == (0, 0)
    assert await seen(shop, "2026-10-26T00:00", "this_week", "last_week") == (1, 0)
    assert await seen(shop, monday - TICK, "this_week", "last_week") == (2, 0)
    assert await seen(shop, monday, "this_week", "last_week") == (1, 2)
    assert await seen(shop, monday + timedelta(days=7), "this_week", "last_week") == (0, 1)


async def test_a_month_ends_in_the_workspaces_zone_not_in_utc(shop: Shop) -> None:
    """In Shanghai a day begins at 16:00 UTC: an order at 2026-10-31 17:00 UTC is of November."""
    await shop.define(
        metric("this_month", "count", window=MONTH), metric("last_month", "count", window={**MONTH, "back": 1})
    )
    await customer(shop, "2026-10-31T23:59:59", "2026-11-01T01:00", now="2026-10-31T12:00")
    assert await seen(shop, "2026-10-31T23:59:59", "this_month", "last_month") == (1, 0)
    assert await seen(shop, "2026-11-01T01:00", "this_month", "last_month") == (1, 1)
    assert await seen(shop, "2026-12-01T00:00", "this_month", "last_month") == (0, 1)
    assert await seen(shop, "2027-01-01T00:00", "this_month", "last_month") == (0, 0)


async def test_february_has_its_leap_day(shop: Shop) -> None:
    """2028 has a 29 February; the same month of the year before does not, and ends with its 28th."""
    await shop.define(
        metric("february", "count", window={**MONTH, "back": 1}),
        metric("this_month", "count", window=MONTH, comparison={"kind": "same_period_last_year"}),
        metric("recency", "days_since", where="state IS BLANK"),
    )
    await customer(
        shop, "2027-02-28T23:00", "2027-03-01T01:00", "2028-02-28T08:00", "2028-02-29T08:00", now="2027-02-01T08:00"
    )
    told = ("february", "this_month", "this_month__base", "recency")
    # At 09:00 on the 29th the comparison is with 2027-02-28 09:00: the order of that evening is not in it yet.
    assert await seen(shop, "2028-02-29T09:00", *told) == (0, 2, 0, 0)
    assert await seen(shop, "2028-03-01T00:00", *told) == (2, 0, 0, 1)
    assert await seen(shop, "2028-03-01T02:00", *told) == (2, 0, 1, 1)
    # From the 28th one looks back on the 28th: the leap day lies behind it. It was 365 days ago.
    assert await seen(shop, "2029-02-28T12:00", *told) == (0, 0, 1, 365)


async def test_national_day_adds_no_working_days_and_its_make_up_days_do(shop: Shop) -> None:
    """2025: 1 to 8 October are free; Sunday 28 September and Saturday 11 October are worked instead."""
    await shop.define(metric("lately", "count", window={"kind": "rolling_working", "days": 3}))
    await customer(shop, "2025-09-28T11:00", "2025-09-30T10:00", now="2025-09-28T12:00")
    assert await seen(shop, "2025-09-30T12:00", "lately") == 2
    # Three working days back from Wednesday the 1st (free) is the midnight of Sunday the 28th: eight days later too.
    assert await seen(shop, "2025-10-01T12:00", "lately") == 2
    assert await seen(shop, "2025-10-08T23:59", "lately") == 2
    # Thursday 9 October is the first working day: back to Sunday the 28th at the same hour.
    assert await seen(shop, "2025-10-09T10:59", "lately") == 2
    assert await seen(shop, "2025-10-09T11:01", "lately") == 1
    # Friday the 10th, and the worked Saturday the 11th: the order of the 30th is three working days old at 10:00.
    assert await seen(shop, "2025-10-11T09:59", "lately") == 1
    assert await seen(shop, "2025-10-11T10:01", "lately") == 0


async def test_an_order_that_is_entered_late_counts_from_its_own_moment(shop: Shop) -> None:
    """Entered on Tuesday for Sunday: it is last week's at once, and no past evaluation knew of it."""
    await shop.define(
        metric("this_week", "count", window=WEEK),
        metric("last_week", "count", window={**WEEK, "back": 1}),
        metric("recency", "days_since"),
    )
    found = await customer(shop, "2026-10-20T10:00", now="2026-10-20T10:00")
    told = ("this_week", "last_week", "recency")
    assert await seen(shop, "2026-11-03T08:00", *told) == (0, 0, 14)
    await shop.make("order", customer=found, placed=at("2026-11-01T20:00"), amount=1)
    assert await seen(shop, "2026-11-03T08:00", *told) == (0, 1, 2)
    # And one that is entered before its time counts when that has come.
    await shop.make("order", customer=found, placed=at("2026-11-03T09:00"), amount=1)
    assert await seen(shop, "2026-11-03T08:59", *told) == (0, 1, 2)
    assert await seen(shop, "2026-11-03T09:00", *told) == (1, 1, 0)


def quiet(**more: Any) -> SegmentDef:
    parts = {
        "key": "quiet", "label": "静默", "object": "customer",
        "classes": [{"key": "busy", "label": "忙", "when": "this_week >= 1"}, {"key": "idle", "label": "闲"}],
    }  # fmt: skip
    return SegmentDef.model_validate({**parts, **more})


async def evaluated(shop: Shop, now: datetime | str) -> list[tuple[str | None, str | None]]:
    """The moves that an evaluation at ``now`` makes."""
    shop.clock.moment = now if isinstance(now, datetime) else at(now)
    await shop.refresh()
    await Segments(shop.metrics).evaluate(shop.workspace)
    rows = await shop.fetch(
        "SELECT from_class, to_class FROM {schema}._segment_move WHERE at = $1 ORDER BY id", shop.clock.now()
    )
    return [(row["from_class"], row["to_class"]) for row in rows]


async def test_a_class_that_reads_the_week_changes_with_monday(shop: Shop) -> None:
    await shop.define(metric("this_week", "count", window=WEEK), quiet())
    await customer(shop, "2026-10-28T10:00", now="2026-10-28T10:00")
    monday = at("2026-11-02T00:00")
    assert await evaluated(shop, "2026-10-28T10:00") == [(None, "busy")]
    assert await evaluated(shop, monday - TICK) == []
    assert await evaluated(shop, monday) == [("busy", "idle")]


async def test_late_news_moves_a_record_when_it_comes_and_a_replay_knows_when_that_was(shop: Shop) -> None:
    """An order of Monday that is entered on Wednesday: nobody knew on Tuesday, neither then nor in a replay."""
    segment = quiet()
    await shop.define(metric("this_week", "count", window=WEEK), segment)
    found = await customer(shop, now="2026-11-02T08:00")
    moments = [at(f"2026-11-0{day}T18:00") for day in (2, 3, 4, 9)]
    live = []
    for moment in moments:
        if moment.day == 4:
            shop.clock.moment = moment - timedelta(hours=1)
            await shop.make("order", customer=found, placed=at("2026-11-02T10:00"), amount=1)
        live += [(moment, *move) for move in await evaluated(shop, moment)]
    assert live == [(moments[0], None, "idle"), (moments[2], "idle", "busy"), (moments[3], "busy", "idle")]
    replayed = await Segments(shop.metrics).replay(shop.workspace, segment, moments)
    assert [(each.at, each.from_class, each.to_class) for each in replayed] == live


async def test_a_minimum_stay_over_a_leap_day_counts_it(shop: Shop) -> None:
    """Three days from 27 February 2028 18:00 end on 1 March 18:00."""
    await shop.define(metric("this_week", "count", window=MONTH), quiet(minimum_stay=3))
    found = await customer(shop, now="2028-02-27T18:00")
    assert await evaluated(shop, "2028-02-27T18:00") == [(None, "idle")]
    shop.clock.moment = at("2028-02-28T09:00")
    await shop.make("order", customer=found, placed=at("2028-02-28T09:00"), amount=1)
    await shop.make("order", customer=found, placed=at("2028-03-01T09:00"), amount=1)
    assert await evaluated(shop, "2028-02-28T09:00") == []
    assert await evaluated(shop, "2028-03-01T17:59:59") == []
    assert await evaluated(shop, "2028-03-01T18:00") == [("idle", "busy")]

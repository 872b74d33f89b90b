"""What was told is kept for its time and then goes; what still waits or failed never does."""

from __future__ import annotations

from datetime import timedelta

from tongmai.kit import FixedClock, Text
from tongmai.work import Deliveries, Inbox, Notice
from tongmai.work.retention import clear_old

from .office import Office


async def test_only_what_is_past_its_time_goes(office: Office, clock: FixedClock) -> None:
    inbox, ann = Inbox(office.runtime), office.id("ann")
    for key in ("seen", "unseen", "failed"):
        await office.notices.send(office.workspace, Notice((ann,), Text.same(key)), key=key)
        if key == "failed":
            office.post.fails.append(office.post.refuses())
        await Deliveries(office.runtime, office.channels).advance(office.workspace)
    listed = {each.title.zh: each.id for each in await inbox.list(office.workspace, ann)}
    await inbox.mark_seen(office.workspace, ann, [listed["seen"], listed["failed"]])
    assert await clear_old(office.runtime, office.workspace) == 0
    clock.advance(timedelta(days=181))
    await clear_old(office.runtime, office.workspace)
    assert {each.title.zh for each in await inbox.list(office.workspace, ann)} == {"unseen", "failed"}
    clock.advance(timedelta(days=185))
    await clear_old(office.runtime, office.workspace)
    assert {each.title.zh for each in await inbox.list(office.workspace, ann)} == {"failed"}
    (row,) = await office.rows("SELECT count(*) AS n FROM {schema}._alert_budget")
    assert row["n"] == 0

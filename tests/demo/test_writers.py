"""What the systems hold at a moment: no more than had happened, and the same however often they were brought up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tongmai.demo.people import TEAMS, staff
from tongmai.demo.telling import Story
from tongmai.demo.world import World
from tongmai.demo.writers import DingTalkWriter, U8Writer, WeComWriter
from tongmai.kit import FixedClock
from tongmai.simulators.dingtalk import Organisation
from tongmai.simulators.u8 import TABLES
from tongmai.simulators.wecom import Company

END = datetime(2026, 11, 20, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HALF = END - timedelta(days=60)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story.of(World(5, END, 80, 200))


def _rows(u8: U8Writer, table: str) -> list[tuple[object, ...]]:
    names = [name for name, kind in TABLES[table].items() if kind != "rowversion"]
    listed = ", ".join(f'"{name}"' for name in names)
    return sorted(u8.book.connection.execute(f'SELECT {listed} FROM "{table}"').fetchall(), key=str)


def _u8(story: Story) -> U8Writer:
    return U8Writer(story.world, story.orders, story.invoices, story.approvals)


@pytest.mark.parametrize("table", [each for each in TABLES if each != "CurrentStock"])
def test_u8_in_two_steps_holds_what_it_holds_in_one(story: Story, table: str) -> None:
    once, twice = _u8(story), _u8(story)
    once.bring_up(END)
    twice.bring_up(HALF)
    assert len(_rows(twice, table)) <= len(_rows(once, table))
    twice.bring_up(END)
    assert _rows(twice, table) == _rows(once, table)
    assert _rows(once, table)


def test_u8_knows_nothing_of_tomorrow(story: Story) -> None:
    u8 = _u8(story)
    u8.bring_up(HALF)
    latest = u8.book.connection.execute(
        'SELECT max("dDate") FROM "SO_SOMain" UNION SELECT max("dVouchDate") FROM "Ap_CloseBill"'
    ).fetchall()
    assert all(moment <= f"{HALF:%Y-%m-%d %H:%M:%S}" for (moment,) in latest)


def test_a_day_of_the_archive_goes_on_in_its_file(story: Story, tmp_path: Path) -> None:
    clock = FixedClock(END)
    wecom = WeComWriter(
        TEAMS, staff(), story.world.contacts(), story.messages, Company(clock), tmp_path, story.calls, story.posts
    )
    wecom.bring_up(HALF)
    before = {each.name: each.read_bytes() for each in tmp_path.glob("*.jsonl")}
    wecom.bring_up(END)
    assert all((tmp_path / name).read_bytes().startswith(content) for name, content in before.items())
    lines = [json.loads(line) for file in sorted(tmp_path.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    assert len(lines) == len(story.messages)
    assert [each["seq"] for each in lines] == sorted(each["seq"] for each in lines)
    text = next(each for each in lines if each["msgtype"] == "text")
    assert {"msgid", "action", "from", "tolist", "roomid", "msgtime", "msgtype", "text"} <= text.keys()


def test_an_approval_lies_with_finance_until_it_is_decided(story: Story) -> None:
    """S0-47: the node is told by which task runs."""
    dingtalk = DingTalkWriter(story.approvals, Organisation(FixedClock(END)))
    rebate = next(each for each in story.approvals if len(each.steps) == 3 and each.ended is not None)
    dingtalk.bring_up(rebate.steps[1].begun)
    running = dingtalk.organisation.approvals[rebate.id]
    assert running["status"] == "RUNNING"
    assert [each["status"] for each in running["tasks"]] == ["COMPLETED", "RUNNING"]
    assert "finishTime" not in running
    dingtalk.bring_up(END)
    assert dingtalk.organisation.approvals[rebate.id]["status"] == "COMPLETED"

"""The tour of the README, walked by each role in a small demo company: from a red customer to what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import UI, Visitor, serious_faults, visiting
from .running import Program, running_demo

CUSTOMERS = 500
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    if not UI.exists():
        pytest.skip("the screens are not built: make ui")
    with running_demo(tmp_path_factory.mktemp("tour"), "--customers", str(CUSTOMERS), "--days", "130") as program:
        yield program


@pytest.fixture
def guest(browser: Browser, demo: Program) -> Iterator[Visitor]:
    with visiting(browser, demo) as opened:
        yield opened


def customers_of(page: Page) -> int:
    page.goto("/records/customer")
    told = page.get_by_text(re.compile(r"共 [\d,]+ 条"))
    expect(told).to_be_visible()
    return int(re.sub(r"\D", "", told.inner_text()))


def test_a_sales_person_goes_from_a_red_customer_to_what_was_done(guest: Visitor) -> None:
    page = guest.signed_in("xiaoshou")
    page.goto("/records/customer?filter=" + quote("[customer_health] IN ('red', 'yellow')"))
    one = page.get_by_role("gridcell").nth(1)
    name = one.inner_text()
    one.click()
    page.get_by_role("link", name="打开整页").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    # The colour explains itself, and the latest call is there.
    page.get_by_text("为什么是这个颜色").click()
    expect(page.get_by_text("达标指标数").first).to_be_visible()
    expect(page.get_by_role("heading", name="最新通话记录")).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_label("跟进状态", exact=True).click()
    page.get_by_title("沟通中", exact=True).click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    # What changed is in the record's history, with who did it.
    page.get_by_role("tab", name="历史").click()
    expect(page.get_by_text("林悦").first).to_be_visible()
    expect(page.get_by_text("沟通中").first).to_be_visible()


def test_a_supervisor_unblocks_the_morning_and_sees_the_own_team_only(guest: Visitor) -> None:
    """S0-43 to S0-48, S2-52: chats only in scope, and each look is kept."""
    page = guest.signed_in("zhuguan")
    page.goto("/boards/heat_map_board")
    chat = page.get_by_role("button", name=re.compile("^调取聊天")).first
    expect(chat).to_be_visible()
    assert serious_faults(page) == []
    chat.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    seller, director = guest.signed_in("xiaoshou"), guest.signed_in("zongjian")
    assert customers_of(seller) < customers_of(page) < customers_of(director) == CUSTOMERS
    admin = guest.signed_in("admin")
    admin.goto("/build/audit")
    admin.get_by_label("类型").click()
    admin.get_by_title("查看", exact=True).click()
    expect(admin.get_by_role("row").filter(has_text="陈国栋").filter(has_text="聊天消息").first).to_be_visible()


def test_a_director_sees_the_effect_and_operations_try_a_rule_on_the_past(guest: Visitor) -> None:
    page = guest.signed_in("zongjian")
    page.goto("/boards/customer_health_board")
    for each in ("四色分级", "其中已触达", "当月恢复采购", "各负责人的红标"):
        expect(page.get_by_text(each).first).to_be_visible()
    operations = guest.signed_in("yunying")
    operations.goto("/build/rules?item=chatted_not_updated")
    operations.get_by_role("button", name="用历史试运行").click()
    operations.get_by_text("近 30 天").click()
    operations.get_by_text("现有数据", exact=True).click()
    operations.get_by_role("button", name="开始试运行").click()
    expect(operations.get_by_text("每天触发多少次")).to_be_visible()
    expect(operations.get_by_text("触发次数").first).to_be_visible()

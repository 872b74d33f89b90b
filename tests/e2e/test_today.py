"""The day of a sales person and the supervisor's meeting: what rules found in the example rows, done where it stands."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect

from .conftest import Visitor, serious_faults
from .test_components import sent

pytestmark = pytest.mark.e2e


def test_what_the_rules_found_is_on_the_first_page_with_its_reason(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/")
    urgent = page.locator(".work-row").filter(has_text="天没有沟通").first
    expect(urgent).to_be_visible(timeout=60_000)
    urgent.get_by_role("button", name="为什么").click()
    why = page.get_by_role("tooltip")
    expect(why).to_contain_text("重点客户沉默")
    expect(why).to_contain_text("客户等级")
    assert serious_faults(page) == []


def test_a_task_is_done_by_filling_in_what_it_asks_for(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/")
    task = page.locator(".work-row").filter(has_text="回访").first
    expect(task).to_be_visible(timeout=60_000)
    title = task.locator("b").first.inner_text()
    task.get_by_role("button", name="填写并完成").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("最近沟通日期").fill("2026-11-20")
    dialog.get_by_label("最近沟通日期").press("Enter")
    dialog.get_by_label("备注").fill("已电话回访")
    dialog.get_by_role("button", name="完成").click()
    expect(page.get_by_text("已完成").first).to_be_visible()
    expect(page.locator(".work-row").filter(has_text=title)).to_have_count(0)
    name = title.removeprefix("回访 ")
    page.goto(f"/records/customer?search={name}")
    page.get_by_role("gridcell", name=name).click()
    expect(page.get_by_label("备注")).to_have_value("已电话回访")


def test_a_task_is_skipped_only_with_a_reason_that_stays_in_its_history(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/")
    task = page.locator(".work-row").filter(has_text="回访").last
    expect(task).to_be_visible(timeout=60_000)
    title = task.locator("b").first.inner_text()
    task.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="跳过").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="跳过")).to_be_disabled()
    dialog.get_by_label("原因").fill("客户出差，下周再约")
    assert serious_faults(page) == []
    dialog.get_by_role("button", name="跳过").click()
    expect(page.locator(".work-row").filter(has_text=title)).to_have_count(0)


def test_a_signal_is_dismissed_only_with_a_reason(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/signals")
    signal = page.locator(".work-row").filter(has_text="已过预计成交日期").first
    expect(signal).to_be_visible(timeout=60_000)
    title = signal.locator("b").first.inner_text()
    signal.get_by_role("button", name="忽略").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="忽略")).to_be_disabled()
    dialog.get_by_label("原因").fill("客户已改期")
    dialog.get_by_role("button", name="忽略").click()
    expect(page.locator(".work-row").filter(has_text=title)).to_have_count(0)


def test_a_record_opened_from_a_signal_leads_back_to_the_signals(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/signals")
    signal = page.locator(".work-row").first
    expect(signal).to_be_visible(timeout=60_000)
    link = signal.locator("p").get_by_role("link")
    page.keyboard.press("Tab")
    link.focus()
    expect(link).to_have_css("outline-color", "rgb(47, 91, 215)")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/records/.*record="))
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(page).to_have_url(re.compile("/signals$"))
    # Who goes on to another record of the list is in the list.
    page.locator(".work-row p").get_by_role("link").first.click()
    page.get_by_role("gridcell").nth(1).click()
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(page).to_have_url(re.compile("/records/[a-z]+$"))


def test_who_works_by_keys_goes_on_at_the_next_signal(visitor: Visitor) -> None:
    seller = visitor.signed_in("xiaoshou")
    mark = f"按键{secrets.token_hex(3)}"
    for number in range(5):
        sent(seller, "/api/records/customer", {"name": f"{mark}{number}", "level": "a", "last_contact": "2026-01-04"})
    seller.goto("/signals")
    group = seller.get_by_role("listitem", name="重点客户沉默")
    head = group.get_by_role("button", name=re.compile("重点客户沉默"))
    expect(head).to_be_visible(timeout=60_000)
    head.focus()
    seller.keyboard.press("Enter")
    row = group.locator(".work-row").filter(has_text=mark).first
    expect(row).to_be_visible(timeout=60_000)
    title = row.locator("b").first.inner_text()
    row.get_by_role("button", name="已处理").focus()
    seller.keyboard.press("Enter")
    expect(group.locator(".work-row").filter(has_text=title)).to_have_count(0)
    expect(group.locator(".work-row").locator(":focus")).to_have_count(1)


def test_the_morning_meeting_keeps_its_time_and_notes_what_was_said(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.clock.install()
    page.goto("/meeting")
    page.get_by_role("button", name="开始晨会").click()
    expect(page.get_by_text("第 1 项，共 3 项")).to_be_visible()
    page.clock.fast_forward(91_000)
    expect(page.get_by_text("90 秒到了")).to_be_visible()
    decision = f"催合同{secrets.token_hex(3)}"
    page.get_by_label("卡点原因").fill("等合同")
    page.get_by_label("决定做什么").fill(decision)
    assert serious_faults(page) == []
    page.get_by_role("button", name="记下结论，下一项").click()
    expect(page.get_by_text("第 2 项，共 3 项")).to_be_visible()
    # Who looks something up in between finds the meeting going on.
    page.get_by_role("link", name="信号", exact=True).click()
    page.get_by_role("link", name="晨会", exact=True).click()
    expect(page.get_by_text("第 2 项，共 3 项")).to_be_visible()
    page.clock.fast_forward(15 * 60_000)
    expect(page.get_by_text("15 分钟到了")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_text(f"卡点：等合同；决定：{decision}")).to_be_visible()
    page.goto(f"/records/task?search={decision}")
    expect(page.get_by_role("gridcell").filter(has_text=decision).first).to_be_visible()


def test_a_board_opens_into_the_records_behind_a_figure(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/boards/overview")
    figure = page.get_by_role("region", name="30 天未沟通")
    count = figure.locator("b").inner_text()
    assert serious_faults(page) == []
    figure.get_by_role("button").click()
    expect(page).to_have_url(re.compile("/records/customer"))
    expect(page.get_by_text(f"共 {count} 条")).to_be_visible()
    page.goto("/health")
    expect(page.get_by_role("tab", name=re.compile("风险"))).to_be_visible()
    assert serious_faults(page) == []


def test_the_first_page_fits_a_phone(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou", phone=True)
    page.goto("/")
    expect(page.locator(".work-row").first).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_faults(page) == []


def test_a_supervisor_deals_with_many_of_a_rule_at_once(visitor: Visitor) -> None:
    """Five customers of one of his people fell silent: one group to him, from which he chooses two."""
    seller = visitor.signed_in("xiaoshou")
    mark = f"沉默{secrets.token_hex(3)}"
    for number in range(5):
        customer = {"name": f"{mark}{number}", "level": "a", "last_contact": "2026-01-05"}
        sent(seller, "/api/records/customer", customer)
    page = visitor.signed_in("zhuguan")
    page.goto("/")
    team = page.get_by_role("region", name="团队在办")
    person = team.get_by_role("button", name=re.compile("林销售"))
    expect(person).to_be_visible(timeout=60_000)
    team.get_by_text("按规则").click()
    group = team.get_by_role("listitem", name="重点客户沉默")
    group.get_by_role("button", name=re.compile("重点客户沉默")).click()
    rows = group.locator(".work-row").filter(has_text=mark)
    expect(rows).to_have_count(5, timeout=60_000)
    assert serious_faults(page) == []

    for number in (1, 3):
        group.get_by_role("checkbox", name=f"选择 {mark}{number}").check()
    group.get_by_role("toolbar").get_by_role("button", name="忽略").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("客户装修停业")
    dialog.get_by_role("button", name="忽略").click()
    expect(page.get_by_text("2 件已办")).to_be_visible()
    expect(rows).to_have_count(3)
    condition = f"subject IN ('{mark}1', '{mark}3')"
    dismissed = page.request.get("/api/records/signal", params={"filter": condition}).json()["items"]
    assert [(each["state"], each["reason"]) for each in dismissed] == [("dismissed", "客户装修停业")] * 2


def test_many_of_a_rule_fit_a_phone_and_unfold(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou", phone=True)
    page.goto("/")
    group = page.locator(".work-group").first
    expect(group.locator(".work-row")).to_have_count(3, timeout=60_000)
    group.get_by_role("button", name=re.compile("展开其余")).click()
    expect(group.get_by_role("toolbar")).to_be_visible()
    expect(group.locator(".work-row").nth(3)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_faults(page) == []

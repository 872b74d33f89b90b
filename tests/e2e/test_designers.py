"""Rules made and tried on the past in the browser; every change is shown before it is in force, and taken back after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e


def fill_rule(page: Page, name: str) -> None:
    page.goto("/build/rules?item=new")
    page.get_by_label("中文名称").first.fill(name)
    page.get_by_label("针对哪个对象").click()
    page.locator(".ant-select-item-option").get_by_text("客户", exact=True).click()
    condition = page.get_by_label("客户满足的条件")
    condition.press_sequentially("[未沟")
    # What can stand there is offered while one types.
    page.get_by_role("option", name="未沟通天数").click()
    expect(condition).to_have_value("[未沟通天数]")
    condition.press("End")
    condition.press_sequentially(" > 20")
    page.get_by_role("textbox", name="标题（中文）", exact=True).fill("{name} 该联系了")
    expect(page.get_by_text(re.compile(r"现在有 \d+ 条客户符合"))).to_be_visible()


def test_a_rule_is_made_in_sentences_tried_on_the_past_and_taken_back(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    fill_rule(page, "三周未联系")
    expect(page.locator(".sentence-parts")).to_contain_text(
        "如果 未沟通天数 多于 20则 向负责人发出黄色信号“{客户名称} 该联系了”"
    )
    assert serious_faults(page) == []

    page.get_by_role("button", name="用历史试运行").click()
    page.get_by_text("现有数据", exact=True).click()
    outcome = page.get_by_label("什么算说中了").last
    outcome.fill("[未沟通天数] < 7")
    page.get_by_role("button", name="开始试运行").click()
    result = page.get_by_role("region", name="试运行结果")
    expect(result).to_be_visible(timeout=60_000)
    expect(result.get_by_role("img", name=re.compile(r"天共触发 [1-9]\d* 次"))).to_be_visible()
    expect(result.get_by_text("林销售").first).to_be_visible()
    expect(result).to_contain_text("随便挑")
    assert serious_faults(page) == []

    page.get_by_role("button", name="预览变更").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("影响")).to_be_visible()
    dialog.get_by_role("button", name="生效").click()
    row = page.get_by_role("button", name=re.compile("三周未联系"))
    expect(row).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_role("button", name="撤销变更").click()
    expect(row).to_have_count(0)


def test_what_is_refused_of_a_rule_or_a_role_is_told_at_its_input(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    fill_rule(page, "写错的规则")
    title = page.get_by_role("textbox", name="标题（中文）", exact=True)
    title.fill("{没有这个字段} 该联系了")
    page.get_by_role("button", name="预览变更").click()
    expect(page.get_by_role("alert")).to_contain_text("有 1 处要改")
    expect(title).to_be_focused()
    expect(title).to_have_accessible_description(re.compile("没有这个字段"))
    title.fill("{name} 该联系了")
    expect(title).to_have_accessible_description("")
    page.get_by_role("button", name="预览变更").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="生效")).to_be_enabled()

    page.goto("/build/access?role=sales")
    page.get_by_label("客户 查看", exact=True).click()
    page.get_by_title("按公式", exact=True).click()
    formula = page.get_by_label("客户 查看 公式")
    formula.fill("[没有这个字段] = 1")
    page.get_by_role("button", name="预览变更").click()
    expect(formula).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert serious_faults(page) == []


def test_a_wrong_formula_points_at_its_fault_and_a_right_one_shows_a_value(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/rules?item=key_customer_silent")
    condition = page.get_by_label("客户满足的条件")
    condition.fill("[未沟通天数] > 21 AND [客户登级] = 'a'")
    expect(page.locator(".pointed mark")).to_have_text("[客户登级]")
    condition.fill("[未沟通天数] >= 0")
    page.get_by_label("选一条客户试算").click()
    page.locator(".ant-select-item-option").first.click()
    expect(page.locator(".formula-try output")).to_have_text(re.compile("^(是|否|空)$"))


def test_a_segment_counts_while_it_is_written_and_a_metric_explains_itself(visitor: Visitor) -> None:
    page = visitor.signed_in("admin", phone=True)
    page.goto("/build/segments?item=customer_health")
    first = page.get_by_label("第 2 级的条件")
    expect(page.locator(".class-count b").first).to_have_text(re.compile(r"^\d+$"))
    first.fill("TRUE")
    expect(page.locator(".class-count b").nth(3)).to_have_text("0")
    assert serious_faults(page) == []

    page.goto("/build/metrics?item=open_amount")
    page.get_by_label("选一条客户试算").click()
    page.locator(".ant-select-item-option").first.click()
    expect(page.locator(".big-number")).to_be_visible()
    expect(page.get_by_text("算出时间")).to_be_visible()
    assert serious_faults(page) == []


def test_a_rule_says_why_it_hits_a_record_part_by_part(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/rules?item=key_customer_silent")
    page.get_by_label("选一条客户，看为什么命中或不命中").click()
    page.locator(".ant-select-item-option").first.click()
    explained = page.locator(".explained")
    expect(explained.get_by_text(re.compile("命中$")).first).to_be_visible()
    expect(explained.locator(".parts li").first).to_be_visible()
    expect(explained.get_by_text("按已生效的版本判断。")).to_be_visible()
    assert serious_faults(page) == []


def test_a_segment_shows_who_moved_and_leads_to_the_record(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/segments?item=customer_health")
    moves = page.locator(".moves")
    expect(moves.get_by_role("heading", name="最近的变动")).to_be_visible()
    first = moves.get_by_role("listitem").first
    expect(first).to_contain_text("→", timeout=60_000)
    name = first.get_by_role("link").inner_text()
    first.get_by_role("link").click()
    expect(page.get_by_role("dialog").get_by_label("客户名称")).to_have_value(name)


def test_object_settings_ask_before_what_was_typed_is_left(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/fields?object=contact")
    expect(page).to_have_title("对象与字段 · 通脉")
    page.get_by_role("tab", name="对象设置").click()
    name = page.get_by_role("tabpanel").get_by_label("中文名称").first
    name.fill("往来人")
    page.get_by_role("link", name="信号", exact=True).click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("还有没保存的修改")
    asked.get_by_role("button", name="留下继续编辑").click()
    expect(name).to_have_value("往来人")
    page.get_by_role("link", name="信号", exact=True).click()
    asked.get_by_role("button", name="不保存，离开").click()
    expect(page).to_have_title("信号 · 通脉")


def test_a_page_of_building_says_to_whom_it_is_not_open(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/build/rules")
    expect(page.get_by_role("heading", name="这个页面没有对你开放")).to_be_visible()
    expect(page.get_by_role("button", name="新建规则")).to_have_count(0)
    assert serious_faults(page) == []

"""How a company begins: with one scenario of an app (S0-37), and with what three front-line people say (S0-39)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e


def test_from_an_answer_to_a_field_with_the_words_it_comes_from_and_back(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/fields?object=customer")
    page.get_by_role("button", name="从访谈建").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="安装“一线访谈”").click()
    dialog.get_by_role("button", name="记一次访谈").click()
    dialog.get_by_label("谁说的").fill("林销售")
    dialog.get_by_label("你昨天最不想做的1件事是什么？").fill("晚上补日报")
    dialog.get_by_label("什么情况下你会主动查系统？").fill("怕报错交期的时候")
    dialog.get_by_role("button", name="留存回答").click()
    drafted = dialog.get_by_role("listitem").filter(has_text="交期")
    expect(drafted).to_contain_text("怕报错交期的时候")
    expect(drafted).to_contain_text("林销售")
    expect(dialog.get_by_text("没用上的话 1")).to_be_visible()
    assert serious_faults(page) == []
    dialog.get_by_role("checkbox", name=re.compile("^交期")).check()
    dialog.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    field = page.locator(".split-main").get_by_role("button", name=re.compile("^交期"))
    expect(field).to_be_visible()
    page.get_by_role("button", name="撤销变更").click()
    expect(field).to_have_count(0)
    page.goto("/build/apps")
    page.get_by_role("button", name="移除 一线访谈").click()
    page.get_by_role("dialog").get_by_role("button", name="确认移除").click()
    expect(page.get_by_role("button", name="移除 一线访谈")).to_have_count(0)


def test_a_scenario_tells_how_little_it_brings_and_what_stands_in_its_way(visitor: Visitor) -> None:
    """The starter's own customers have the name: nothing of the scenario is put in beside them."""
    page = visitor.signed_in("admin")
    page.goto("/build/apps")
    page.get_by_role("button", name="从一个场景开始用销售管理系统").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile(r"2/\d+ 对象，\d+/\d+ 字段，1/\d+ 数据源")).first).to_be_visible()
    assert serious_faults(page) == []
    dialog.get_by_text("回款不拖延").click()
    expect(dialog.get_by_role("radio", name=re.compile("回款不拖延"))).to_be_checked()
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_text(re.compile("已有对象“客户”")).first).to_be_visible()
    expect(dialog.get_by_role("button", name="装上这个场景")).to_be_disabled()

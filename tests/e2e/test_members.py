"""Who looks after people: a sign-in given and switched off, a colleague noted as away, how those are told who have not
chosen; and what people are asked, made without code (S0-30)."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Visitor, serious_faults
from .test_components import sent

pytestmark = pytest.mark.e2e


def _fill_moment(box: Locator, at: date) -> None:
    box.click()
    box.fill(f"{at} 08:00")
    box.press("Enter")


def _note_as_away(within: Page | Locator, page: Page, stand_in: str) -> None:
    first = date.today() + timedelta(days=400)
    _fill_moment(within.get_by_label("从", exact=True), first)
    _fill_moment(within.get_by_label("到", exact=True), first + timedelta(days=2))
    within.get_by_label("代理人").fill(stand_in)
    page.locator(".ant-select-item-option").filter(has_text=stand_in).first.click()
    within.get_by_role("button", name="登记外出").click()
    expect(within.get_by_text(f"由 {stand_in} 代理")).to_be_visible()


def test_a_member_gets_a_sign_in_and_is_noted_as_away_by_who_manages_people(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    name, login = f"新人{secrets.token_hex(3)}", f"new{secrets.token_hex(4)}"
    sent(page, "/api/records/person", {"name": name, "roles": ["sales"]})
    page.goto("/build/members")
    page.get_by_label("搜索成员").fill(name)
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("未开通")
    row.get_by_role("button", name=name).click()
    member = page.get_by_role("dialog", name=name)
    _note_as_away(member, page, "陈主管")
    member.get_by_role("tab", name="登录").click()
    member.get_by_label("账号").fill(login)
    member.get_by_label("初始密码").fill("x")
    member.get_by_role("button", name="开通登录").click()
    expect(member.get_by_role("alert")).to_contain_text("密码")
    member.get_by_label("初始密码").fill(f"long-{secrets.token_hex(8)}")
    member.get_by_role("button", name="开通登录").click()
    expect(member.get_by_role("button", name="重设密码")).to_be_visible()
    assert serious_faults(page) == []
    member.get_by_role("button", name="停用登录").click()
    page.get_by_role("dialog", name=f"停用账号 {login}").get_by_role("button", name="停用登录").click()
    expect(member.get_by_role("button", name="启用登录")).to_be_visible()
    member.get_by_role("button", name="关闭").click()
    expect(row).to_contain_text("已停用")
    expect(row).to_contain_text(f"{(date.today() + timedelta(days=400)).year}年")

    page.get_by_role("tab", name="默认通知方式").click()
    page.get_by_label("每日打扰上限").fill("21")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    assert page.request.get("/api/preferences").json()["budget"] == 21


def test_who_leads_a_colleague_notes_him_as_away_on_his_record_and_takes_it_back(visitor: Visitor) -> None:
    chief = visitor.signed_in("zhuguan")
    seller = visitor.signed_in("xiaoshou")
    person = seller.request.get("/api/me").json()["person"]
    chief.goto(f"/records/person/{person['id']}")
    chief.get_by_role("tab", name="外出").click()
    _note_as_away(chief, chief, "陈主管")
    seller.goto("/profile")
    seller.get_by_role("tab", name="外出").click()
    expect(seller.get_by_text("由 陈主管 代理")).to_be_visible()
    chief.get_by_role("button", name="取消外出").click()
    expect(chief.get_by_text("由 陈主管 代理")).to_have_count(0)

    above = chief.request.get("/api/me").json()["person"]["id"]
    seller.goto(f"/records/person/{above}")
    expect(seller.get_by_role("tab", name="历史")).to_be_visible()
    expect(seller.get_by_role("tab", name="外出")).to_have_count(0)


def test_what_people_are_asked_is_made_without_code_and_taken_back(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    customer = sent(page, "/api/records/customer", {"name": f"待补全{secrets.token_hex(3)}"})["id"]
    page.goto("/build/prompts")
    page.get_by_role("button", name="新建提示").click()
    page.locator(".ant-select-item-option").filter(has_text="客户").first.click()
    prompt = page.get_by_role("region", name="未命名")
    prompt.get_by_label("中文名称").fill("补上电话")
    prompt = page.get_by_role("region", name="补上电话")
    prompt.get_by_label("请人填哪些字段").click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text="电话").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="添加一种情况").click()
    hush = page.get_by_role("region", name="未命名")
    expect(page.get_by_role("button", name="预览变更")).to_be_disabled()
    hush.get_by_label("中文名称").fill("刚投诉过")
    hush = page.get_by_role("region", name="刚投诉过")
    hush.get_by_label("发生什么之后").click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text="投诉").first.click()
    page.keyboard.press("Escape")
    assert serious_faults(page) == []
    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.locator(".design-open").filter(has_text="补上电话")).to_contain_text("1 种情况下不提")
    asked = page.request.get(f"/api/prompts/customer/{customer}").json()
    assert [each["label"] for each in asked["items"]] == ["补上电话"]

    page.get_by_role("button", name="撤销变更").click()
    expect(page.get_by_role("heading", name="还没有提示")).to_be_visible()

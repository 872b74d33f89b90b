"""A record on its own page, and the designers of objects, permissions and one's own profile, in Chinese."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Visitor, serious_faults
from .test_journeys import create_customer, some_name

pytestmark = pytest.mark.e2e


def opened_page(page: Page, name: str) -> None:
    """A new customer on a page of its own."""
    create_customer(page, name)
    page.get_by_role("gridcell", name=name).click()
    page.get_by_role("link", name="打开整页").click()
    expect(page).to_have_url(re.compile(r"/records/customer/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def saved_address(page: Page, address: str) -> None:
    box = page.get_by_label("地址")
    box.fill(address)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()


def row_of(page: Page, label: str) -> Locator:
    return page.locator(".as-of .pair").filter(has_text=label)


def test_a_record_is_seen_as_it_was_and_goes_back(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    opened_page(page, some_name())
    saved_address(page, "旧址一号")
    saved_address(page, "新址二号")
    page.get_by_role("tab", name="看当时").click()
    expect(row_of(page, "地址")).to_contain_text("新址二号")
    page.get_by_role("slider", name="看当时").press("ArrowLeft")
    expect(row_of(page, "地址")).to_contain_text("旧址一号")
    assert serious_faults(page) == []
    page.get_by_role("button", name="恢复这一版").click()
    expect(page.get_by_text("已恢复到这一版")).to_be_visible()
    expect(page.get_by_label("地址")).to_have_value("旧址一号")


def test_what_one_may_not_change_is_there_to_be_read(visitor: Visitor) -> None:
    """Of the team's customers a sales person changes the own ones."""
    theirs, page = visitor.signed_in("zhuguan"), visitor.signed_in("xiaoshou")
    opened_page(theirs, some_name())
    page.goto(theirs.url)
    told = page.get_by_text("你可以查看这条记录")
    expect(told).to_be_visible()
    expect(page.get_by_label("地址")).to_have_count(0)
    expect(page.get_by_role("button", name="保存")).to_have_count(0)
    opened_page(page, some_name())
    expect(page.get_by_label("地址")).to_be_editable()
    expect(told).to_have_count(0)


def test_a_browser_that_believes_itself_offline_still_saves(visitor: Visitor) -> None:
    """A company's server needs no internet: what the browser says of it must not hold a change back."""
    page = visitor.signed_in("xiaoshou")
    opened_page(page, some_name())
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    saved_address(page, "内网一号")
    page.reload()
    expect(page.get_by_label("地址")).to_have_value("内网一号")


def test_related_records_open_with_their_filter(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/records/opportunity")
    page.get_by_role("gridcell").nth(1).click()
    # The customer of an opportunity is one with related records.
    name = page.get_by_label("客户", exact=True).locator("xpath=ancestor::dd").inner_text().strip()
    page.goto(f"/records/customer?search={name}")
    page.get_by_role("gridcell", name=name).first.click()
    page.get_by_role("tab", name="相关").click()
    block = page.locator(".block").filter(has=page.get_by_role("heading", name="商机"))
    expect(block.locator(".line-title").first).to_be_visible()
    block.get_by_role("link", name="查看全部").click()
    expect(page).to_have_url(re.compile("/records/opportunity.*filter="))
    expect(page.get_by_text(re.compile(r"共 [1-9]\d* 条"))).to_be_visible()


def test_a_page_is_laid_out_previewed_and_taken_back(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/fields?object=contact")
    page.get_by_role("tab", name="页面布局").click()
    page.get_by_role("button", name="添加分组").click()
    page.get_by_label("分组名称").fill("怎么联系")
    page.get_by_role("button", name="加入字段").click()
    page.get_by_role("menuitem", name="手机").click()
    expect(page.locator(".layout-field")).to_have_text(re.compile("手机"))
    assert serious_faults(page) == []
    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.get_by_text("已生效").first).to_be_visible()
    page.goto("/records/contact?record=new")
    expect(page.get_by_role("heading", name="怎么联系")).to_be_visible()
    page.goto("/build/fields?object=contact")
    page.get_by_role("button", name="变更记录").click()
    change = page.locator(".changes > li").first
    expect(change).to_contain_text("修改对象 联系人")
    change.get_by_role("button", name="撤销变更").click()
    page.get_by_role("dialog").last.get_by_role("button", name="撤销变更").click()
    expect(page.get_by_text("已撤销").first).to_be_visible()
    page.goto("/records/contact?record=new")
    expect(page.get_by_role("button", name="保存")).to_be_visible()
    expect(page.get_by_role("heading", name="怎么联系")).not_to_be_visible()


def test_removing_a_field_shows_what_would_be_lost(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/fields?object=customer")
    page.locator(".rows").get_by_role("button", name="电话 phone").click()
    page.get_by_role("button", name="删除字段").click()
    dialog = page.get_by_role("dialog").filter(has_text="影响")
    expect(dialog.get_by_role("columnheader", name="会丢失的内容")).to_be_visible()
    expect(dialog.get_by_role("cell", name=re.compile(r"\+86")).first).to_be_visible()
    dialog.get_by_role("button", name="取消").click()


def test_access_is_seen_as_a_person_sees_it_and_explained(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/access?role=sales")
    expect(page.get_by_role("columnheader", name="查看")).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_role("button", name="以某人的身份查看").click()
    page.get_by_label("人员").last.fill("林销售")
    page.get_by_title("林销售").click()
    expect(page.get_by_role("dialog").get_by_text(re.compile(r"共 \d+ 条"))).to_be_visible()
    page.get_by_role("tab", name="为什么").click()
    expect(page.get_by_text("林销售可以查看")).to_be_visible()


def test_a_token_is_shown_once_and_revoked(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou", phone=True)
    page.goto("/profile")
    assert serious_faults(page) == []
    page.get_by_role("tab", name="访问令牌").click()
    page.get_by_role("button", name="新建令牌").click()
    page.get_by_label("用途").fill("报表脚本")
    page.get_by_role("dialog").get_by_role("button", name="新建令牌").click()
    expect(page.locator(".token-secret")).not_to_be_empty()
    page.get_by_role("button", name="已保存好").click()
    line = page.get_by_role("listitem").filter(has_text="报表脚本")
    expect(line).to_be_visible()
    expect(page.locator(".token-secret")).not_to_be_visible()
    line.get_by_role("button", name="吊销").click()
    page.get_by_role("dialog").get_by_role("button", name="吊销").click()
    expect(line).not_to_be_visible()


def test_what_belongs_to_a_record_is_made_beside_it(visitor: Visitor) -> None:
    """A deal of the customer one is looking at: it knows whose it is, and one is back where one was."""
    page = visitor.signed_in("xiaoshou")
    name = some_name()
    opened_page(page, name)
    address = page.url
    page.get_by_role("tab", name="相关", exact=True).click()
    page.get_by_role("button", name="新建商机").click()
    form = page.get_by_role("dialog", name="新建商机")
    expect(form).to_contain_text(name)
    form.get_by_label("商机名称").fill(f"{name}二期")
    assert serious_faults(page) == []

    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="还有没保存的修改")
    expect(asked.get_by_role("button", name="留下继续编辑")).to_be_focused()
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)
    expect(form.get_by_label("商机名称")).to_have_value(f"{name}二期")
    form.get_by_role("button", name="保存").click()
    expect(form).to_have_count(0)
    expect(page.get_by_role("link", name=f"{name}二期")).to_be_visible()
    assert page.url == address

"""What people do with the first screens, in Chinese, on the desk and on the phone."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
import python_calamine
from playwright.sync_api import Page, expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e


def some_name(kind: str = "医疗") -> str:
    return f"绍兴{kind}{secrets.token_hex(3)}有限公司"


def create_customer(page: Page, name: str) -> None:
    page.goto("/records/customer?record=new")
    page.get_by_label("客户名称").fill(name)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("gridcell", name=name)).to_be_visible()


def test_a_wrong_password_is_refused_and_what_was_typed_stays(visitor: Visitor) -> None:
    page = visitor.window()
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.get_by_label("账号").fill("admin")
    page.locator("input[type=password]").fill("not-the-password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("账号")).to_have_value("admin")
    assert serious_faults(page) == []


def test_a_record_is_created_found_by_pinyin_initials_and_changed(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    name = some_name()
    create_customer(page, name)
    page.goto("/records/customer?search=sxyl")
    expect(page.get_by_role("gridcell", name=name)).to_be_visible()
    page.get_by_role("gridcell", name=name).click()
    page.get_by_label("地址").fill("越城区解放北路 1 号")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存").last).to_be_visible()
    page.get_by_role("tab", name="历史").click()
    expect(page.get_by_role("listitem").filter(has_text="修改")).to_contain_text("越城区解放北路 1 号")
    # Related records are told by name, here the owner.
    expect(page.get_by_role("cell", name="林销售")).to_be_visible()
    assert serious_faults(page) == []


def test_a_change_is_undone_from_the_history(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    name = some_name()
    create_customer(page, name)
    page.get_by_role("gridcell", name=name).click()
    page.get_by_label("地址").fill("错误的地址")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("tab", name="历史").click()
    page.get_by_role("button", name="撤销这次修改").click()
    expect(page.get_by_text("已撤销")).to_be_visible()
    page.get_by_role("tab", name="详情").click()
    expect(page.get_by_label("地址")).to_have_value("")


def test_what_the_api_refuses_is_shown_at_its_field_and_stays_typed(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/records/customer?record=new")
    page.get_by_label("客户名称").fill(some_name())
    page.get_by_label("电话").fill("123")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".fault").first).to_be_visible()
    expect(page.get_by_label("电话")).to_have_value("123")


def test_a_formula_filters_the_list_and_a_wrong_one_is_explained(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    name = some_name()
    create_customer(page, name)
    # The new record stays open beside the list, over its tools.
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("radio", name="公式").press("Space")
    page.get_by_role("textbox", name="公式").fill(f'[客户名称] = "{name}"')
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_text("共 1 条")).to_be_visible()
    page.get_by_role("button", name="筛选").click()
    # A condition that lines can say is shown as lines again.
    expect(page.get_by_role("textbox", name="值")).to_have_value(name)
    page.get_by_role("radio", name="公式").press("Space")
    page.get_by_role("textbox", name="公式").fill("[客户名秤] = 1")
    expect(page.locator(".filter-builder .fault")).to_contain_text("客户名称")
    expect(page.get_by_role("button", name="应用")).to_be_disabled()


def test_an_edit_in_one_browser_shows_in_another_within_a_second(visitor: Visitor) -> None:
    writer, reader = visitor.signed_in("xiaoshou"), visitor.signed_in("zhuguan")
    name = some_name()
    reader.goto("/records/customer")
    expect(reader.get_by_text("实时同步")).to_be_visible()
    create_customer(writer, name)
    # create_customer ends when the writer's own list shows it: the reader has a second from there.
    expect(reader.get_by_role("gridcell", name=name)).to_be_visible(timeout=1_000)


def test_two_people_changing_one_record_see_both_versions(visitor: Visitor) -> None:
    first, second = visitor.signed_in("xiaoshou"), visitor.signed_in("zhuguan")
    name = some_name()
    create_customer(first, name)
    first.get_by_role("gridcell", name=name).click()
    first.get_by_label("地址").fill("我的地址")
    second.goto("/records/customer")
    second.get_by_role("gridcell", name=name).click()
    second.get_by_label("地址").fill("主管的地址")
    second.get_by_role("button", name="保存").click()
    expect(second.get_by_text("已保存").last).to_be_visible()
    # Typing goes on while the list behind is refreshed; saving is against the version that was read first.
    first.get_by_role("button", name="保存").click()
    conflict = first.locator("section[role=alert]")
    expect(conflict).to_contain_text("主管的地址")
    expect(conflict).to_contain_text("我的地址")
    first.get_by_role("button", name="用我的覆盖").click()
    expect(first.get_by_text("已保存").last).to_be_visible()


def test_a_new_field_is_live_at_once_and_can_be_undone(visitor: Visitor) -> None:
    admin, sales = visitor.signed_in("admin"), visitor.signed_in("xiaoshou")
    key = f"f{secrets.token_hex(3)}"
    sales.goto("/records/customer?record=new")
    admin.goto("/build/fields?object=customer")
    admin.get_by_role("button", name="新增字段").click()
    admin.get_by_label("中文名称").fill(f"推荐人{key}")
    admin.get_by_label("标识").fill(key)
    admin.get_by_role("button", name="预览变更").click()
    expect(admin.get_by_role("heading", name="影响")).to_be_visible()
    admin.get_by_role("button", name="生效").click()
    expect(admin.locator(".rows").get_by_text(key, exact=True)).to_be_visible()
    expect(sales.get_by_label(f"推荐人{key}")).to_be_visible()
    admin.get_by_role("button", name="撤销变更").click()
    expect(admin.locator(".rows").get_by_text(key, exact=True)).not_to_be_visible()


def test_a_sales_person_is_offered_no_building(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    expect(page.get_by_role("link", name="客户", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="对象与字段")).not_to_be_visible()


def test_the_phone_shows_rows_of_two_lines_without_sideways_scroll(visitor: Visitor) -> None:
    desk = visitor.signed_in("xiaoshou")
    name = some_name()
    create_customer(desk, name)
    page = visitor.signed_in("xiaoshou", phone=True)
    page.goto("/records/customer")
    expect(page.get_by_role("button", name=name)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious_faults(page) == []
    page.get_by_role("button", name=name).click()
    expect(page.get_by_label("客户名称")).to_have_value(name)


def test_english_is_complete(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou", language="en-US")
    expect(page.get_by_role("link", name="Customers")).to_be_visible()
    page.goto("/records/customer?record=new")
    page.get_by_role("button", name="Save").is_disabled()
    chinese = re.compile("[\u4e00-\u9fff]")
    shown = page.locator("nav.side, header, form").all_inner_texts()
    left = [line for text in shown for line in text.splitlines() if chinese.search(line)]
    # The switch back says its language's own name, and a company its own name.
    assert [line for line in left if line not in ("中文", "我的公司")] == []


@pytest.mark.parametrize(
    "payload", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "javascript:alert(1)"]
)
def test_what_looks_like_script_stays_text(visitor: Visitor, payload: str) -> None:
    page = visitor.signed_in("xiaoshou")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    name = f"{payload}{secrets.token_hex(3)}"
    create_customer(page, name)
    page.get_by_role("gridcell", name=name).click()
    page.get_by_role("tab", name="历史").click()
    expect(page.get_by_role("listitem").first).to_contain_text(payload)


def test_a_spreadsheet_is_imported_with_its_faults_shown_and_taken_back(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.signed_in("zhuguan")
    mark = secrets.token_hex(3)
    file = tmp_path / "客户.csv"
    rows = [f"{mark}一号医院,13800138000", f"{mark}二号医院,12", f"{mark}三号医院,"]
    file.write_bytes("\n".join(["客户名称,电话", *rows]).encode("gb18030"))
    page.goto("/records/customer")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="导入").click()
    page.locator("input[type=file]").set_input_files(file)
    counts = page.get_by_role("region", name="试算结果")
    expect(counts).to_contain_text("新增 2")
    expect(counts).to_contain_text("拒绝 1")
    expect(page.get_by_role("list", name="被拒的行")).to_contain_text("电话")
    page.get_by_role("dialog").get_by_role("button", name="导入").click()
    expect(page.get_by_text("读取 3 行 = 新增 2 + 更新 0 + 不变 0 + 被拒 1")).to_be_visible()
    with page.expect_download() as refused:
        page.get_by_text("下载被拒的行和原因").click()
    assert f"{mark}二号医院" in refused.value.path().read_text("utf-8-sig")
    page.get_by_role("button", name="撤销整批导入").click()
    expect(page.get_by_text("已撤销本次导入")).to_be_visible()
    page.goto(f"/records/customer?search={mark}")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()


def test_what_the_list_shows_is_exported(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    name = some_name()
    create_customer(page, name)
    page.goto(f"/records/customer?filter=[客户名称] = '{name}'")
    page.get_by_role("button", name="更多操作").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出").click()
    sheet = python_calamine.load_workbook(str(download.value.path())).get_sheet_by_index(0).to_python()
    assert len(sheet) == 2
    assert name in sheet[1]


def test_a_session_that_ended_leads_back_to_where_one_was(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    page.goto("/records/customer?search=sx")
    expect(page.get_by_role("textbox", name="搜索")).to_have_value("sx")
    page.context.clear_cookies()
    page.get_by_role("link", name="信号", exact=True).click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("账号").fill("xiaoshou")
    page.locator("input[type=password]").fill(visitor.program.passwords["xiaoshou"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="信号", exact=True)).to_be_visible()
    # Who is signed in is not asked again.
    page.context.clear_cookies()
    page.goto("/sign-in?from=//elsewhere.example")
    page.get_by_label("账号").fill("xiaoshou")
    page.locator("input[type=password]").fill(visitor.program.passwords["xiaoshou"])
    page.keyboard.press("Enter")
    expect(page.locator(".today-head")).to_be_visible()


def test_what_is_not_there_and_what_fails_say_the_way_out(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou")
    for address in ("/nowhere", "/records/nothing"):
        page.goto(address)
        expect(page.get_by_text("没有找到这个页面")).to_be_visible()
        expect(page.get_by_role("link", name="回到首页")).to_be_visible()
    page.goto("/records/customer/019a0000-0000-7000-8000-000000000000")
    expect(page.get_by_role("link", name="回到列表")).to_be_visible()
    assert serious_faults(page) == []
    page.route("**/api/records/customer?*", lambda route: route.fulfill(status=500, body='{"title": "服务器内部错误"}'))
    page.goto("/records/customer")
    expect(page.get_by_role("alert").filter(has_text="服务器内部错误")).to_be_visible()
    page.unroute("**/api/records/customer?*")
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("gridcell").first).to_be_visible()


def test_a_network_that_is_away_is_told_until_it_is_back(visitor: Visitor) -> None:
    page = visitor.signed_in("xiaoshou", phone=True)
    page.context.set_offline(True)
    expect(page.get_by_role("status").filter(has_text="网络已断开")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("网络已断开")).to_have_count(0)


def test_the_calls_of_the_api_are_found_and_shown(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/api-docs")
    page.get_by_role("textbox", name="搜索地址或说明").fill("/api/records/customer")
    found = page.get_by_role("group").filter(has_text="/api/records/customer").first
    found.locator("summary").click()
    expect(found.get_by_role("region", name="回答")).to_contain_text("type")
    assert serious_faults(page) == []


def test_every_page_is_reached_on_a_phone(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan", phone=True)
    more = page.get_by_role("button", name="更多", exact=True)
    for name, address in (("晨会", "/meeting"), ("健康度", "/health"), ("个人设置", "/profile")):
        more.click()
        page.get_by_role("link", name=name, exact=True).click()
        expect(page).to_have_url(re.compile(f"{address}$"))
        expect(more).to_have_attribute("aria-expanded", "false")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    more.click()
    page.get_by_role("button", name="组织").click()
    page.get_by_role("link", name="团队", exact=True).click()
    expect(page).to_have_url(re.compile("/records/team$"))
    more.click()
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.reload()
    more.click()
    # What was opened stays open.
    expect(page.get_by_role("button", name="组织")).to_have_attribute("aria-expanded", "true")

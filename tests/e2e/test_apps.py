"""Apps in the browser: from a file, renewed with both sides shown, removed and brought back; imports that meet records;
what is not saved is not lost by accident. Desktop and phone, in Chinese."""

from __future__ import annotations

import io
import re
import secrets
import zipfile

import pytest
from playwright.sync_api import FilePayload, Page, expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e


def package(key: str, version: str = "1.0", place: str = "拜访地点") -> FilePayload:
    """An app with one object of its own, as the file that a person uploads."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.yaml", f"key: {key}\nlabel: {{zh: 拜访 {key}, en: Visits {key}}}\nversion: '{version}'\n")
        archive.writestr(
            "model.yaml",
            f"objects:\n  - key: {key}_plan\n    label: {{zh: 计划 {key}, en: Plan {key}}}\n    title: name\n    fields:\n"
            "      - {key: name, type: text, label: {zh: 名称, en: Name}}\n"
            f"      - {{key: place, type: text, label: {{zh: {place}, en: Place}}}}\n",
        )
    return FilePayload(name=f"{key}.zip", mimeType="application/zip", buffer=out.getvalue())


def upload(page: Page, file: FilePayload) -> None:
    page.goto("/build/apps")
    expect(page.get_by_role("heading", name="已安装")).to_be_visible()
    page.locator("input[type=file]").set_input_files(file)


def apply(page: Page, words: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=words).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_app_from_a_file_is_seen_before_it_is_installed_and_taken_back(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    key = f"v{secrets.token_hex(3)}"
    upload(page, package(key))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=re.compile("新增"))).to_contain_text("3")
    dialog.get_by_text("字段").click()
    expect(dialog).to_contain_text("拜访地点")
    assert serious_faults(page) == []
    expect(page.get_by_role("dialog", name=f"安装 拜访 {key}", exact=True)).to_be_visible()
    apply(page, "确认安装")
    expect(page.locator(".side").get_by_role("link", name=f"计划 {key}")).to_be_visible()
    expect(page.get_by_role("button", name=f"移除 拜访 {key}")).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_role("button", name="撤销变更").click()
    expect(page.get_by_role("button", name=f"移除 拜访 {key}")).to_have_count(0)
    expect(page.locator(".side").get_by_role("link", name=f"计划 {key}")).to_have_count(0)


def test_where_both_sides_changed_the_same_a_person_chooses(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    key = f"v{secrets.token_hex(3)}"
    upload(page, package(key))
    apply(page, "确认安装")
    page.goto(f"/build/fields?object={key}_plan")
    page.get_by_role("button", name=re.compile("^拜访地点")).click()
    page.get_by_label("中文名称").first.fill("我们的地点")
    page.get_by_role("button", name="预览变更").click()
    apply_change = page.get_by_role("dialog").get_by_role("button", name="生效")
    apply_change.click()
    expect(page.get_by_text("我们的地点").first).to_be_visible()

    upload(page, package(key, "1.1", "新版地点"))
    conflicts = page.get_by_role("region", name="两边都改过")
    row = conflicts.get_by_role("row", name=re.compile("名称"))
    expect(row).to_contain_text("拜访地点")
    expect(row).to_contain_text("我们的地点")
    expect(row).to_contain_text("新版地点")
    assert serious_faults(page) == []
    conflicts.get_by_text("应用新版的", exact=True).first.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name=re.compile("修改"))).to_be_visible()
    page.get_by_role("dialog").locator("summary", has_text="字段").click()
    row = page.get_by_role("dialog").locator("details").get_by_role("row", name=re.compile("名称"))
    expect(row).to_have_text(re.compile("我们的地点.*新版地点"))
    apply(page, "确认升级")
    card = page.locator(".app-card").filter(has_text=f"拜访 {key}")
    expect(card).to_contain_text("1.1")
    # An upgrade is taken back like any change: the company's word is there again, and so is the version before.
    page.get_by_role("button", name="撤销变更").click()
    expect(card).to_contain_text("1.0")
    page.goto(f"/build/fields?object={key}_plan")
    expect(page.get_by_text("我们的地点").first).to_be_visible()
    expect(page.get_by_text("新版地点")).to_have_count(0)


def test_a_removal_names_what_goes_and_is_taken_back_on_the_phone(visitor: Visitor) -> None:
    page = visitor.signed_in("admin", phone=True)
    key = f"v{secrets.token_hex(3)}"
    page.goto("/profile")
    page.get_by_role("navigation", name="搭建").get_by_role("link", name="应用").click()
    expect(page.get_by_role("heading", name="应用", exact=True)).to_be_visible()
    page.locator("input[type=file]").set_input_files(package(key))
    apply(page, "确认安装")
    assert serious_faults(page) == []
    page.get_by_role("button", name=f"移除 拜访 {key}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=re.compile("移除 · 3"))).to_be_visible()
    assert serious_faults(page) == []
    apply(page, "确认移除")
    expect(page.get_by_role("button", name=f"移除 拜访 {key}")).to_have_count(0)


def test_what_is_no_package_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    upload(page, FilePayload(name="x.zip", mimeType="application/zip", buffer=b"%PDF-1.7"))
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("不是有效的应用包")
    expect(page.get_by_role("dialog").get_by_role("button", name="确认安装")).to_be_disabled()


def rows_of(*rows: str) -> FilePayload:
    return FilePayload(name="客户.csv", mimeType="text/csv", buffer="\n".join(["客户名称,电话", *rows]).encode())


def begin_import(page: Page, file: FilePayload) -> None:
    page.goto("/records/customer")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="导入").click()
    page.locator("input[type=file]").set_input_files(file)


def test_an_import_meets_the_records_that_are_there_and_is_taken_back_whole(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    mark = secrets.token_hex(3)
    begin_import(page, rows_of(f"{mark}甲医院,13800138001", f"{mark}乙医院,13800138002"))
    page.get_by_role("dialog").get_by_role("button", name="导入").click()
    expect(page.get_by_text("新增 2")).to_be_visible()

    begin_import(page, rows_of(f"{mark}甲医院,13900139001", f"{mark}乙医院,13800138002", f"{mark}丙医院,13800138003"))
    page.get_by_text("新增并更新", exact=True).click()
    counts = page.get_by_role("region", name="试算结果")
    for words in ("新增 1", "更新 1", "不变 1", "拒绝 0"):
        expect(counts).to_contain_text(words)
    assert serious_faults(page) == []
    page.get_by_role("dialog").get_by_role("button", name="导入").click()
    expect(page.get_by_text("新增 1 + 更新 1 + 不变 1 + 被拒 0")).to_be_visible()
    page.get_by_role("button", name="撤销整批导入").click()
    expect(page.get_by_text("已撤销本次导入")).to_be_visible()
    page.goto(f"/records/customer?search={mark}")
    expect(page.get_by_text(f"{mark}甲医院").first).to_be_visible()
    expect(page.get_by_text(f"{mark}丙医院")).to_have_count(0)
    expect(page.get_by_text("138 0013 8001").first).to_be_visible()


def test_what_is_not_saved_is_asked_about_before_it_is_left(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/signals")
    page.locator(".side").get_by_role("link", name="客户", exact=True).click()
    page.get_by_role("button", name="新建").click()
    name = page.get_by_role("dialog").get_by_label("客户名称")
    name.fill("还没保存的医院")
    asked = page.get_by_role("dialog", name="还有没保存的修改")
    page.locator(".side").get_by_role("link", name="信号", exact=True).click()
    expect(asked).to_be_visible()
    page.get_by_role("button", name="留下继续编辑").click()
    expect(asked).to_have_count(0)
    expect(name).to_have_value("还没保存的医院")
    page.go_back()
    expect(asked).to_be_visible()
    page.get_by_role("button", name="不保存，离开").click()
    expect(name).to_have_count(0)


def test_a_designer_keeps_what_was_typed_where_the_api_refuses_it(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/metrics?item=new")
    page.get_by_label("中文名称").first.fill("没有来由的指标")
    condition = page.get_by_label("只算哪些")
    condition.fill("[没有这个字段] > 1")
    page.get_by_role("button", name="预览变更").click()
    # At its field, not in a dialog; there one goes on typing.
    expect(page.get_by_role("alert")).to_contain_text("有 1 处要改")
    expect(condition).to_be_focused()
    expect(condition).to_have_attribute("aria-invalid", "true")
    expect(condition).to_have_accessible_description(re.compile("没有这个字段"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(condition).to_have_value("[没有这个字段] > 1")
    expect(page.get_by_label("中文名称").first).to_have_value("没有来由的指标")
    assert serious_faults(page) == []
    condition.fill("")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_role("dialog", name="还有没保存的修改")).to_be_visible()

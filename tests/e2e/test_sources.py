"""Data that comes in, in the browser: a name that may mean two customers is decided once; words are tried on before
they hold; the key progress of the day is one tap on a phone."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e

SECRET = "a-shared-secret"
LABEL = {"zh": "包裹", "en": "Parcel"}
PARCEL: dict[str, Any] = {
    "key": "parcel", "label": LABEL, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "单号", "en": "Number"}},
        {"key": "customer", "type": "relation", "label": {"zh": "收货客户", "en": "To"},
         "options": {"target": "customer"}},
    ],
}  # fmt: skip
SOURCE: dict[str, Any] = {
    "key": "courier", "label": {"zh": "快递", "en": "Courier"}, "kind": "hook",
    "options": {"streams": {"parcels": {"key": ["no"]}}},
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "parcels", "label": LABEL, "source": "courier", "stream": "parcels", "object": "parcel",
    "columns": [{"path": "no"}, {"path": "to"}],
    "fields": [{"field": "number", "value": "no"}, {"field": "customer", "value": "to", "by": ["name"]}],
    "match": ["number"], "enabled": False,
}  # fmt: skip
FOLLOW_UP: dict[str, Any] = {
    "key": "follow_up", "label": {"zh": "跟进记录", "en": "Follow-up"}, "title": "note",
    "fields": [
        {"key": "opportunity", "type": "relation", "label": {"zh": "商机", "en": "Opportunity"},
         "options": {"target": "opportunity"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
        {"key": "note", "type": "text", "label": {"zh": "补充", "en": "Note"}},
    ],
    "light_entry": {
        "label": {"zh": "今日关键进展", "en": "Key progress of today"}, "about": "opportunity", "asks": ["note"],
        "fills": {"customer": "[customer]"},
        "presets": [
            {"key": "asked", "label": {"zh": "需求已确认", "en": "Need confirmed"}, "when": "[stage] = 'lead'",
             "moves": [{"field": "stage", "value": "'qualified'"}]},
            {"key": "nothing", "label": {"zh": "暂无进展", "en": "Nothing new"}, "color": "grey"},
        ],
    },
}  # fmt: skip


def ask(page: Page, method: str, path: str, body: object = None) -> Any:
    """A call of the API in the page's own session; fails where it is refused."""
    answer = page.evaluate(
        """async ([method, path, body]) => {
            const csrf = localStorage.getItem("tongmai.csrf") ?? "";
            const sent = body === null ? undefined : JSON.stringify(body);
            const headers = {"content-type": "application/json", "x-csrf-token": csrf};
            const found = await fetch(path, {method, headers, body: sent});
            return [found.status, await found.text()];
        }""",
        [method, path, body],
    )
    assert answer[0] < 300, answer
    return json.loads(answer[1]) if answer[1] else None


def change(page: Page, *actions: dict[str, Any]) -> None:
    ask(page, "POST", "/api/model/changes", {"actions": list(actions)})


def send(visitor: Visitor, number: str, to: str) -> None:
    """A parcel as the courier tells of it."""
    body, stamp = json.dumps({"no": number, "to": to}).encode(), str(int(time.time()))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "x-tongmai-timestamp": stamp, "x-tongmai-signature": signature, "content-type": "application/json",
    }  # fmt: skip
    answer = httpx.post(f"{visitor.program.address}/api/hooks/start/courier", content=body, headers=headers)
    assert answer.status_code == 202, answer.text


def parcels(page: Page) -> dict[str, str | None]:
    """Whose each parcel is, by its number."""
    items = ask(page, "GET", "/api/records/parcel")["items"]
    return {each["number"]: each["customer"] and each["customer"]["label"] for each in items}


def test_a_name_that_may_mean_two_customers_is_decided_once(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    change(
        page,
        {"action": "add_object", "object": PARCEL},
        {"action": "add_source", "source": SOURCE},
        {"action": "add_mapping", "mapping": MAPPING},
    )
    ask(page, "PUT", "/api/sources/courier/secrets", {"secrets": {"secret": SECRET}})
    for name in ("恒通商贸（上海）有限公司", "恒通商贸（北京）有限公司"):
        ask(page, "POST", "/api/records/customer", {"name": name})
    send(visitor, "P1", "恒通商贸")

    # How a customer is found is set where the mapping is, and tried before it holds.
    page.goto("/build/sources?source=courier")
    page.get_by_role("tab", name=re.compile("映射")).click()
    page.get_by_role("button", name=re.compile("^包裹")).click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="收货客户：关联与回写").click()
    drawer.get_by_label("收货客户 找不到时按相似名称比对").click()
    page.locator(".ant-select-item-option").get_by_text("客户名称", exact=True).click()
    drawer.get_by_label("收货客户 人工修改回写到").click()
    page.locator(".ant-select-item-option").get_by_text("to", exact=True).last.click()
    drawer.get_by_label("启用").check()
    assert serious_faults(page) == []
    drawer.get_by_role("button", name="试运行").click()
    tried = page.get_by_role("dialog").filter(has=page.locator(".trial-counts"))
    expect(tried.locator(".trial-counts")).to_contain_text("1 待确认")
    page.keyboard.press("Escape")
    expect(tried).to_have_count(0)
    assert parcels(page) == {}
    drawer.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()

    # Two names are alike: a person is asked.
    asked = page.get_by_role("button", name="待确认")
    expect(asked).to_be_visible(timeout=60_000)
    asked.click()
    question = page.locator(".questions li").filter(has_text="恒通商贸")
    expect(question).to_contain_text("1 行在等")
    assert serious_faults(page) == []
    question.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="按首选确认 1 项").click()
    expect(page.get_by_text("已确认，1 行继续处理")).to_be_visible()

    # The row that waited is linked, and the same name is not asked again.
    wait_for(page, {"P1": "恒通商贸（上海）有限公司"})
    send(visitor, "P2", "恒通商贸")
    wait_for(page, {"P1": "恒通商贸（上海）有限公司", "P2": "恒通商贸（上海）有限公司"})
    assert ask(page, "GET", "/api/mappings/questions")["items"] == []

    # What a person changes cannot be told to a web hook: it is shown, and given up.
    (beijing,) = ask(page, "GET", "/api/records/customer?search=" + quote("恒通商贸（北京）"))["items"]
    (first,) = (each for each in ask(page, "GET", "/api/records/parcel")["items"] if each["number"] == "P1")
    ask(page, "PATCH", f"/api/records/parcel/{first['id']}", {"customer": beijing["id"]})
    page.goto("/build/sources?source=courier")
    page.get_by_role("tab", name=re.compile("^回写 1")).click(timeout=60_000)
    stuck = page.get_by_role("listitem").filter(has_text="没有写成")
    expect(stuck).to_contain_text("恒通商贸（北京）有限公司")
    expect(stuck).to_contain_text("这种数据源不能回写")
    stuck.get_by_role("button", name="采用来源的值").click()
    expect(page.get_by_role("listitem").filter(has_text="已放弃")).to_be_visible()
    wait_for(page, {"P1": "恒通商贸（上海）有限公司", "P2": "恒通商贸（上海）有限公司"})


def test_a_mapping_is_refused_at_its_line_and_is_not_lost_by_accident(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    mapping = {
        "key": "shops", "label": {"zh": "门店", "en": "Shops"}, "source": "depot", "stream": "parcels",
        "object": "customer", "columns": [{"path": "no"}], "fields": [{"field": "name", "value": "no"}],
        "match": ["name"], "enabled": False,
    }  # fmt: skip
    change(
        page,
        {"action": "add_source", "source": {**SOURCE, "key": "depot", "label": {"zh": "仓库", "en": "Depot"}}},
        {"action": "add_mapping", "mapping": mapping},
    )
    page.goto("/build/sources?source=depot")
    page.get_by_role("tab", name=re.compile("映射")).click()
    page.get_by_role("button", name=re.compile("^门店")).click()
    value = page.get_by_label("客户名称 公式")
    value.fill("nowhere")
    page.get_by_role("button", name="预览变更").click()
    expect(value).to_be_focused()
    expect(value).to_have_accessible_description(re.compile("nowhere"))
    assert serious_faults(page) == []

    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="还有没保存的修改")
    expect(asked).to_be_visible()
    asked.get_by_role("button", name="留下继续编辑").click()
    expect(asked).to_have_count(0)
    expect(value).to_have_value("nowhere")
    value.fill("UPPER(no)")
    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("button", name="生效").click()
    expect(value).to_have_count(0)
    expect(page.get_by_role("button", name="撤销变更")).to_be_visible()


def wait_for(page: Page, wanted: dict[str, str | None]) -> None:
    """Mapping follows by itself, within seconds."""
    until = time.monotonic() + 60
    while parcels(page) != wanted and time.monotonic() < until:
        page.wait_for_timeout(300)
    assert parcels(page) == wanted


def test_words_are_tried_on_and_hold_at_once(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.goto("/build/words?item=urgent")
    word = page.get_by_role("button", name="急用", exact=True)
    word.click()
    expect(word).to_have_attribute("aria-pressed", "false")
    own = page.get_by_label("自定义的词")
    own.fill("等着装船，船期到了")
    own.press("Enter")
    page.get_by_role("button", name="试用", exact=True).click()
    expect(page.get_by_text("没有生效")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已生效")).to_be_visible()
    expect(page.locator(".split-item").filter(has_text="急要")).to_contain_text("已自定义")
    assert serious_faults(page) == []
    kept = next(each["own"] for each in ask(page, "GET", "/api/signal-words")["items"] if each["own"])
    assert (kept["words"]["keywords"], kept["words"]["without"]) == (["等着装船", "船期到了"], ["急用"])

    page.get_by_role("button", name="恢复默认").click()
    page.locator(".ant-popconfirm-buttons .ant-btn-primary").click()
    expect(page.get_by_text("已自定义")).to_have_count(0)


def test_the_days_progress_is_one_tap_on_a_phone_and_is_taken_back(visitor: Visitor) -> None:
    admin = visitor.signed_in("admin")
    sales = next(each for each in ask(admin, "GET", "/api/model")["roles"] if each["key"] == "sales")
    grant = {"object": "follow_up", "read": "own", "create": True}
    change(
        admin,
        {"action": "add_object", "object": FOLLOW_UP},
        {"action": "change_role", "before": sales, "after": {**sales, "grants": [*sales["grants"], grant]}},
    )
    page = visitor.signed_in("xiaoshou", phone=True)
    page.goto("/")
    row = page.get_by_role("region", name="今日关键进展")
    expect(row).to_be_visible()
    customer = ask(page, "POST", "/api/records/customer", {"name": "轻录入客户"})["record"]["id"]
    deal = ask(page, "POST", "/api/records/opportunity", {"name": "轻录入商机", "customer": customer})["record"]["id"]
    page.reload()
    # What was touched last comes first: nothing has to be chosen.
    expect(row.locator(".light-entry-about")).to_contain_text("轻录入商机")
    row.get_by_label("补充（可不填）").fill("下周二演示")
    assert serious_faults(page) == []

    row.get_by_role("button", name="需求已确认").click()

    expect(row.get_by_role("status")).to_contain_text("已记录：轻录入商机 · 需求已确认")
    expect(row.get_by_role("status")).to_contain_text("阶段：线索 → 需求确认")
    (made,) = ask(page, "GET", "/api/records/follow_up")["items"]
    assert (made["customer"]["label"], made["note"]) == ("轻录入客户", "下周二演示")
    row.get_by_role("button", name="撤销").click()
    expect(row.get_by_role("status")).to_have_count(0)
    assert ask(page, "GET", "/api/records/follow_up")["items"] == []
    assert ask(page, "GET", f"/api/records/opportunity/{deal}")["stage"] == "lead"


def choose(page: Page, box: Locator, label: str, text: str) -> None:
    box.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").get_by_text(text, exact=True).click()
    expect(page.locator(".ant-select-dropdown:visible")).to_have_count(0)


def test_where_things_may_move_lists_and_dialogs_open_and_close_too(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    page.emulate_media(reduced_motion="no-preference")
    page.goto("/build/sources")
    page.get_by_role("button", name="新建数据源").click()
    form = page.get_by_role("dialog")
    choose(page, form, "类型", "SQL 数据库")
    expect(form.get_by_label("数据库地址")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="还有没保存的修改").get_by_role("button", name="不保存，离开").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_database_is_set_up_and_mapped_without_a_line_of_code(visitor: Visitor, tmp_path: Path) -> None:
    shop = tmp_path / "shop.db"
    with sqlite3.connect(shop) as connection:
        connection.execute("CREATE TABLE buyers (code TEXT, name TEXT, tel TEXT, changed TIMESTAMP)")
        rows = [("B1", "春江机电", "021-55550001", "2026-11-01 08:00:00"), ("B2", "秋水化工", None, None)]
        connection.executemany("INSERT INTO buyers VALUES (?, ?, ?, ?)", rows)
    page = visitor.signed_in("admin")
    page.goto("/build/sources")
    page.get_by_role("button", name="新建数据源").click()
    form = page.get_by_role("dialog")
    form.get_by_label("中文名称").fill("门店库")
    choose(page, form, "类型", "SQL 数据库")
    form.get_by_label("数据库地址").fill(f"sqlite:///{shop}")
    form.get_by_role("button", name="添加数据流").click()
    form.get_by_label("数据流 1 标识").fill("buyers")
    form.get_by_label("表", exact=True).fill("buyers")
    form.get_by_label("键列").fill("code")
    form.get_by_label("键列").press("Enter")
    form.get_by_label("时间戳列").fill("changed")
    assert serious_faults(page) == []
    form.get_by_role("button", name="预览变更").click()
    page.get_by_role("button", name="生效").click()

    page.get_by_role("button", name="立即拉取").click()
    expect(page.locator(".run-counts").first).to_contain_text("新到 2", timeout=60_000)

    page.get_by_role("tab", name="映射").click()
    page.get_by_role("button", name="新建映射").click()
    editor = page.get_by_role("dialog")
    editor.get_by_label("中文名称").fill("门店客户")
    choose(page, editor, "写入对象", "客户")
    # What the columns seem to mean is taken with one press; what only sounds alike is to be checked.
    guesses = editor.get_by_role("region", name="推测的对应")
    expect(guesses.get_by_role("listitem").filter(has_text="tel → 电话")).to_contain_text("按叫法推测，请核对")
    guesses.get_by_role("button", name="采用推测的").click()
    expect(guesses).to_have_count(0)
    for field, value in (("客户名称", "name"), ("电话", "tel")):
        expect(editor.get_by_label(f"{field} 公式")).to_have_value(value)
    assert serious_faults(page) == []
    editor.get_by_role("button", name="试运行").click()
    expect(page.locator(".trial-counts")).to_contain_text("2 新增")
    page.get_by_role("dialog").filter(has=page.locator(".trial-counts")).get_by_label("Close").click()
    editor.get_by_role("button", name="预览变更").click()
    page.get_by_role("button", name="生效").click()
    page.get_by_role("tab", name="运行", exact=True).click()
    expect(page.locator(".run-counts").filter(has_text="新增 2").first).to_be_visible(timeout=60_000)

    found = ask(page, "GET", "/api/records/customer?search=" + quote("春江机电"))["items"]
    assert [each["phone"] for each in found] == ["+862155550001"]

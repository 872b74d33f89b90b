"""What people do with content, locks and tasks of others: in the browser, each side in a window of its own."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import expect

from .conftest import Visitor, serious_faults
from .test_components import sent

pytestmark = pytest.mark.e2e


def test_what_must_be_read_is_published_confirmed_and_seen_to_be(visitor: Visitor) -> None:
    """S4-49: forced reading; S0-58: what is opened is counted."""
    title = f"新品政策{secrets.token_hex(3)}"
    keeper = visitor.signed_in("admin")
    pack = {"key": secrets.token_hex(8), "title": title, "body": "第一条：折扣须先审批。", "must_read": True}
    sent(keeper, "/api/records/content", {**pack, "target": {"roles": ["sales"]}})
    keeper.get_by_role("link", name="内容库", exact=True).click()
    keeper.get_by_role("button", name=title).click()
    dialog = keeper.get_by_role("dialog", name=title)
    expect(dialog).to_contain_text("尚未发布")
    dialog.get_by_role("button", name="发布第 1 版").click()
    expect(dialog.get_by_role("button", name="发布第 2 版")).to_be_visible()
    assert serious_faults(keeper) == []

    reader = visitor.signed_in("xiaoshou")
    reader.get_by_role("button", name=title).click()
    opened = reader.get_by_role("dialog", name=title)
    expect(opened).to_contain_text("第一条：折扣须先审批。")
    assert serious_faults(reader) == []
    opened.get_by_role("button", name="我已阅读并确认").click()
    expect(opened.get_by_role("button", name="我已阅读并确认")).to_have_count(0)
    opened.get_by_role("button", name="关闭").click()
    expect(reader.get_by_role("button", name=title)).to_have_count(0)

    keeper.reload()
    dialog.get_by_role("tab", name="读者").click()
    expect(dialog.get_by_role("row").filter(has_text="林销售")).not_to_contain_text("—")
    dialog.get_by_role("tab", name="使用情况").click()
    # Edition, pushed, opened, by how many readers, used, confirmed.
    expect(dialog.get_by_role("row").last.get_by_role("cell")).to_have_text(["1", "0", "3", "2", "0", "1"])


def test_who_is_locked_out_is_told_why_and_who_is_above_opens_it(visitor: Visitor) -> None:
    """S4-12: frozen by a rule with its reason; then the task about it is handed over."""
    name = f"冻结客户{secrets.token_hex(3)}"
    lock = {"kind": "lock", "reason": {"zh": "连续两周未达标", "en": "below target"}, "until": "released"}
    tell = {"kind": "notify", "to": ["owner"], "title": "{name} 已冻结", "urgent": True}
    rule = {
        "key": f"freeze_{secrets.token_hex(3)}", "label": "冻结配额", "object": "customer",
        "when": {"kind": "becomes"}, "if": f"name = '{name}'", "then": [lock, tell],
    }  # fmt: skip
    sent(visitor.signed_in("admin"), "/api/model/changes", {"actions": [{"action": "add_rule", "rule": rule}]})
    seller = visitor.signed_in("xiaoshou")
    customer = sent(seller, "/api/records/customer", {"name": name})["id"]
    # What is told last was done last: the lock is there.
    seller.get_by_role("button", name="通知").click()
    seller.get_by_role("link", name=f"{name} 已冻结").click(timeout=60_000)
    expect(seller.get_by_text("记录已锁定：连续两周未达标")).to_be_visible()
    expect(seller.get_by_role("button", name="解除锁定")).to_have_count(0)

    chief = visitor.signed_in("zhuguan")
    chief.goto(f"/records/customer/{customer}")
    chief.get_by_role("button", name="解除锁定").click()
    dialog = chief.get_by_role("dialog")
    dialog.get_by_label("原因").fill("已补货，核实")
    assert serious_faults(chief) == []
    dialog.get_by_role("button", name="解除锁定").click()
    expect(chief.get_by_text("记录已锁定")).to_have_count(0)

    title = f"复盘{name}"
    sent(seller, "/api/tasks", {"title": title, "about": {"object": "customer", "id": customer}})
    seller.goto("/")
    row = seller.locator(".work-row").filter(has_text=title)
    row.get_by_role("button", name="更多操作").click()
    seller.get_by_role("menuitem", name="转交").click()
    handing = seller.get_by_role("dialog")
    above = chief.request.get("/api/me").json()["person"]["name"]
    handing.get_by_label("转交给").fill(above)
    seller.locator(".ant-select-item-option").filter(has_text=above).click()
    handing.get_by_label("原因").fill("请一起看")
    handing.get_by_role("button", name="转交").click()
    expect(row).to_have_count(0)
    chief.goto("/")
    expect(chief.locator(".work-row").filter(has_text=title)).to_be_visible()

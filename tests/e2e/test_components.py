"""The overdue component, fitted by an administrator onto an object with three dates (S0-38)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visitor, serious_faults

pytestmark = pytest.mark.e2e
# An object as sales operations made it: its dates, and a title.
BILL = {
    "key": "bill",
    "label": {"zh": "账单", "en": "Bill"},
    "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "编号", "en": "Number"}},
        {"key": "due_on", "type": "date", "label": {"zh": "约定回款日", "en": "Due on"}},
        {"key": "paid_on", "type": "date", "label": {"zh": "实际回款日", "en": "Paid on"}},
    ],
}


def sent(page: Page, path: str, body: object) -> dict[str, object]:
    """The page's own session writes."""
    token = page.evaluate("localStorage.getItem('tongmai.csrf')")
    answer = page.request.post(path, data=body, headers={"X-CSRF-Token": token})
    assert answer.ok, answer.text()
    found: dict[str, object] = answer.json()
    return found


def test_the_overdue_component_is_fitted_and_shows_its_lights(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    sent(page, "/api/model/changes", {"actions": [{"action": "add_object", "object": BILL}]})
    page.goto("/build/fields?object=bill")
    page.get_by_role("button", name="装组件").click()
    page.get_by_role("button", name=re.compile("逾期预警")).click()
    # The dates were found by their names; the limits are asked with what is usual.
    expect(page.get_by_role("dialog")).to_contain_text("约定回款日")
    page.get_by_label("逾期超过几天亮红灯").fill("3")
    assert serious_faults(page) == []
    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.get_by_text("已生效").first).to_be_visible()
    late = sent(page, "/api/records/bill", {"number": "B-1", "due_on": "2020-01-01"})
    assert late["record"]["overdue_days"] > 1_000  # type: ignore[index]
    page.goto("/boards/bill_overdue")
    expect(page.get_by_text("红：逾期超过 3 天").first).to_be_visible()

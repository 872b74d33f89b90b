"""One customer under two names, in Chinese: found, merged on its page, taken apart again (S0-08)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Visitor, serious_faults
from .test_journeys import create_customer, some_name
from .test_record_page import opened_page

pytestmark = pytest.mark.e2e


def test_two_names_of_one_customer_are_merged_and_taken_apart(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    name = some_name()
    create_customer(page, f"上海{name}有限公司")
    opened_page(page, f"{name}（上海）股份有限公司")
    page.get_by_role("tab", name="疑似重复").click()
    likely = page.get_by_role("list", name="疑似重复").get_by_role("listitem").filter(has_text=f"上海{name}有限公司")
    expect(likely).to_contain_text("名称相同")
    assert serious_faults(page) == []
    likely.get_by_role("button", name="并入本条").click()
    page.get_by_role("dialog").get_by_role("button", name="合并").click()
    merged = page.get_by_role("list", name="已并入").get_by_role("listitem")
    expect(merged).to_contain_text(f"上海{name}有限公司")
    expect(likely).to_have_count(0)
    merged.get_by_role("button", name="撤销合并").click()
    expect(likely).to_be_visible()
    expect(merged).to_have_count(0)

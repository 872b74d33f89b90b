"""Lists in the browser: views, columns, groups, kanban, calendar, edits in place and in bulk."""

from __future__ import annotations

import re
import secrets
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Visitor, serious_faults
from .test_sources import ask

pytestmark = pytest.mark.e2e


def cell(page: Page, row: str, column: str) -> str:
    """The text of a cell by its row's title and its column's header."""
    heads = page.get_by_role("columnheader").all_inner_texts()
    at = next(index for index, text in enumerate(heads) if text.strip() == column)
    return page.get_by_role("row").filter(has_text=row).get_by_role("gridcell").nth(at).inner_text()


def customers(page: Page, count: int) -> list[str]:
    """New customers of a mark of their own, through the API of the signed-in page."""
    mark = secrets.token_hex(3)
    names = [f"批量{mark}号{n}" for n in range(count)]
    page.evaluate(
        """async (names) => {
            const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': localStorage.getItem('tongmai.csrf')};
            const body = JSON.stringify(names.map((name) => ({name, level: 'c'})));
            const answer = await fetch('/api/records/customer', {method: 'POST', headers, body});
            if (!answer.ok) throw new Error(await answer.text());
        }""",
        names,
    )
    return names


def test_conditions_become_a_filter_that_is_kept_as_a_view(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("textbox", name="值").fill("医院")
    assert serious_faults(page) == []
    page.get_by_role("button", name="应用").click()
    expect(page).to_have_url(re.compile("filter="))
    shown = page.get_by_role("gridcell").nth(1)
    expect(shown).to_contain_text("医院")
    page.get_by_role("button", name="存为视图").click()
    label = f"医院{secrets.token_hex(2)}"
    page.get_by_role("textbox", name="视图名称").fill(label)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("tab", name=label)).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="全部").click()
    expect(page).not_to_have_url(re.compile("filter="))
    page.get_by_role("tab", name=label).click()
    expect(page).to_have_url(re.compile("filter="))


def test_a_cell_is_edited_where_it_stands_and_many_rows_at_once(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    names = customers(page, 3)
    page.goto(f"/records/customer?search={names[0][:8]}")
    row = page.get_by_role("row").filter(has_text=names[0])
    row.get_by_role("gridcell").filter(has_text="C 潜在").dblclick()
    page.get_by_text("A 重点", exact=True).last.click()
    expect(row.get_by_text("A 重点")).to_be_visible()
    page.get_by_role("checkbox", name="选择全部已加载的行").check(force=True)
    expect(page.get_by_text("已选 3 条")).to_be_visible()
    page.get_by_role("button", name="批量修改").click()
    page.get_by_role("tooltip").get_by_role("combobox", name="字段").click()
    page.get_by_text("客户等级", exact=True).last.click()
    page.get_by_role("tooltip").get_by_label("客户等级").click()
    page.get_by_text("B 一般", exact=True).last.click()
    page.get_by_role("button", name="全部改为此值").click()
    expect(page.get_by_text("已处理 3 条")).to_be_visible()
    for name in names:
        expect(page.get_by_role("row").filter(has_text=name).get_by_text("B 一般")).to_be_visible()


def test_a_card_is_dragged_to_another_stage(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    name = customers(page, 1)[0]
    page.goto(f"/records/customer?kind=kanban&by=level&search={name}")
    card = page.get_by_role("button", name=name)
    target = page.get_by_role("region", name="A 重点")
    expect(card).to_be_visible()
    there = target.bounding_box()
    here = card.bounding_box()
    assert there is not None
    assert here is not None
    page.mouse.move(here["x"] + 40, here["y"] + 12)
    page.mouse.down()
    page.mouse.move(there["x"] + 60, there["y"] + 80, steps=12)
    page.mouse.up()
    expect(target.get_by_role("button", name=name)).to_be_visible()
    assert serious_faults(page) == []


def test_a_card_that_another_moves_is_never_seen_in_two_lanes(visitor: Visitor) -> None:
    """Lanes are read one by one: the one it left still tells of it long after the other has it."""
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    name = customers(page, 1)[0]
    behind: list[bytes] = []

    def tell_the_old(route: Route) -> None:
        if not behind:
            behind.append(route.fetch().body())
        route.fulfill(body=behind[0], content_type="application/json")

    page.route(lambda url: "/api/records/customer?" in url and "level = 'c'" in unquote_plus(url), tell_the_old)
    page.goto(f"/records/customer?kind=kanban&by=level&search={name}")
    card = page.get_by_role("button", name=name)
    expect(card).to_be_visible()
    other = visitor.signed_in("admin")
    other.goto("/records/customer")
    (row,) = other.request.get("/api/records/customer", params={"filter": f"name = '{name}'"}).json()["items"]
    ask(other, "PATCH", f"/api/records/customer/{row['id']}", {"level": "a"})
    expect(page.get_by_role("region", name="A 重点").get_by_role("button", name=name)).to_be_visible()
    expect(card).to_have_count(1)


def test_a_card_is_moved_and_opened_by_keys_alone(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    name = customers(page, 1)[0]
    page.goto(f"/records/customer?kind=kanban&by=level&search={name}")
    card = page.get_by_role("button", name=name)
    expect(card).to_be_visible()
    card.focus()
    page.keyboard.press("Space")
    expect(card).to_have_attribute("data-dragging", "true")
    page.keyboard.press("ArrowLeft")
    # Said to who cannot see where the card hangs.
    expect(page.get_by_role("status").filter(has_text="在“B 一般”列上")).to_have_count(1)
    page.keyboard.press("Space")
    expect(page.get_by_role("region", name="B 一般").get_by_role("button", name=name)).to_be_visible()
    # The column it came from asks anew by itself.
    expect(page.get_by_role("button", name=name)).to_have_count(1)
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("客户名称")).to_have_value(name)


def test_groups_show_sums_and_open_to_their_records(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/opportunity?group=stage")
    group = page.get_by_role("row").filter(has_text="线索")
    expect(group.get_by_role("cell").nth(1)).to_have_text(re.compile(r"\d+"))
    group.get_by_role("button").click()
    expect(page.locator(".group-record").first).to_be_visible()
    page.goto("/records/opportunity?kind=calendar&by=close_date")
    expect(page.get_by_role("button", name="下个月")).to_be_visible()
    assert serious_faults(page) == []


def test_columns_are_chosen_and_stay_chosen(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.goto("/records/customer")
    page.get_by_role("button", name="列", exact=True).click()
    box = page.get_by_role("checkbox", name="地址", exact=True)
    box.uncheck()
    expect(page.get_by_role("columnheader", name="地址")).to_have_count(0)
    # It stays under the finger: who unticked too much ticks it again.
    expect(box).to_be_focused()
    page.reload()
    expect(page.get_by_role("columnheader", name="客户等级")).to_be_visible()
    expect(page.get_by_role("columnheader", name="地址")).to_have_count(0)


def test_search_and_commands_go_anywhere_by_keyboard(visitor: Visitor) -> None:
    page = visitor.signed_in("zhuguan")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="搜索与命令").fill("看板")
    expect(page.get_by_role("option", name="看板")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/boards$"))
    assert serious_faults(page) == []

"""What looks like a script stays text: in every type of field, in labels, names of files, messages and imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tongmai.model import FIELD_TYPES

from .conftest import Visitor
from .test_sources import ask, change

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TRAP = '<img src=x onerror="window.caught=1">'
LABEL = {"zh": TRAP, "en": TRAP}
_CHOICES = {"choices": [{"key": "a", "label": LABEL, "color": "red"}]}
# What has options of its own, and what a field of the type holds where that can be words.
OPTIONS: dict[str, dict[str, Any]] = {
    "choice": _CHOICES, "multi_choice": _CHOICES, "relation": {"target": "trap"}, "number": {"unit": LABEL},
    "formula": {"text": "[text]"}, "auto_number": {"pattern": TRAP + "{000}"},
}  # fmt: skip
VALUES: dict[str, Any] = {
    "text": TRAP, "long_text": TRAP, "choice": "a", "multi_choice": ["a"], "json": {TRAP: [TRAP]}, "number": 1,
    "url": "https://example.com/?onerror=1", "date": "2026-11-20",
}  # fmt: skip


def field(key: str) -> dict[str, Any]:
    label = f"{TRAP}{key}"
    return {"key": key, "type": key, "label": {"zh": label, "en": label}, "options": OPTIONS.get(key, {})}


@pytest.fixture
def page(visitor: Visitor) -> Iterator[Page]:
    """The administrator's, with an object of all types of fields and one record full of traps."""
    page = visitor.signed_in("admin")
    fields = [field(each) for each in FIELD_TYPES]
    change(page, {"action": "add_object", "object": {"key": "trap", "label": LABEL, "title": "text", "fields": fields}})
    yield page
    change(page, {"action": "remove_object", "object": "trap"})


@pytest.fixture
def team(page: Page) -> Iterator[str]:
    made = ask(page, "POST", "/api/records/team", {"name": TRAP})["record"]["id"]
    yield made
    ask(page, "DELETE", f"/api/records/team/{made}")


def filled(page: Page, team: str) -> str:
    person = ask(page, "GET", "/api/me")["person"]["id"]
    sent = page.request.post(
        "/api/files",
        headers={"x-csrf-token": page.evaluate("localStorage.getItem('tongmai.csrf')")},
        multipart={"file": {"name": f"{TRAP}.txt", "mimeType": "text/plain", "buffer": b"a"}},
    )
    assert sent.ok, sent.text()
    row = {**VALUES, "team": team, "person": person, "file": [sent.json()["id"]]}
    made = ask(page, "POST", "/api/records/trap", row)["record"]
    ask(page, "POST", "/api/records/trap", {**row, "file": [], "relation": made["id"]})
    return str(made["id"])


def shows_text(page: Page) -> None:
    """The trap is read, is no element, and did nothing."""
    expect(page.get_by_text(TRAP).filter(visible=True).first).to_be_visible()
    assert page.locator('img[src="x"]').count() == 0
    assert page.evaluate("window.caught") is None


def test_every_type_of_field_shows_it_as_text(page: Page, team: str) -> None:
    record = filled(page, team)
    pages = (
        "/records/trap", "/records/trap?kind=gallery", "/records/trap?kind=kanban&by=choice",
        "/records/trap?kind=calendar&by=date", f"/records/trap/{record}", "/build/fields?object=trap",
    )  # fmt: skip
    for each in pages:
        page.goto(each)
        shows_text(page)
    page.goto(f"/records/trap/{record}")
    page.get_by_role("tab", name="历史").click()
    shows_text(page)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").last.fill("onerror")
    shows_text(page)


def test_messages_and_imports_show_it_as_text(page: Page, tmp_path: Path) -> None:
    page.goto("/records/trap")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("radio", name="公式").press("Space")
    page.get_by_role("textbox", name="公式").fill(f"[{TRAP}x] = 1")
    expect(page.locator(".fault")).to_contain_text("onerror")
    shows_text(page)
    page.keyboard.press("Escape")
    table = tmp_path / f"{TRAP.replace('/', '')}.csv"
    quoted = '"' + TRAP.replace('"', '""') + '"'
    table.write_text(f"text,number,{quoted}\n{quoted},{quoted},{quoted}\n", encoding="utf-8")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="导入").click()
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_role("region", name="试算结果")).to_be_visible()
    shows_text(page)

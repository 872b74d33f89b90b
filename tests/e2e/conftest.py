"""A real program (its own process, its own data folder) and a real browser: Debian's Chromium, in Chinese."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from .running import Program, running

UI = Path(__file__).parents[2] / "src" / "tongmai" / "web" / "_ui" / "index.html"
AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_MOST_SHOWN = 6000
# Only a wait: what is there is seen at once. Two programs and two browsers share two cores and one disk here.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    if not UI.exists():
        pytest.skip("the screens are not built: make ui")
    with running(tmp_path_factory.mktemp("e2e"), "--bare") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's: Playwright's own event loop must be gone before a test that brings one runs in this process."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium: make browser")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                # A container's shared memory is small, and a page that finds none left dies.
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield started
        started.close()


@dataclass(frozen=True)
class Visitor:
    """Opens windows of people who are signed in."""

    browser: Browser
    program: Program
    windows: list[BrowserContext] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)

    def window(self, *, phone: bool = False, language: str = "zh-CN", agent: str | None = None) -> Page:
        context = self.browser.new_context(
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
            locale=language,
            user_agent=agent,
            # On a slow machine a click upon what is still opening goes astray; a person is not so quick.
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
            base_url=self.program.address,
        )
        self.windows.append(context)
        page = context.new_page()
        # Told at the test's end: what a listener raises goes astray in the driver's own loop.
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
        return page

    def signed_in(self, login: str, *, phone: bool = False, language: str = "zh-CN") -> Page:
        page = self.window(phone=phone, language=language)
        page.goto("/sign-in")
        page.get_by_label("账号" if language == "zh-CN" else "Account").fill(login)
        page.locator("input[type=password]").fill(self.program.passwords[login])
        page.keyboard.press("Enter")
        expect(page.locator(".work")).to_be_visible()
        return page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A browser test that fails tells what its windows showed."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call" and report.failed:
        found = (each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Visitor))
        for page in (page for visitor in found for window in visitor.windows for page in window.pages):
            with suppress(Error):
                shown = page.locator("body").aria_snapshot(timeout=5000)
                report.sections.append((f"shown at {page.url}", shown[-_MOST_SHOWN:]))


@contextmanager
def visiting(browser: Browser, program: Program) -> Iterator[Visitor]:
    """Windows that close with the block; what a page threw is told then."""
    visitor = Visitor(browser, program)
    try:
        yield visitor
    finally:
        for each in visitor.windows:
            each.close()
    assert not visitor.thrown, "the page threw"


@pytest.fixture
def visitor(browser: Browser, program: Program) -> Iterator[Visitor]:
    with visiting(browser, program) as opened:
        yield opened


def serious_faults(page: Page) -> list[str]:
    """What axe-core finds serious or critical, with the place."""
    # Evaluated by the driver: the page itself lets no foreign script in.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # What is still fading in has no colours of its own yet. AntD gives the list of an open Select no name.
    page.evaluate(
        "() => Promise.race([Promise.allSettled(document.getAnimations().map((each) => each.finished)),"
        " new Promise((done) => setTimeout(done, 2000))])"
    )
    found = page.evaluate("() => axe.run({exclude: [['.ant-select-dropdown']]}, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        # AntD puts its own button for tabs that find no room among the tabs.
        if node["target"] != [".ant-tabs-nav"]
    ]

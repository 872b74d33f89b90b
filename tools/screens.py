"""Takes the pictures of docs/screens again: a fresh program with its example rows, a real browser, desk and phone."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

# The company whose boards are pictured is the one that the browser tests make.
sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.e2e.running import running, running_demo
from tests.e2e.sales_company import running_company

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# A picture full of text is a large file.
SHORT = {"width": 1280, "height": 560}


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("账号").fill(login)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    page.locator(".work").wait_for()


def fields(page: Page) -> None:
    page.goto("/build/fields?object=customer")
    page.get_by_role("button", name="新增字段").click()
    page.get_by_label("中文名称").fill("推荐人")
    page.get_by_label("英文名称").fill("Referrer")
    page.get_by_label("标识").fill("referrer")
    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("heading", name="影响").wait_for()


def record(page: Page) -> None:
    page.goto("/records/customer?search=sx")
    page.get_by_role("gridcell").nth(1).click()
    page.get_by_role("tab", name="详情").wait_for()


def history(page: Page) -> None:
    page.goto("/records/opportunity?sort=-amount")
    page.get_by_role("gridcell").nth(1).click()
    page.get_by_label("预计成交日期").wait_for()
    page.get_by_label("备注").fill("客户下周三上会，等采购主任回话。")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存").wait_for()
    page.get_by_text("已保存").wait_for(state="hidden")
    page.get_by_role("tab", name="历史").click()
    page.get_by_text("撤销这次修改").wait_for()


def importing(page: Page) -> None:
    rows = [
        "客户名称,电话,客户等级",
        "绍兴一号医院,13800138001,A 重点",
        "绍兴二号医院,12,B 一般",
        "绍兴三号医院,,一般般",
    ]
    page.goto("/records/customer")
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="导入").click()
    file = FilePayload(name="客户.csv", mimeType="text/csv", buffer="\n".join(rows).encode("gb18030"))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("region", name="试算结果").wait_for()


def listing(page: Page) -> None:
    page.goto("/records/customer?sort=last_contact")
    page.get_by_role("gridcell").first.wait_for()


def today(page: Page) -> None:
    page.goto("/")
    page.get_by_text("需要立即处理").first.wait_for(timeout=60_000)
    page.locator(".today[aria-busy=false]:not(:has([aria-busy=true]))").wait_for()


def health(page: Page) -> None:
    page.goto("/health")
    page.get_by_role("tab").first.wait_for()


def board(page: Page) -> None:
    page.goto("/boards/overview")
    page.locator(".chart svg").first.wait_for()


def kanban(page: Page) -> None:
    page.goto("/records/opportunity?kind=kanban&by=stage")
    page.locator(".record-card").first.wait_for()


def rules(page: Page) -> None:
    page.goto("/build/rules")
    page.get_by_text("重点客户沉默").first.wait_for()


def rows(page: Page) -> None:
    page.goto("/records/customer")
    page.locator(".row-phone").first.wait_for()


def heat(page: Page) -> None:
    page.goto("/boards/heat_map_board")
    page.get_by_role("button", name=re.compile("^调取聊天")).first.wait_for()
    # The chart is the largest part of the page, and the last to come.
    page.locator(".chart svg text").first.wait_for()


def overdue(page: Page) -> None:
    page.goto("/boards/overdue_board")
    page.get_by_role("button", name="登记回款 首付款").wait_for()
    page.locator("svg text").first.wait_for()


def customer(page: Page) -> None:
    page.goto("/records/customer?search=sxkf")
    page.get_by_role("gridcell", name="绍兴康复医院").click()
    page.get_by_role("link", name="打开整页").click()
    page.get_by_role("tab", name="选品参考").click()
    page.get_by_role("region", name="周边店新品动销榜").wait_for()
    page.get_by_role("region", name="为什么是这个颜色").locator("time").wait_for(timeout=60_000)


def take(browser: Browser, address: str, login: str, password: str, name: str, visit: Callable[[Page], None]) -> None:
    phone = name.endswith("phone")
    context = browser.new_context(
        viewport=PHONE if phone else SHORT if name.startswith("health") else DESK,  # type: ignore[arg-type]
        device_scale_factor=1.5 if phone else 1,
        is_mobile=phone,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        base_url=address,
        color_scheme="dark" if "dark" in name else "light",
    )
    page = context.new_page()
    sign_in(page, login, password)
    visit(page)
    page.wait_for_load_state("load")
    page.wait_for_function("() => document.querySelector('.live')?.dataset.on !== 'false'")
    picture = FOLDER / f"{name}.png"
    page.screenshot(path=picture, animations="disabled")
    # A picture full of text is a large file: few colours do for screens.
    Image.open(picture).convert("RGB").quantize(160, dither=Image.Dither.NONE).save(picture, optimize=True)
    context.close()
    print(f"docs/screens/{name}.png")


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), "--bare") as program,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        pictures: list[tuple[str, str, Callable[[Page], None]]] = [
            ("records-desk", "zhuguan", listing),
            ("records-dark-desk", "zhuguan", listing),
            ("record-desk", "xiaoshou", record),
            ("history-desk", "zhuguan", history),
            ("import-desk", "zhuguan", importing),
            ("fields-desk", "admin", fields),
            ("records-phone", "xiaoshou", rows),
            ("today-desk", "zhuguan", today),
            ("today-phone", "xiaoshou", today),
            ("health-desk", "zhuguan", health),
            ("board-desk", "zhuguan", board),
            ("kanban-desk", "zhuguan", kanban),
            ("rules-desk", "admin", rules),
        ]
        for name, login, visit in pictures:
            take(browser, program.address, login, program.passwords[login], name, visit)
        take_sales(browser)
        take_tour(browser)
        browser.close()
    return 0


def take_sales(browser: Browser) -> None:
    """The boards and panels of the sales app, in a company of its own."""
    with tempfile.TemporaryDirectory() as folder, running_company(Path(folder)) as company:
        pictures: list[tuple[str, str, Callable[[Page], None]]] = [
            ("heat-desk", "zhuguan", heat),
            ("heat-phone", "zhuguan", heat),
            ("overdue-desk", "caiwu", overdue),
            ("customer-desk", "xiaoshou", customer),
        ]
        for name, login, visit in pictures:
            take(browser, company.address, login, company.passwords[login], name, visit)


def take_tour(browser: Browser) -> None:
    """The pictures of the README's tour, in the whole demo company."""
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as program:
        pictures: list[tuple[str, str, Callable[[Page], None]]] = [
            ("tour-1-today", "zhuguan", today),
            ("tour-2-customer", "xiaoshou", red_customer),
            ("tour-3-heat", "zhuguan", heat),
            ("tour-4-health", "zongjian", outcomes),
            ("tour-5-past", "yunying", past),
        ]
        for name, login, visit in pictures:
            take(browser, program.address, login, program.passwords[login], name, visit)


def red_customer(page: Page) -> None:
    page.goto("/records/customer?filter=" + quote("[customer_health] = 'red'"))
    page.get_by_role("gridcell").nth(1).click()
    page.get_by_role("link", name="打开整页").click()
    page.get_by_text("为什么是这个颜色").click()
    page.get_by_role("heading", name="最新通话记录").wait_for()


def outcomes(page: Page) -> None:
    page.goto("/boards/customer_health_board")
    page.get_by_text("当月恢复采购").wait_for()
    page.locator(".chart svg").nth(1).wait_for()


def past(page: Page) -> None:
    page.goto("/build/rules?item=chatted_not_updated")
    page.get_by_role("button", name="用历史试运行").click()
    page.get_by_text("近 30 天").click()
    page.get_by_text("现有数据", exact=True).click()
    page.get_by_role("button", name="开始试运行").click()
    page.get_by_text("每天触发多少次").wait_for(timeout=120_000)
    page.get_by_text("每天触发多少次").scroll_into_view_if_needed()


if __name__ == "__main__":
    sys.exit(main())

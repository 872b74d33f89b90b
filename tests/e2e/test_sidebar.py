"""Beside a WeCom chat: who the customer is, confirmed by one click; how he stands; what is noted by one tap (S0-29, S0-30,
S2-19).

The vendor is its simulator in a process of its own. The page brings the vendor's own SDK; the bridge that the client puts
into its window is the simulator's, which looks at the page's signature by its own code.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.program import COMMAND, announced, stopped

from .conftest import UI, Visitor, serious_faults, visiting
from .running import Program, running

pytestmark = pytest.mark.e2e

BOSS = "wmSIMCUSTOMER000000000000000001"
# Somebody else follows this one.
STRANGER = "wmSIMCUSTOMER000000000000000002"
PHONE = "13800000001"
FOLLOW_UP: dict[str, Any] = {
    "key": "follow_up", "label": {"zh": "跟进记录", "en": "Follow-up"}, "title": "topic",
    "fields": [
        {"key": "topic", "type": "text", "label": {"zh": "主题", "en": "Topic"}, "default": "'跟进'"},
        {"key": "opportunity", "type": "relation", "label": {"zh": "商机", "en": "Opportunity"},
         "options": {"target": "opportunity"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
        {"key": "happened_at", "type": "datetime", "label": {"zh": "跟进时间", "en": "At"}, "default": "NOW()"},
        {"key": "note", "type": "long_text", "label": {"zh": "补充", "en": "Note"}},
        {"key": "files", "type": "file", "label": {"zh": "附件", "en": "Files"}, "options": {"max_files": 20}},
    ],
}  # fmt: skip
LIGHT_ENTRY: dict[str, Any] = {
    "label": {"zh": "今日关键进展", "en": "Key progress of today"}, "about": "opportunity",
    "fills": {"customer": "[customer]"}, "asks": ["note"],
    "presets": [{"key": "asked", "label": {"zh": "需求已确认", "en": "Need confirmed"}, "when": "[stage] = 'lead'",
                 "moves": [{"field": "stage", "value": "'qualified'"}]}],
}  # fmt: skip
MAPPINGS: tuple[dict[str, Any], ...] = (
    {"key": "people", "label": {"zh": "人员", "en": "People"}, "source": "wecom", "stream": "members",
     "object": "person", "columns": [{"path": "mobile"}], "match": ["phone"], "creates": False,
     "fields": [{"field": "phone", "value": "mobile", "wins": "person"}]},
    {"key": "contacts", "label": {"zh": "客户", "en": "Customers"}, "source": "wecom", "stream": "customers",
     "object": "customer", "columns": [{"path": "corp_name"}], "match": ["name"], "creates": False,
     "fields": [{"field": "name", "value": "corp_name", "wins": "person"}]},
)  # fmt: skip
CLIENT = (
    "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36"
    " wxwork/4.1.30 MicroMessenger/7.0.1 Language/zh"
)
# What the client puts into its window: a way to ask it, and nothing else.
BRIDGE = """window.WeixinJSBridge = {
    invoke: (name, params, told) => void window.askTheClient(location.href, name, params).then(told),
    on: () => {},
};"""
TRAITS = ("label", "plural", "title", "icon", "form")
PROMPTS = {
    "items": [{"key": "phone", "label": {"zh": "补上联系电话", "en": "Add the phone"}, "fields": ["phone"]}],
    "hush": [{"label": {"zh": "刚投诉过", "en": "Has complained"}, "event": "complaint"}],
}  # fmt: skip
PACK = {
    "key": "late_delivery", "title": "延期安抚话术", "kind": "script", "target": {"object": "customer"},
    "body": "先道歉，再给日子。\n- “王总，货周五一定到，我盯着。”\n不谈新订单。",
}  # fmt: skip


class Desk:
    """Somebody at the API."""

    def __init__(self, program: Program, login: str) -> None:
        self._client = httpx.Client(base_url=program.address, timeout=60)
        answer = self._client.post("/api/session", json={"login": login, "password": program.passwords[login]})
        self._client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        answer = self._client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def change(self, *actions: dict[str, Any]) -> None:
        self.ask("POST", "/api/model/changes", {"actions": list(actions)})

    def make(self, object_key: str, **values: object) -> str:
        return str(self.ask("POST", f"/api/records/{object_key}", values)["record"]["id"])

    def until_known(self, contact: str) -> None:
        """Returns when the person is known as the one who follows the contact; fails after a minute."""
        until = time.monotonic() + 60
        path = f"/api/side-bar/wecom/customer?external_user_id={contact}"
        while (answer := self._client.get(path)).status_code != 200:
            assert time.monotonic() < until, answer.text
            time.sleep(0.2)


@dataclass(frozen=True)
class Vendor:
    """The simulated WeCom: its side of the API, and of the windows of its client."""

    told: dict[str, Any]

    def open_window(self, guest: Visitor, *, path: str = "/sidebar", **beside: str) -> Page:
        """A page in the client's window beside a chat, on a phone. ``path`` is what the client sees."""
        opened = httpx.post(f"{self.told['address']}/control/window", json=beside).json()["window"]
        address = f"{self.told['address']}/client/{opened}"

        def ask(url: str, name: str, params: dict[str, Any]) -> Any:
            return httpx.post(
                address, json={"url": url.replace("/sidebar", path), "name": name, "params": params}
            ).json()

        page = guest.window(phone=True, agent=CLIENT)
        page.expose_function("askTheClient", ask)
        page.add_init_script(BRIDGE)
        return page

    def archived(self) -> list[dict[str, Any]]:
        lines = httpx.get(f"{self.told['address']}/archive/lines").text.splitlines()
        return [json.loads(each) for each in lines]


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    command = [*COMMAND, "simulate", "wecom", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Vendor(announced(process))
        finally:
            stopped(process)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Iterator[Program]:
    """A company whose chats are in WeCom; 林销售 follows the contact, and may come in through WeCom."""
    if not UI.exists():
        pytest.skip("the screens are not built: make ui")
    with pytest.MonkeyPatch.context() as around:
        around.setenv("TONGMAI_SIGN_IN_SOURCES", "start/wecom")
        with running(tmp_path_factory.mktemp("office"), "--bare") as program:
            _connect(Desk(program, "admin"), vendor.told)
            Desk(program, "xiaoshou").until_known(BOSS)
            yield program


def _connect(admin: Desk, vendor: dict[str, Any]) -> None:
    (seller,) = admin.ask("GET", "/api/records/person?filter=name = '林销售'")["items"]
    admin.ask(
        "PATCH", f"/api/records/person/{seller['id']}", {"phone": PHONE}, **{"If-Match": f'"{seller["version"]}"'}
    )
    sales = next(each for each in admin.ask("GET", "/api/model")["roles"] if each["key"] == "sales")
    grant = {"object": "follow_up", "read": "own", "create": True}
    customer = next(each for each in admin.ask("GET", "/api/model")["objects"] if each["key"] == "customer")
    traits = {name: customer[name] for name in TRAITS if customer.get(name)}
    options = {"corp_id": vendor["corp_id"], "agent_id": vendor["agent_id"], "base_url": vendor["address"]}
    label = {"zh": "企业微信", "en": "WeCom"}
    admin.change(
        {"action": "add_object", "object": {**FOLLOW_UP, "light_entry": LIGHT_ENTRY}},
        {"action": "change_object", "object": "customer", "after": {**traits, "prompts": PROMPTS}},
        {"action": "change_role", "before": sales, "after": {**sales, "grants": [*sales["grants"], grant]}},
        {"action": "add_source", "source": {"key": "wecom", "kind": "wecom", "label": label, "options": options}},
        *({"action": "add_mapping", "mapping": each} for each in MAPPINGS),
    )
    admin.ask("PUT", "/api/sources/wecom/secrets", {"secrets": {"secret": vendor["secret"]}})
    admin.ask("POST", "/api/sources/wecom/pull", {"streams": ["members", "customers"]})
    pack = admin.make("content", **PACK)
    admin.ask("POST", f"/api/content/{pack}/publish")


@pytest.fixture
def guest(browser: Browser, office: Program) -> Iterator[Visitor]:
    with visiting(browser, office) as opened:
        yield opened


def test_beside_a_chat_its_customer_is_confirmed_and_progress_noted(
    guest: Visitor, vendor: Vendor, tmp_path: Path
) -> None:
    seller = Desk(guest.program, "xiaoshou")
    mine = seller.make("customer", name="宏达机械", last_contact="2020-01-01")
    deal = seller.make("opportunity", name="宏达二期", customer=mine)
    page = vendor.open_window(guest, contact=BOSS)
    page.goto("/sidebar?workspace=start&source=wecom")

    # Nobody said yet whose chat it is: a likely customer, with why, and one click.
    expect(page.get_by_role("heading", name="陈老板")).to_be_visible()
    candidate = page.locator(".candidates li").filter(has_text="宏达机械")
    expect(candidate).to_contain_text("名称相同")
    assert serious_faults(page) == []
    page.get_by_role("button", name="就是他：宏达机械").click()

    # How he stands and why, and what can be noted about his deal by one tap.
    expect(page.get_by_role("link", name="宏达机械", exact=True)).to_be_visible()
    expect(page.locator(".figure").filter(has_text="客户健康度")).to_contain_text("风险")
    row = page.get_by_role("region", name="今日关键进展")
    row.get_by_role("button", name="需求已确认").click()
    expect(row.get_by_role("status")).to_contain_text("阶段：线索 → 需求确认")
    assert seller.ask("GET", f"/api/records/opportunity/{deal}")["stage"] == "qualified"

    # One thing is asked for, filled in where it stands, and asked no more (S0-30).
    asked = page.get_by_role("region", name="顺手补一项")
    expect(asked).to_contain_text("补上联系电话")
    asked.get_by_role("button", name="填写").click()
    page.get_by_role("dialog").get_by_label("电话").fill("13900000009")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(asked).to_have_count(0)
    assert seller.ask("GET", f"/api/records/customer/{mine}")["phone"].endswith("13900000009")

    # A note and a file become a follow-up of the customer; he is not named again.
    paper = tmp_path / "样品照片.txt"
    paper.write_text("样品", encoding="utf-8")
    note = page.get_by_role("region", name="记一条跟进")
    note.get_by_label("说了什么").fill("周三送样")
    note.locator("input[type=file]").set_input_files(paper)
    expect(note.get_by_text("样品照片.txt")).to_be_visible()
    note.get_by_role("button", name="记下").click()
    expect(note.get_by_role("status")).to_contain_text("已记下")
    assert serious_faults(page) == []
    made = seller.ask("GET", "/api/records/follow_up?filter=NOT ISBLANK(note)")["items"]
    assert [(each["customer"]["id"], each["note"], len(each["files"])) for each in made] == [(mine, "周三送样", 1)]

    # What the library says to the seller; what he makes of it goes into the chat, and counts as used.
    packs = page.get_by_role("region", name="适合这位客户的内容")
    packs.get_by_role("button", name=PACK["title"]).click()
    words = packs.get_by_label("要发给客户的话")
    expect(words).to_have_value("王总，货周五一定到，我盯着。")
    words.fill("陈老板，货周五一定到，我盯着。")
    packs.get_by_role("button", name="发到聊天").click()
    expect(page.get_by_text("已发到聊天")).to_be_visible()
    said = vendor.archived()[-1]
    assert (said["from"], said["tolist"], said["text"]["content"]) == (
        "zhangsan", [BOSS], "陈老板，货周五一定到，我盯着。",
    )  # fmt: skip
    assert {each["event"] for each in seller.ask("GET", "/api/records/content_use")["items"]} >= {"opened", "used"}
    assert serious_faults(page) == []

    # A wrong click is taken back.
    page.get_by_role("button", name="取消关联").click()
    expect(page.get_by_role("button", name="就是他：宏达机械")).to_be_visible()


def test_a_window_that_does_not_accept_the_page_says_so_and_one_beside_no_chat_where_to_open_it(
    guest: Visitor, vendor: Vendor
) -> None:
    # The client sees another address than was signed: a gateway between writes them anew.
    page = vendor.open_window(guest, contact=BOSS, path="/bar")
    page.goto("/sidebar?workspace=start&source=wecom")
    expect(page.get_by_text("企业微信没有接受这个页面")).to_contain_text("invalid signature")
    page = vendor.open_window(guest)
    page.goto("/sidebar?workspace=start&source=wecom")
    expect(page.get_by_text("请从聊天右侧的工具栏打开")).to_be_visible()


def test_who_comes_in_through_wecom_goes_on_to_what_he_wanted_may_write_there_and_leaves_for_good(
    guest: Visitor,
) -> None:
    page = guest.window()
    page.goto("/records/customer")
    page.get_by_role("link", name="企业微信登录").click()
    expect(page).to_have_url(re.compile("/records/customer"))
    page.goto("/records/customer?record=new")
    page.get_by_label("客户名称").fill("经企业微信登录新建")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("gridcell", name="经企业微信登录新建")).to_be_visible()
    # The page of sign-in is none for who is signed in, also by an answer of the vendor's that was used before.
    page.goto("/sign-in?refused=sign_in.code&from=/records/customer")
    expect(page.get_by_role("gridcell", name="经企业微信登录新建")).to_be_visible()

    phone = guest.window(phone=True, agent=CLIENT)
    phone.goto("/profile")
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.get_by_role("link", name="企业微信登录")).to_be_visible()
    phone.goto("/sign-in?refused=member.unknown&from=/profile")
    expect(phone.get_by_role("alert")).to_contain_text("还没有对应的人员")
    assert serious_faults(phone) == []
    phone.get_by_role("link", name="企业微信登录").click()
    expect(phone.get_by_role("button", name="退出登录")).to_be_visible()


def test_who_does_not_follow_the_contact_is_told_so_and_sees_nothing(guest: Visitor) -> None:
    page = guest.signed_in("zhuguan")
    page.goto(f"/sidebar?chat={STRANGER}")
    expect(page.get_by_text("您不是这个外部联系人的跟进人")).to_contain_text("请该客户的跟进人操作")
    expect(page.get_by_text("刘经理")).to_have_count(0)
    page.goto("/sidebar")
    expect(page.get_by_role("heading", name="不知道是哪个聊天")).to_be_visible()
    assert serious_faults(page) == []


def test_a_button_is_made_without_code_tried_on_a_record_tapped_and_taken_back(guest: Visitor) -> None:
    seller = Desk(guest.program, "xiaoshou")
    customer = seller.make("customer", name="轻录入客户")
    deal = seller.make("opportunity", name="轻录入商机", customer=customer)
    page = guest.signed_in("admin")
    page.goto("/build/light-entry")
    page.get_by_role("button", name="今日关键进展").click()
    page.get_by_role("button", name="添加按钮").click()
    button = page.get_by_role("region", name="未命名")
    button.get_by_label("中文名称").fill("收到招标文件")
    button = page.get_by_role("region", name="收到招标文件")
    # The stage moves on from those before it, and never back.
    pick(page, button.get_by_label("推进一个字段…"), "阶段")
    pick(page, button.get_by_label("阶段取自"), "方案报价")
    expect(button.locator(".move-line")).to_contain_text("需求确认")
    pick(page, page.get_by_label("选一条商机试算"), "轻录入商机", typed="轻录入商机")
    expect(page.locator(".tried-presets li").filter(has_text="收到招标文件")).to_contain_text("阶段 → 方案报价")
    assert serious_faults(page) == []

    page.get_by_role("button", name="预览变更").click()
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.locator(".design-open").filter(has_text="收到招标文件")).to_be_visible()
    phone = guest.signed_in("xiaoshou", phone=True)
    phone.goto("/")
    row = phone.get_by_role("region", name="今日关键进展")
    row.get_by_label("哪个项目").select_option(label="轻录入商机")
    row.get_by_role("button", name="收到招标文件").click()
    expect(row.get_by_role("status")).to_contain_text("阶段：线索 → 方案报价")
    assert seller.ask("GET", f"/api/records/opportunity/{deal}")["stage"] == "proposal"

    page.get_by_role("button", name="撤销变更").click()
    expect(page.locator(".design-open").filter(has_text="收到招标文件")).to_have_count(0)


def pick(page: Page, box: Any, option: str, *, typed: str = "") -> None:
    """Chooses in a Select of AntD's, whose list lies elsewhere on the page."""
    box.click()
    if typed:
        box.fill(typed)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter(has_text=option).first.click()

"""A paper dropped on a customer's page (S0-27, S1-07): what was found stands where it was found, a person looks, one
click attaches."""

from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.papers import docx, pdf

from .conftest import Visitor, serious_faults
from .test_sources import ask, change

pytestmark = pytest.mark.e2e

QUOTE: dict[str, Any] = {
    "key": "quote", "label": {"zh": "报价", "en": "Quote"}, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "报价单号", "en": "Number"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"}, "required": True,
         "options": {"target": "customer"}},
        {"key": "amount", "type": "money", "label": {"zh": "报价金额", "en": "Amount"}},
        {"key": "papers", "type": "file", "label": {"zh": "原件", "en": "Papers"}},
    ],
}  # fmt: skip


def quotes(page: Page) -> None:
    """The starter has no quotations: papers of that kind get an object of their own, once."""
    if not any(each["key"] == "quote" for each in ask(page, "GET", "/api/model")["objects"]):
        change(page, {"action": "add_object", "object": QUOTE})


def customer(page: Page, name: str) -> str:
    return str(ask(page, "POST", "/api/records/customer", {"name": name})["record"]["id"])


def drop(page: Page, record: str, name: str, paper: bytes) -> Locator:
    """The paper sent on the customer's page; the dialog in which it is looked through."""
    page.goto(f"/records/customer/{record}")
    page.get_by_role("tab", name="抓取").click()
    page.locator("input[type=file][aria-label='上传文件或拍照']").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": paper}
    )
    dialog = page.get_by_role("dialog")
    # Reading is a job in a confined process of its own.
    expect(dialog.get_by_role("button", name="关联", exact=True)).to_be_visible(timeout=60_000)
    return dialog


def test_a_quotation_is_read_with_its_places_and_attached_by_one_click(visitor: Visitor) -> None:
    page = visitor.signed_in("admin")
    quotes(page)
    name = "杭州市第一人民医院"
    record = customer(page, name)
    dialog = drop(page, record, "offer.pdf", pdf([(60, 780, "Quotation"), (60, 740, "Quotation No: QT-2026-0117"),
                                                 (60, 700, "Total: CNY 5,600.00")]))  # fmt: skip

    # A quotation becomes a quote of this customer; what was found is framed where it stands on the page.
    expect(dialog.get_by_text("新建报价")).to_be_visible()
    expect(dialog.get_by_label("报价金额的值")).to_have_value("5600.00")
    places = dialog.locator(".capture-place")
    expect(places).to_have_count(3)
    dialog.get_by_label("报价金额的值").hover()
    framed = dialog.locator(".capture-place[data-active=true]")
    expect(framed).to_have_attribute("title", re.compile("金额"))
    assert serious_faults(page) == []

    dialog.get_by_role("button", name="关联", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("offer.*已关联"))).to_be_visible()
    (made,) = ask(page, "GET", f"/api/records/quote?filter=customer = '{record}'")["items"]
    assert (made["number"], made["amount"], made["customer"]["label"]) == ("QT-2026-0117", 5600, name)
    assert len(made["papers"]) == 1


def test_what_is_unsure_waits_for_a_person_on_the_phone(visitor: Visitor) -> None:
    page = visitor.signed_in("admin", phone=True)
    quotes(page)
    name = "苏州同济大药房连锁有限公司"
    record = customer(page, name)
    paper = docx(
        (("报价单",), ("报价单号：QT-9",), (f"客户名称：{name}",), ("金额：12.8万元（大写：壹拾贰万陆仟元整）",))
    )
    dialog = drop(page, record, "报价.docx", paper)

    # Figures and words of the sum contradict each other: it is not ticked, and not written unseen.
    row = dialog.locator(".capture-values li").filter(has_text="报价金额")
    expect(row).to_contain_text("请核对")
    expect(row.get_by_role("checkbox")).not_to_be_checked()
    assert serious_faults(page) == []
    row.get_by_label("报价金额的值").fill("128000")
    expect(row.get_by_role("checkbox")).to_be_checked()
    dialog.get_by_role("button", name="关联", exact=True).click()
    expect(dialog).to_have_count(0)
    (made,) = ask(page, "GET", f"/api/records/quote?filter=customer = '{record}'")["items"]
    assert made["amount"] == 128_000


TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "said",
    "fields": [
        {"key": "said", "type": "long_text", "label": {"zh": "内容", "en": "Said"}},
        {"key": "has_files", "type": "boolean", "label": {"zh": "有附件", "en": "Has files"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
    ],
}  # fmt: skip
TALKS: dict[str, Any] = {
    "key": "talks", "label": {"zh": "聊天", "en": "Talks"}, "source": "chats", "stream": "messages", "object": "talk",
    "columns": [{"path": "text"}, {"path": "customer"}, {"path": "kind"}, {"path": "files.0.id"}], "where": "kind = 'file'",
    "fields": [{"field": "said", "value": "[text]"}, {"field": "customer", "value": "[customer]", "by": ["name"]},
               {"field": "has_files", "value": "IF([files.0.id] IS NOT BLANK, TRUE)"}],
}  # fmt: skip
BUYER = "wmCHATFILES0000000000000000001"


def archived(folder: Path, paper: bytes) -> None:
    """An archive in which the buyer agreed to it, and was sent a paper."""
    checksum = hashlib.md5(paper).hexdigest()
    (folder / "files").mkdir(parents=True)
    (folder / "files" / f"{checksum}.pdf").write_bytes(paper)
    now = int(time.time() * 1000)
    file = {"sdkfileid": "f1", "md5sum": checksum, "filename": "春季报价.pdf", "filesize": len(paper)}
    lines = [
        {"msgid": "a1", "seq": 1, "from": BUYER, "tolist": ["zhangsan"], "msgtime": now - 2000, "msgtype": "agree",
         "agree": {"userid": BUYER, "agree_time": now - 2000}},
        {"msgid": "m1", "seq": 2, "from": "zhangsan", "tolist": [BUYER], "msgtime": now - 1000, "msgtype": "file",
         "file": file},
    ]  # fmt: skip
    told = [json.dumps({"action": "send", "roomid": "", **each}) for each in lines]
    (folder / "chats.jsonl").write_text("\n".join(told) + "\n", encoding="utf-8")


def test_a_quotation_that_was_sent_in_a_chat_is_read_by_one_click(visitor: Visitor, tmp_path: Path) -> None:
    """S3-15, S0-27: nobody saves it and sends it again."""
    page = visitor.signed_in("admin")
    quotes(page)
    record = customer(page, BUYER)
    archived(tmp_path / "archive", pdf([(60, 780, "Quotation"), (60, 740, "Quotation No: QT-2026-0231"),
                                        (60, 700, "Total: CNY 7,200.00")]))  # fmt: skip
    options = {"corp_id": "ww1", "archive": "folder", "archive_folder": str(tmp_path / "archive"), "consent": "archive"}
    source = {"key": "chats", "kind": "wecom", "label": {"zh": "聊天存档", "en": "Archive"}, "options": options}
    change(page, {"action": "add_object", "object": TALK}, {"action": "add_source", "source": source},
           {"action": "add_mapping", "mapping": TALKS})  # fmt: skip
    ask(page, "PUT", "/api/sources/chats/secrets", {"secrets": {"secret": "not asked for"}})
    ask(page, "POST", "/api/sources/chats/pull", {"streams": ["messages"]})

    page.goto(f"/records/customer/{record}")
    page.get_by_role("tab", name="抓取").click()
    files = page.get_by_role("region", name="聊天里的图片和文件")
    expect(files.get_by_role("link", name="春季报价.pdf")).to_be_visible()
    assert serious_faults(page) == []
    files.get_by_role("button", name="识别春季报价.pdf").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("报价金额的值")).to_have_value("7200.00", timeout=60_000)
    dialog.get_by_role("button", name="关联", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("春季报价.*已关联"))).to_be_visible()
    (made,) = ask(page, "GET", f"/api/records/quote?filter=customer = '{record}'")["items"]
    assert (made["number"], made["amount"]) == ("QT-2026-0231", 7200)

    # Where it comes from stands with it, value by value.
    (talk,) = ask(page, "GET", f"/api/records/talk?filter=customer = '{record}'")["items"]
    page.goto(f"/records/talk/{talk['id']}")
    page.get_by_role("tab", name="历史").click()
    page.get_by_text("数据来自哪里").click()
    expect(page.get_by_text(re.compile("来自 聊天存档 messages.text"))).to_be_visible()

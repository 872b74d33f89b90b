"""Pictures and files of chats on the page of whom they are about (S3-15): fetched from the archive for who may see the
message, and gone with its consent."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.link import RawRow
from tongmai.link.wecom import ConsentEntry, Forgetting
from tongmai.model import MappingDef, ObjectDef, SourceDef, diff
from tongmai.web import Services

SYSTEM = SystemActor("test")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(32)
PAGE = b"<html><script>alert(1)</script></html>"
TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "body",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}},
        {"key": "body", "type": "long_text", "label": {"zh": "内容", "en": "Text"}},
        {"key": "said_at", "type": "datetime", "label": {"zh": "时间", "en": "At"}},
        {"key": "has_files", "type": "boolean", "label": {"zh": "有附件", "en": "Has files"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
    ],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "talks", "label": "聊天", "source": "wecom", "stream": "messages", "object": "talk",
    "columns": [{"path": "id"}, {"path": "text"}, {"path": "at", "type": "datetime"}, {"path": "customer"},
                {"path": "files.0.id"}],
    "fields": [{"field": "code", "value": "[id]"}, {"field": "body", "value": "[text]"},
               {"field": "said_at", "value": "[at]"},
               {"field": "has_files", "value": "IF([files.0.id] IS NOT BLANK, TRUE)"},
               {"field": "customer", "value": "[customer]", "by": ["name"]}],
}  # fmt: skip


def message(key: str, kind: str, hours: int, *files: tuple[str, bytes]) -> RawRow:
    at = START + timedelta(hours=hours)
    listed = [
        {"id": f"{key}-{n}", "name": name, "size": len(content), "md5": hashlib.md5(content).hexdigest()}
        for n, (name, content) in enumerate(files)
    ]
    body: dict[str, Any] = {
        "id": key, "kind": kind, "at": at.isoformat(), "member": "zhang", "customer": "wm1", "room": "",
        "direction": "out", "text": files[0][0] if files and files[0][0] else None, "files": listed,
    }  # fmt: skip
    return RawRow(key, body, at)


def consent(answer: Any, days: int) -> RawRow:
    entry = ConsentEntry(START + timedelta(days=days), "wm1", "zhang", "", answer, "question")
    return RawRow(entry.key, entry.document(), entry.at)


async def put(services: Services, company: Company, stream: str, *rows: RawRow) -> None:
    async with services.database.write() as tx:
        await services.links.raw.put(tx, company.workspace, "wecom", stream, rows)


@pytest.fixture
async def customer(services: Services, company: Company) -> str:
    """Anna's customer, to whom a picture, a quotation and a page were sent, and something that the archive has not."""
    workspace = company.workspace
    catalogue = await services.catalogues.get(workspace)
    folder = services.settings.data_dir / "inbox" / workspace.key
    options = {"corp_id": "ww1", "archive": "folder", "archive_folder": str(folder)}
    source = SourceDef.model_validate({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options})
    grants: dict[str, dict[str, Any]] = {
        "sales": {"object": "talk", "read": "all", "fields": "read"},
        # Sees that there was a talk and that files were sent, and not what was said.
        "supervisor": {"object": "talk", "read": "all", "fields": "read", "field_access": {"body": "none"}},
    }  # fmt: skip
    roles = [
        each.model_copy(update={"grants": (*each.grants, type(each.grants[0]).model_validate(grants[each.key]))})
        if each.key in grants
        else each
        for each in catalogue.roles
    ]
    wanted = catalogue.replace(
        objects=(*catalogue.objects, ObjectDef.model_validate(TALK)), sources=(source,), roles=tuple(roles),
        mappings=(MappingDef.model_validate(MAPPING),),
    )  # fmt: skip
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    async with services.database.write() as tx:
        await services.links.secrets.put(tx, workspace, "wecom", {"secret": "s"})
    _store(folder / "files", ("a.png", PICTURE), ("b", PAGE), ("c.pdf", b"%PDF-1.7\n"))
    made = await services.gateway.create(
        SYSTEM, workspace, "customer", {"name": "wm1", "owner": company.people["anna"]}
    )
    await put(services, company, "consents", consent("agree", 0))
    await put(
        services, company, "messages",
        message("m1", "image", 1, ("", PICTURE)), message("m2", "text", 2), message("m3", "file", 3, ("报价单.pdf", b"%PDF-1.7\n")),
        message("m4", "mixed", 4, ("", PICTURE), ("a.html", PAGE)), message("m5", "file", 5, ("没下载.xlsx", b"not there")),
    )  # fmt: skip
    await services.links.mapper.advance(workspace)
    return str(made.one.id)


def _store(folder: Path, *files: tuple[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in files:
        (folder / f"{hashlib.md5(content).hexdigest()}{Path(name).suffix}").write_bytes(content)


async def test_the_files_of_the_chats_stand_with_the_customer_the_newest_first(sign_in: SignIn, customer: str) -> None:
    anna = await sign_in("anna")
    found = (await anna.get(f"/api/records/customer/{customer}/chat-files")).json()["items"]
    assert [(each["kind"], each["name"], each["number"]) for each in found] == [
        ("file", "没下载.xlsx", 0), ("mixed", "", 0), ("mixed", "a.html", 1), ("file", "报价单.pdf", 0), ("image", "", 0),
    ]  # fmt: skip
    picture, page, quotation = (found[each] for each in (4, 2, 3))

    async def opened(each: dict[str, Any]) -> tuple[bytes, str, str]:
        answer = await anna.get(f"/api/records/{each['object']}/{each['record']}/chat-files/{each['number']}")
        assert answer.status_code == 200, answer.text
        return answer.content, answer.headers["content-type"], answer.headers["content-disposition"].partition(";")[0]

    assert await opened(picture) == (PICTURE, "image/png", "inline")
    assert (await opened(quotation))[:2] == (b"%PDF-1.7\n", "application/pdf")
    # What could run as a page of ours is only ever saved.
    assert (await opened(page))[2] == "attachment"
    # The message's own page has its own files alone.
    own = (await anna.get(f"/api/records/talk/{page['record']}/chat-files")).json()["items"]
    assert [each["number"] for each in own] == [0, 1]


async def test_what_the_archive_does_not_have_says_so(sign_in: SignIn, customer: str) -> None:
    anna = await sign_in("anna")
    found = (await anna.get(f"/api/records/customer/{customer}/chat-files")).json()["items"]
    where = f"/api/records/talk/{found[0]['record']}/chat-files"
    answer = await anna.get(f"{where}/0", headers={"accept-language": "zh"})
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (404, "chat_file.not_there")
    assert "存档" in answer.text
    for number in ("1", "7", "-1", "x", "00000"):
        assert (await anna.get(f"{where}/{number}")).status_code == 404


async def test_only_who_sees_what_was_sent_opens_it(sign_in: SignIn, customer: str) -> None:
    anna, boss, cleo = await sign_in("anna"), await sign_in("boss"), await sign_in("cleo")
    found = (await anna.get(f"/api/records/customer/{customer}/chat-files")).json()["items"]
    where = f"/api/records/talk/{found[-1]['record']}/chat-files"
    # He sees the customer and that there was a message.
    assert (await boss.get(f"/api/records/talk/{found[-1]['record']}")).status_code == 200
    assert (await boss.get(f"/api/records/customer/{customer}/chat-files")).json()["items"] == []
    assert (await boss.get(f"{where}/0")).status_code == 404
    # Another's customer is not hers to see.
    assert (await cleo.get(f"/api/records/customer/{customer}/chat-files")).status_code == 404


async def test_consent_withdrawn_closes_them(
    services: Services, company: Company, sign_in: SignIn, customer: str
) -> None:
    anna = await sign_in("anna")
    where = f"/api/records/customer/{customer}/chat-files"
    picture = (await anna.get(where)).json()["items"][-1]
    await put(services, company, "consents", consent("disagree", 1))
    await Forgetting(
        services.database, services.catalogues, services.gateway, services.files.store, services.clock
    ).advance(company.workspace)
    assert (await anna.get(where)).json()["items"] == []
    assert (await anna.get(f"/api/records/talk/{picture['record']}/chat-files/0")).status_code == 404

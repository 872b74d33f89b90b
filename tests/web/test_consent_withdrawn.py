"""Consent withdrawn to the last corner (AMB-31): what rules and people made of a message goes with it, and nothing of
its words is left in the workspace, in the program's own tables or in files; the history stays verifiable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.kit import FixedClock
from tongmai.link import RawRow
from tongmai.link.wecom import ConsentEntry, Forgetting
from tongmai.model import MappingDef, ObjectDef, RuleDef, SourceDef, diff
from tongmai.records import Sealer, verify_history
from tongmai.replica.shelf import GRACE
from tongmai.web import Services

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECRET = "鲲鹏项目下周二开标底价四百八十万"
OTHER = "另一位客户说的话"
TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "body",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}},
        {"key": "body", "type": "long_text", "label": {"zh": "内容", "en": "Text"}, "searchable": True},
    ],
}  # fmt: skip
MEMO: dict[str, Any] = {
    "key": "memo", "label": {"zh": "备忘", "en": "Memo"}, "title": "text",
    "fields": [
        {"key": "text", "type": "text", "label": {"zh": "内容", "en": "Text"}, "searchable": True},
        {"key": "talk", "type": "relation", "label": {"zh": "聊天", "en": "Talk"}, "options": {"target": "talk"}},
    ],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "talks", "label": "聊天", "source": "wecom", "stream": "messages", "object": "talk",
    "columns": [{"path": "id"}, {"path": "text"}],
    "fields": [{"field": "code", "value": "[id]"}, {"field": "body", "value": "[text]"}], "match": ["code"],
}  # fmt: skip
RULE: dict[str, Any] = {
    "key": "heard", "label": "有人说话", "object": "talk", "when": {"kind": "changed", "actions": ["create"]},
    "then": [
        {"kind": "signal", "signal": "heard", "gap": "customer", "title": "客户说：{body}", "detail": "{body}",
         "to": ["role:administrator"]},
        {"kind": "task", "task": "answer", "title": "回复“{body}”", "to": "role:administrator",
         "due": {"amount": 1, "unit": "days"}},
        {"kind": "task", "task": "care", "title": "问候一下", "to": "role:administrator",
         "due": {"amount": 1, "unit": "days"}},
        {"kind": "notify", "to": ["role:administrator"], "title": "有新消息", "body": "{body}"},
        {"kind": "record", "object": "memo", "about": "talk", "values": {"text": "left([body], 6)"}},
        {"kind": "hook", "url": "https://hook.example/in", "body": {"said": "{body}"}},
    ],
}  # fmt: skip


def consent(customer: str, answer: Any, days: int = 0) -> RawRow:
    entry = ConsentEntry(START + timedelta(days=days), customer, "zhang", "", answer, "question")
    return RawRow(entry.key, entry.document(), entry.at)


def message(key: str, customer: str, text: str) -> RawRow:
    at = START + timedelta(hours=1)
    body: dict[str, Any] = {"id": key, "kind": "text", "at": at.isoformat(), "member": "zhang", "customer": customer, "room": "",
            "direction": "in", "text": text, "files": []}  # fmt: skip
    return RawRow(key, body, at)


async def put(services: Services, company: Company, stream: str, *rows: RawRow) -> None:
    async with services.database.write() as tx:
        await services.links.raw.put(tx, company.workspace, "wecom", stream, rows)


@pytest.fixture
async def heard(services: Services, company: Company) -> Forgetting:
    """Two customers were heard; of each message a rule made whatever it can make."""
    workspace = company.workspace
    catalogue = await services.catalogues.get(workspace)
    options = {"corp_id": "ww1", "archive": "http", "archive_url": "https://archive.example"}
    source = {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options}
    wanted = catalogue.replace(
        objects=(*catalogue.objects, ObjectDef.model_validate(TALK), ObjectDef.model_validate(MEMO)),
        sources=(SourceDef.model_validate(source),),
        mappings=(MappingDef.model_validate(MAPPING),),
        rules=(*catalogue.rules, RuleDef.model_validate(RULE)),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    await services.rules.engine.advance(workspace)
    await put(services, company, "consents", consent("wm1", "agree"), consent("wm2", "agree"))
    await put(services, company, "messages", message("m1", "wm1", SECRET), message("m2", "wm2", OTHER))
    await settle(services, company)
    return Forgetting(services.database, services.catalogues, services.gateway, services.clock)


async def settle(services: Services, company: Company) -> None:
    """All that goes on in the background, to its end."""
    workspace = company.workspace
    await services.links.mapper.advance(workspace)
    await Sealer(services.database, workspace, services.clock, services.settings).seal_once()
    await services.rules.engine.advance(workspace)
    await services.rules.outbox.work_off(workspace)
    await Sealer(services.database, workspace, services.clock, services.settings).seal_once()
    await services.replicas.of(workspace).advance()


async def holding(services: Services, company: Company, words: tuple[str, ...]) -> dict[str, list[str]]:
    """Where any of the words stands, by table: in the workspace's own and in the program's."""
    found: dict[str, list[str]] = {}
    async with services.database.read() as tx:
        tables = await tx.fetch(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ($1, 'tongmai')"
            " AND table_type = 'BASE TABLE'",
            company.workspace.schema,
        )
        for schema, name in ((row["table_schema"], row["table_name"]) for row in tables):
            rows = await tx.fetch(f'SELECT t::text AS row FROM "{schema}"."{name}" AS t')
            for row in rows:
                # What is kept as bytes is shown by its digits.
                if any(word in row["row"] or word.encode().hex() in row["row"] for word in words):
                    found.setdefault(name, []).append(row["row"][:300])
    return found


def in_files(folder: Path, words: tuple[str, ...]) -> list[str]:
    """The Parquet files, those retired as well, in whose rows any of the words stands."""
    files = sorted(folder.rglob("*.parquet"))
    assert files
    found = []
    for file in files:
        rows = duckdb.execute("SELECT * FROM read_parquet($1)", [str(file)]).fetchall()
        found += [str(file)] if any(word in str(row) for row in rows for word in words) else []
    return found


def pieces(text: str) -> tuple[str, ...]:
    """Whatever stands together in it: a part of a message is a part of it still."""
    return tuple(text[at : at + 4] for at in range(len(text) - 3))


@pytest.mark.usefixtures("heard")
async def test_before_anything_is_withdrawn_the_words_are_where_rules_put_them(
    services: Services, company: Company
) -> None:
    """Else the search below would prove nothing."""
    found = await holding(services, company, pieces(SECRET))
    assert {"talk", "memo", "signal", "task", "_notice", "_delivery", "_firing"} <= set(found)
    assert in_files(services.replicas.of(company.workspace).shelf.folder, pieces(SECRET)) != []


async def test_consent_withdrawn_leaves_no_word_anywhere(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn, clock: FixedClock
) -> None:
    admin = await sign_in("admin")
    (talk,) = (await admin.get("/api/records/talk", params={"filter": "code = 'm1'"})).json()["items"]
    kept = await admin.patch(
        f"/api/records/talk/{talk['id']}", json={"code": "m1"}, headers={"idempotency-key": "once"}
    )
    assert kept.status_code == 200

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    assert await heard.advance(company.workspace) == 1
    await settle(services, company)
    # Files that are replaced stay as long as somebody may be reading them.
    clock.advance(GRACE + timedelta(seconds=1))
    await admin.post("/api/records/customer", json={"name": "别家"})
    await settle(services, company)

    assert await holding(services, company, pieces(SECRET)) == {}
    assert in_files(services.replicas.of(company.workspace).shelf.folder, pieces(SECRET)) == []
    for query in ("鲲鹏项目", "底价"):
        assert (await admin.get("/api/search", params={"q": query})).json()["items"] == []
    # What others said, and what was made without a word of his, stays.
    assert {"talk", "memo", "signal", "task"} <= set(await holding(services, company, pieces(OTHER)))
    tasks = [each["title"] for each in (await admin.get("/api/records/task")).json()["items"]]
    assert f"回复“{OTHER}”" in tasks and "问候一下" in tasks
    report = await verify_history(services.database, company.workspace)
    assert report.faults == [] and report.redacted > 0


async def test_what_a_rule_wrote_into_a_record_that_was_there_is_emptied_and_its_history_told_of(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn
) -> None:
    """A record's history is blotted out with the record alone: a person is told which one."""
    admin, workspace = await sign_in("admin"), company.workspace
    made = await admin.post("/api/records/customer", json={"name": "甲", "address": "老客户"})
    customer = UUID(made.json()["record"]["id"])
    async with services.database.read() as tx:
        firing = await tx.fetch_value(
            f"SELECT f.id FROM {workspace.quoted_schema}._firing f JOIN {workspace.quoted_schema}.talk t"
            " ON t.id = f.record_id WHERE t.code = 'm1'"
        )
    copied, cause = {"address": "底价四百八十万"}, f"rule:heard:{firing}"
    await services.gateway.update(SystemActor("rule"), workspace, "customer", customer, copied, cause=cause)

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(workspace)

    assert (await admin.get(f"/api/records/customer/{customer}")).json()["address"] is None
    held = await holding(services, company, pieces(SECRET))
    assert {name.split("_2")[0] for name in held} == {"_history"}
    aside = (await admin.get("/api/sources/wecom/refusals")).json()["items"]
    assert [each["faults"][0]["code"] for each in aside] == ["consent.copied"]
    assert str(customer) in aside[0]["faults"][0]["message"]

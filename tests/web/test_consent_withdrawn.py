"""Consent withdrawn to the last corner (AMB-31): what rules and people made of a message goes with it, and nothing of
its words is left in any table of the workspace or of the program, or in any file; the history stays verifiable, and what
was not made of his words stays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from uuid import UUID

import duckdb
import httpx
import pytest
from tests.web.company import Company, SignIn
from tests.web.test_transfer_api import work_off

from tongmai.access import SystemActor
from tongmai.kit import FixedClock
from tongmai.link import RawRow
from tongmai.link.wecom import ConsentEntry, Forgetting
from tongmai.metrics import Segments
from tongmai.model import MappingDef, MetricDef, ObjectDef, RuleDef, SegmentDef, SourceDef, diff
from tongmai.records import Sealer, verify_history
from tongmai.records.transfer.chunk import write_chunk
from tongmai.replica.shelf import GRACE
from tongmai.store import JobWorker
from tongmai.web import Services

SYSTEM = SystemActor("test")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECRET = "鲲鹏项目下周二开标底价四百八十万"
OTHER = "另一位客户说的话"
# Two letters of the secret stand together in it by chance.
GREETING = "开标之前问候一下"
TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "body",
    "fields": [
        {"key": "code", "type": "text", "label": {"zh": "编号", "en": "Code"}},
        {"key": "body", "type": "long_text", "label": {"zh": "内容", "en": "Text"}, "searchable": True},
        {"key": "loud", "type": "formula", "label": {"zh": "大声", "en": "Loud"}, "options": {"text": "[body] & '！'"}},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"},
         "options": {"target": "customer"}},
    ],
}  # fmt: skip
MEMO: dict[str, Any] = {
    "key": "memo", "label": {"zh": "备忘", "en": "Memo"}, "title": "text",
    "fields": [
        {"key": "text", "type": "text", "label": {"zh": "内容", "en": "Text"}, "searchable": True},
        {"key": "talk", "type": "relation", "label": {"zh": "聊天", "en": "Talk"}, "options": {"target": "talk"}},
    ],
}  # fmt: skip
MARK: dict[str, Any] = {
    "key": "mark", "label": {"zh": "标记", "en": "Mark"}, "title": "rank",
    "fields": [
        {"key": "rank", "type": "text", "label": {"zh": "等级", "en": "Rank"}},
        {"key": "memo", "type": "relation", "label": {"zh": "备忘", "en": "Memo"}, "options": {"target": "memo"}},
    ],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "talks", "label": "聊天", "source": "wecom", "stream": "messages", "object": "talk",
    "columns": [{"path": "id"}, {"path": "text"}, {"path": "customer"}],
    "fields": [{"field": "code", "value": "[id]"}, {"field": "body", "value": "[text]"},
               {"field": "customer", "value": "[customer]", "by": ["name"]}], "match": ["code"],
}  # fmt: skip
RULE: dict[str, Any] = {
    "key": "heard", "label": "有人说话", "object": "talk", "when": {"kind": "changed", "actions": ["create"]},
    "then": [
        {"kind": "signal", "signal": "heard", "gap": "customer", "detail": "{body}",
         "title": {"zh": "客户说：{body}", "en": "The customer says: {body}"},
         "to": ["role:administrator"]},
        {"kind": "task", "task": "answer", "title": "回复“{body}”", "to": "role:administrator",
         "due": {"amount": 1, "unit": "days"}},
        {"kind": "task", "task": "care", "title": GREETING, "to": "role:administrator",
         "due": {"amount": 1, "unit": "days"}},
        {"kind": "notify", "to": ["role:administrator"], "title": {"zh": "有新消息", "en": "New: {body}"}, "body": "{body}"},
        {"kind": "record", "object": "memo", "about": "talk", "values": {"text": "left([body], 6)"}},
        {"kind": "record", "object": "mark", "values": {"rank": "IF(CONTAINS([body], '底价'), '要紧', '一般')"}},
        {"kind": "set", "of": "customer", "values": {"address": "LEFT([loud], 8)"}},
        {"kind": "hook", "url": "https://hook.example/in", "body": {"said": "{body}"}},
    ],
}  # fmt: skip
# What goes on from there: by a value written into a record that was there, by a relation, by a metric.
CHAIN: tuple[dict[str, Any], ...] = (
    {"key": "checked", "label": "核对地址", "object": "customer",
     "when": {"kind": "changed", "actions": ["update"], "fields": ["address"]},
     "then": [{"kind": "task", "task": "check", "title": "核对“{address}”", "to": "role:administrator",
               "due": {"amount": 1, "unit": "days"}}]},
    {"key": "noted", "label": "记下了", "object": "memo", "when": {"kind": "changed", "actions": ["create"]},
     "then": [{"kind": "signal", "signal": "noted", "gap": "customer", "title": "原话：{talk.loud}",
               "to": ["role:administrator"]}]},
    {"key": "marked", "label": "标了", "object": "mark", "when": {"kind": "changed", "actions": ["create"]},
     "if": "NOT IS_BLANK([memo])",
     "then": [{"kind": "notify", "to": ["role:administrator"], "title": "标了“{memo.talk.body}”"}]},
    {"key": "priced", "label": "说到价格", "object": "customer", "when": {"kind": "becomes"},
     "if": "CONTAINS([last_words], '价')",
     "then": [{"kind": "signal", "signal": "priced", "gap": "customer", "title": "说到价格",
               "to": ["role:administrator"]}]},
)  # fmt: skip
METRIC: dict[str, Any] = {
    "key": "last_words", "label": "最近一句", "object": "customer", "source": "talk", "path": "customer",
    "measure": {"kind": "last", "value": "[body]"}, "gives": "text",
}  # fmt: skip
SEGMENT: dict[str, Any] = {
    "key": "topic", "label": "话题", "object": "customer",
    "classes": [{"key": "price", "label": "价格", "when": "CONTAINS([last_words], '价')"},
                {"key": "rest", "label": "其他"}],
}  # fmt: skip
TRIED: dict[str, Any] = {
    "key": "tried", "label": "试一试", "object": "talk", "when": {"kind": "becomes"}, "if": "CONTAINS([body], '价')",
    "then": [{"kind": "notify", "to": ["role:administrator"], "title": "有人问价"}],
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
        objects=(*catalogue.objects, *(ObjectDef.model_validate(each) for each in (TALK, MEMO, MARK))),
        sources=(SourceDef.model_validate(source),),
        mappings=(MappingDef.model_validate(MAPPING),),
        metrics=(*catalogue.metrics, MetricDef.model_validate(METRIC)),
        segments=(*catalogue.segments, SegmentDef.model_validate(SEGMENT)),
        rules=(*catalogue.rules, *(RuleDef.model_validate(each) for each in (RULE, *CHAIN))),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    for name in ("wm1", "wm2"):
        await services.gateway.create(SYSTEM, workspace, "customer", {"name": name, "address": "老客户"})
    await settle(services, company)
    await put(services, company, "consents", consent("wm1", "agree"), consent("wm2", "agree"))
    await put(services, company, "messages", message("m1", "wm1", SECRET), message("m2", "wm2", OTHER))
    await settle(services, company)
    return Forgetting(services.database, services.catalogues, services.gateway, services.files.store, services.clock)


async def settle(services: Services, company: Company) -> None:
    """All that goes on in the background, to its end."""
    workspace = company.workspace
    await services.links.mapper.advance(workspace)
    sealer = Sealer(services.database, workspace, services.clock, services.settings)
    for _ in range(2):
        await sealer.seal_once()
        await services.metrics.refresh(workspace)
        await Segments(services.metrics).evaluate(workspace)
        await services.rules.engine.advance(workspace)
        await services.rules.outbox.work_off(workspace)
    await sealer.seal_once()
    await services.replicas.of(workspace).advance()


async def take_out(admin: httpx.AsyncClient, services: Services) -> None:
    """What people have made of it by jobs: exports, and a back-test with what it saw."""
    for object_key, format in (("talk", "csv"), ("memo", "jsonl"), ("talk", "parquet")):
        answer = await admin.post(f"/api/records/{object_key}/export", json={"format": format})
        assert answer.status_code == 202, answer.text
    days = {"from": "2026-03-01", "to": services.clock.now().date().isoformat()}
    worker = JobWorker(services.database, services.job_handlers(), services.clock)
    running = asyncio.create_task(worker.run())
    answer = await admin.post("/api/backtests", json={**days, "rule": TRIED})
    worker.stop()
    await running
    await worker.run_until_idle()
    found = await admin.get(f"/api/backtests/{answer.json()['id']}")
    assert found.json()["state"] == "done", found.text


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
    """The files of the program's folder, but for the database's own, in which any of the words stands."""
    files = [each for each in folder.rglob("*") if each.is_file() and "postgres" not in each.relative_to(folder).parts]
    found = []
    for file in files:
        content = file.read_bytes()
        # What the replica is still writing ends otherwise, and cannot be read yet.
        if content.startswith(b"PAR1") and content.endswith(b"PAR1"):
            # What was read here, not what the replica may have put in its place since.
            # Other tests leave files behind that are made to be unreadable: of those the bytes are looked at.
            with NamedTemporaryFile(suffix=".parquet") as read, suppress(duckdb.Error):
                Path(read.name).write_bytes(content)
                content = str(duckdb.execute("SELECT * FROM read_parquet($1)", [read.name]).fetchall()).encode()
        found += [str(file.relative_to(folder))] if any(word.encode() in content for word in words) else []
    return found


def pieces(text: str) -> tuple[str, ...]:
    """Whatever stands together in it: a part of a message is a part of it still."""
    return tuple(text[at : at + 4] for at in range(len(text) - 3))


async def test_consent_withdrawn_leaves_no_word_anywhere(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn, clock: FixedClock
) -> None:
    admin, words = await sign_in("admin"), pieces(SECRET)
    (talk,) = (await admin.get("/api/records/talk", params={"filter": "code = 'm1'"})).json()["items"]
    by_hand = {"title": "人记的事", "owner": company.people["admin"], "due_at": services.clock.now().isoformat(),
               "subject_object": "talk", "subject_id": talk["id"], "subject": SECRET}  # fmt: skip
    await services.gateway.create(SYSTEM, company.workspace, "task", by_hand)
    memos = (await admin.get("/api/records/memo", params={"filter": f"talk = '{talk['id']}'"})).json()["items"]
    by_hand = {"rank": "手工", "memo": memos[0]["id"]}
    await services.gateway.create(SYSTEM, company.workspace, "mark", by_hand)
    await settle(services, company)
    assert any("标了“鲲鹏" in each for each in (await holding(services, company, words))["_notice"])
    clock.advance(timedelta(days=2))
    admin = await sign_in("admin")
    await take_out(admin, services)

    # Else the search below would prove nothing.
    assert {
        "talk", "memo", "signal", "task", "customer", "_notice", "_delivery", "_firing", "_metric_customer",
        "_segment_move", "job",
    } <= set(await holding(services, company, words))  # fmt: skip
    lying = in_files(services.settings.data_dir, words)
    assert sum(each.startswith("files") for each in lying) == 3 and len(lying) > 3

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    assert await heard.advance(company.workspace) == 1
    await settle(services, company)
    # Files that are replaced stay as long as somebody may be reading them.
    clock.advance(GRACE + timedelta(seconds=1))
    await admin.post("/api/records/customer", json={"name": "别家"})
    await settle(services, company)

    assert await holding(services, company, words) == {}
    assert in_files(services.settings.data_dir, words) == []
    for query in ("鲲鹏项目", "底价"):
        assert (await admin.get("/api/search", params={"q": query})).json()["items"] == []
    report = await verify_history(services.database, company.workspace)
    assert report.faults == [] and report.redacted > 0


async def _withdrawn(heard: Forgetting, services: Services, company: Company) -> None:
    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    assert await heard.advance(company.workspace) == 1


async def test_an_export_that_has_the_words_in_hand_when_consent_is_withdrawn_begins_anew(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, words = await sign_in("admin"), pieces(SECRET)
    store, spools = services.files.store, []
    keep = store.put

    async def put_late(workspace: UUID, file: UUID, spool: IO[bytes]) -> None:
        spools.append(spool.read().decode())
        spool.seek(0)
        await keep(workspace, file, spool)
        if len(spools) == 1:
            await _withdrawn(heard, services, company)

    monkeypatch.setattr(store, "put", put_late)
    asked = await admin.post("/api/records/talk/export", json={"format": "csv"})
    await work_off(services)

    job = (await admin.get(f"/api/jobs/{asked.json()['id']}")).json()
    assert (job["state"], job["result"]["rows"], len(spools)) == ("done", 2, 2)
    assert SECRET in spools[0] and OTHER in spools[1]
    exported = (await admin.get(f"/api/files/{job['result']['file']}")).text
    assert OTHER in exported and not any(word in exported for word in words)
    assert in_files(services.settings.data_dir / "files" / str(company.workspace.id), words) == []


async def test_an_import_under_way_when_consent_is_withdrawn_brings_no_word_back(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, words = await sign_in("admin"), pieces(SECRET)
    # What is refused of a file is kept for who sent it, with its words.
    content = f"编号,内容,客户\nm9,{SECRET},wm1\nm8,{SECRET},没有这家\n".encode()
    kept = await admin.post("/api/files", params={"name": "talks.csv"}, content=content)

    async def write_late(*given: Any, **named: Any) -> Any:
        await _withdrawn(heard, services, company)
        return await write_chunk(*given, **named)

    monkeypatch.setattr("tongmai.records.transfer.import_run.write_chunk", write_late)
    columns = [
        {"column": name, "field": key} for name, key in (("编号", "code"), ("内容", "body"), ("客户", "customer"))
    ]
    wanted = {"file": kept.json()["id"], "mode": "insert", "columns": columns}
    asked = await admin.post("/api/records/talk/import", json=wanted)
    assert asked.status_code == 202, asked.text
    await work_off(services)

    assert (await admin.get(f"/api/jobs/{asked.json()['id']}")).json()["state"] == "cancelled"
    found = (await admin.get("/api/records/talk")).json()["items"]
    assert sorted(each["code"] for each in found) == ["m1", "m2"]
    assert in_files(services.settings.data_dir / "files" / str(company.workspace.id), words) == []


async def test_what_was_not_made_of_his_words_stays(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn
) -> None:
    """By where values came from, not by how they look: a text that shares two letters with the message is another's."""
    admin = await sign_in("admin")

    async def titles(object_key: str) -> list[str]:
        page = (await admin.get(f"/api/records/{object_key}", params={"limit": 100})).json()
        return sorted(str(each.get("title") or each.get("rank")) for each in page["items"])

    before = await titles("task")
    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(company.workspace)
    await settle(services, company)

    gone, after = {f"回复“{SECRET}”", f"核对“{(SECRET + '！')[:8]}”"}, await titles("task")
    assert gone <= set(before)
    # Nor does any rule take the messages that lost their words for new ones.
    assert after == [each for each in before if each not in gone]
    assert len((await admin.get("/api/records/talk")).json()["items"]) == 2
    assert {"一般", "要紧"} <= set(await titles("mark"))
    assert {"talk", "memo", "signal", "task"} <= set(await holding(services, company, pieces(OTHER)))


async def test_a_record_that_was_there_loses_the_words_alone_and_its_history_stays_whole(
    heard: Forgetting, services: Services, company: Company, sign_in: SignIn
) -> None:
    admin = await sign_in("admin")
    (customer,) = (await admin.get("/api/records/customer", params={"filter": "name = 'wm1'"})).json()["items"]
    assert customer["address"] == (SECRET + "！")[:8]
    path = f"/api/records/customer/{customer['id']}"
    changed = await admin.patch(path, json={"address": "人民路 1 号", "name": "wm1"})
    assert changed.status_code == 200, changed.text

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(company.workspace)

    assert (await admin.get(path)).json()["address"] == "人民路 1 号"
    told = (await admin.get(f"{path}/history")).json()["items"]
    assert [each["action"] for each in told] == ["redact", "update", "update", "create"]
    _, by_person, by_rule, made = told
    assert (by_person["before"]["address"], by_person["after"]["address"]) == (None, "人民路 1 号")
    assert (by_rule["before"]["address"], by_rule["after"]["address"]) == ("老客户", None)
    assert made["after"]["address"] == "老客户"
    report = await verify_history(services.database, company.workspace)
    assert report.faults == []
    # Nothing else of a redacted entry may be changed, and no value be blotted out without an entry of it.
    async with services.database.write() as tx:
        await tx.execute(
            f'UPDATE {company.workspace.quoted_schema}._history SET after = after || \'{{"address": "假的"}}\''
            " WHERE seq = $1",
            by_rule["seq"],
        )
        await tx.execute(
            f"UPDATE {company.workspace.quoted_schema}._history SET after = after || '{{\"address\": null}}'"
            " WHERE seq = $1",
            made["seq"],
        )
    report = await verify_history(services.database, company.workspace)
    assert [each.code for each in report.faults] == ["history.row_changed"] * 2


async def test_a_rule_that_was_changed_or_removed_since_is_read_as_it_was(
    heard: Forgetting, services: Services, company: Company
) -> None:
    workspace = company.workspace
    catalogue = await services.catalogues.get(workspace)
    changed = RuleDef.model_validate({**CHAIN[1], "then": [{**CHAIN[1]["then"][0], "title": "记下了"}]})
    others = tuple(each for each in catalogue.rules if each.key not in ("heard", "noted"))
    await services.editor.apply(workspace, diff(catalogue, catalogue.replace(rules=(*others, changed))), None)

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(workspace)
    await settle(services, company)

    # The replaced files of the replica, and they alone, have their time yet.
    assert await holding(services, company, pieces(SECRET)) == {}


async def test_what_was_mapped_before_goes_though_mapping_and_field_are_there_no_more(
    heard: Forgetting, services: Services, company: Company
) -> None:
    """Columns out of use are kept for a while, so that an undo finds them."""
    workspace = company.workspace
    catalogue = await services.catalogues.get(workspace)
    bare = {**TALK, "title": "code", "fields": [each for each in TALK["fields"] if each["key"] not in ("body", "loud")]}
    mine = {"heard", *(each["key"] for each in CHAIN)}
    wanted = catalogue.replace(
        objects=tuple(ObjectDef.model_validate(bare) if each.key == "talk" else each for each in catalogue.objects),
        mappings=(),
        metrics=tuple(each for each in catalogue.metrics if each.key != "last_words"),
        segments=tuple(each for each in catalogue.segments if each.key != "topic"),
        rules=tuple(each for each in catalogue.rules if each.key not in mine),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    assert "talk" in await holding(services, company, pieces(SECRET))

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    assert await heard.advance(workspace) == 1
    await settle(services, company)

    assert await holding(services, company, pieces(SECRET)) == {}


async def test_signals_and_tasks_go_though_the_log_of_the_rule_was_cleared(
    heard: Forgetting, services: Services, company: Company
) -> None:
    workspace = company.workspace
    async with services.database.write() as tx:
        for table in ("_outbox", "_firing"):
            await tx.execute(f"DELETE FROM {workspace.quoted_schema}.{table}")

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(workspace)

    async with services.database.read() as tx:
        for table in ("signal", "task"):
            left = await tx.fetch(f"SELECT title, subject FROM {workspace.quoted_schema}.{table}")
            # What a rule wrote elsewhere nobody can trace without its log: the chain from there on stays.
            said = [str(dict(row)) for row in left if not str(row["title"]).startswith(("核对", "原话"))]
            assert said and not any(word in each for each in said for word in pieces(SECRET))


async def test_an_action_that_is_being_done_while_consent_is_withdrawn_comes_to_nothing(
    heard: Forgetting, services: Services, company: Company
) -> None:
    workspace = company.workspace
    schema = workspace.quoted_schema
    await put(services, company, "messages", message("m3", "wm1", f"又及：{SECRET}"))
    await services.links.mapper.advance(workspace)
    await Sealer(services.database, workspace, services.clock, services.settings).seal_once()
    await services.rules.engine.advance(workspace)
    claimed = await services.rules.outbox._claim(workspace)
    assert len(claimed) == len(RULE["then"])

    await put(services, company, "consents", consent("wm1", "disagree", days=1))
    await heard.advance(workspace)
    for doing in claimed:
        await services.rules.outbox._work(doing)
    await settle(services, company)

    assert await holding(services, company, pieces(SECRET)) == {}
    async with services.database.read() as tx:
        states = await tx.fetch(
            f"SELECT b.state FROM {schema}._outbox b WHERE b.firing = $1 AND b.number = 0", claimed[0].firing
        )
    assert [row["state"] for row in states] == ["dropped"]

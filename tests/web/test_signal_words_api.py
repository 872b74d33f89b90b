"""Signal words over HTTP (S0-09): a workspace's own, tried on first; who keeps them is not thereby shown the chats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.link import RawRow
from tongmai.model import (
    AddField,
    AddMapping,
    AddObject,
    AddSource,
    Changeset,
    FieldDef,
    MappingDef,
    ObjectDef,
    SourceDef,
)
from tongmai.web import Services

MESSAGE: dict[str, Any] = {
    "key": "message", "label": {"zh": "聊天", "en": "Message"}, "title": "text",
    "fields": [
        {"key": "text", "type": "long_text", "label": "内容"},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "chats", "label": "聊天", "source": "wecom", "stream": "messages", "object": "message",
    "columns": [{"path": "customer"}, {"path": "text"}],
    "fields": [
        {"field": "customer", "value": "customer", "by": ["external_id"]}, {"field": "text", "value": "text"},
    ],
}  # fmt: skip
SAID = ("这批货等着装船用", "不用等着装，慢慢来", "你好", "我们等着装，麻烦快点")
WORDS = {"key": "urgent", "label": {"zh": "急要", "en": "Urgent"}, "keywords": ["等着装船"]}


@pytest.fixture
async def chats(services: Services, company: Company) -> None:
    """Four messages of a customer, as records that the mapping made."""
    actions = (
        AddObject(object=ObjectDef.model_validate(MESSAGE)),
        AddField(
            object="customer", field=FieldDef.model_validate({"key": "external_id", "type": "text", "label": "外部"})
        ),
        AddSource(source=SourceDef.model_validate({"key": "wecom", "kind": "wecom", "label": "企业微信"})),
        AddMapping(mapping=MappingDef.model_validate(MAPPING)),
    )
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    customer = {"name": "宏达", "external_id": "wm1"}
    await services.gateway.create(SystemActor("test"), company.workspace, "customer", customer)
    now = services.clock.now()
    rows = [
        RawRow(
            f"m{n}", {"customer": "wm1", "direction": "in", "member": "zhangsan", "text": text},
            now - timedelta(minutes=10 - n),
        )
        for n, text in enumerate(SAID)
    ]  # fmt: skip
    async with services.database.write() as tx:
        await services.links.raw.put(tx, company.workspace, "wecom", "messages", rows)
    await services.links.mapper.advance(company.workspace)


async def test_own_words_are_listed_changed_and_taken_away(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    own = {"key": "demo_wanted", "label": {"zh": "要演示", "en": "Wants a demo"}, "keywords": ["演示一次"]}

    made = await admin.put("/api/signal-words/demo_wanted", json={"words": own})
    listed = (await admin.get("/api/signal-words")).json()["items"]
    stale = await admin.put("/api/signal-words/demo_wanted", json={"words": own})
    changed = await admin.put(
        "/api/signal-words/demo_wanted",
        json={"words": {**own, "keywords": ["演示一次", "来演示"]}, "version": made.json()["version"]},
    )
    version = changed.json()["version"]
    gone = await admin.delete("/api/signal-words/demo_wanted", params={"version": version})

    assert made.status_code == 200, made.text
    assert [each["own"]["words"]["keywords"] for each in listed if each["own"]] == [["演示一次"]]
    assert sum(each["shipped"] is not None for each in listed) == 12
    assert (stale.status_code, changed.status_code, gone.status_code) == (409, 200, 204)
    assert all(each["own"] is None for each in (await admin.get("/api/signal-words")).json()["items"])
    changes = (await admin.get("/api/signal-words/demo_wanted/changes")).json()["items"]
    assert [each["words"] and len(each["words"]["keywords"]) for each in changes] == [None, 2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "fresh_kind", "label": {"zh": "新", "en": "New"}},
        {"key": "urgent", "label": {"zh": "急", "en": "U"}, "keywords": ["甲.."]},
        {"key": "urgent", "label": {"zh": "急", "en": "U"}, "keywords": ["   "]},
        {"key": "urgent", "label": {"zh": "急", "en": "U"}, "without": ["从未随产品提供"]},
    ],
)
async def test_words_that_could_tell_nothing_are_refused(sign_in: SignIn, wrong: dict[str, Any]) -> None:
    admin = await sign_in("admin")
    assert (await admin.put(f"/api/signal-words/{wrong['key']}", json={"words": wrong})).status_code == 422
    assert all(each["own"] is None for each in (await admin.get("/api/signal-words")).json()["items"])


@pytest.mark.usefixtures("chats")
async def test_words_are_tried_on_what_was_said_before_they_hold(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    tried = (await admin.post("/api/signal-words/trial", json={"words": WORDS})).json()
    without = {**WORDS, "keywords": [], "without": ["等着装"]}
    less = (await admin.post("/api/signal-words/trial", json={"words": without})).json()

    assert (tried["messages"], tried["hits_now"], tried["hits"], tried["gained"], tried["lost"]) == (4, 2, 2, 0, 0)
    assert (tried["customers"], tried["refused"]) == (1, {"negated": 1})
    samples = [(each["text"][each["start"] : each["end"]], each["refused"]) for each in tried["samples"]]
    assert samples[-1] == ("等着装", "negated")
    assert (less["hits"], less["lost"]) == (0, 2)


@pytest.mark.usefixtures("chats")
async def test_who_may_not_read_the_chats_is_told_counts_only(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    catalogue = await services.catalogues.get(company.workspace)
    admin, anna = await sign_in("admin"), await sign_in("anna")
    keeper = {"key": "keeper", "label": {"zh": "运营", "en": "Keeper"}, "manages": ["model"]}
    role = await admin.post("/api/model/changes", json={"actions": [{"action": "add_role", "role": keeper}]})
    bert = company.people["bert"]
    await services.gateway.update(SystemActor("test"), company.workspace, "person", _id(bert), {"roles": ["keeper"]})
    told = (await (await sign_in("bert")).post("/api/signal-words/trial", json={"words": WORDS})).json()

    assert role.status_code in (200, 201), (role.text, catalogue.version)
    assert (told["hits"], told["samples"], told["unseen"]) == (2, [], 3)
    assert (await anna.get("/api/signal-words")).status_code == 403
    assert (await anna.put("/api/signal-words/urgent", json={"words": WORDS})).status_code == 403
    async with services.database.read() as tx:
        looks = await tx.fetch_value(
            "SELECT count(*) FROM tongmai.audit WHERE kind = 'chat.words_tried' AND workspace_id = $1",
            company.workspace.id,
        )
    assert looks == 0


def _id(text: str) -> Any:
    from uuid import UUID

    return UUID(text)

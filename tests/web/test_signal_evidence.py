"""A signal shows what it was heard in: to who may read the message, and never to others (S0-09, S2-52)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.kit import new_id
from tongmai.model import MappingDef, ObjectDef, RuleDef, SourceDef, diff, full_grant
from tongmai.rules import Event, tell_event
from tongmai.web import Services

SYSTEM = SystemActor("test")
TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "text",
    "fields": [{"key": "text", "type": "long_text", "label": {"zh": "内容", "en": "Text"}}],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "talks", "label": "聊天", "source": "hook", "stream": "messages", "object": "talk",
    "columns": [{"path": "text"}], "fields": [{"field": "text", "value": "[text]"}],
}  # fmt: skip
RULE: dict[str, Any] = {
    "key": "heard", "label": "急要", "object": "customer", "when": {"kind": "happens", "event": "urgent"},
    "then": [{"kind": "signal", "signal": "urgent", "gap": "customer", "title": "{name} 急要",
              "to": ["owner", "role:administrator"]}],
}  # fmt: skip


async def heard(services: Services, company: Company) -> tuple[UUID, UUID]:
    """A customer of Anna's said a word that a rule waits for; the signal's id and the talk's."""
    workspace, gateway = company.workspace, services.gateway
    catalogue = await services.catalogues.get(workspace)
    wanted = catalogue.replace(
        objects=(*catalogue.objects, ObjectDef.model_validate(TALK)),
        sources=(SourceDef.model_validate({"key": "hook", "kind": "hook", "label": "推送", "options": {}}),),
        mappings=(MappingDef.model_validate(MAPPING),),
        rules=(*catalogue.rules, RuleDef.model_validate(RULE)),
        roles=tuple(
            each.model_copy(update={"grants": (*each.grants, full_grant("talk").model_copy(update={"read": "own"}))})
            if each.key == "sales"
            else each
            for each in catalogue.roles
        ),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    anna = company.people["anna"]
    customer = (await gateway.create(SYSTEM, workspace, "customer", {"name": "甲医院", "owner": anna})).one.id
    talk = (await gateway.create(SYSTEM, workspace, "talk", {"text": "这批货急要", "owner": anna})).one.id
    at = services.clock.now()
    await services.rules.engine.advance(workspace)
    body = {"source": "hook", "stream": "messages", "message": "m1", "keyword": "急要", "span": [3, 5]}
    async with services.database.write() as tx:
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._lineage (mapping, key, object, record_id, version, run_id, mapped_at)"
            " VALUES ('talks', 'm1', 'talk', $1, '', $2, $3)",
            talk, new_id(services.clock), at,
        )  # fmt: skip
        await tell_event(tx, workspace, Event("urgent", "customer", customer, at, body), key="m1")
    await services.rules.engine.advance(workspace)
    await services.rules.outbox.work_off(workspace)
    async with services.database.read() as tx:
        signal = await tx.fetch_value(f"SELECT id FROM {workspace.quoted_schema}.signal")
    return signal, talk


async def test_who_may_read_the_message_finds_it_with_the_signal(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    signal, talk = await heard(services, company)
    anna = await sign_in("anna")
    answer = (await anna.get(f"/api/signals/{signal}/evidence")).json()
    assert answer["rule"] == "急要"
    (found,) = answer["items"]
    assert (found["object"], found["record"]["id"], found["keyword"]) == ("talk", str(talk), "急要")
    assert found["record"]["text"] == "这批货急要"
    # The signal itself keeps nothing of the talk.
    assert "急要" not in str((await anna.get(f"/api/records/signal/{signal}")).json()["evidence"])


async def test_who_may_not_read_the_message_is_told_nothing(
    services: Services, company: Company, sign_in: SignIn
) -> None:
    signal, talk = await heard(services, company)
    await services.gateway.update(SYSTEM, company.workspace, "talk", talk, {"owner": company.people["cleo"]})
    assert (await (await sign_in("anna")).get(f"/api/signals/{signal}/evidence")).json()["items"] == []
    assert (await (await sign_in("cleo")).get(f"/api/signals/{signal}/evidence")).status_code == 404

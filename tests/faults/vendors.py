"""Vendors' systems as processes of their own (``tongmai simulate``), and a company whose sources speak to them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from tests.faults.program import environment
from tests.program import COMMAND, announced, stopped

from tongmai.model import MappingDef, ObjectDef, RuleDef, SourceDef, diff
from tongmai.store import Workspace
from tongmai.web import Services

CUSTOMER: dict[str, Any] = {
    "key": "client", "label": {"zh": "外部联系人", "en": "External contact"}, "title": "name",
    "fields": [
        {"key": "code", "type": "text", "label": "编号", "unique": True},
        {"key": "name", "type": "text", "label": "名称"},
    ],
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "key": "message", "label": {"zh": "消息", "en": "Message"}, "title": "code",
    "fields": [
        {"key": "code", "type": "text", "label": "编号"},
        {"key": "client", "type": "relation", "label": "客户", "options": {"target": "client"}},
        {"key": "said_at", "type": "datetime", "label": "时间"},
        {"key": "body", "type": "long_text", "label": "内容"},
    ],
}  # fmt: skip
APPROVAL: dict[str, Any] = {
    "key": "approval", "label": {"zh": "审批", "en": "Approval"}, "title": "code",
    "fields": [
        {"key": "code", "type": "text", "label": "编号"},
        {"key": "status", "type": "text", "label": "状态"},
    ],
}  # fmt: skip
EVENT: dict[str, Any] = {
    "key": "ding_event", "label": {"zh": "事件", "en": "Event"}, "title": "code",
    "fields": [{"key": "code", "type": "text", "label": "编号"}],
}  # fmt: skip
CLIENTS: dict[str, Any] = {
    "key": "wecom_clients", "label": "客户", "source": "wecom", "stream": "customers", "object": "client",
    "columns": [{"path": "external_userid"}, {"path": "corp_name"}],
    "fields": [{"field": "code", "value": "external_userid"}, {"field": "name", "value": "corp_name"}],
}  # fmt: skip
MESSAGES: dict[str, Any] = {
    "key": "wecom_messages", "label": "消息", "source": "wecom", "stream": "messages", "object": "message",
    "columns": [{"path": "id"}, {"path": "customer"}, {"path": "at", "type": "datetime"}, {"path": "text"},
                {"path": "kind"}],
    "where": "kind = 'text'",
    "fields": [
        {"field": "code", "value": "[id]"}, {"field": "client", "value": "[customer]", "by": ["code"]},
        {"field": "said_at", "value": "[at]"}, {"field": "body", "value": "[text]"},
    ],
}  # fmt: skip
APPROVALS: dict[str, Any] = {
    "key": "ding_approvals", "label": "审批", "source": "ding", "stream": "approvals", "object": "approval",
    "columns": [{"path": "processInstanceId"}, {"path": "status"}],
    "fields": [{"field": "code", "value": "processInstanceId"}, {"field": "status", "value": "status"}],
}  # fmt: skip
EVENTS: dict[str, Any] = {
    "key": "ding_events", "label": "事件", "source": "ding", "stream": "events", "object": "ding_event",
    "columns": [{"path": "eventId"}], "fields": [{"field": "code", "value": "eventId"}],
}  # fmt: skip
URGENT: dict[str, Any] = {
    "key": "urgent", "label": "急要", "object": "client", "when": {"kind": "happens", "event": "urgent"},
    "then": [{"kind": "signal", "signal": "urgent", "gap": "customer", "level": "red", "title": "{name} 急要"}],
}  # fmt: skip


class Simulator:
    """A running ``tongmai simulate``. ``told`` is what it said when it began: its address and its keys."""

    def __init__(self, vendor: str, log: Path, port: int = 0) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*COMMAND, "simulate", vendor, "--port", str(port), "--json"],
                env=environment({}), stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        self.told: dict[str, Any] = announced(self.process)
        self.address: str = self.told["address"]
        self._http = httpx.Client(base_url=self.address, timeout=30, trust_env=False)

    def control(self, act: str, **given: Any) -> dict[str, Any]:
        answer = self._http.post(f"/control/{act}", json=given)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def say(self, said: Sequence[tuple[str, str, str]]) -> list[str]:
        """Messages (sender, receiver, text) that enter WeCom's archive; their ids."""
        found: list[str] = self.control("messages", said=[list(each) for each in said])["msgids"]
        return found

    def archived_texts(self) -> list[str]:
        """The ids of all archived messages of text, as the vendor has them."""
        found: list[str] = []
        after, more = 0, True
        while more:
            answer = self._http.get("/archive/lines", params={"seq": after, "limit": 1000})
            if answer.status_code == 503:
                # A fault that was planned and nobody has met yet.
                continue
            rows = [json.loads(line) for line in answer.text.splitlines()]
            found += [row["msgid"] for row in rows if row["msgtype"] == "text"]
            after, more = rows[-1]["seq"] if rows else after, len(rows) == 1000
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self._http.get("/control").json()
        return found

    def close(self) -> None:
        self._http.close()
        stopped(self.process)
        if self.process.stdout is not None:
            self.process.stdout.close()


async def define_wecom(services: Services, workspace: Workspace, vendor: Simulator) -> None:
    """Clients, messages, one rule, and the source over the simulator."""
    told = vendor.told
    source = {
        "key": "wecom", "kind": "wecom", "label": "企业微信",
        "options": {"corp_id": told["corp_id"], "agent_id": told["agent_id"], "base_url": vendor.address,
                    "archive": "http", "archive_url": f"{vendor.address}/archive/lines"},
    }  # fmt: skip
    await _define(
        services, workspace, (CUSTOMER, MESSAGE), source, (CLIENTS, MESSAGES), (RuleDef.model_validate(URGENT),)
    )
    secrets = {"secret": "secret", "archive_secret": "archive_secret", "callback_token": "token",
               "encoding_aes_key": "encoding_aes_key"}  # fmt: skip
    await _seal(services, workspace, "wecom", {ours: told[theirs] for ours, theirs in secrets.items()})


async def define_dingtalk(services: Services, workspace: Workspace, vendor: Simulator) -> None:
    """Approvals, and the source over the simulator."""
    told = vendor.told
    source = {
        "key": "ding", "kind": "dingtalk", "label": "钉钉",
        "options": {"app_key": told["app_key"], "corp_id": told["corp_id"], "owner_key": told["app_key"],
                    "events": "http", "process_codes": ["PROC-SIMULATED-DISCOUNT"], "api_url": vendor.address,
                    "old_api_url": vendor.address},
    }  # fmt: skip
    await _define(services, workspace, (APPROVAL, EVENT), source, (APPROVALS, EVENTS), ())
    secrets = {"app_secret": "app_secret", "token": "token", "aes_key": "aes_key"}
    await _seal(services, workspace, "ding", {ours: told[theirs] for ours, theirs in secrets.items()})


async def _define(
    services: Services, workspace: Workspace, objects: Sequence[dict[str, Any]], source: dict[str, Any],
    mappings: Sequence[dict[str, Any]], rules: tuple[RuleDef, ...],
) -> None:  # fmt: skip
    catalogue = await services.catalogues.get(workspace)
    wanted = catalogue.replace(
        objects=(*catalogue.objects, *(ObjectDef.model_validate(each) for each in objects)),
        sources=(*catalogue.sources, SourceDef.model_validate(source)),
        mappings=(*catalogue.mappings, *(MappingDef.model_validate(each) for each in mappings)),
        rules=(*catalogue.rules, *rules),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)


async def _seal(services: Services, workspace: Workspace, source: str, secrets: dict[str, str]) -> None:
    async with services.database.write() as tx:
        await services.links.secrets.put(tx, workspace, source, secrets)

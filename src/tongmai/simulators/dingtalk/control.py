"""``/control``: makes things happen in the simulated organisation, and lets one see what it was sent."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tongmai.simulators.dingtalk import envelope
from tongmai.simulators.dingtalk.gateway import Gateway
from tongmai.simulators.dingtalk.organisation import TEMPLATE, Json, Organisation
from tongmai.simulators.faults import Fault, Faults

Act = Callable[[Json], Awaitable[Json]]


@dataclass
class Control:
    """Events go by the stream, or to ``url`` once that is set. ``answers`` holds what each call-back was answered,
    ``taken`` the ids of the events that were answered with success."""

    organisation: Organisation
    gateway: Gateway
    faults: Faults
    http: httpx.AsyncClient
    url: str = ""
    manner: str = "straight"
    answers: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    _held: list[tuple[str, Json]] = field(default_factory=list)

    def routes(self) -> list[Route]:
        acts: dict[str, Act] = {
            "callbacks": self._callbacks,
            "release": self._release,
            "approval": self._approval,
            "contact": self._contact,
            "press": self._press,
            "robot": self._robot,
            "fault": self._fault,
            "expire_tokens": self._expire_tokens,
            "limit": self._limit,
            "disconnect": self._disconnect,
        }
        return [
            Route("/control", self._show, methods=["GET"]),
            *(Route(f"/control/{name}", _acting(act), methods=["POST"]) for name, act in acts.items()),
        ]

    async def _show(self, _: Request) -> Response:
        org = self.organisation
        return JSONResponse(
            {
                "corp_id": org.corp_id,
                "app_key": org.app_key,
                "app_secret": org.app_secret,
                "token": org.token,
                "aes_key": org.aes_key,
                "template": TEMPLATE,
                "people": list(org.people),
                "approvals": {identity: each["status"] for identity, each in org.approvals.items()},
                "contacts": org.contacts,
                "notifications": org.notifications,
                "todos": org.todos,
                "cards": org.cards,
                "connections": self.gateway.connections,
                "acknowledged": self.gateway.acknowledged,
                "callback_answers": self.answers,
                "taken": self.taken,
            }
        )

    async def _callbacks(self, given: Json) -> Json:
        self.url = given.get("url", self.url)
        self.manner = given.get("manner", self.manner)
        self.gateway.twice = self.manner == "twice"
        if not given.get("verify"):
            return {}
        await self._post("check_url", {})
        return {"answer": self.answers[-1]}

    async def _release(self, given: Json) -> Json:
        held, self._held = self._held, []
        for kind, data in reversed(held):
            await self._tell_now(kind, data)
        return {"sent": len(held)}

    async def _approval(self, given: Json) -> Json:
        """Begins one, or with ``id`` ends it: ``result`` agree or refuse; ``cancel`` terminates."""
        org = self.organisation
        identity = given.get("id") or f"instance-{len(org.approvals) + 1:04d}"
        found = org.approvals.setdefault(
            identity,
            {
                "born": org.milliseconds(),
                "processCode": TEMPLATE,
                "title": given.get("title", "吴销售提交的价格特批"),
                "businessId": f"20261102{len(org.approvals):06d}",
                "originatorUserId": given.get("member", "sales01"),
                "originatorDeptName": "华东销售部",
                "createTime": org.moment(),
                "formComponentValues": [
                    {"id": f"f{number}", "componentType": "TextField", "name": name, "value": value}
                    for number, (name, value) in enumerate(given.get("form", {}).items())
                ],
                "operationRecords": [],
                "tasks": [],
            },
        )
        result, is_over = given.get("result", ""), bool(given.get("result") or given.get("cancel"))
        found["status"] = "COMPLETED" if result else "TERMINATED" if given.get("cancel") else "RUNNING"
        found["result"] = result
        event: Json = {
            "processInstanceId": identity,
            "corpId": org.corp_id,
            "title": found["title"],
            "type": "finish" if result else "terminate" if is_over else "start",
            "staffId": found["originatorUserId"],
            "processCode": TEMPLATE,
            "createTime": found["born"],
        }
        await self._tell("bpms_instance_change", event | ({"result": result} if result else {}))
        return {"id": identity}

    async def _contact(self, given: Json) -> Json:
        """A member changes an external contact in his own window, or adds one; ``gone`` takes it away."""
        identity, contacts = given.pop("id"), self.organisation.contacts
        if given.pop("gone", False):
            del contacts[identity]
            return {}
        found = contacts.setdefault(identity, {"userid": identity, "label_ids": [1001], "follower_user_id": "sales01"})
        found.update(given)
        return found

    async def _press(self, given: Json) -> Json:
        content = {"cardPrivateData": {"actionIds": [given["action"]], "params": given.get("params", {})}}
        data = {
            "outTrackId": given["card"],
            "userId": given["member"],
            "corpId": self.organisation.corp_id,
            "type": "actionCallback",
            "content": json.dumps(content),
            "extension": "{}",
        }
        identity = await self.gateway.send("CALLBACK", "/v1.0/card/instances/callback", {}, data)
        return {"frame": identity}

    async def _robot(self, given: Json) -> Json:
        """A person writes to the robot: a call signed by time-stamp and secret."""
        timestamp = str(self.organisation.milliseconds())
        headers = {"timestamp": timestamp, "sign": envelope.robot_sign(timestamp, self.organisation.app_secret)}
        body = {
            "msgId": f"msg-{secrets.token_hex(6)}",
            "msgtype": "text",
            "text": {"content": given["text"]},
            "senderStaffId": given["member"],
            "conversationId": "cid1",
        }
        response = await self.http.post(self.url, json=body, headers=headers)
        return {"status": response.status_code}

    async def _fault(self, given: Json) -> Json:
        self.faults.planned.append(Fault(**given))
        return {}

    async def _expire_tokens(self, given: Json) -> Json:
        self.organisation.tokens = dict.fromkeys(self.organisation.tokens, 0.0)
        return {}

    async def _limit(self, given: Json) -> Json:
        self.organisation.per_minute = int(given["per_minute"])
        self.organisation.counted.clear()
        return {}

    async def _disconnect(self, given: Json) -> Json:
        done = await (self.gateway.drop() if given.get("rudely") else self.gateway.disconnect())
        return {"connections": done}

    async def _tell(self, kind: str, data: Json) -> None:
        told = {**data, "eventId": f"event-{secrets.token_hex(8)}"}
        if self.manner == "held":
            self._held.append((kind, told))
        else:
            await self._tell_now(kind, told)

    async def _tell_now(self, kind: str, data: Json) -> None:
        if self.url:
            for _ in range(2 if self.manner == "twice" else 1):
                await self._post(kind, data)
        elif self.gateway.connections:
            headers = {
                "eventId": data["eventId"],
                "eventType": kind,
                "eventBornTime": str(self.organisation.milliseconds()),
                "eventCorpId": self.organisation.corp_id,
            }
            await self.gateway.send("EVENT", "*", headers, data)

    async def _post(self, kind: str, data: Json) -> None:
        """Up to three times, until the answer holds the encrypted word success."""
        org = self.organisation
        text = json.dumps({"EventType": kind, **data}, ensure_ascii=False)
        for _ in range(3):
            encrypted = envelope.encrypt(org.aes_key, text, org.app_key)
            timestamp, nonce = str(org.milliseconds()), secrets.token_hex(4)
            signature = envelope.sign(org.token, timestamp, nonce, encrypted)
            query = {"msg_signature": signature, "signature": signature, "timestamp": timestamp, "nonce": nonce}
            try:
                response = await self.http.post(self.url, params=query, json={"encrypt": encrypted})
                self.answers.append(self._word(response))
            except httpx.HTTPError:
                self.answers.append("unreachable")
            if self.answers[-1] == "success":
                self.taken.append(data.get("eventId", ""))
                return

    def _word(self, response: httpx.Response) -> str:
        if response.status_code != 200:
            return str(response.status_code)
        given = response.json()
        org = self.organisation
        if envelope.sign(org.token, given["timeStamp"], given["nonce"], given["encrypt"]) != given["msg_signature"]:
            return "bad signature"
        word, owner = envelope.decrypt(org.aes_key, given["encrypt"])
        return word if owner == org.app_key else "bad owner"


def _acting(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = await request.body()
        given: Any = json.loads(body) if body else {}
        return JSONResponse(await act(given))

    return answer

"""``/control``: makes things happen in the simulated corporation, and lets one see what it was sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tongmai.simulators.faults import Fault, Faults
from tongmai.simulators.wecom.company import Company, Json
from tongmai.simulators.wecom.customer_notes import CustomerNotes
from tongmai.simulators.wecom.notifier import Notifier

Act = Callable[[Json], Awaitable[Json]]


class Control:
    def __init__(self, company: Company, notifier: Notifier, faults: Faults) -> None:
        self._company = company
        self._notifier = notifier
        self._faults = faults

    def routes(self) -> list[Route]:
        acts: dict[str, Act] = {
            "callbacks": self._callbacks,
            "release": self._release,
            "message": self._message,
            "messages": self._messages,
            "voice": self._voice,
            "consent": self._consent,
            "revoke": self._revoke,
            "customer": self._customer,
            "unfollow": self._unfollow,
            "note": self._note,
            "call": self._call,
            "moment": self._moment,
            "approval": self._approval,
            "press": self._press,
            "fault": self._fault,
            "expire_tokens": self._expire_tokens,
            "limit": self._limit,
        }
        return [
            Route("/control", self._show, methods=["GET"]),
            Route("/control/archive", self._load, methods=["POST"]),
            Route("/archive/lines", self._lines, methods=["GET"]),
            Route("/archive/file", self._file, methods=["GET"]),
            *(Route(f"/control/{name}", _acting(act), methods=["POST"]) for name, act in acts.items()),
        ]

    async def _show(self, _: Request) -> Response:
        company = self._company
        return JSONResponse(
            {
                "corp_id": company.corp_id,
                "agent_id": company.agent_id,
                "secret": company.secret,
                "archive_secret": company.archive_secret,
                "token": company.token,
                "encoding_aes_key": company.encoding_aes_key,
                "members": list(company.members),
                "customers": list(company.customers),
                "notes": {identity: each["follow_user"] for identity, each in company.customers.items()},
                "archived": len(company.archive),
                "sent": company.sent,
                "settled": company.settled,
                "callback_answers": self._notifier.answers,
            }
        )

    async def _lines(self, request: Request) -> Response:
        """The archive as JSON lines, for the provider that reads over HTTP."""
        if (fault := self._faults.take("/archive/lines")) is not None and fault.status:
            return Response("simulated fault", fault.status)
        after, limit = int(request.query_params.get("seq", "0")), int(request.query_params.get("limit", "1000"))
        found = self._company.archive[after : after + min(limit, 1000)]
        # Half a character, as old clients send, goes out as it came in.
        lines = b"".join(json.dumps(each, ensure_ascii=False).encode(errors="surrogatepass") + b"\n" for each in found)
        return Response(lines, media_type="application/x-ndjson")

    async def _file(self, request: Request) -> Response:
        """A message's file, as whatever runs the vendor's SDK would hand it out."""
        if (fault := self._faults.take("/archive/file")) is not None and fault.status:
            return Response("simulated fault", fault.status)
        content = self._company.files.get(request.query_params.get("sdkfileid", ""))
        return Response("no such file", 404) if content is None else Response(content)

    async def _load(self, request: Request) -> Response:
        """JSON lines are added to the archive as they are, with the next ``seq``."""
        for line in (await request.body()).splitlines():
            self._company.archive.append(json.loads(line) | {"seq": len(self._company.archive) + 1})
        return JSONResponse({"archived": len(self._company.archive)})

    async def _callbacks(self, given: Json) -> Json:
        self._notifier.url = given.get("url", self._notifier.url)
        self._notifier.manner = given.get("manner", self._notifier.manner)
        if not given.get("verify"):
            return {}
        status, echo = await self._notifier.verify()
        return {"status": status, "echo": echo}

    async def _release(self, given: Json) -> Json:
        return {"sent": await self._notifier.release()}

    async def _message(self, given: Json) -> Json:
        kind = given.get("kind", "text")
        body = given.get("body") or {"content": given.get("text", "")}
        message = self._company.say(
            given["from"], list(given["to"]), kind, body, room=given.get("room", ""), at_ms=int(given.get("at_ms", 0))
        )
        await self._notifier.archived()
        return message

    async def _voice(self, given: Json) -> Json:
        """``recording`` in base64."""
        recording = base64.b64decode(given["recording"])
        message = self._company.speak(given["from"], list(given["to"]), recording, int(given.get("seconds", 3)))
        await self._notifier.archived()
        return message

    async def _messages(self, given: Json) -> Json:
        """Many at once: ``said`` lists ``[sender, receiver, text]``. Answers their ids."""
        said = [self._company.say(sender, [to], "text", {"content": text}) for sender, to, text in given["said"]]
        await self._notifier.archived()
        return {"msgids": [each["msgid"] for each in said]}

    async def _consent(self, given: Json) -> Json:
        """``answer`` Agree or Disagree, of a talk with ``member`` or of all that is said in ``room``; also as a message
        of the archive, as the vendor writes it, unless ``quiet``: then only who asks is told."""
        company = self._company
        customer, answer, room = given["customer"], given.get("answer", "Agree"), given.get("room", "")
        at = int(given.get("at", 0)) or company.now()
        if room:
            company.rooms.setdefault(room, {})[customer] = (answer, at)
        else:
            company.agree(given["member"], customer, answer, at)
        if given.get("quiet"):
            return {}
        kind = "agree" if answer != "Disagree" else "disagree"
        others = [] if room else [given["member"]]
        company.say(customer, others, kind, {"userid": customer, f"{kind}_time": at * 1000}, room=room, at_ms=at * 1000)
        if kind == "agree" and not room:
            change = {"ChangeType": "msg_audit_approved", "UserID": given["member"], "ExternalUserID": customer}
            await self._notifier.notify({"Event": "change_external_contact", **change})
        await self._notifier.archived()
        return {}

    async def _revoke(self, given: Json) -> Json:
        """The sender takes back the message ``msgid``."""
        taken = next(each for each in self._company.archive if each["msgid"] == given["msgid"])
        body = {"pre_msgid": given["msgid"]}
        message = self._company.say(taken["from"], taken["tolist"], "revoke", body, room=taken["roomid"])
        await self._notifier.archived()
        return message

    async def _customer(self, given: Json) -> Json:
        follower = given.get("member", next(iter(self._company.members)))
        self._company.add_customer(given["id"], given["name"], given.get("corp_name", ""), follower)
        change = {"ChangeType": "add_external_contact", "UserID": follower, "ExternalUserID": given["id"]}
        await self._notifier.notify({"Event": "change_external_contact", **change})
        return {}

    async def _unfollow(self, given: Json) -> Json:
        """A member takes the contact out of his list; whom nobody follows is known no more."""
        follows = self._company.customers[given["id"]]["follow_user"]
        follows[:] = [each for each in follows if each["userid"] != given["member"]]
        change = {"ChangeType": "del_external_contact", "UserID": given["member"], "ExternalUserID": given["id"]}
        await self._notifier.notify({"Event": "change_external_contact", **change})
        return {}

    async def _note(self, given: Json) -> Json:
        """A member notes something of a customer in his own window: what the interface takes, and ``add_tag``,
        ``remove_tag`` by the tags' names."""
        company, notes = self._company, CustomerNotes(self._company)
        ids = {tag["name"]: tag["id"] for group in company.tag_groups for tag in group["tag"]}
        whose = {"userid": given["member"], "external_userid": given["id"]}
        tags = {name: [ids[each] for each in given.get(name, [])] for name in ("add_tag", "remove_tag")}
        told = {name: value for name, value in given.items() if name not in ("member", "id", "add_tag", "remove_tag")}
        answer = notes.remark(whose | told) if told else {}
        answer |= notes.mark_tag(whose | tags) if any(tags.values()) else {}
        change = {"ChangeType": "edit_external_contact", "UserID": given["member"], "ExternalUserID": given["id"]}
        await self._notifier.notify({"Event": "change_external_contact", **change})
        return answer

    async def _call(self, given: Json) -> Json:
        lasts = int(given.get("seconds", 60))
        call = {
            "call_time": int(given.get("at", self._company.now())),
            "total_duration": lasts,
            "call_type": 1,
            "caller": {"userid": given["member"], "duration": lasts},
            "callee": [{"phone": given["phone"], "duration": lasts}],
        }
        self._company.calls.append(call)
        return call

    async def _moment(self, given: Json) -> Json:
        identity = f"mom{len(self._company.moments) + 1:06d}"
        at = int(given.get("at", self._company.now()))
        moment = {"moment_id": identity, "creator": given["member"], "create_time": at, "create_type": 1}
        self._company.moments.append(moment | {"text": {"content": given.get("text", "")}})
        self._company.comments[identity] = {
            "comment_list": [{"external_userid": each, "create_time": at + 60} for each in given.get("comments", [])],
            "like_list": [{"external_userid": each, "create_time": at + 30} for each in given.get("likes", [])],
        }
        return moment

    async def _approval(self, given: Json) -> Json:
        """Hands one in, or with ``number`` moves one on: ``status`` 1 open, 2 approved, 3 rejected, 4 cancelled.
        ``nodes`` are the states of its nodes, in their order; usually there is one."""
        company = self._company
        number = str(given.get("number") or f"{20261100000 + len(company.approvals) + 1}")
        status = int(given.get("status", 1))
        found = company.approvals.setdefault(
            number,
            {
                "sp_no": number,
                "sp_name": given.get("name", "特价审批"),
                "template_id": "simulated",
                "apply_time": company.now(),
                "applyer": {"userid": given.get("member", "zhangsan"), "partyid": "2"},
                "apply_data": {"contents": [_control(each) for each in given.get("form", [])]},
                "sp_record": [],
                "comments": [],
            },
        )
        found["sp_status"] = status
        found["sp_record"] = [_node(int(each), company.now()) for each in given.get("nodes", [status])]
        info = {"SpNo": number, "SpName": found["sp_name"], "SpStatus": status, "ApplyTime": found["apply_time"]}
        await self._notifier.notify({"Event": "sys_approval_change", "ApprovalInfo": info})
        return {"number": number}

    async def _press(self, given: Json) -> Json:
        event = {
            "FromUserName": given["member"],
            "Event": "template_card_event",
            "EventKey": given["key"],
            "TaskId": given["card"],
            "CardType": "button_interaction",
            "ResponseCode": given.get("response_code", ""),
        }
        await self._notifier.notify(event)
        return {}

    async def _fault(self, given: Json) -> Json:
        self._faults.planned.append(Fault(**given))
        return {}

    async def _expire_tokens(self, given: Json) -> Json:
        for token, (secret, _) in self._company.tokens.items():
            self._company.tokens[token] = (secret, 0.0)
        return {}

    async def _limit(self, given: Json) -> Json:
        self._company.per_minute = int(given["per_minute"])
        self._company.counted.clear()
        return {}


def _acting(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = await request.body()
        given: Any = json.loads(body) if body else {}
        return JSONResponse(await act(given))

    return answer


def _node(status: int, now: int) -> Json:
    """A node of one approver; ``sptime`` is 0 until he decides."""
    detail = {"approver": {"userid": "wangwu"}, "speech": "", "sp_status": status, "sptime": 0 if status == 1 else now}
    return {"sp_status": status, "approverattr": 1, "details": [detail]}


def _control(given: Json) -> Json:
    """``{"title", "control", "value"}`` in the vendor's shape; a plain value becomes a text."""
    value = given.get("value")
    kind = given.get("control", "Text")
    shapes: Json = {"Number": {"new_number": value}, "Money": {"new_money": value}}
    shaped = value if isinstance(value, dict) else shapes.get(kind, {"text": value})
    return {
        "control": kind,
        "id": f"{kind}-{given['title']}",
        "title": [{"text": given["title"], "lang": "zh_CN"}],
        "value": shaped,
    }

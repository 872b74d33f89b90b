"""The client's own side of the side-bar: a window beside a chat, which looks at a page's signature before it tells
anything (developer.work.weixin.qq.com/document/path/90506, 94313).

``POST /control/window`` opens one; ``POST /client/{window}`` is what its bridge is asked: the page's real address, the
name of the call and what came with it. Whoever shows a page in a browser of his own hands its bridge's calls on here.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tongmai.simulators.wecom.company import Company, Json


@dataclass
class ClientWindow:
    """Beside a chat of ``member`` with ``contact``, or beside ``room``; ``entry`` is how the page was opened."""

    member: str
    contact: str
    room: str
    entry: str
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)


class ClientWindows:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._windows: dict[str, ClientWindow] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/control/window", self._open, methods=["POST"]),
            Route("/client/{window}", self._asked, methods=["POST"]),
        ]

    async def _open(self, request: Request) -> Response:
        given: Json = await request.json()
        contact, room = given.get("contact", ""), given.get("room", "")
        usual = "group_chat_tools" if room else "single_chat_tools" if contact else "normal"
        number = f"window{len(self._windows) + 1}"
        member = given.get("member", next(iter(self._company.members)))
        self._windows[number] = ClientWindow(member, contact, room, given.get("entry", usual))
        return JSONResponse({"window": number})

    async def _asked(self, request: Request) -> Response:
        window = self._windows[request.path_params["window"]]
        given: Json = await request.json()
        name, params, page = given["name"], given.get("params") or {}, given["url"].split("#", 1)[0]
        if name == "preVerifyJSAPI":
            # It lets the page introduce itself, and ask nothing of customers.
            found = self._verify("corp", page, _shown(params, "verifyappid", "verify"))
        elif name == "agentConfig":
            found = self._verify("agent", page, _shown(params, "corpid", ""))
            if found == "ok" and str(params.get("agentid")) != str(self._company.agent_id):
                found = "fail_agentid not match"
            if found == "ok":
                window.allowed[page] = frozenset(params.get("jsApiList") or ())
        elif name not in window.allowed.get(page, frozenset()):
            found = "fail_no permission"
        else:
            return JSONResponse(self._answer(window, name, params))
        return JSONResponse({"err_msg": f"{name}:{found}"})

    def _verify(self, kind: str, page: str, shown: dict[str, str]) -> str:
        if shown["corp"] != self._company.corp_id:
            return "fail_corpid not match"
        parts = {
            "jsapi_ticket": self._company.ticket(kind), "noncestr": shown["nonce"], "timestamp": shown["timestamp"],
            "url": page,
        }  # fmt: skip
        text = "&".join(f"{name}={value}" for name, value in sorted(parts.items()))
        # The vendor's algorithm, not ours to choose.
        wanted = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return "ok" if hmac.compare_digest(wanted, shown["signature"]) else "fail_invalid signature"

    def _answer(self, window: ClientWindow, name: str, params: Json) -> Json:
        if name == "getContext":
            return {"err_msg": "getContext:ok", "entry": window.entry}
        if name == "getCurExternalContact" and window.contact:
            return {"err_msg": f"{name}:ok", "userId": window.contact}
        if name == "getCurExternalChat" and window.room:
            return {"err_msg": f"{name}:ok", "chatId": window.room}
        if name == "sendChatMessage" and (window.contact or window.room):
            kind = params["msgtype"]
            others = [window.contact] if window.contact else list(self._company.rooms.get(window.room, {}))
            self._company.say(window.member, others, kind, params[kind], room=window.room)
            return {"err_msg": f"{name}:ok"}
        return {"err_msg": f"{name}:fail_without context of external contact"}


def _shown(params: Json, corp: str, before: str) -> dict[str, str]:
    """What the page shows of itself; one call puts ``verify`` before the names."""
    told = {name.lower(): str(value) for name, value in params.items()}
    names = {"timestamp": "timestamp", "nonce": "noncestr", "signature": "signature"}
    return {"corp": told.get(corp, "")} | {each: told.get(before + name, "") for each, name in names.items()}

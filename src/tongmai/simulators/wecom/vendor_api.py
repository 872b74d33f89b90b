"""The server API under ``/cgi-bin``: tokens, error codes, cursors and limits as the vendor's pages tell them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tongmai.simulators.faults import Faults, troubled
from tongmai.simulators.wecom.company import Company, Json
from tongmai.simulators.wecom.customer_notes import CustomerNotes

Answer = Callable[[Request, Json], Json | Awaitable[Json]]


class VendorApi:
    """Routes over one company. Whatever an interface returns is completed with ``errcode`` and ``errmsg``."""

    def __init__(self, company: Company, faults: Faults) -> None:
        self._company = company
        self._faults = faults

    def routes(self) -> list[Route]:
        asked: dict[str, tuple[str, Callable[[Request, Json], Json]]] = {
            "/cgi-bin/department/list": ("GET", self._departments),
            "/cgi-bin/user/list": ("GET", self._members),
            "/cgi-bin/user/get": ("GET", self._member),
            "/cgi-bin/externalcontact/get_follow_user_list": ("GET", self._followers),
            "/cgi-bin/externalcontact/list": ("GET", self._customers_of),
            "/cgi-bin/externalcontact/get": ("GET", self._customer),
            **CustomerNotes(self._company).asked(),
            "/cgi-bin/externalcontact/get_moment_list": ("POST", self._moments),
            "/cgi-bin/externalcontact/get_moment_comments": ("POST", self._comments),
            "/cgi-bin/dial/get_dial_record": ("POST", self._calls),
            "/cgi-bin/oa/getapprovalinfo": ("POST", self._approval_numbers),
            "/cgi-bin/oa/getapprovaldetail": ("POST", self._approval),
            "/cgi-bin/msgaudit/check_single_agree": ("POST", self._single_agree),
            "/cgi-bin/msgaudit/check_room_agree": ("POST", self._room_agree),
            "/cgi-bin/message/send": ("POST", self._send),
            "/cgi-bin/message/update_template_card": ("POST", self._settle),
            "/cgi-bin/message/recall": ("POST", self._recall),
            "/cgi-bin/get_jsapi_ticket": ("GET", lambda request, body: self._ticket("corp")),
            "/cgi-bin/ticket/get": ("GET", lambda request, body: self._ticket("agent")),
            "/cgi-bin/auth/getuserinfo": ("GET", self._who),
        }
        return [
            Route("/cgi-bin/gettoken", self._token, methods=["GET"]),
            Route("/connect/oauth2/authorize", self._authorize, methods=["GET"]),
            Route("/wwlogin/sso/login", self._authorize, methods=["GET"]),
            *(Route(path, self._guarded(run), methods=[method]) for path, (method, run) in asked.items()),
        ]

    def _guarded(self, run: Callable[[Request, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            path = request.url.path
            fault = self._faults.take(path)
            if fault is not None and not fault.after and (found := await troubled(fault)) is not None:
                return found
            company = self._company
            if code := company.token_fault(request.query_params.get("access_token", "")):
                return refusal(code)
            if company.is_over_limit(path):
                return refusal(45009)
            given: Any = {}
            if request.method == "POST":
                try:
                    given = json.loads(await request.body())
                except ValueError:
                    return refusal(47001)
            if not isinstance(given, dict):
                return refusal(47001)
            done = run(request, given)
            if fault is not None and fault.after and (found := await troubled(fault)) is not None:
                return found
            return JSONResponse({"errcode": 0, "errmsg": "ok"} | done)

        return answer

    async def _token(self, request: Request) -> Response:
        fault = self._faults.take("/cgi-bin/gettoken")
        if fault is not None and (found := await troubled(fault)) is not None:
            return found
        company, given = self._company, request.query_params
        if given.get("corpid") != company.corp_id:
            return refusal(40013)
        if given.get("corpsecret") not in (company.secret, company.archive_secret):
            return refusal(40001)
        token = company.new_token(given["corpsecret"])
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": company.token_seconds})

    async def _authorize(self, request: Request) -> Response:
        """A person who signs in at once: ``as`` names a member, else the first; an empty one an outsider."""
        given = request.query_params
        who = given.get("as", next(iter(self._company.members)))
        code = f"code{len(self._company.codes) + 1:06d}"
        self._company.codes[code] = who
        return RedirectResponse(f"{given['redirect_uri']}?code={code}&state={given.get('state', '')}", 302)

    def _who(self, request: Request, _: Json) -> Json:
        code = request.query_params.get("code", "")
        who = self._company.codes.pop(code, None)
        if who is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"userid": who, "user_ticket": "ticket"} if who in self._company.members else {"openid": "o_outsider"}

    def _departments(self, request: Request, _: Json) -> Json:
        return {"department": self._company.departments}

    def _members(self, request: Request, _: Json) -> Json:
        number = int(request.query_params.get("department_id", "0"))
        return {"userlist": [each for each in self._company.members.values() if number in each["department"]]}

    def _member(self, request: Request, _: Json) -> Json:
        found = self._company.members.get(request.query_params.get("userid", ""))
        return found or {"errcode": 60111, "errmsg": "userid not found"}

    def _followers(self, request: Request, _: Json) -> Json:
        return {"follow_user": list(self._company.members)}

    def _customers_of(self, request: Request, _: Json) -> Json:
        userid = request.query_params.get("userid", "")
        found = [
            identity
            for identity, each in self._company.customers.items()
            if any(follow["userid"] == userid for follow in each["follow_user"])
        ]
        return {"external_userid": found} if found else {"errcode": 84061, "errmsg": "not external contact"}

    def _customer(self, request: Request, _: Json) -> Json:
        found = self._company.customers.get(request.query_params.get("external_userid", ""))
        if found is None:
            return {"errcode": 40096, "errmsg": "invalid external userid"}
        if not found["follow_user"]:
            return {"errcode": 84061, "errmsg": "not external contact"}
        start = int(request.query_params.get("cursor", "0"))
        end = start + 500
        follows = found["follow_user"]
        more = {"next_cursor": str(end)} if end < len(follows) else {}
        return {"external_contact": found["external_contact"], "follow_user": follows[start:end]} | more

    def _moments(self, request: Request, given: Json) -> Json:
        found = [
            each for each in self._company.moments if given["start_time"] <= each["create_time"] <= given["end_time"]
        ]
        return _paged(found, given.get("cursor"), int(given.get("limit", 20)), "moment_list", "next_cursor")

    def _comments(self, request: Request, given: Json) -> Json:
        return self._company.comments.get(given.get("moment_id", ""), {"comment_list": [], "like_list": []})

    def _calls(self, request: Request, given: Json) -> Json:
        if given["end_time"] < given["start_time"] or given["start_time"] > self._company.now():
            return {"errcode": 600018, "errmsg": "invalid start or end time"}
        start = max(given["start_time"], given["end_time"] - 30 * 86400)
        found = [each for each in self._company.calls if start <= each["call_time"] <= given["end_time"]]
        offset, limit = int(given.get("offset", 0)), min(int(given.get("limit", 100)), 100)
        return {"record": found[offset : offset + limit]}

    def _approval_numbers(self, request: Request, given: Json) -> Json:
        start, end = int(given["starttime"]), int(given["endtime"])
        if end - start > 31 * 86400:
            return {"errcode": 301025, "errmsg": "time range exceeds 31 days"}
        found = [number for number, each in self._company.approvals.items() if start <= each["apply_time"] <= end]
        size = min(int(given.get("size", 100)), self._company.page)
        return _paged(found, given.get("new_cursor"), size, "sp_no_list", "new_next_cursor")

    def _approval(self, request: Request, given: Json) -> Json:
        found = self._company.approvals.get(str(given.get("sp_no")))
        return {"info": found} if found else {"errcode": 301055, "errmsg": "no approval detail"}

    def _single_agree(self, request: Request, given: Json) -> Json:
        pairs = given.get("info", [])
        if len(pairs) > 100:
            return {"errcode": 40058, "errmsg": "at most 100 pairs"}
        found = []
        for pair in pairs:
            known = self._company.agreed.get((pair["userid"], pair["exteranalopenid"]))
            if known is not None:
                found.append({**pair, "agree_status": known[0], "status_change_time": known[1]})
        return {"agreeinfo": found}

    def _room_agree(self, request: Request, given: Json) -> Json:
        known = self._company.rooms.get(given.get("roomid", ""), {})
        return {
            "agreeinfo": [
                {"exteranalopenid": who, "agree_status": answer, "status_change_time": at}
                for who, (answer, at) in known.items()
            ]
        }

    def _send(self, request: Request, given: Json) -> Json:
        company = self._company
        receivers = str(given.get("touser", "")).split("|")
        unknown = [each for each in receivers if each not in company.members]
        if len(unknown) == len(receivers):
            return {"errcode": 81013, "errmsg": "user & party & tag all invalid"}
        for sent in company.sent:
            if given.get("enable_duplicate_check") and sent["body"] == given:
                return {
                    "msgid": sent["msgid"],
                    "response_code": sent["response_code"],
                    "invaliduser": "|".join(unknown),
                }
        number = len(company.sent) + 1
        sent = {"msgid": f"msg{number}", "response_code": f"response{number}", "body": given}
        company.sent.append(sent)
        return {"msgid": sent["msgid"], "response_code": sent["response_code"], "invaliduser": "|".join(unknown)}

    def _settle(self, request: Request, given: Json) -> Json:
        company = self._company
        if any(each["response_code"] == given.get("response_code") for each in company.settled):
            return {"errcode": 45064, "errmsg": "response code already used"}
        company.settled.append(given)
        return {}

    def _recall(self, request: Request, given: Json) -> Json:
        self._company.sent = [each for each in self._company.sent if each["msgid"] != given.get("msgid")]
        return {}

    def _ticket(self, kind: str) -> Json:
        return {"ticket": self._company.ticket(kind), "expires_in": 7200}


def refusal(code: int) -> Response:
    return JSONResponse({"errcode": code, "errmsg": _WORDS.get(code, "simulated")})


_WORDS = {
    40001: "invalid credential",
    40013: "invalid corpid",
    40014: "invalid access_token",
    41001: "access_token missing",
    42001: "access_token expired",
    45009: "api freq out of limit",
    47001: "data format error",
}


def _paged(found: list[Any], cursor: Any, size: int, items: str, following: str) -> Json:
    start = int(cursor or 0)
    end = start + size
    return {items: found[start:end]} | ({following: str(end)} if end < len(found) else {})

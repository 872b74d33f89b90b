"""DingTalk's server APIs, the present and the older one, with their tokens, codes, cursors and limits."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tongmai.simulators.dingtalk.external_contacts import ExternalContacts
from tongmai.simulators.dingtalk.organisation import Json, Organisation
from tongmai.simulators.faults import Faults, troubled

Run = Callable[[Request, Json], Json]


class Refusal(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"code": code, "message": message, "requestid": "simulated"}, status)


class VendorApi:
    def __init__(self, organisation: Organisation, faults: Faults) -> None:
        self._org = organisation
        self._faults = faults

    def routes(self) -> list[Route]:
        present: list[tuple[str, str, Run]] = [
            ("POST", "/v1.0/workflow/processes/instanceIds/query", self._approval_ids),
            ("GET", "/v1.0/workflow/processInstances", self._approval),
            ("POST", "/v1.0/todo/users/{union}/tasks", self._add_todo),
            ("GET", "/v1.0/todo/users/{union}/tasks/sources/{source}", self._todo_by_source),
            ("PUT", "/v1.0/todo/users/{union}/tasks/{task}", self._update_todo),
            ("POST", "/v1.0/card/instances/createAndDeliver", self._deliver_card),
            ("PUT", "/v1.0/card/instances", self._update_card),
        ]
        older: list[tuple[str, Run]] = [
            *ExternalContacts(self._org).older(),
            ("/topapi/v2/department/listsub", self._departments),
            ("/topapi/v2/user/list", self._people),
            ("/topapi/v2/user/get", self._person),
            ("/topapi/user/getbyunionid", self._by_union_id),
            ("/topapi/message/corpconversation/asyncsend_v2", self._notify),
            ("/topapi/message/corpconversation/recall", self._recall),
        ]
        return [
            Route("/v1.0/oauth2/accessToken", self._token, methods=["POST"]),
            Route("/v1.0/oauth2/userAccessToken", self._user_token, methods=["POST"]),
            Route("/v1.0/contact/users/me", self._me, methods=["GET"]),
            Route("/oauth2/auth", self._authorize, methods=["GET"]),
            *(Route(path, self._present(run), methods=[method]) for method, path, run in present),
            *(Route(path, self._older(run), methods=["POST"]) for path, run in older),
        ]

    def _present(self, run: Run) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if (found := await self._trouble(request, after=False)) is not None:
                return found
            org = self._org
            if not org.is_token_good(request.headers.get("x-acs-dingtalk-access-token", "")):
                return Refusal("InvalidAuthentication", "不合法的access_token", 400).answer
            if org.is_over_limit(request.url.path):
                return Refusal("Throttling.Api", "qps limit", 429).answer
            try:
                done = run(request, await _given(request))
            except Refusal as refusal:
                return refusal.answer
            return await self._trouble(request, after=True) or JSONResponse(done)

        return answer

    def _older(self, run: Run) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if (found := await self._trouble(request, after=False)) is not None:
                return found
            org = self._org
            if not org.is_token_good(request.query_params.get("access_token", "")):
                return JSONResponse({"errcode": 40014, "errmsg": "不合法的access_token"})
            if org.is_over_limit(request.url.path):
                return JSONResponse({"errcode": 90018, "errmsg": "qps limit"})
            done = run(request, await _given(request))
            return await self._trouble(request, after=True) or JSONResponse({"errcode": 0, "errmsg": "ok"} | done)

        return answer

    async def _trouble(self, request: Request, *, after: bool) -> Response | None:
        path = request.url.path
        planned = next((each for each in self._faults.planned if path.startswith(each.path)), None)
        if planned is None or planned.after != after:
            return None
        fault = self._faults.take(path)
        return None if fault is None else await troubled(fault)

    async def _token(self, request: Request) -> Response:
        if (found := await self._trouble(request, after=False)) is not None:
            return found
        given = await _given(request)
        if (given.get("appKey"), given.get("appSecret")) != (self._org.app_key, self._org.app_secret):
            return Refusal("invalidClientIdOrSecret", "无效的clientId或者clientSecret").answer
        return JSONResponse({"accessToken": self._org.new_token(), "expireIn": self._org.token_seconds})

    async def _authorize(self, request: Request) -> Response:
        """A person who signs in at once: ``as`` names one, else the first; an unknown one is an outsider."""
        given = request.query_params
        code = f"code{len(self._org.codes) + 1:06d}"
        self._org.codes[code] = given.get("as", next(iter(self._org.people)))
        return RedirectResponse(f"{given['redirect_uri']}?authCode={code}&code={code}&state={given['state']}", 302)

    async def _user_token(self, request: Request) -> Response:
        given = await _given(request)
        who = self._org.codes.pop(str(given.get("code")), None)
        if who is None or given.get("clientSecret") != self._org.app_secret:
            return Refusal("invalidParameter.authCode.notFound", "无效的authCode").answer
        token = f"user-token-{len(self._org.user_tokens)}"
        self._org.user_tokens[token] = who
        return JSONResponse({"accessToken": token, "expireIn": 7200, "refreshToken": "r", "corpId": self._org.corp_id})

    async def _me(self, request: Request) -> Response:
        who = self._org.user_tokens.get(request.headers.get("x-acs-dingtalk-access-token", ""))
        if who is None:
            return Refusal("InvalidAuthentication", "不合法的access_token").answer
        return JSONResponse({"unionId": f"union-{who}", "nick": who, "openId": "o"})

    def _departments(self, _: Request, given: Json) -> Json:
        return {"result": [each for each in self._org.departments if each["parent_id"] == given.get("dept_id")]}

    def _people(self, _: Request, given: Json) -> Json:
        found = [each for each in self._org.people.values() if given.get("dept_id") in each["dept_id_list"]]
        start, size = int(given.get("cursor", 0)), min(int(given.get("size", 100)), 100)
        more = start + size < len(found)
        page: Json = {"list": found[start : start + size], "has_more": more}
        return {"result": page | ({"next_cursor": start + size} if more else {})}

    def _person(self, _: Request, given: Json) -> Json:
        found = self._org.people.get(str(given.get("userid")))
        return {"result": found} if found else {"errcode": 60121, "errmsg": "找不到该用户"}

    def _by_union_id(self, _: Request, given: Json) -> Json:
        for userid, each in self._org.people.items():
            if each["unionid"] == given.get("unionid"):
                return {"result": {"contact_type": 0, "userid": userid}}
        return {"errcode": 60121, "errmsg": "找不到该用户"}

    def _approval_ids(self, _: Request, given: Json) -> Json:
        start, end = int(given["startTime"]), int(given["endTime"])
        if end - start > 120 * 86_400_000:
            raise Refusal("invalidParameter", "时间跨度不能超过120天")
        found = [
            identity
            for identity, each in self._org.approvals.items()
            if each["processCode"] == given["processCode"] and start <= each["born"] <= end
        ]
        at, size = int(given.get("nextToken") or 0), min(int(given.get("maxResults", 20)), 20)
        following = {"nextToken": str(at + size)} if at + size < len(found) else {}
        return {"success": True, "result": {"list": found[at : at + size]} | following}

    def _approval(self, request: Request, _: Json) -> Json:
        found = self._org.approvals.get(request.query_params.get("processInstanceId", ""))
        if found is None:
            raise Refusal("processInstance.notExist", "审批实例不存在")
        return {"success": True, "result": {name: each for name, each in found.items() if name != "born"}}

    def _notify(self, _: Request, given: Json) -> Json:
        org, receivers = self._org, str(given.get("userid_list", "")).split(",")
        if not any(each in org.people for each in receivers):
            return {"errcode": 33012, "errmsg": "无效的USERID"}
        for sent in org.notifications:
            if sent["body"] == given:
                return {"task_id": sent["task_id"]}
        org.notifications.append({"task_id": len(org.notifications) + 1, "body": given})
        return {"task_id": len(org.notifications)}

    def _recall(self, _: Request, given: Json) -> Json:
        self._org.notifications = [each for each in self._org.notifications if each["task_id"] != given["msg_task_id"]]
        return {}

    def _add_todo(self, request: Request, given: Json) -> Json:
        if any(each["sourceId"] == given.get("sourceId") for each in self._org.todos.values()):
            raise Refusal("todo.taskCreate.paramError", "task exist")
        identity = f"task{len(self._org.todos) + 1}"
        self._org.todos[identity] = {**given, "id": identity, "done": False, "owner": request.path_params["union"]}
        return self._org.todos[identity]

    def _todo_by_source(self, request: Request, _: Json) -> Json:
        source = request.path_params["source"]
        found = next((each for each in self._org.todos.values() if each["sourceId"] == source), None)
        if found is None:
            raise Refusal("todo.taskQuery.paramError", "task not exist")
        return found

    def _update_todo(self, request: Request, given: Json) -> Json:
        found = self._org.todos.get(request.path_params["task"])
        if found is None:
            raise Refusal("todo.taskUpdate.paramError", "task not exist")
        found.update(given)
        return {"result": True}

    def _deliver_card(self, _: Request, given: Json) -> Json:
        self._org.cards.setdefault(given["outTrackId"], given)
        return {"success": True, "result": {"outTrackId": given["outTrackId"], "deliverResults": []}}

    def _update_card(self, _: Request, given: Json) -> Json:
        found = self._org.cards.get(given["outTrackId"])
        if found is None:
            raise Refusal("param.cardNotExist", "card not exist")
        found["cardData"]["cardParamMap"].update(given["cardData"]["cardParamMap"])
        return {"success": True}


async def _given(request: Request) -> Json:
    body = await request.body()
    found: Any = json.loads(body) if body else {}
    return found if isinstance(found, dict) else {}

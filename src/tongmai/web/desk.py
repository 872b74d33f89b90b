"""Where a request is received: its language, its parameters, its caller. What comes through is a ``Call``.

An ``Endpoint`` is an address; one desk serves all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tongmai.kit import Fault
from tongmai.web.call import Call
from tongmai.web.doorkeeper import refuse_reading_token
from tongmai.web.operation import Operation
from tongmai.web.problems import MethodNotAllowed, language_of
from tongmai.web.services import Services


class Desk:
    """One an app."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def receive(self, operation: Operation, scope: Scope, receive: Receive) -> Call:
        """Who calls is asked first, so that a stranger learns nothing of the parameters."""
        request = Request(scope, receive)
        call = Call(request, self._services, language_of(request), {})
        if operation.access == "signed_in":
            await call.authenticate()
            if operation.changes:
                refuse_reading_token(call.actor)
        if scope["query_string"]:
            call.query = operation.check_query(request.query_params.multi_items())
        return call


class Endpoint:
    """The operations of one address by method, as an ASGI application (no second layer of exception handling)."""

    def __init__(self, desk: Desk, operations: Mapping[str, Operation]) -> None:
        self._desk = desk
        self._operations = dict(operations)
        if "GET" in self._operations:
            self._operations.setdefault("HEAD", self._operations["GET"])
        self._path = next(iter(operations.values())).path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["tongmai.route"] = self._path
        operation = self._operations.get(scope["method"])
        if operation is None:
            raise MethodNotAllowed(
                (Fault("method_not_allowed", MethodNotAllowed.title),), {"allow": sorted(self._operations)}
            )
        call = await self._desk.receive(operation, scope, receive)
        response = await operation.run(call)
        await response(scope, receive, send)

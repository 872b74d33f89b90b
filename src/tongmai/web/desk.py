"""Where a request is received: its language, its parameters, its caller. What comes through is a ``Call``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope

from tongmai.web.call import Call
from tongmai.web.operation import Operation
from tongmai.web.problems import language_of
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
        if scope["query_string"]:
            call.query = operation.check_query(request.query_params.multi_items())
        return call

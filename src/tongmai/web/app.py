"""The application: all operations routed, refusals answered as problem documents, the screens beside the API."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from tongmai.kit import Settings, TongmaiError
from tongmai.web.desk import Desk, Endpoint
from tongmai.web.front import Front
from tongmai.web.operation import Operation
from tongmai.web.problems import answer_http_exception, answer_refusal, answer_unexpected
from tongmai.web.routes import all_operations
from tongmai.web.screen import Screens
from tongmai.web.security_headers import SecurityHeaders
from tongmai.web.services import Services, is_https

_UI = Path(__file__).parent / "_ui"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def create_app(services: Services, *, ui: Path = _UI) -> ASGIApp:
    """The ASGI application over services that are open. Their life is the caller's business."""
    app = Starlette(
        routes=[
            *_routes(Desk(services), all_operations()),
            Route("/{path:path}", Screens(ui, services.settings.data_dir / "proofs").__call__, methods=["GET"]),
        ],
        exception_handlers={
            TongmaiError: answer_refusal,
            HTTPException: answer_http_exception,
            Exception: answer_unexpected,
        },
    )
    # A trailing slash is another address; a redirect would lose the body of a POST.
    app.router.redirect_slashes = False
    return Front(
        app,
        headers=SecurityHeaders.build(https=is_https(services.settings)),
        figures=services.figures,
        hosts=_hosts(services.settings),
    )


def _routes(desk: Desk, operations: Iterable[Operation]) -> list[BaseRoute]:
    """A route an address. Routes are tried in turn: records, the busiest, first; among equals fixed addresses before
    those with parameters (``…/bulk`` before ``…/{id}``), whatever the order of declaration."""
    ordered = sorted(
        operations, key=lambda each: (not each.path.startswith("/api/records/"), each.path.count("{"), each.path)
    )
    grouped = groupby(ordered, key=lambda each: each.path)
    return [Route(path, Endpoint(desk, {each.method: each for each in group})) for path, group in grouped]


def _hosts(settings: Settings) -> frozenset[str] | None:
    """The host names that are ours: that of ``public_url``, and this machine's own for probes."""
    if settings.public_url is None:
        return None
    name = urlsplit(settings.public_url).hostname or ""
    return _LOOPBACK | {f"[{name}]" if ":" in name else name}

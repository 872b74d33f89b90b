import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tongmai.kit import TongmaiError, TooMany
from tongmai.web.figures import Figures
from tongmai.web.front import Front
from tongmai.web.problems import answer_http_exception, answer_refusal, answer_unexpected
from tongmai.web.security_headers import SecurityHeaders


async def _well(_request: Request) -> Response:
    return PlainTextResponse("well")


async def _cached(_request: Request) -> Response:
    return PlainTextResponse("kept", headers={"cache-control": "private, max-age=60"})


async def _broken(_request: Request) -> Response:
    raise KeyError("the secret inside")


async def _busy(_request: Request) -> Response:
    raise TooMany.of("busy", "太快", "too quick", extra={"retry_after": 7})


def client_of(hosts: frozenset[str] | None = None, *, https: bool = False) -> httpx.AsyncClient:
    paths = {"/api/well": _well, "/api/cached": _cached, "/api/broken": _broken, "/api/busy": _busy}
    app = Starlette(
        routes=[Route(path, handler) for path, handler in paths.items()],
        exception_handlers={
            TongmaiError: answer_refusal,
            HTTPException: answer_http_exception,
            Exception: answer_unexpected,
        },
    )
    front = Front(app, headers=SecurityHeaders.build(https=https), figures=Figures(), hosts=hosts)
    return httpx.AsyncClient(transport=httpx.ASGITransport(front), base_url="http://tongmai.test")


async def test_every_answer_carries_a_request_id_and_the_security_headers() -> None:
    async with client_of(https=True) as client:
        for path in ("/api/well", "/api/nowhere", "/api/broken"):
            headers = (await client.get(path)).headers
            assert len(headers["x-request-id"]) == 16
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["strict-transport-security"]
            assert "default-src 'none'" in headers["content-security-policy"]


async def test_plain_http_promises_no_https() -> None:
    async with client_of() as client:
        assert "strict-transport-security" not in (await client.get("/api/well")).headers


async def test_a_sane_request_id_is_kept_and_any_other_replaced() -> None:
    async with client_of() as client:
        kept = await client.get("/api/well", headers={"x-request-id": "proxy-12345678"})
        forged = await client.get("/api/well", headers={"x-request-id": 'x" injected="1'})
    assert kept.headers["x-request-id"] == "proxy-12345678"
    assert "injected" not in forged.headers["x-request-id"]


async def test_an_answer_may_set_its_own_cache_rule() -> None:
    async with client_of() as client:
        assert (await client.get("/api/cached")).headers.get_list("cache-control") == ["private, max-age=60"]
        assert (await client.get("/api/well")).headers.get_list("cache-control") == ["no-store"]


async def test_a_defect_tells_its_number_and_nothing_of_the_inside() -> None:
    async with client_of() as client:
        answer = await client.get("/api/broken", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text


async def test_a_rate_limit_says_how_long_to_wait() -> None:
    async with client_of() as client:
        answer = await client.get("/api/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["detail"] == "太快"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/x", 404), ("PUT", "/api/well", 405)])
async def test_the_frameworks_own_refusals_are_problem_documents(method: str, path: str, status: int) -> None:
    async with client_of() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status == answer.json()["status"]
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("tongmai.test", 200),
        ("TONGMAI.test:8420", 200),
        ("evil.test", 421),
        ("tongmai.test.evil.test", 421),
        ("[::1]:80", 421),
    ],
)
async def test_a_foreign_host_name_is_refused(host: str, status: int) -> None:
    async with client_of(frozenset({"tongmai.test"})) as client:
        assert (await client.get("/api/well", headers={"host": host})).status_code == status

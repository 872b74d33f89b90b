from decimal import Decimal

import pytest
from starlette.requests import Request

from tongmai.kit import TooLarge
from tongmai.web.body import MAX_DEPTH, parse_json, read_body, read_json
from tongmai.web.problems import Malformed, UnsupportedMediaType


def request_of(*parts: bytes, headers: dict[str, str] | None = None) -> Request:
    waiting = list(parts)

    async def receive() -> dict[str, object]:
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    given = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "headers": given}, receive)


def test_numbers_keep_every_digit() -> None:
    assert parse_json(b'{"amount": 12345678901234567.89}') == {"amount": Decimal("12345678901234567.89")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json.empty"),
        (b"  ", "json.empty"),
        (b"{", "json.syntax"),
        (b'{"a": 1,}', "json.syntax"),
        (b'{"a": 1} x', "json.syntax"),
        (b'{"a": NaN}', "json.number"),
        (b'{"a": -Infinity}', "json.number"),
        (b'{"a": 1, "a": 2}', "json.duplicate"),
        (b'{"x": [{"a": 1, "a": 1}]}', "json.duplicate"),
        (b'"\xff"', "json.encoding"),
        (rb'"\ud800"', "json.syntax"),
        (b"[" * 51 + b"]" * 51, "json.depth"),
        (b"[" * 100_000, "json.depth"),
        (b'{"a":' * 100_000, "json.depth"),
        (b"1" * 5000, "json.syntax"),
        (b"0." + b"1" * 5000, "json.syntax"),
        (b'{"amount": 1e999999999}', "json.syntax"),
        (b'{"amount": -1.5e-999999999}', "json.syntax"),
    ],
)
def test_what_is_not_plain_json_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_json(body)
    assert refused.value.faults[0].code == code


def test_a_name_given_twice_is_found_in_one_pass() -> None:
    """Looked for among all names for each of them, this would take half an hour, before anybody has signed in."""
    names = [*range(300_000), 299_999]
    with pytest.raises(Malformed) as refused:
        parse_json(("{" + ",".join(f'"{each}":0' for each in names) + "}").encode())
    assert refused.value.faults[0].field == "299999"


def test_a_zero_is_no_longer_than_a_zero() -> None:
    assert str(parse_json(b"0e-999999999")) == "0"
    assert parse_json(b"1.50e3") == Decimal("1.50e3")


def test_the_deepest_allowed_document_is_read() -> None:
    found = parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert isinstance(found, list)


async def test_a_body_is_read_across_its_parts() -> None:
    assert await read_body(request_of(b"ab", b"", b"c"), limit=3) == b"abc"


async def test_a_body_announced_as_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        await read_body(request_of(headers={"content-length": "11"}), limit=10)


async def test_a_chunked_body_is_refused_at_the_part_that_exceeds_the_limit() -> None:
    request = request_of(b"12345", b"67890", b"1", b"never read")
    with pytest.raises(TooLarge):
        await read_body(request, limit=10)
    rest = [part async for part in request.stream()]
    assert rest[0] == b"never read"


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_only_json_is_taken_as_json(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        await read_json(request_of(b"{}", headers={"content-type": media_type}), limit=100)


async def test_json_is_read_with_its_charset_parameter() -> None:
    found = await read_json(request_of(b"{}", headers={"content-type": "Application/JSON; charset=utf-8"}), limit=100)
    assert found == {}

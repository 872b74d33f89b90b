"""The least that could work: Starlette and asyncpg, one list and one create, no policy, no history, no sign-in.

What ``bench/http_.py`` holds the real server against. ``BARE_DSN`` names the database, ``BARE_TABLE`` the quoted table,
``BARE_FIELDS`` its columns as JSON: ``[[name, type], …]``.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TABLE = os.environ["BARE_TABLE"]
_FIELDS: list[list[str]] = json.loads(os.environ["BARE_FIELDS"])
_NAMES = ", ".join(f'"{name}"' for name, _ in _FIELDS)
_GIVEN = ", ".join(f'given."{name}"' for name, _ in _FIELDS)
_TYPED = ", ".join(f'"{name}" {kind}' for name, kind in _FIELDS)
_LIST = f"""
    SELECT json_build_object('items', coalesce(json_agg(page), '[]')) FROM (
        SELECT id, version, owner, created_at, changed_at, {_NAMES}
        FROM {_TABLE} WHERE deleted_at IS NULL AND amount > 1000 ORDER BY close_date DESC, id DESC LIMIT 50
    ) AS page
"""
# The same page with an exact count up to a thousand.
_COUNTED = f"""
    SELECT json_build_object('items', coalesce(json_agg(page), '[]'), 'count', (SELECT count(*) FROM (
        SELECT FROM {_TABLE} WHERE deleted_at IS NULL AND amount > 1000 LIMIT 1001) AS first_ones)) FROM (
        SELECT id, version, owner, created_at, changed_at, {_NAMES}
        FROM {_TABLE} WHERE deleted_at IS NULL AND amount > 1000 ORDER BY close_date DESC, id DESC LIMIT 50
    ) AS page
"""
_CREATE = f"""
    INSERT INTO {_TABLE} (id, owner, created_at, changed_at, {_NAMES})
    SELECT uuidv7(), $2, now(), now(), {_GIVEN} FROM jsonb_to_record($1::jsonb) AS given({_TYPED})
    RETURNING id, version
"""
_OWNER = os.environ["BARE_OWNER"]


async def list_rows(request: Request) -> Response:
    async with request.app.state.pool.acquire() as connection:
        page = await connection.fetchval(_COUNTED if request.query_params.get("count") else _LIST)
    return Response(page, media_type="application/json")


async def create_row(request: Request) -> Response:
    body = await request.body()
    orjson.loads(body)
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchrow(_CREATE, body.decode(), _OWNER)
    return Response(orjson.dumps({"id": row[0], "version": row[1]}, default=str), 201, media_type="application/json")


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BARE_DSN"], min_size=8, max_size=8) as pool:
        app.state.pool = pool
        yield


app = Starlette(
    routes=[Route("/rows", list_rows, methods=["GET"]), Route("/rows", create_row, methods=["POST"])], lifespan=lifespan
)

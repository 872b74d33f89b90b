"""The import of a message archive as somebody would write it by hand, for these tables and this archive alone: what
``bench.message_archive`` compares with.

Two processes take the archive's files in turns. They ask nothing of what is there already, mend nothing and wait for
nobody; whether a word is meant is not asked, and talks are not followed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
from ahocorasick_rs import AhoCorasick

from tongmai.link.understanding import shipped_dictionary

PROCESSES = 2
_LINES = 20_000
_STAGE = "number bigint, id text, body jsonb, at timestamptz, version bytea, kind text, direction text, member text,"
_STAGE += " customer uuid, text text, record uuid DEFAULT uuidv7()"
_STAGED = ("number", "id", "body", "at", "version", "kind", "direction", "member", "customer", "text")
_Known: TypeAlias = dict[str, UUID]


def import_by_hand(dsn: str, schema: str, files: Sequence[Path]) -> None:
    """Fills ``_raw``, ``message``, ``_history``, ``_lineage`` and ``_event`` of a workspace whose customers are there,
    with the messages of ``files``. ``schema`` is quoted; the partitions of the messages' months are there."""
    agreed = frozenset(_agreed(files))
    with ProcessPoolExecutor(PROCESSES) as pool:
        work = partial(_files, dsn, schema, agreed)
        list(pool.map(work, [files[at::PROCESSES] for at in range(PROCESSES)]))


def _agreed(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        with file.open("rb") as lines:
            yield from (orjson.loads(line)["agree"]["userid"] for line in lines if b'"msgtype":"agree"' in line)


def _files(dsn: str, schema: str, agreed: frozenset[str], files: Sequence[Path]) -> None:
    asyncio.run(_import(dsn, schema, agreed, files))


async def _import(dsn: str, schema: str, agreed: frozenset[str], files: Sequence[Path]) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE TEMP TABLE staged ({_STAGE}) ON COMMIT DELETE ROWS")
        known = {row[0]: row[1] for row in await connection.fetch(f"SELECT code, id FROM {schema}.customer")}
        words = [word for kind in shipped_dictionary().kinds for word in kind.keywords]
        automaton = AhoCorasick(words)
        for file in files:
            for page in _pages(file):
                read = [_read(line, agreed, known) for line in page]
                await _write(connection, schema, read, automaton)
    finally:
        await connection.close()


def _pages(file: Path) -> Iterator[list[bytes]]:
    with file.open("rb") as lines:
        page: list[bytes] = []
        for line in lines:
            page.append(line)
            if len(page) == _LINES:
                yield page
                page = []
        if page:
            yield page


def _read(line: bytes, agreed: frozenset[str], known: _Known) -> tuple[Any, ...]:
    """A line as it is staged."""
    said = orjson.loads(line)
    kind, sender, receiver = said["msgtype"], said["from"], said["tolist"][0]
    direction, customer, member = ("in", sender, receiver) if sender.startswith("wm") else ("out", receiver, sender)
    at = datetime.fromtimestamp(said["msgtime"] / 1000, UTC)
    body = {
        "id": said["msgid"], "seq": said["seq"], "at": at, "kind": kind, "from": sender, "to": said["tolist"],
        "room": said["roomid"], "direction": direction, "member": member, "customer": customer,
    }  # fmt: skip
    text = said["text"]["content"] if kind == "text" and customer in agreed else None
    if text is not None:
        body["text"] = text
    written = orjson.dumps(body)
    version = hashlib.blake2b(written, digest_size=16).digest()
    return said["seq"], said["msgid"], written.decode(), at, version, kind, direction, member, known[customer], text


async def _write(
    connection: asyncpg.Connection[asyncpg.Record], schema: str, read: list[tuple[Any, ...]], automaton: AhoCorasick
) -> None:
    said = [
        (each[1], each[8], each[3], f"signal:{each[1]}:{found[0][0]}")
        for each in read
        if each[9] is not None and (found := automaton.find_matches_as_indexes(each[9]))
    ]
    async with connection.transaction():
        await connection.execute("SET LOCAL synchronous_commit = off")
        await connection.copy_records_to_table("staged", records=read, columns=_STAGED)
        for statement in _statements(schema):
            await connection.execute(statement)
        await connection.execute(
            f"INSERT INTO {schema}._event (event, object, record_id, at, key, body, taken_at)"
            " SELECT 'signal', 'customer', g.record, g.at, g.key, jsonb_build_object('message', g.message), now()"
            " FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[]) AS g(message, record, at, key)",
            *([each[column] for each in said] for column in range(4)),
        )  # fmt: skip


def _statements(schema: str) -> Iterator[str]:
    yield (
        f"INSERT INTO {schema}._raw (source, stream, key, seq, version, body, at, came_at, shelf, month)"
        " SELECT 'wecom', 'messages', id, number, version, body, at, now(), 'dated',"
        "  date_trunc('month', at, 'UTC')::date FROM staged"
    )
    yield (
        f"INSERT INTO {schema}.message (id, version, created_at, changed_at, code, customer, member, direction, kind,"
        "  sent_at, body) SELECT record, 1, now(), now(), id, customer, member, direction, kind, at, text FROM staged"
    )
    numbers = f"nextval('{schema}._history_seq') AS seq, now() AS moment"
    after = (
        "jsonb_strip_nulls(jsonb_build_object('code', id, 'customer', customer, 'member', member,"
        " 'direction', direction, 'kind', kind, 'sent_at', at, 'body', text))"
    )
    columns = "seq, 1, moment, 'message', record, 1, 'create', NULL, 'system:source', 'source:wecom:messages', NULL"
    yield (
        f"INSERT INTO {schema}._history (seq, epoch, at, object, record_id, version, action, actor, via, cause, before,"
        f"  after, hash) SELECT {columns}, after, {schema}._history_hash({columns}, after)"
        f" FROM (SELECT {numbers}, record, {after} AS after FROM staged) AS numbered"
    )
    yield (
        f"INSERT INTO {schema}._lineage (mapping, key, object, record_id, version, run_id, at, mapped_at)"
        " SELECT 'wecom_messages', id, 'message', record, version, gen_random_uuid(), at, now() FROM staged"
    )

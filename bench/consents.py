"""The ledger of consent among 100,000 pairs and 1,000,000 archived messages: its page, its export, and a withdrawal.

``python -m bench.consents``; ``PAIRS`` and ``MESSAGES`` set other numbers. Told as ratios of one plain pass over all
messages in the same run: a page is opened, and what a single customer said is found, in a small part of it; a
withdrawal looks at all messages once, however many pairs and messages it concerns.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

from bench.message_archive import CUSTOMER, MAPPING, MESSAGE, WHO
from tongmai.access import SystemActor
from tongmai.kit import Settings, SystemClock, Text
from tongmai.link import RawRow
from tongmai.link.wecom import AgreementsAsked, ConsentEntry, Forgetting
from tongmai.link.wecom.agreement_rows import Scope, standing
from tongmai.model import MappingDef, ObjectDef, SourceDef, diff
from tongmai.schema import create_workspace
from tongmai.store import Workspace, make_raw_months
from tongmai.web import Services, open_services

PAIRS = int(os.environ.get("PAIRS", "100000"))
MESSAGES = int(os.environ.get("MESSAGES", "1000000"))
MEMBERS = 40
WITHDRAWALS = {"one withdrawn": range(1), "50 withdrawn": range(1, 51), "1,000 withdrawn": range(51, 1051)}
# Of one plain pass over all messages.
MOST = {
    "page": 4.0,
    "page of one customer": 0.3,
    "nothing new": 0.1,
    "one withdrawn": 4.0,
    "50 withdrawn": 6.0,
    "1,000 withdrawn": 12.0,
}
ACTOR = SystemActor("bench")
_BODY = """jsonb_build_object('id', 'm' || n, 'seq', n, 'at', to_char(t.at, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
    'kind', 'text', 'from', c.who, 'to', jsonb_build_array(c.member), 'room', '', 'direction', 'in',
    'member', c.member, 'customer', c.who, 'revokes', '', 'files', '[]'::jsonb,
    'text', '您好，上次说的那批货什么时候能到？我们这边第' || n || '号工地等着用，请尽快回复一下')"""
_ANSWER = """jsonb_build_object('at', '2026-01-01T00:00:00+00:00', 'customer', c.who, 'member', c.member,
    'room', '', 'answer', 'agree', 'told_by', 'question')"""
_WHO = "(SELECT 'wm' || lpad((p / 2)::text, 30, '0') AS who, 'member' || (p % {members}) AS member) AS c"


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with open_services(Settings(data_dir=Path(folder)), SystemClock(), "command") as services:
            workspace = await create_workspace(
                services.database, services.catalogues, services.clock, "acme", Text("甲公司", "Acme")
            )
            await _fill(services, workspace)
            return await _measure(services, workspace)


async def _fill(services: Services, workspace: Workspace) -> None:
    catalogue = await services.catalogues.get(workspace)
    options = {"corp_id": "ww1", "archive": "http", "archive_url": "https://archive.example"}
    source = {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options}
    wanted = catalogue.replace(
        objects=(*catalogue.objects, ObjectDef.model_validate(CUSTOMER), ObjectDef.model_validate(MESSAGE)),
        sources=(SourceDef.model_validate(source),),
        mappings=(MappingDef.model_validate(WHO), MappingDef.model_validate(MAPPING)),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    schema = workspace.quoted_schema
    who = _WHO.format(members=MEMBERS)
    columns = "(source, stream, key, seq, version, body, at, came_at, shelf, month)"
    async with services.database.write() as tx:
        await tx.execute("SELECT set_config('statement_timeout', '0', true)")
        await make_raw_months(tx, schema, "dated", [date(2026, each, 1) for each in range(1, 13)])
        await tx.execute(
            f"INSERT INTO {schema}._raw_stream (source, stream, shelf) VALUES ('wecom', 'messages', 'dated'),"
            " ('wecom', 'consents', 'standing'), ('wecom', 'customers', 'standing')"
        )
        seq = f"nextval('{schema}._raw_seq')"
        standing = "'\\x00', {body}, '2026-01-01Z', now(), 'standing', '-infinity'"
        await tx.execute(
            f"INSERT INTO {schema}._raw {columns} SELECT 'wecom', 'customers', 'wm' || lpad(n::text, 30, '0'), {seq}, "
            + standing.format(
                body="jsonb_build_object('external_userid', 'wm' || lpad(n::text, 30, '0'), 'follow_user',"
                f" (SELECT jsonb_agg(jsonb_build_object('userid', 'member' || (p % {MEMBERS})))"
                "   FROM generate_series(n * 2, n * 2 + 1) AS p))"
            )
            + f" FROM generate_series(0, {PAIRS // 2 - 1}) AS n"
        )
        await tx.execute(
            f"INSERT INTO {schema}._raw {columns} SELECT 'wecom', 'consents', c.who || ':' || c.member || ':0:agree',"
            f" {seq}, {standing.format(body=_ANSWER)} FROM generate_series(0, {PAIRS - 1}) AS p"
            f" CROSS JOIN LATERAL {who}"
        )
        await tx.execute(
            f"INSERT INTO {schema}._raw {columns} SELECT 'wecom', 'messages', 'm' || n, {seq}, '\\x00', {_BODY}, t.at,"
            " now(), 'dated', date_trunc('month', t.at AT TIME ZONE 'UTC')::date"
            f" FROM generate_series(0, {MESSAGES - 1}) AS n"
            " CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01Z' + n * interval '1 year' * 0.99"
            f" / {MESSAGES} AS at) AS t"
            f" CROSS JOIN LATERAL (SELECT n % {PAIRS} AS p) AS q CROSS JOIN LATERAL {who}"
        )
        await tx.execute(
            f"UPDATE {schema}._raw_stream s SET last_seq ="
            f" (SELECT max(seq) FROM {schema}._raw r WHERE r.stream = s.stream)"
        )
    async with services.database.write() as tx:
        await tx.execute("SELECT set_config('statement_timeout', '0', true)")
        await tx.execute(f"ANALYZE {schema}._raw")


async def _measure(services: Services, workspace: Workspace) -> int:
    schema, agreements = workspace.quoted_schema, services.links.agreements

    async def plain() -> None:
        async with services.database.read() as tx:
            await tx.fetch_value(f"SELECT count(*) FROM {schema}._raw WHERE stream = 'messages' AND body ? 'text'")

    async def page() -> None:
        assert len((await agreements.page(ACTOR, workspace, AgreementsAsked(), 50)).items) == 50

    async def narrowed() -> None:
        await agreements.page(ACTOR, workspace, AgreementsAsked(state="withdrawn"), 50)

    async def one() -> None:
        async with services.database.read() as tx:
            scope = Scope(["wecom"], ["wecom"], [_customer(7)])
            assert len(await standing(tx, workspace, scope, None, 50, None)) == 2

    async def every() -> None:
        assert len(await agreements.every(ACTOR, workspace, AgreementsAsked())) >= PAIRS

    forgetting = Forgetting(
        services.database, services.catalogues, services.gateway, services.files.store, services.clock
    )

    async def forget() -> None:
        await forgetting.advance(workspace)

    await plain()
    unit = await _seconds(plain)
    print(f"{PAIRS:,} pairs, {MESSAGES:,} messages; a plain pass over the messages takes {unit:.2f} s")
    over = await _told("page", page, unit)
    over += await _told("page of the withdrawn", narrowed, unit)
    over += await _told("page of one customer", one, unit)
    over += await _told("export", every, unit)
    over += await _told("first look", forget, unit)
    over += await _told("nothing new", forget, unit)
    for name, pairs in WITHDRAWALS.items():
        await _withdraw(services, workspace, pairs)
        over += await _told(name, forget, unit)
    return min(over, 1)


async def _told(name: str, work: Callable[[], Awaitable[None]], unit: float) -> int:
    """Whether it took longer than its budget."""
    seconds, most = await _seconds(work), MOST.get(name)
    budget = "" if most is None else f" (budget {most:.1f})"
    print(f"{name:<24} {seconds:>8.3f} s  {seconds / unit:>6.1f} passes{budget}", flush=True)
    return int(most is not None and seconds > most * unit)


async def _withdraw(services: Services, workspace: Workspace, pairs: range) -> None:
    at = datetime(2026, 12, 30, tzinfo=UTC)
    told = [ConsentEntry(at, _customer(p // 2), f"member{p % MEMBERS}", "", "disagree", "question") for p in pairs]
    async with services.database.write() as tx:
        rows = [RawRow(each.key, each.document(), each.at) for each in told]
        await services.links.raw.put(tx, workspace, "wecom", "consents", rows)


def _customer(number: int) -> str:
    return f"wm{number:030d}"


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

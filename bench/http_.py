"""List and create over HTTP beside a bare Starlette + asyncpg program that does the least that could work.

Both programs run on the same server over equal tables, one after the other in alternating rounds of one run, so that
what else the machine does weighs on both. The load comes from a process of its own (``load_client``), 8 clients. The
bare program has no policy, no history, no sign-in; the product has all of them. Budgets: list ≥ 0.6, create ≥ 0.35.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.cli.users import add_person
from tongmai.kit import Settings, SystemClock, Text
from tongmai.model import AddObject, AddRole, Changeset, FieldDef, Grant, ObjectDef, RoleDef
from tongmai.schema import create_workspace
from tongmai.store import Workspace
from tongmai.web import Services, open_services

ROWS = int(os.environ.get("BENCH_ROWS", "1000000" if os.environ.get("BENCH_FULL") else "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "4"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
CLIENTS = 8
LIST_BUDGET, CREATE_BUDGET = 0.6, 0.35
_HERE = Path(__file__).parent
_PLAIN = {
    **{f"text_{n}": ("text", "text") for n in range(10)},
    **{f"number_{n}": ("number", "numeric") for n in range(8)},
    "amount": ("money", "numeric"),
    "close_date": ("date", "date"),
    **{f"day_{n}": ("date", "date") for n in range(3)},
    **{f"flag_{n}": ("boolean", "boolean") for n in range(3)},
}


@dataclass(frozen=True)
class Side:
    """One of the two programs: where it listens and what is sent to it."""

    name: str
    port: int
    list_request: bytes
    create_requests: list[bytes]
    uncounted_request: bytes


def main() -> int:
    return asyncio.run(_main())


async def _main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongmai-bench-") as folder:
        settings = Settings.model_validate({"data_dir": Path(folder) / "var", "log_level": "warning"})
        async with open_services(settings, SystemClock(), "worker") as services:
            workspace, owner, token = await _prepare(services)
            dsn = services.database.dsn
            with _product(settings, dsn, token) as product, _bare(dsn, workspace, owner) as bare:
                # In a thread: the sealer beside it works on as it does in production.
                return await asyncio.to_thread(_compare, product, bare, Path(folder))


async def _prepare(services: Services) -> tuple[Workspace, UUID, str]:
    """A workspace with 26 fields and ROWS deals of two owners, and its twin for the bare program."""
    clock = services.clock
    workspace = await create_workspace(services.database, services.catalogues, clock, "bench", Text.same("bench"))
    fields = tuple(
        FieldDef(key=key, type=kind, label=Text.same(key), indexed=key == "close_date")
        for key, (kind, _) in _PLAIN.items()
    )
    deal = ObjectDef(key="deal", label=Text.same("deal"), title="text_0", fields=fields)
    grant = Grant(object="deal", read="team", create=True, update="own")
    colleagues = Grant(object="person", read="team", fields="read")
    role = RoleDef(key="sales", label=Text.same("sales"), grants=(grant, colleagues))
    changes = Changeset(actions=(AddObject(object=deal), AddRole(role=role)))
    await services.editor.apply(workspace, changes, None)
    system = SystemActor("bench")
    team = (await services.gateway.create(system, workspace, "team", {"name": "team"})).one.id
    person = await add_person(
        services, workspace, login="bench", password="bench-bench-bench", name="Bench", roles=["sales"], team=str(team)
    )
    _, token = await services.identity.make_token(
        system,
        workspace,
        await services.catalogues.get(workspace),
        name="bench",
        scopes=("read", "write"),
        person_id=person,
    )
    async with services.database.write() as tx:
        await tx.execute("SET LOCAL statement_timeout = 0")
        columns = ", ".join(_PLAIN)
        values = ", ".join(_generated(key, kind) for key, (_, kind) in _PLAIN.items())
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}.deal"
            f" (id, owner, created_at, created_by, changed_at, changed_by, {columns})"
            f" SELECT uuidv7(), $1, now(), $1, now(), $1, {values} FROM generate_series(1, $2::integer) AS n",
            person,
            ROWS,
        )
        await tx.execute("CREATE SCHEMA bare")
        await tx.execute(f"CREATE TABLE bare.deal AS SELECT * FROM {workspace.quoted_schema}.deal")
        for statement in (
            "ALTER TABLE bare.deal ADD PRIMARY KEY (id)",
            "ALTER TABLE bare.deal ALTER version SET DEFAULT 1",
            "CREATE INDEX ON bare.deal (close_date DESC, id DESC)",
        ):
            await tx.execute(statement)
    async with services.database.write() as tx:
        await tx.execute(f"ANALYZE {workspace.quoted_schema}.deal")
        await tx.execute("ANALYZE bare.deal")
    return workspace, person, token


def _generated(key: str, kind: str) -> str:
    return {
        "text": f"'{key} of row ' || n",
        "numeric": "round((n % 9973) * 1.37, 2)",
        "date": "date '2024-01-01' + (n * 7 % 1000)::integer",
        "boolean": "n % 2 = 0",
    }[kind]


def _record(n: int) -> dict[str, object]:
    kinds = {"text": f"new row {n}", "numeric": 12.5 + n % 100, "date": "2026-11-02", "boolean": True}
    return {key: kinds[kind] for key, (_, kind) in _PLAIN.items()}


@contextlib.contextmanager
def _product(settings: Settings, dsn: str, token: str) -> Iterator[Side]:
    port = _free_port()
    environment = {
        **os.environ,
        "TONGMAI_DATABASE_URL": dsn,
        "TONGMAI_DATA_DIR": str(settings.data_dir),
        "TONGMAI_PORT": str(port),
        "TONGMAI_LOG_LEVEL": "info",
    }
    command = [sys.executable, "-c", "from tongmai.cli import main; main()", "api"]
    head = f"Authorization: Bearer {token}\r\n"
    path = "/api/records/deal?filter=amount%20%3E%201000&sort=-close_date"
    with _running(command, environment, port):
        uncounted = _request("GET", f"{path}&count=false", head)
        yield Side("tongmai", port, _request("GET", path, head), _creates("/api/records/deal", head), uncounted)


@contextlib.contextmanager
def _bare(dsn: str, workspace: Workspace, owner: UUID) -> Iterator[Side]:
    port = _free_port()
    environment = {
        **os.environ,
        "BARE_DSN": dsn,
        "BARE_TABLE": "bare.deal",
        "BARE_OWNER": str(owner),
        "BARE_FIELDS": json.dumps([[key, kind] for key, (_, kind) in _PLAIN.items()]),
    }
    command = [sys.executable, "-m", "uvicorn", "bare_app:app", "--app-dir", str(_HERE), "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    with _running(command, environment, port):
        uncounted = _request("GET", "/rows", "")
        yield Side("bare", port, _request("GET", "/rows?count=true", ""), _creates("/rows", ""), uncounted)


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            if process.poll() is not None:
                raise RuntimeError(f"{command} ended with {process.returncode}")
            time.sleep(0.1)
        time.sleep(1)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _compare(product: Side, bare: Side, folder: Path) -> int:
    rates: dict[tuple[str, str], list[float]] = {}
    for side in (product, bare):
        _load(side, "list", folder, 1.0)
    for what in ("list", "uncounted", "create"):
        for _ in range(ROUNDS):
            for side in (product, bare):
                rates.setdefault((what, side.name), []).append(_load(side, what, folder, SECONDS))
    print(f"{ROWS:,} rows, {len(_PLAIN)} fields, {CLIENTS} clients, {ROUNDS} rounds of {SECONDS:g} s")
    print(f"{'':10}{'tongmai/s':>12}{'bare/s':>12}{'ratio':>8}{'budget':>8}")
    failed = 0
    # Both count up to a thousand on "list" and not on "uncounted". The product keeps a longer list's estimate for some
    # seconds, so that a list asked for again, as here, is not counted again; the bare program keeps nothing.
    for what, budget in (("list", LIST_BUDGET), ("uncounted", LIST_BUDGET), ("create", CREATE_BUDGET)):
        ours, theirs = (statistics.median(rates[what, name]) for name in ("tongmai", "bare"))
        ratio = ours / theirs
        failed += ratio < budget
        print(f"{what:10}{ours:12,.0f}{theirs:12,.0f}{ratio:8.2f}{budget:8.2f}")
    strict = statistics.median(rates["list", "tongmai"]) / statistics.median(rates["uncounted", "bare"])
    print(f"our list with its count against the bare one without: {strict:.2f}")
    return 1 if failed else 0


def _load(side: Side, what: str, folder: Path, seconds: float) -> float:
    """Answers a second. Raises if any was a refusal."""
    listing = side.uncounted_request if what == "uncounted" else side.list_request
    requests = side.create_requests if what == "create" else [listing]
    file = folder / f"{side.name}_{what}.json"
    file.write_text(json.dumps({"requests": [base64.b64encode(each).decode() for each in requests]}))
    command = [sys.executable, str(_HERE / "load_client.py"), "127.0.0.1", str(side.port), str(file)]
    done = subprocess.run([*command, str(CLIENTS), str(seconds)], capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout)
    if found["refused"]:
        counted = f"{found['refused']} of {found['answers']} {what} requests"
        raise RuntimeError(f"{side.name} refused {counted}: {found['first_refusal']}")
    rate: float = found["answers"] / found["seconds"]
    return rate


def _creates(path: str, head: str) -> list[bytes]:
    return [_request("POST", path, head, json.dumps(_record(n)).encode()) for n in range(200)]


def _request(method: str, path: str, head: str, body: bytes = b"") -> bytes:
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{head}{length}\r\n".encode() + body


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())

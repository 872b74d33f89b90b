"""Faults of the machine are told apart from what a statement did wrong."""

from __future__ import annotations

import asyncpg
import pytest

from tongmai.kit import Unavailable
from tongmai.store.faults import CONFLICTS, translate


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.DiskFullError("no space left on device"), "database.disk_full"),
        (asyncpg.TooManyConnectionsError("sorry"), "database.too_many_connections"),
        (asyncpg.AdminShutdownError("terminating"), "database.lost"),
        (asyncpg.CannotConnectNowError("the database system is starting up"), "database.lost"),
        (asyncpg.ConnectionDoesNotExistError("closed"), "database.lost"),
        (ConnectionRefusedError(111, "refused"), "database.lost"),
        (TimeoutError(), "database.busy"),
        (asyncpg.OutOfMemoryError("out of memory"), "database.resources"),
        (asyncpg.QueryCanceledError("statement timeout"), "database.timeout"),
        (asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"), "database.read_only"),
        (asyncpg.LockNotAvailableError("canceling"), "database.locked"),
    ],
)
def test_a_fault_of_the_machine_says_what_it_is_and_what_to_do(error: Exception, code: str) -> None:
    found = translate(error)
    assert isinstance(found, Unavailable)
    (fault,) = found.faults
    assert fault.code == code
    assert fault.way_out is not None
    assert fault.text.zh != fault.text.en


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("duplicate key"),
        asyncpg.UndefinedTableError("no such table"),
        asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"),
        *(kind("conflict") for kind in CONFLICTS),
    ],
)
def test_what_a_statement_did_wrong_and_conflicts_pass_as_they_are(error: Exception) -> None:
    assert translate(error) is error

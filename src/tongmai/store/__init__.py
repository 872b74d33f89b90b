"""PostgreSQL and nothing but PostgreSQL: the embedded server or a given one, pools, transactions, migrations, jobs.

Invariants: a ``ReadTx`` cannot write (neither for the type checker nor for the server); a ``WriteTx`` is committed
whole or not at all; a name enters a statement only through ``quote_ident``; a fault of the machine is always
``kit.Unavailable``; there is never more than one embedded server on a directory, never one that outlives its programs.
"""

from asyncpg import Record

from tongmai.store.database import Database
from tongmai.store.jobs import Job, JobState, begin_job_again, cancel_job, enqueue, find_job, list_jobs, mark_job_undone
from tongmai.store.listener import Subscription
from tongmai.store.names import quote_ident
from tongmai.store.partitions import coming_months, make_history_partition
from tongmai.store.raw_months import MonthlyShelf, drop_passed_raw_months, make_coming_raw_months, make_raw_months
from tongmai.store.server import EmbeddedServer
from tongmai.store.statistics import analyze_unknown
from tongmai.store.transactions import ReadTx, WriteTx
from tongmai.store.worker import JobHandler, JobRun, JobStopped, JobWorker
from tongmai.store.workspace_locks import WorkspaceLock
from tongmai.store.workspaces import (
    Workspace,
    create_workspace,
    drop_workspace,
    find_workspace,
    list_workspaces,
    upgrade_layouts,
)

__all__ = [
    "Database",
    "EmbeddedServer",
    "Job",
    "JobHandler",
    "JobRun",
    "JobState",
    "JobStopped",
    "JobWorker",
    "MonthlyShelf",
    "ReadTx",
    "Record",
    "Subscription",
    "Workspace",
    "WorkspaceLock",
    "WriteTx",
    "analyze_unknown",
    "begin_job_again",
    "cancel_job",
    "coming_months",
    "create_workspace",
    "drop_passed_raw_months",
    "drop_workspace",
    "enqueue",
    "find_job",
    "find_workspace",
    "list_jobs",
    "list_workspaces",
    "make_coming_raw_months",
    "make_history_partition",
    "make_raw_months",
    "mark_job_undone",
    "quote_ident",
    "upgrade_layouts",
]

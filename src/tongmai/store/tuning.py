"""The embedded server's configuration, by the memory of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_MIB = 1024 * 1024
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def usable_memory() -> int:
    """Bytes of memory this program may use: the machine's, or its container's if that is less."""
    total = int(psutil.virtual_memory().total)
    try:
        return min(total, int(_CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # no control group, or "max"
        return total


def settings_for(memory: int) -> dict[str, str]:
    """PostgreSQL's settings for a machine with ``memory`` bytes that also runs the program and DuckDB.

    An acknowledged commit survives a power cut (``synchronous_commit``, ``full_page_writes``); everything else is
    sized so that an idle server stays far below 100 MB.
    """

    def share(part: int, low: int, high: int) -> str:
        return f"{min(max(memory // part // _MIB, low), high)}MB"

    return {
        "listen_addresses": "''",
        "unix_socket_directories": "'../run'",
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "60",
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": share(24, 64, 2048),
        "effective_cache_size": share(2, 256, 65536),
        "work_mem": share(1536, 4, 64),
        "maintenance_work_mem": share(96, 32, 512),
        "io_workers": "2",
        "max_worker_processes": "8",
        "max_parallel_workers": "2",
        "max_parallel_workers_per_gather": "1",
        "jit": "off",
        "random_page_cost": "1.1",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_compression": "pglz",
        "wal_buffers": "16MB",
        # A large import is a tenth cheaper where checkpoints in its midst do not have every page written whole again.
        "max_wal_size": share(6, 1024, 4096),
        "min_wal_size": "128MB",
        "checkpoint_timeout": "15min",
        "autovacuum_max_workers": "2",
        "autovacuum_naptime": "20s",
        "max_locks_per_transaction": "256",
        # After a crash it ends and the supervisor starts it: PostgreSQL's own restart can hang on a full disk.
        "restart_after_crash": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        # A new file each day and each 8 MB; the supervisor removes the oldest (``Cluster.remove_old_logs``).
        "logging_collector": "on",
        "log_directory": "'../log'",
        "log_filename": "'postgresql-%Y-%m-%d_%H%M%S.log'",
        "log_rotation_age": "1d",
        "log_rotation_size": "8MB",
        "log_file_mode": "0600",
        "log_line_prefix": "'%m [%p] %q%a '",
        "log_lock_waits": "on",
        "log_min_duration_statement": "2s",
        # What customers wrote stands in parameters: the log never shows them.
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


def configuration(settings: Mapping[str, str]) -> str:
    """The text of ``postgresql.conf``."""
    lines = [f"{name} = {value}" for name, value in settings.items()]
    return "\n".join(
        [
            "# Written by Tongmai at each start. Own settings go into local.conf beside this file, which wins.",
            *lines,
            "include 'local.conf'",
            "",
        ]
    )


# Only the unix socket, only with a password.
HOST_BASED_ACCESS = "local all all scram-sha-256\n"

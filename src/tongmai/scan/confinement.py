"""Shutting the child process in: limits by the kernel, no network, an end with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

import tongmai

_LARGEST_FILE = 64 * 1024 * 1024
_MOST_OPEN = 256
# What a child needs to start; none of the program's own settings and secrets are among them.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000


class NetworkDenied(OSError):
    """Code that reads a foreign file has nobody to call."""


def bare_environment() -> dict[str, str]:
    """What a child of this program is started with."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(tongmai.__file__).parent.parent), "PYTHONIOENCODING": "utf-8"}


def confine(*, memory: int, seconds: float) -> None:
    """Holds for the rest of this process: ``memory`` in bytes, ``seconds`` of work on every processor. Where the kernel
    has no such thing, what Python can do remains."""
    deny_network()
    if sys.platform == "win32":
        return
    import resource

    worked = int(seconds * max(os.cpu_count() or 1, 1)) + 1
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, worked),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, _MOST_OPEN),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def deny_network() -> None:
    """No socket is made any more: the kernel takes the network away where it lets an ordinary user ask for that, and
    Python refuses in any case."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if libc.unshare(_CLONE_NEWNET) != 0:
                libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)

    def refuse(*_: object, **__: object) -> NoReturn:
        raise NetworkDenied("the reading of files has no network")

    for name in ("socket", "create_connection", "create_server", "socketpair", "fromfd", "getaddrinfo"):
        setattr(socket, name, refuse if name != "socket" else _NoSocket)


class _NoSocket(socket.socket):
    def __init__(self, *_: object, **__: object) -> None:
        raise NetworkDenied("the reading of files has no network")

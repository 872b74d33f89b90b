"""A server that will never be ready is told from one that still recovers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tongmai.store.postmaster import Recovery

_HOUR_S = 3600.0


@contextmanager
def _parent_of(*titles: str) -> Iterator[int]:
    """A process whose children are called so in the list of processes."""
    started = "; ".join(f"(exec -a '{title}' sleep 60) &" for title in titles)
    parent = subprocess.Popen(["bash", "-c", f"{started.replace('; (', ' (')} wait"])
    try:
        deadline = time.monotonic() + 20
        while {tuple(each.cmdline()[:1]) for each in psutil.Process(parent.pid).children()} != {(t,) for t in titles}:
            assert time.monotonic() < deadline
        yield parent.pid
    finally:
        for child in psutil.Process(parent.pid).children():
            child.kill()
        parent.kill()
        parent.wait()


@pytest.mark.parametrize(
    ("titles", "given_up"),
    [
        (("postgres: checkpointer ", "postgres: io worker 0"), True),
        (("postgres: checkpointer ", "postgres: startup recovering 000000010000000000000001"), False),
        (("postgres: checkpointer ", "/opt/bin/postgres"), False),
        ((), False),
    ],
)
def test_without_the_process_that_makes_it_ready_a_server_is_given_up(titles: tuple[str, ...], given_up: bool) -> None:
    with _parent_of(*titles) as pid:
        recovery = Recovery(pid)
        began = time.monotonic()
        assert not recovery.is_given_up(began + 1)
        assert recovery.is_given_up(began + _HOUR_S) is given_up


def test_a_look_that_comes_too_soon_decides_nothing() -> None:
    with _parent_of("postgres: checkpointer ") as pid:
        assert not Recovery(pid).is_given_up(time.monotonic())

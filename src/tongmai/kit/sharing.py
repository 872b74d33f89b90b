"""Work on many rows that lets others go on meanwhile: the event loop serves people too.

In turns where the work can be cut: a thread that computes and the loop would take the interpreter from each other all
the time, which costs both a fifth of theirs. In a thread where it can not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_Row = TypeVar("_Row")
_Result = TypeVar("_Result")
# Rows that cost less than handing them to a thread and back.
_FEW = 200
# Rows of one turn: a few milliseconds.
_TURN = 500


async def in_turns(rows: Sequence[_Row], work: Callable[[Sequence[_Row]], _Result]) -> list[_Result]:
    """What ``work`` gives for each run of some hundred rows, in order; between them whoever waits goes on."""
    found = []
    for start in range(0, len(rows), _TURN):
        if start:
            await asyncio.sleep(0)
        found.append(work(rows[start : start + _TURN]))
    return found


async def beside(rows: int, work: Callable[_P, _Result], *args: _P.args, **kwargs: _P.kwargs) -> _Result:
    """What ``work`` gives, done in a thread where it goes through more than a few ``rows``."""
    return work(*args, **kwargs) if rows <= _FEW else await asyncio.to_thread(work, *args, **kwargs)

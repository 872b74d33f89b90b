"""Trouble on demand: what a vendor's machine does on a bad day, ordered by a test or a person."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.responses import JSONResponse, Response


@dataclass
class Fault:
    """For the next ``times`` calls whose path begins with ``path``: answer ``status``, or this error code with 200, or
    wait ``delay_s`` before a right answer. ``after``: the work is done, only the answer is lost."""

    path: str = "/"
    status: int = 0
    code: int | str | None = None
    message: str = "simulated"
    delay_s: float = 0.0
    times: int = 1
    after: bool = False


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)

    def take(self, path: str) -> Fault | None:
        for fault in self.planned:
            if path.startswith(fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                return fault
        return None


async def troubled(fault: Fault) -> Response | None:
    """The fault's answer; None if the call then goes its way."""
    if fault.delay_s:
        await asyncio.sleep(fault.delay_s)
    if fault.status:
        return Response("simulated fault", fault.status)
    if isinstance(fault.code, int):
        return JSONResponse({"errcode": fault.code, "errmsg": fault.message})
    if fault.code is not None:
        return JSONResponse({"code": fault.code, "message": fault.message, "requestid": "simulated"}, 400)
    return None

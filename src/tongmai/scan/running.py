"""Reading a file in a child process: started with nothing but the task, watched, killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tongmai.scan.child import out_of_memory
from tongmai.scan.confinement import bare_environment
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Scan
from tongmai.scan.refusing import Unreadable

Report = Callable[[int, int], Awaitable[None]]
_LONGEST_LINE = 64 * 1024 * 1024


class Scanner:
    """Reads files, one child process each; at most ``at_once`` at a time, for they are hungry."""

    def __init__(self, limits: ScanLimits = ScanLimits(), *, at_once: int = 1) -> None:
        self.limits = limits
        self._room = asyncio.Semaphore(at_once)

    async def read(
        self, path: Path, media_type: str, folder: Path, *, model: Path | None = None, report: Report | None = None
    ) -> Scan:
        """What the file says; pictures of its pages are left in ``folder``. ``model`` is for recordings.

        Raises ``Invalid`` for what cannot be read, with the reason. A cancelled call ends its child.
        """
        # A talk takes about its own length to be heard.
        limits = self.limits
        if model is not None:
            limits = replace(limits, seconds=limits.seconds + limits.audio_seconds)
        task = {
            "path": os.fspath(path), "media_type": media_type, "folder": os.fspath(folder),
            "limits": asdict(limits), "model": None if model is None else os.fspath(model),
        }  # fmt: skip
        async with self._room:
            try:
                return await _run(task, limits, report)
            except Unreadable as error:
                raise error.refusal() from None


async def _run(task: dict[str, Any], limits: ScanLimits, report: Report | None) -> Scan:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tongmai.scan.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=_environment(), limit=_LONGEST_LINE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(limits.seconds):
            return await _follow(child, task, report)
    except TimeoutError:
        raise _too_slow(limits) from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.wait()


async def _follow(child: asyncio.subprocess.Process, task: dict[str, Any], report: Report | None) -> Scan:
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(json.dumps(task).encode())
        child.stdin.close()
    while line := await _line(child.stdout):
        try:
            message = json.loads(line)
        except ValueError:
            # A library that prints is not the child speaking.
            continue
        if "scan" in message:
            return Scan.of(message["scan"])
        if "refused" in message:
            raise Unreadable.of(message["refused"])
        if report is not None and "done" in message:
            await report(int(message["done"]), int(message["total"]))
    code = await child.wait()
    raise _died(code)


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:
        raise out_of_memory() from None


def _environment() -> dict[str, str]:
    return {
        **bare_environment(),
        "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) // 2)),
        "HF_HUB_OFFLINE": "1",
    }


def _too_slow(limits: ScanLimits) -> Unreadable:
    seconds = round(limits.seconds)
    return Unreadable(
        "scan.too_slow",
        f"读取超过 {seconds} 秒，已停止",
        f"Reading took more than {seconds} seconds and was stopped",
        "请拆分文件或减少页数",
        "Split the file or send fewer pages",
    )


def _died(code: int) -> Unreadable:
    return Unreadable(
        "scan.died",
        f"读取程序异常结束（{code}），文件可能已损坏",
        f"The reader ended by itself ({code}); the file may be damaged",
        "请重新导出文件后上传",
        "Export the file anew and send it again",
    )

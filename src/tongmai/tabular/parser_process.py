"""Parsing in a process of its own: the program keeps answering, and both cores work on a large import.

The child reads a ``ParseSpec`` from its standard input and writes chunks to its standard output, each with its length
before it. It stops when nobody reads any more, so that it never outlives a killed parent.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import struct
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TypeAlias

from tongmai.kit import Fault, Internal, Invalid
from tongmai.tabular.parsing import ParsedChunk, ParseSpec, parse_file

# Below this size a child costs more (its start) than it saves.
_WORTH_A_PROCESS = 4 * 1024 * 1024
_LENGTH = struct.Struct("!Q")
_AHEAD = 2
# Cells and tokens are freed by their counts: looking for circles among millions of them took a tenth of the time. Only
# faults leave some behind (by their tracebacks).
_CHUNKS_A_SWEEP = 8
# A tuple of faults: the whole file was refused. None: the end.
_Message: TypeAlias = "ParsedChunk | tuple[Fault, ...] | None"
_RUN = "import gc; gc.disable(); from tongmai.tabular.parser_process import main; main()"
_BUFFER = 32 * 1024 * 1024


async def parsed_chunks(spec: ParseSpec) -> AsyncGenerator[ParsedChunk, None]:
    """The chunks of a file; the next ones are parsed while the caller works on one. Close it if not read to its end."""
    source = _in_process(spec) if spec.path.stat().st_size >= _WORTH_A_PROCESS else _in_thread(spec)
    queue: asyncio.Queue[ParsedChunk | BaseException | None] = asyncio.Queue(_AHEAD)

    async def fill() -> None:
        try:
            async with aclosing(source) as chunks:
                async for chunk in chunks:
                    await queue.put(chunk)
            await queue.put(None)
        except Exception as error:
            await queue.put(error)

    task = asyncio.create_task(fill())
    try:
        while (found := await queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _in_thread(spec: ParseSpec) -> AsyncGenerator[ParsedChunk, None]:
    chunks = parse_file(spec)
    try:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk
    finally:
        chunks.close()  # type: ignore[attr-defined]


async def _in_process(spec: ParseSpec) -> AsyncGenerator[ParsedChunk, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RUN, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_BUFFER
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(pickle.dumps(spec))
        process.stdin.close()
        while (message := await _receive(process.stdout)) is not None:
            if isinstance(message, tuple):
                raise Invalid(message)
            yield message
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _receive(stream: asyncio.StreamReader) -> _Message:
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        message: _Message = pickle.loads(await stream.readexactly(length))  # noqa: S301 - our own child's bytes
    except asyncio.IncompleteReadError as error:
        raise Internal.of(
            "import.parser_died", "读取文件的进程意外结束", "The process reading the file ended"
        ) from error
    return message


def _send(out: int, message: _Message) -> None:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    for part in (_LENGTH.pack(len(body)), body):
        view = memoryview(part)
        while view:
            view = view[os.write(out, view) :]


def main() -> None:
    """The child's work."""
    out = os.dup(1)
    # A library that prints must not end up between the chunks.
    os.dup2(2, 1)
    spec: ParseSpec = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's bytes
    gc.freeze()
    try:
        try:
            for number, chunk in enumerate(parse_file(spec), 1):
                _send(out, chunk)
                del chunk
                if number % _CHUNKS_A_SWEEP == 0:
                    gc.collect()
            _send(out, None)
        except Invalid as error:
            _send(out, error.faults)
    except BrokenPipeError:
        return

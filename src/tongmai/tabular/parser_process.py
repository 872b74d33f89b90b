"""Parsing in a process of its own: the program keeps answering, and both cores work on a large import. What is packed
is never parsed elsewhere, for a file of some kilobytes may unpack to anything.

The child reads a ``ParseSpec`` from its standard input and writes chunks to its standard output, each with its length
before it. It stops when nobody reads any more, so that it never outlives a killed parent.
"""

from __future__ import annotations

import asyncio
import gc
import pickle
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TypeAlias

from tongmai.kit import Fault, Invalid
from tongmai.scan import bare_environment
from tongmai.tabular.parsing import ParsedChunk, ParseSpec, parse_file
from tongmai.tabular.readers import is_packed
from tongmai.tabular.readers.row_source import too_much_to_read
from tongmai.tabular.shut_in import LENGTH, shut_in

# Below this size a child costs more (its start) than it saves.
_WORTH_A_PROCESS = 4 * 1024 * 1024
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
    is_apart = spec.path.stat().st_size >= _WORTH_A_PROCESS or is_packed(spec.path)
    source = _in_process(spec) if is_apart else _in_thread(spec)
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
        sys.executable, "-c", _RUN, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_BUFFER,
        env=bare_environment(),
    )  # fmt: skip
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
        (length,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
        message: _Message = pickle.loads(await stream.readexactly(length))  # noqa: S301 - our own child's bytes
    except asyncio.IncompleteReadError as error:
        raise too_much_to_read() from error
    return message


def main() -> None:
    """The child's work."""
    spec: ParseSpec = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's bytes
    send = shut_in(spec.limits)
    gc.freeze()
    try:
        try:
            for number, chunk in enumerate(parse_file(spec), 1):
                send(chunk)
                del chunk
                if number % _CHUNKS_A_SWEEP == 0:
                    gc.collect()
            send(None)
        except Invalid as error:
            send(error.faults)
        except MemoryError:
            send(too_much_to_read().faults)
    except BrokenPipeError:
        return

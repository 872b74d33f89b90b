"""Opening files: what is packed (XLSX, Parquet) is read by a child process, for its readers hold in memory what a file
of some kilobytes says it unpacks to, and end their process where there is no more.

The child reads how to open the file from its standard input, answers what it found, then waits to be told from which
row on batches are wanted. It ends with its parent, or when nobody reads any more.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TypeAlias, cast

from tongmai.kit import Fault, Invalid
from tongmai.scan import bare_environment
from tongmai.tabular.readers import Batch, Format, ReadLimits, RowSource, is_packed, open_here
from tongmai.tabular.readers.row_source import too_much_to_read
from tongmai.tabular.shut_in import LENGTH, shut_in

_RUN = "from tongmai.tabular.opening_apart import main; main()"


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a file is to be opened: what ``open_here`` takes by name."""

    format: Format | None
    encoding: str | None
    separator: str | None
    sheet: str | None
    header: int | None


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is known of a file once it is open."""

    columns: tuple[str, ...]
    total: int | None
    traits: dict[str, str]


# A tuple of faults: the whole file was refused. None: the end.
_Answer: TypeAlias = "_Opened | Batch | tuple[Fault, ...] | None"


def open_source(
    path: Path,
    limits: ReadLimits,
    *,
    format: Format | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    header: int | None = None,
) -> RowSource:
    """``open_here``, in a process of its own for a file that is packed. To be closed."""
    wish = _Wish(format, encoding, separator, sheet, header)
    return _Apart(path, limits, wish) if is_packed(path) else open_here(path, limits, **asdict(wish))


class _Apart:
    """Implements ``RowSource`` by a child. Blocking; used by one thread at a time."""

    def __init__(self, path: Path, limits: ReadLimits, wish: _Wish) -> None:
        self._asked = (path, limits, wish)
        self._is_read = False
        self._child = self._begun()
        opened = cast("_Opened", self._hear())
        self.columns, self.total, self.traits = opened.columns, opened.total, opened.traits

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        if self._is_read:
            # A child reads on, never back.
            self.close()
            self._child = self._begun()
            self._hear()
        self._is_read = True
        self._tell((size, after))
        while (batch := self._hear()) is not None:
            yield cast("Batch", batch)

    def close(self) -> None:
        self._child.kill()
        with self._child:
            """Its pipes are closed, and it is waited for."""

    def _begun(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(  # noqa: S603 - our own program, and nothing of the file's
            [sys.executable, "-c", _RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=bare_environment()
        )
        self._child = child
        self._tell(self._asked)
        return child

    def _tell(self, message: object) -> None:
        told = cast("IO[bytes]", self._child.stdin)
        try:
            pickle.dump(message, told)
            told.flush()
        except BrokenPipeError:
            self.close()
            raise too_much_to_read() from None

    def _hear(self) -> _Opened | Batch | None:
        """What the child says next. Raises ``Invalid`` for a refusal, and for a child that ended."""
        said = cast("IO[bytes]", self._child.stdout)
        head = said.read(LENGTH.size)
        content = said.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None
        if content is None or len(content) < LENGTH.unpack(head)[0]:
            self.close()
            raise too_much_to_read()
        answer: _Answer = pickle.loads(content)  # noqa: S301 - our own child's bytes
        if isinstance(answer, tuple):
            self.close()
            raise Invalid(answer)
        return answer


def main() -> None:
    """The child's work."""
    path, limits, wish = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's bytes
    send = shut_in(limits)
    try:
        try:
            source = open_here(path, limits, **asdict(wish))
            send(_Opened(source.columns, source.total, source.traits))
            size, after = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's bytes
            for batch in source.batches(size, after=after):
                send(batch)
            send(None)
        except Invalid as error:
            send(error.faults)
        except MemoryError:
            send(too_much_to_read().faults)
    except (BrokenPipeError, EOFError):
        return

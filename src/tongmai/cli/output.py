"""What a command prints and how it ends.

Results go to stdout (as text, or one JSON document with ``--json``), everything else to stderr. Exit codes: 0 done,
1 refused or invalid, 2 wrong usage (Click's), 3 a fault of the machine.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tongmai.kit import Internal, Language, Text, TongmaiError, Unavailable

DONE, REFUSED, USAGE, MACHINE = 0, 1, 2, 3
_ENDLESS = 10_000


def aligned(cells: Sequence[str]) -> list[str]:
    """Texts padded to the width of the widest one on a terminal, where a Chinese character takes two columns."""
    widths = [cell_len(each) for each in cells]
    widest = max(widths, default=0)
    return [each + " " * (widest - width) for each, width in zip(cells, widths, strict=True)]


class Advance(Protocol):
    """Tells how far a long work is; ``total`` may become known on the way."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Output:
    """Where one run of a command prints."""

    as_json: bool
    language: Language

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def result(self, document: Mapping[str, object], *lines: str) -> None:
        """The answer: ``document`` with ``--json``, else ``lines``."""
        if self.as_json:
            sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
        else:
            for line in lines:
                sys.stdout.write(line + "\n")

    def table(
        self, document: Mapping[str, object], columns: Sequence[str], rows: Sequence[Sequence[str]], empty: Text
    ) -> None:
        """The answer as a table, or a sentence where there is nothing."""
        if self.as_json or not rows:
            self.result(document, empty.say(self.language))
            return
        shown = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            shown.add_row(*row)
        # Into a file or another program a row is a line, however long.
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else _ENDLESS).print(shown)

    def note(self, zh: str, en: str) -> None:
        """A remark on the way, to stderr; silent with ``--json``."""
        if not self.as_json:
            sys.stderr.write(self.say(zh, en) + "\n")

    def refuse(self, error: TongmaiError) -> None:
        """One line a fault on stderr; with ``--json`` the problem document on stdout."""
        if self.as_json:
            sys.stdout.write(orjson.dumps(error.problem(self.language), default=str).decode() + "\n")
            return
        sys.stderr.write(f"{error.title.say(self.language)}\n")
        for fault in error.faults:
            row = self.say(f"第 {fault.row} 行 ", f"row {fault.row} ") if fault.row is not None else ""
            where = f"{row}{fault.field}: " if fault.field else row
            after = f" {self.say('→', '→')} {fault.way_out.say(self.language)}" if fault.way_out else ""
            sys.stderr.write(f"  {where}{fault.text.say(self.language)}{after}\n")

    @contextmanager
    def progress(self, zh: str, en: str) -> Iterator[Advance]:
        """A bar on stderr where a person watches (a terminal, not ``--json``); otherwise nothing."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done, total=None: None
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.say(zh, en), total=None)
            yield lambda done, total=None: bar.update(task, completed=done, total=total)


def exit_code_of(error: TongmaiError) -> int:
    return MACHINE if isinstance(error, Unavailable | Internal) else REFUSED


def run(
    context: typer.Context,
    as_json: bool,
    work: Callable[[Output], Awaitable[None]],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> None:
    """Runs a command's work and ends the program with the code that fits."""
    output = Output(as_json, context.find_root().obj or "zh")
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_as_coroutine(work, output))
    except TongmaiError as error:
        output.refuse(error)
        raise typer.Exit(exit_code_of(error)) from None
    except (OSError, MemoryError) as error:
        output.refuse(Unavailable.of("machine", f"机器故障：{error}", f"The machine failed: {error}"))
        raise typer.Exit(MACHINE) from None


async def _as_coroutine(work: Callable[[Output], Awaitable[None]], output: Output) -> None:
    await work(output)


def report_unexpected(error: Exception, language: Language) -> None:
    """The last resort: one sentence for the person, the traceback above it for whoever is asked."""
    traceback.print_exception(error)
    sentence = "程序出错（缺陷）" if language == "zh" else "The program failed (a defect)"
    sys.stderr.write(f"{sentence}: {type(error).__name__}: {error}\n")

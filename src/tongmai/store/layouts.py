"""The numbered steps that make a workspace's system tables (``layout/NNNN_name.sql``).

A step is a template: ``{schema}`` stands for the quoted schema name, ``{lock_class}`` for the workspace's lock number.
Steps are only ever added; a workspace's ``layout_version`` is the number of the last one it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from tongmai.store.transactions import WriteTx


@dataclass(frozen=True)
class _Step:
    number: int
    template: str


def newest_layout() -> int:
    return _steps()[-1].number


async def apply_layout(tx: WriteTx, quoted_schema: str, lock_class: int, *, after: int) -> None:
    """Runs the steps with a number greater than ``after`` in the caller's transaction."""
    for step in _steps():
        if step.number > after:
            # Not str.format: SQL has braces of its own.
            sql = step.template.replace("{schema}", quoted_schema).replace("{lock_class}", str(lock_class))
            await tx.execute(sql)


@cache
def _steps() -> tuple[_Step, ...]:
    files = [
        file for file in resources.files("tongmai.store").joinpath("layout").iterdir() if file.name.endswith(".sql")
    ]
    return tuple(
        _Step(int(file.name.partition("_")[0]), file.read_text(encoding="utf-8"))
        for file in sorted(files, key=lambda file: file.name)
    )

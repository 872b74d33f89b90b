"""The project's Markdown pages, as the tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: ``words`` follow the fence (``sh run``), ``line`` is where its text begins."""

    words: tuple[str, ...]
    text: str
    line: int


@lru_cache
def pages() -> tuple[Path, ...]:
    """All Markdown pages of the project that people read."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ui").glob("*.md")]
    return tuple(sorted(found))


def guide() -> tuple[Path, ...]:
    """The pages that tell how to use the product and what there is of it."""
    return (*ROOT.glob("README*.md"), ROOT / "docs" / "architecture.md", *(ROOT / "docs" / "guide").rglob("*.md"))


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    text = read(page)
    return [
        Block(tuple(found[1].split()), found[2], text.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(text)
    ]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", read(page))


def name(page: Path) -> str:
    """How a test is called after its page."""
    return str(page.relative_to(ROOT))

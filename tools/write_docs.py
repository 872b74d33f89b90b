"""Writes the pages of docs/ that are made from the code: settings and functions. Tests fail when they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from tongmai.formula.reference import pages as function_pages

from tongmai.kit import Settings

DOCS = Path(__file__).parent.parent / "docs"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "All come from the environment. This page is made from the code by `make docs`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        lines.append(f"| `TONGMAI_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """File name below docs/ → content."""
    return {"settings.md": settings_page(), **function_pages()}


def main() -> int:
    for name, content in pages().items():
        (DOCS / name).write_text(content, encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

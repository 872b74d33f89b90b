"""The pages that are made from the code are what the code makes now."""

from __future__ import annotations

import importlib.util

from .pages import ROOT


def test_the_generated_pages_are_fresh() -> None:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "tools" / "write_docs.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    stale = [page for page, text in tool.pages().items() if (ROOT / "docs" / page).read_text(encoding="utf-8") != text]
    assert stale == [], "make docs"

"""One word each: what the glossary tells not to say is no name in the code."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from .pages import ROOT, read

_ROW = re.compile(r"^\| (?P<word>[^|]+) \| [^|]+ \| [^|]+ \| (?P<avoided>[^|]+) \|$", re.MULTILINE)

# Words to avoid that another craft uses in a sense of its own, which is the one meant in the code.
_ALLOWED = {
    "batch": "rows that are handed on together",
    "checkpoint": "where a job goes on after a crash",
    "commit": "the database's",
    "card": "a card of WeCom or DingTalk",
    "config": "pydantic's model_config",
    "constraint": "the database's",
    "department": "what WeCom and DingTalk call a part of a company",
    "document": "a JSON or YAML document",
    "entry": "an entry of the history, of a cache",
    "expression": "an expression tree of SQL",
    "group": "group_by",
    "hit": "a record that a back-test finds",
    "item": "an item of a list",
    "kind": "the kind of a value in formulas, of a job",
    "line": "a line of text",
    "link": "joining two things",
    "login": "the word that an account signs in with",
    "message": "what a source brings, what a refusal says",
    "organisation": "what DingTalk calls a company",
    "reference": "a value that points to a record, in formulas; the function reference",
    "schema": "a PostgreSQL or JSON schema",
    "script": "a script pack of the content library",
    "sheet": "a spreadsheet's",
    "task": "asyncio's",
    "title": "the field that stands for a record; a problem's title",
    "user": "who signs in at a system outside",
}


def avoided() -> dict[str, str]:
    """Word to avoid → the glossary's word; of two words only what stands together counts."""
    found = {}
    for row in _ROW.finditer(read(ROOT / "docs" / "glossary.md")):
        for word in row["avoided"].split(","):
            if re.fullmatch(r"[A-Za-z ]+", word.strip()) and row["word"] != "word":
                found[word.strip().lower().replace(" ", "_")] = row["word"].strip()
    return found


def names(source: Path) -> set[str]:
    """Every name that a file defines: classes, functions, parameters, attributes and variables."""
    found = set()
    for node in ast.walk(ast.parse(read(source))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def words_of(name: str) -> str:
    """``SomeName`` and ``some_name`` alike as ``_some_name_``."""
    return f"_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower().strip('_')}_"


def test_no_name_in_the_code_is_a_word_to_avoid() -> None:
    assert _ALLOWED.keys() <= avoided().keys()
    wanted = {word: right for word, right in avoided().items() if word not in _ALLOWED}
    assert len(wanted) > 20
    used: dict[str, set[str]] = defaultdict(set)
    for source in (ROOT / "src" / "tongmai").rglob("*.py"):
        for name in names(source):
            for word in wanted:
                if f"_{word}_" in words_of(name):
                    used[word].add(f"{source.relative_to(ROOT)}: {name}")
    assert {word: (wanted[word], sorted(places)) for word, places in used.items()} == {}

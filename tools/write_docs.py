"""Writes the pages of docs/ that are made from the code: settings, functions, field types, the description of the API
(from which the screens' client is made). Tests fail when stale."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from pydantic import JsonValue
from pydantic.fields import FieldInfo

from tongmai.formula.function_reference import reference
from tongmai.kit import Language, Settings
from tongmai.model import FIELD_TYPES, OPERATORS
from tongmai.web import description

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def settings_page() -> str:
    """Every setting of the environment, with its default and meaning."""
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


_FIELD_TYPES: dict[Language, tuple[str, str, str]] = {
    "zh": (
        "# 字段类型",
        "本页由 `make docs` 从程序生成。“列”是 PostgreSQL 中的类型；选项在字段的 `options` 里，等号后是默认值。",
        "| 类型 | `type` | 列 | 可唯一 | 选项 | 筛选 |",
    ),
    "en": (
        "# Field types",
        "Made from the code by `make docs`. “Column” is the type in PostgreSQL; options stand in a field's `options`, "
        "each with its default.",
        "| type | `type` | column | unique | options | filters |",
    ),
}


# Options without which a type says nothing.
_NEEDED: dict[str, dict[str, JsonValue]] = {"relation": {"target": "customer"}, "formula": {"text": "1"}}


def field_types_page(language: Language) -> str:
    """Every field type: what it is called, stored as, takes and offers."""
    title, lead, header = _FIELD_TYPES[language]
    lines = [title, "", lead, "", header, "|---|---|---|---|---|---|"]
    for key, each in FIELD_TYPES.items():
        options = each.options(_NEEDED.get(key, {}))
        cells = (
            each.label.say(language),
            f"`{key}`",
            f"`{each.column_type(options)}`" if each.column_type(options) else "–",
            "✓" if each.can_be_unique else "",
            ", ".join(_option(name, field) for name, field in each.Options.model_fields.items()),
            " ".join(OPERATORS[name].label.say(language) for name in each.operators(options)),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _option(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return f"`{name}`"
    default = field.get_default(call_default_factory=True, validated_data={})
    return f"`{name}`" if default in (None, (), "") else f"`{name}={default}`"


_MARK = re.compile(r"\b(?:S[0-4]-\d{2}|AMB-\d{2})\b")
_MARKED = (".py", ".ts", ".tsx", ".yaml", ".sql")


def coverage_page() -> str:
    """Each inventory id that the code names: where it is made, and where it is tested."""
    made: dict[str, set[str]] = defaultdict(set)
    tested: dict[str, set[str]] = defaultdict(set)
    for top, found in (("src", made), ("ui/src", made), ("tests", tested), ("ui/test", tested)):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in _MARKED and "_ui" not in path.parts:
                for mark in _MARK.findall(path.read_text(encoding="utf-8")):
                    found[mark].add(path.relative_to(ROOT).as_posix())
    lines = [
        "# Coverage of the inventory",
        "",
        "Made by `make docs` from the ids that stand in the code. What has no line here is not built yet.",
        "",
        "| id | where | test |",
        "|---|---|---|",
    ]
    marks = sorted(made.keys() | tested.keys())
    lines += [f"| {mark} | {_files(made[mark])} | {_files(tested[mark])} |" for mark in marks]
    return "\n".join(lines) + "\n"


def _files(found: set[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(found)) or "–"


def api_document() -> str:
    """The description of the API without any company's objects, a line a word so that changes can be read."""
    return json.dumps(description((), "en"), ensure_ascii=False, indent=1) + "\n"


def pages() -> dict[str, str]:
    """File name below docs/ → content."""
    languages: tuple[Language, ...] = ("zh", "en")
    functions = {f"functions.{each}.md": reference(each) for each in languages}
    types = {f"field-types.{each}.md": field_types_page(each) for each in languages}
    single = {"settings.md": settings_page(), "coverage.md": coverage_page(), "openapi.json": api_document()}
    return {**single, **functions, **types}


def main() -> int:
    for name, content in pages().items():
        (DOCS / name).write_text(content, encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

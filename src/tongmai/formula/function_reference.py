"""Writes the function reference, ``docs/functions.zh.md`` and ``docs/functions.en.md``, from the catalogue.

``python -m tongmai.formula.function_reference [folder]`` writes both; a test fails when they are stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tongmai.formula.catalogue import GROUPS, WORDS, Function, functions
from tongmai.formula.reference_text import PREFACE
from tongmai.formula.types import KIND_NAMES, Kind
from tongmai.kit import Language, Text

_WORDS: dict[str, Text] = {
    "function": Text("函数", "Function"),
    "other": Text("其他名称", "Other names"),
    "meaning": Text("说明", "Meaning"),
    "example": Text("例子", "Example"),
    "gives": Text("结果", "Gives"),
}
_SPECIAL: dict[str, Text] = {
    "any": Text("任意", "anything"),
    "same": Text("同类型", "one type"),
    "like": Text("同类型", "one type"),
    "item": Text("列表的项", "an item of the list"),
    "joinable": Text("文本、数字、日期、选项", "text, number, date, choice"),
    "textable": Text("数字、日期、是否", "number, date, yes/no"),
    "constant": Text("写定的文本", "constant text"),
    "places": Text("写定的整数", "constant whole number"),
    "pattern": Text("写定的模式", "constant pattern"),
}


def reference(language: Language) -> str:
    """The whole reference in one language, as Markdown."""
    parts = [PREFACE.say(language).strip(), ""]
    for group, (zh, en) in GROUPS.items():
        members = [function for function in functions() if function.group == group]
        parts += [f"## {zh if language == 'zh' else en}", ""]
        for function in members:
            parts += _entry(function, language)
    return "\n".join(parts).rstrip() + "\n"


def _entry(function: Function, language: Language) -> list[str]:
    gives = _kind(function.gives, language)
    other = "、".join(function.aliases) if language == "zh" else ", ".join(function.aliases)
    arguments = [f"- `{p.name}`{_optional(p.optional, language)}: {_kind(p.accepts, language)}" for p in function.takes]
    return [
        f"### {function.signature()}",
        "",
        function.zh if language == "zh" else function.en,
        "",
        f"- {_WORDS['other'].say(language)}: {other}",
        *arguments,
        f"- {_WORDS['gives'].say(language)}: {gives}",
        f"- {_WORDS['example'].say(language)}: `{function.example}` → `{function.shows}`",
        "",
    ]


def _optional(optional: bool, language: Language) -> str:
    return Text("（可省略）", " (optional)").say(language) if optional else ""


def _kind(accepts: str, language: Language) -> str:
    if accepts.startswith("word:"):
        words = WORDS[accepts.removeprefix("word:")]
        return " ".join(
            f"'{synonyms[0]}'" if language == "zh" and synonyms else f"'{key}'" for key, synonyms in words.items()
        )
    if accepts in _SPECIAL:
        return _SPECIAL[accepts].say(language)
    return KIND_NAMES[Kind(accepts)].say(language)


def write(folder: Path) -> list[Path]:
    """Writes both files and gives their paths."""
    written = []
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        path = folder / f"functions.{language}.md"
        path.write_text(reference(language), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))

"""YAML that came from outside: plain mappings, lists and texts, of which no few lines can unfold into much work.

What is read is looked through as it comes, before anything is built of it: aliases (a few lines of them unfold into
more than any memory holds), tags, and nesting deeper than any definition are refused.
"""

from __future__ import annotations

from typing import Any

import yaml

from tongmai.kit import Invalid, Text

# Some six times as quick as the reader written in Python; where it was not built, that one says the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 50


def read_mapping(name: str, text: str) -> dict[str, Any]:
    """The mapping that the text ``name`` is. Raises ``Invalid`` with the line where it is none, or no plain YAML."""
    try:
        _look_through(name, text)
        found = yaml.load(text, _LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark is not None else name
        raise Invalid.of(
            "yaml.syntax",
            f"{where} 的 YAML 有误",
            f"The YAML is wrong at {where}",
            way_out=Text("请检查此处的缩进和引号", "Look at the indents and quotes there"),
        ) from None
    except ValueError:
        # What looks like a date or a number and is none (2026-13-45), or half a character.
        raise Invalid.of(
            "yaml.value",
            f"{name} 中有无法读取的日期、数字或字符",
            f"{name} has an unreadable date, number or character",
            way_out=Text("请给文本加上引号", "Put quotes around what is a text"),
        ) from None
    if not isinstance(found, dict):
        raise Invalid.of(
            "app.shape",
            f"{name} 应为一个映射",
            f"{name} must be a mapping",
            way_out=Text("每行写“名称: 内容”", "Write lines of “name: content”"),
        )
    return found


def _look_through(name: str, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise Invalid.of(
                "yaml.alias",
                "应用包不允许 YAML 别名",
                "YAML aliases are not allowed in a package",
                way_out=Text(f"请在 {name} 中写出全文", f"Write it out in {name}"),
            )
        if getattr(event, "tag", None) is not None:
            raise Invalid.of(
                "yaml.tag",
                "应用包不允许 YAML 标签",
                "YAML tags are not allowed in a package",
                way_out=Text(f"请去掉 {name} 中以 ! 开头的标签", f"Take the tags (!…) out of {name}"),
            )
        if isinstance(event, yaml.ScalarEvent):
            event.value.encode()
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise Invalid.of(
                "yaml.depth",
                f"{name} 嵌套超过 {_DEEPEST} 层",
                f"{name} is nested deeper than {_DEEPEST} levels",
                way_out=Text("请检查括号和缩进", "Look at its brackets and indents"),
            )

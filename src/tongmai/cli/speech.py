"""Help and output in the reader's language: ``--lang``, else LANG, else Chinese.

A help text is written as one string holding both languages (``both``); ``localise`` picks one throughout the command
tree before it is shown, so that the declarations stay plain Typer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from typer.core import TyperCommand, TyperGroup

from tongmai.kit import Language

_BETWEEN = "\x1f"


def both(zh: str, en: str) -> str:
    """A help text in both languages, for ``localise`` to choose from."""
    return f"{zh}{_BETWEEN}{en}"


def example(*lines: str) -> str:
    """The example at the end of a command's help."""
    shown = "\n".join(f"  $ {line}" for line in lines)
    return both(f"\b\n例：\n{shown}", f"\b\nExample:\n{shown}")


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """From ``--lang zh|en`` anywhere on the command line, else the usual variables of POSIX in their order."""
    for before, word in zip(("", *arguments), arguments, strict=False):
        given = word.removeprefix("--lang=") if word.startswith("--lang=") else (word if before == "--lang" else None)
        if given in ("zh", "en"):
            return cast(Language, given)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "").lower()
        if value:
            return "en" if value.startswith("en") else "zh"
    return "zh"


def localise(command: TyperCommand | TyperGroup, language: Language) -> TyperCommand | TyperGroup:
    """Leaves one language in every help text of the command and all below it."""
    command.help = _pick(command.help, language)
    command.short_help = _pick(command.short_help, language)
    command.epilog = _pick(command.epilog, language)
    for parameter in command.params:
        for name in ("help", "prompt"):
            text = getattr(parameter, name, None)
            if isinstance(text, str):
                setattr(parameter, name, _pick(text, language))
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            if isinstance(inner, TyperCommand | TyperGroup):
                localise(inner, language)
    return command


def _pick(text: str | None, language: Language) -> str | None:
    if text is None or _BETWEEN not in text:
        return text
    zh, _, en = text.partition(_BETWEEN)
    return zh if language == "zh" else en

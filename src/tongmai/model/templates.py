"""Templates: text with formulas in braces (``{name}：{days} 天未互动``) read as one formula that gives text.

Within braces a value is shown as ``&`` shows it: choices by label, numbers and dates as people write them, blank as
nothing. ``{{`` and ``}}`` stand for braces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tongmai.formula import TEXT, Call, Literal, Scope, Tree, parse
from tongmai.kit import Fault, Invalid, Text

_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "”": "”", "’": "’", "＂": "＂", "＇": "＇"}


def parse_template(text: str, scope: Scope, show: Callable[[Tree], Tree] = lambda value: value) -> Tree:
    """The tree of the text. Raises ``Invalid`` with every fault, positions counted in the template.

    ``show`` says how a value is written where ``&`` alone would not do for who reads it.
    """
    parts: list[Tree] = []
    faults: list[Fault] = []
    for piece, start in _pieces(text):
        if start is None:
            parts.append(Literal(piece, TEXT))
            continue
        try:
            # The braces become brackets at the same places, so that positions stay those of the template.
            value = parse(f"{' ' * (start - 1)}({piece})", scope).tree
            shown = show(value)
            if shown is value:
                shown = parse(f"{' ' * (start - 1)}({piece})&''", scope, expect=TEXT).tree
            parts += shown.args if isinstance(shown, Call) and shown.function == "&" else (shown,)
        except Invalid as invalid:
            faults += invalid.faults
    if faults:
        raise Invalid(tuple(faults))
    return Call("&", tuple(parts), TEXT) if len(parts) > 1 else parts[0] if parts else Literal(None, TEXT)


def _pieces(text: str) -> Iterator[tuple[str, int | None]]:
    """Plain texts (without a place), and formulas with the place where they start. Raises ``Invalid``."""
    plain, at = "", 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            plain, at = plain + text[at], at + 2
        elif text[at] == "{":
            if plain:
                yield plain, None
            end = _closing(text, at + 1)
            yield text[at + 1 : end], at + 1
            plain, at = "", end + 1
        elif text[at] == "}":
            raise Invalid((_fault("template.lone_brace", at, "多了一个 }", "there is a } too many"),))
        else:
            plain, at = plain + text[at], at + 1
    if plain:
        yield plain, None


def _closing(text: str, start: int) -> int:
    """Where the brace that closes the formula stands. Braces within quotes are text."""
    quote: str | None = None
    for at in range(start, len(text)):
        character = text[at]
        if quote is not None:
            quote = None if character == quote else quote
        elif character in _QUOTES:
            quote = _QUOTES[character]
        elif character == "}":
            return at
    raise Invalid((_fault("template.open_brace", start - 1, "大括号没有结束", "this brace is not closed"),))


def _fault(code: str, position: int, zh: str, en: str) -> Fault:
    text = Text(f"第 {position + 1} 个字符：{zh}", f"Character {position + 1}: {en}")
    return Fault(
        code, text, Text("要显示大括号本身，请写两个", "write it twice to show the brace itself"), position=position
    )

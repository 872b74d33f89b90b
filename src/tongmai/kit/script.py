"""Traditional Chinese characters as simplified ones, so that both are one word: 急著換倉 is 急着换仓."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))


def simplified(text: str) -> str:
    """The text in simplified characters, position by position; one that has none is given back as it is.

    Words decide where characters do not (乾淨 is 干净, 乾坤 stays), by OpenCC's ``t2s``.
    """
    is_traditional, convert, alone = _converter()
    if text.isascii() or is_traditional(text) is None:
        return text
    found = convert(text)
    # Whoever tells where a word stands counts in the text as it was written.
    return found if len(found) == len(text) else text.translate(alone)


@cache
def _converter() -> tuple[Callable[[str], re.Match[str] | None], Callable[[str], str], dict[int, str]]:
    """A search for a character that is simplified when it stands alone, OpenCC's own function, and those characters.

    Most texts have none: to look for one takes a tenth of what a conversion takes.
    """
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    characters = [chr(code) for first, end in _HAN for code in range(first, end)]
    changed = {
        one: other
        for one, other in zip(characters, convert("\n".join(characters)).split("\n"), strict=True)
        if one != other and len(other) == 1
    }
    search = re.compile(f"[{''.join(changed)}]").search
    return search, convert, {ord(one): other for one, other in changed.items()}

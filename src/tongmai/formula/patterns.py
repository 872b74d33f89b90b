"""Search patterns: the part of regular expressions that every engine reads alike and can run in linear time.

Literals, ``.``, classes ``[a-z一-龥]``, ``\\d \\w \\s`` (ASCII), ``^ $``, groups and ``|``, and ``* + ? {m,n}``.
Refused: back-references, look-around, lazy and possessive marks, a quantifier in a quantified group, counts over 100.
A pattern is read into a tree of our own and written out again, so that no engine sees what a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tongmai.kit import Text

MOST_CHARACTERS = 200
MOST_REPEATS = 100
MOST_STATES = 2_000


class PatternFault(ValueError):
    """A pattern that is refused, with the reason in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character out of ranges of code points (both ends belong)."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of the text."""

    at_end: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Either:
    branches: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``most`` None means any number."""

    part: Pattern
    least: int
    most: int | None


Pattern: TypeAlias = OneOf | Edge | Sequence | Either | Repeat

_LAST = 0x10FFFF
_CLASSES: dict[str, tuple[tuple[int, int], ...]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_ESCAPED = {"n": 10, "r": 13, "t": 9}


def invert(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """All other code points."""
    found, start = [], 1
    for low, high in normal(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        found.append((start, _LAST))
    return tuple(found)


def normal(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Sorted and merged."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def read_pattern(text: str) -> Pattern:
    """The pattern's tree. Raises PatternFault where it leaves the subset."""
    if len(text) > MOST_CHARACTERS:
        raise PatternFault(f"超过 {MOST_CHARACTERS} 个字符", f"longer than {MOST_CHARACTERS} characters")
    pattern = _Reader(text).read()
    if _states(pattern) > MOST_STATES:
        raise PatternFault("重复次数合起来太多", "its repetitions are too many together")
    return pattern


def _states(pattern: Pattern) -> int:
    if isinstance(pattern, Sequence):
        return sum(_states(part) for part in pattern.parts)
    if isinstance(pattern, Either):
        return sum(_states(part) for part in pattern.branches)
    if isinstance(pattern, Repeat):
        return _states(pattern.part) * (pattern.most or pattern.least + 1)
    return 1


def _has_repeat(pattern: Pattern) -> bool:
    if isinstance(pattern, Sequence):
        return any(_has_repeat(part) for part in pattern.parts)
    if isinstance(pattern, Either):
        return any(_has_repeat(part) for part in pattern.branches)
    return isinstance(pattern, Repeat)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self) -> Pattern:
        found = self._either()
        if self._at < len(self._text):
            raise PatternFault("多了一个 )", "there is a ) too many")
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise PatternFault("没有写完", "it is not complete")
        self._at += 1
        return character

    def _either(self) -> Pattern:
        self._depth += 1
        if self._depth > 10:
            raise PatternFault("括号嵌套太深", "its groups are nested too deeply")
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _sequence(self) -> Pattern:
        parts: list[Pattern] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated())
        if not parts:
            raise PatternFault("有空的分支", "a branch is empty")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self) -> Pattern:
        part = self._atom()
        mark = self._peek()
        if mark not in {"*", "+", "?", "{"} or not mark:
            return part
        least, most = self._counts()
        if self._peek() in {"*", "+", "?", "{"} and self._peek():
            raise PatternFault("量词不能连写", "quantifiers may not follow each other")
        if isinstance(part, Edge) or _has_repeat(part):
            raise PatternFault("量词不能套量词", "a quantifier may not stand inside another")
        return Repeat(part, least, most)

    def _counts(self) -> tuple[int, int | None]:
        mark = self._take()
        if mark != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : end].partition(",")
        numbers = [part for part in (low, high) if part]
        if end < 0 or not low or not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in numbers):
            raise PatternFault("{} 里应写次数，如 {2,4}", "{} takes counts, such as {2,4}")
        self._at = end + 1
        least, most = int(low), int(high) if high else None if comma else int(low)
        if least > MOST_REPEATS or (most is not None and (most > MOST_REPEATS or most < least or most == 0)):
            raise PatternFault(f"次数应在 0 到 {MOST_REPEATS}", f"counts go from 0 to {MOST_REPEATS}")
        return least, most

    def _atom(self) -> Pattern:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == ".":
            return OneOf(invert(((10, 10),)))
        if character in "^$":
            return Edge(character == "$")
        if character == "\\":
            return OneOf(self._escape())
        if character in "*+?{":
            raise PatternFault(f"{character} 前面没有内容", f"nothing stands before {character}")
        if character in "]}":
            raise PatternFault(f"写成 \\{character}", f"write \\{character}")
        return OneOf(((ord(character), ord(character)),))

    def _group(self) -> Pattern:
        if self._peek() == "?":
            if self._text[self._at : self._at + 2] != "?:":
                raise PatternFault("不支持 (? 开头的写法", "(? … is not supported")
            self._at += 2
        inner = self._either()
        if self._take() != ")":
            raise PatternFault("少了一个 )", "a ) is missing")
        return inner

    def _escape(self) -> tuple[tuple[int, int], ...]:
        character = self._take()
        if character in _CLASSES:
            return _CLASSES[character]
        if character.lower() in _CLASSES:
            return invert(_CLASSES[character.lower()])
        if character in _ESCAPED:
            return ((_ESCAPED[character], _ESCAPED[character]),)
        if character.isalnum():
            raise PatternFault(f"不支持 \\{character}", f"\\{character} is not supported")
        return ((ord(character), ord(character)),)

    def _class(self) -> Pattern:
        negative = self._peek() == "^"
        self._at += negative
        ranges: list[tuple[int, int]] = []
        while self._peek() != "]" or not ranges:
            low = self._member()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._at += 1
                high = self._member()
                if len(low) > 1 or len(high) > 1 or low[0][0] != low[0][1] or high[0][0] < low[0][0]:
                    raise PatternFault("字符范围不对", "a range of characters is wrong")
                ranges.append((low[0][0], high[0][1]))
            else:
                ranges.extend(low)
        self._at += 1
        found = normal(tuple(ranges))
        return OneOf(invert(found) if negative else found)

    def _member(self) -> tuple[tuple[int, int], ...]:
        character = self._take()
        if character == "\\":
            return self._escape()
        if character == "[":
            raise PatternFault("[ ] 里的 [ 写成 \\[", "write \\[ inside [ ]")
        return ((ord(character), ord(character)),)

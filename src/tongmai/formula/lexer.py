"""Text → tokens. Accepts what Chinese keyboards give: full-width signs, curly quotes, 【】 for brackets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tongmai.formula.faults import FaultList
from tongmai.formula.spans import MOST_SECONDS


class Token(StrEnum):
    NUMBER = "number"
    DURATION = "duration"
    TEXT = "text"
    NAME = "name"
    BRACKET = "bracket"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token with where it starts (characters from 0). ``text`` is normalised: signs half-width, names as written."""

    token: Token
    text: str
    start: int
    number: Decimal = Decimal(0)

    def is_sign(self, *signs: str) -> bool:
        return self.token is Token.SIGN and self.text in signs

    def is_word(self, *words: str) -> bool:
        return self.token is Token.NAME and self.text.upper() in words


_HALF_WIDTH = str.maketrans("（），；＝＜＞＋－×÷＊／！＆｜＾．％", "(),;=<>+-*/*/!&|^.%")
_LONG_SIGNS = ("<=", ">=", "<>", "!=", "==", "&&", "||")
_SAME_SIGN = {"<>": "!=", "==": "=", "≠": "!=", "≤": "<=", "≥": ">=", ";": ",", "&&": "AND", "||": "OR", "!": "NOT"}
_SIGNS = set("()+-*/^&=<>,.%≠≤≥;!")
_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "”": "”", "’": "’", "＂": "＂", "＇": "＇"}
_BRACKETS = {"[": "]", "【": "】"}

# Seconds in one unit. Months and years are no durations: their length depends on the day they start.
UNITS: dict[str, int] = {
    "周": 604_800, "星期": 604_800, "w": 604_800, "天": 86_400, "日": 86_400, "d": 86_400,
    "小时": 3_600, "时": 3_600, "h": 3_600, "分钟": 60, "分": 60, "m": 60, "min": 60, "秒": 1, "秒钟": 1, "s": 1,
}  # fmt: skip


def is_name_start(character: str) -> bool:
    return character == "_" or character.isalpha()


def is_name_part(character: str) -> bool:
    return character == "_" or character.isalnum()


class Lexer:
    """One pass over a text. Faults go to ``faults``; reading goes on so that all bad characters are told at once."""

    def __init__(self, text: str, faults: FaultList) -> None:
        self._text = text
        self._at = 0
        self._faults = faults

    def read(self) -> list[Lexeme]:
        found: list[Lexeme] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace():
                self._at += 1
                continue
            lexeme = self._next(character)
            if lexeme is not None:
                found.append(lexeme)
        found.append(Lexeme(Token.END, "", len(self._text)))
        return found

    def _next(self, character: str) -> Lexeme | None:
        if character in _QUOTES:
            return self._quoted(_QUOTES[character])
        if character in _BRACKETS:
            return self._bracketed(_BRACKETS[character])
        if "0" <= character <= "9":
            return self._number()
        if is_name_start(character):
            start = self._at
            return Lexeme(Token.NAME, self._while(is_name_part), start)
        return self._sign(character)

    def _while(self, belongs: object) -> str:
        assert callable(belongs)
        start = self._at
        while self._at < len(self._text) and belongs(self._text[self._at]):
            self._at += 1
        return self._text[start : self._at]

    def _quoted(self, closing: str) -> Lexeme:
        """A text in quotes; the closing quote doubled stands for itself."""
        start, parts = self._at, list[str]()
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == closing:
                if self._text[self._at + 1 : self._at + 2] != closing:
                    self._at += 1
                    return Lexeme(Token.TEXT, "".join(parts), start)
                self._at += 1
            parts.append(character)
            self._at += 1
        self._faults.add(
            "formula.open_text", start, "引号没有结束", "This text has no closing quote",
            f"补上 {closing}", f"Add {closing}",
        )  # fmt: skip
        return Lexeme(Token.TEXT, "".join(parts), start)

    def _bracketed(self, closing: str) -> Lexeme:
        """A name in brackets; the closing bracket doubled stands for itself."""
        start, parts = self._at, list[str]()
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == closing:
                if self._text[self._at + 1 : self._at + 2] != closing:
                    self._at += 1
                    return Lexeme(Token.BRACKET, "".join(parts).strip(), start)
                self._at += 1
            parts.append(character)
            self._at += 1
        self._faults.add(
            "formula.open_bracket", start, "字段名的方括号没有结束", "This field name has no closing bracket",
            f"补上 {closing}", f"Add {closing}",
        )  # fmt: skip
        return Lexeme(Token.BRACKET, "".join(parts).strip(), start)

    def _number(self) -> Lexeme:
        start = self._at
        digits = self._while(_is_digit)
        if self._text[self._at : self._at + 1] in {".", "．"} and _is_digit(self._text[self._at + 1 : self._at + 2]):
            self._at += 1
            digits += "." + self._while(_is_digit)
        value = Decimal(digits)
        unit = self._while(is_name_part)
        if not unit:
            if len(digits.partition(".")[0].lstrip("0")) > 17 or len(digits.partition(".")[2].rstrip("0")) > 10:
                self._faults.add(
                    "formula.number_too_long", start, f"数字 {digits} 过长", f"The number {digits} is too long",
                    "整数部分最多 17 位，小数最多 10 位", "At most 17 digits before the point and 10 after it",
                )  # fmt: skip
                value = Decimal(0)
            return Lexeme(Token.NUMBER, digits, start, value)
        return self._duration(value, unit, start)

    def _duration(self, value: Decimal, unit: str, start: int) -> Lexeme:
        """``3天``, ``48h``; parts may follow each other (``1天12小时``), also inside one word."""
        total = Decimal(0)
        while True:
            name, rest = _split_unit(unit)
            if name is None:
                self._unknown_unit(unit, start)
                break
            total += value * UNITS[name]
            number = "".join(_leading_digits(rest))
            if not rest:
                break
            if not number:
                self._unknown_unit(unit, start)
                break
            value, unit = Decimal(number), rest[len(number) :]
        if total > MOST_SECONDS:
            self._faults.add(
                "formula.duration_too_long", start, "时长超过 200 年", "The duration is longer than 200 years",
            )  # fmt: skip
            total = Decimal(0)
        return Lexeme(Token.DURATION, self._text[start : self._at], start, total)

    def _unknown_unit(self, unit: str, start: int) -> None:
        if unit[:1] in {"月", "年", "个", "季"} or unit.lower() in {"month", "months", "y", "year", "years"}:
            zh, en = (
                "月和年长短不一：请用 加月(日期, 月数)",
                "Months and years vary in length: use ADD_MONTHS(date, months)",
            )
        else:
            zh, en = "时长单位有 周、天、小时、分钟、秒（w d h m s）", "Units are w, d, h, m, s"
        self._faults.add("formula.unknown_unit", start, f"不认识单位“{unit}”", f"Unknown unit “{unit}”", zh, en)

    def _sign(self, character: str) -> Lexeme | None:
        start = self._at
        pair = self._text[start : start + 2].translate(_HALF_WIDTH)
        if pair in _LONG_SIGNS:
            self._at += 2
            return _word_or_sign(_SAME_SIGN.get(pair, pair), start)
        self._at += 1
        sign = character.translate(_HALF_WIDTH)
        if sign in _SIGNS:
            return _word_or_sign(_SAME_SIGN.get(sign, sign), start)
        self._faults.add(
            "formula.unknown_character", start, f"不认识字符“{character}”", f"Unknown character “{character}”",
            "字段名里有特殊字符时，请用方括号括起来", "Put a field name with special characters in brackets",
        )  # fmt: skip
        return None


def _word_or_sign(text: str, start: int) -> Lexeme:
    return Lexeme(Token.NAME if text.isalpha() else Token.SIGN, text, start)


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9" if character else False


def _leading_digits(text: str) -> list[str]:
    found = []
    for character in text:
        if not _is_digit(character):
            break
        found.append(character)
    return found


def _split_unit(word: str) -> tuple[str | None, str]:
    """The longest unit that ``word`` starts with and is followed by nothing or a digit, and the rest."""
    for name in sorted(UNITS, key=len, reverse=True):
        if word.lower().startswith(name) and (len(word) == len(name) or _is_digit(word[len(name)])):
            return name, word[len(name) :]
    return None, word

"""Tidy text: trimmed, composed (NFC), with one kind of line break, and a way to find what must not stand in it."""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

# C0 and C1 controls, and lone surrogates, which UTF-8 cannot hold.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# They turn the direction of all that is shown behind them: a name with one shows as another, with its sentence.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

# No number, date or duration is longer; what is need not be looked at, let alone normalised.
LONGEST_WORD = 200


def tidy_line(text: str) -> str:
    """Trimmed at both ends and composed, without marks that turn the direction of writing."""
    if not text.isprintable():
        text = _TURNING.sub("", text)
    text = text.strip()
    if text.isascii() or is_normalized("NFC", text):
        return text
    return normalize("NFC", text)


def tidy_lines(text: str) -> str:
    """Composed, line feeds only, without blank space at the end; an indentation at the start stays."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip()
    if text.isascii() or is_normalized("NFC", text):
        return text
    return normalize("NFC", text)


def find_control_character(text: str, *, lines: bool = False) -> int | None:
    """Where the first control character stands, counted from 0; line feed and tab are allowed in ``lines``."""
    if text.isprintable():
        return None
    found = (_CONTROL_IN_LINES if lines else _CONTROL).search(text)
    return None if found is None else found.start()

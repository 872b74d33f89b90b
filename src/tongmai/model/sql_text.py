"""The one place of this room that puts a text into SQL: constants of conversions, never names."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text constant, for a session with ``standard_conforming_strings`` on (PostgreSQL's default since 9.1).

    Raises ``ValueError`` for a NUL, which PostgreSQL's text cannot hold.
    """
    if "\x00" in text:
        raise ValueError("a text constant cannot hold NUL")
    escaped = text.replace("'", "''")
    # With a backslash the E form says unmistakably how it is read, whatever the session's setting.
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in escaped else f"'{escaped}'"

"""Keys and codes as SQL text constants."""

from __future__ import annotations


def literal(text: str) -> str:
    """A key, a zone or a code as an SQL constant. They hold nothing that could end one; this makes sure."""
    if not all(each.isalnum() or each in "_/+-." for each in text):
        raise ValueError(f"not a plain word: {text!a}")
    return f"'{text}'"

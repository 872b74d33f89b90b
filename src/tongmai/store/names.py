"""The one place where a name becomes part of a statement."""

from __future__ import annotations

from tongmai.kit import Invalid

# NAMEDATALEN - 1: PostgreSQL would cut a longer name silently, and two names could become one.
_LONGEST_BYTES = 63


def quote_ident(name: str) -> str:
    """The name as a quoted SQL identifier.

    Raises ``Invalid`` for an empty name, one of more than 63 bytes in UTF-8, or one with a NUL or a lone surrogate.
    """
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= _LONGEST_BYTES or "\0" in name:
        raise Invalid.of(
            "name.not_an_identifier",
            f"“{name[:80]!a}”不能作为数据库名称（1 到 {_LONGEST_BYTES} 字节）",
            f"{name[:80]!a} cannot be a name in the database (1 to {_LONGEST_BYTES} bytes)",
        )
    return '"' + name.replace('"', '""') + '"'

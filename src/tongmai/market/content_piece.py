"""A content pack as an app's file says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tongmai.model import Definition


class ContentPiece(Definition):
    """A content pack that an app brings. Outer blanks of its text mean nothing: YAML adds a line's end."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
    kind: str = "script"
    body: Annotated[str, StringConstraints(strip_whitespace=True)] | None = None
    must_read: bool = False

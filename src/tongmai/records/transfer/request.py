"""What an import is asked to do, as it is kept in the job: nothing in it depends on the process that runs it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tongmai.model import Key
from tongmai.tabular import Format

Mode = Literal["insert", "update", "merge"]


class ColumnMap(BaseModel):
    """Where a column goes. A relation's cell is looked up by ``match``, a field of the related object.

    Without ``match`` a relation is found by id, else by what tells its records apart (their unique fields, their
    title; people also by sign-in name). With ``create_missing`` a related record that is not there is made with
    nothing but ``match``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(max_length=500)
    field: Key
    match: Key | None = None
    create_missing: bool = False


class ImportRequest(BaseModel):
    """An import of one file into one object.

    ``mode``: insert makes records only, update changes records found by ``key`` only, merge does either. ``blanks``
    tells what a blank cell does to a record that is there. Without ``columns`` they are guessed. Rows that break a
    rule are refused one by one; the others go in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: Key
    file: UUID
    mode: Mode = "insert"
    key: tuple[Key, ...] = Field(default=(), max_length=8)
    columns: tuple[ColumnMap, ...] | None = Field(default=None, max_length=1000)
    blanks: Literal["keep", "clear"] = "keep"
    format: Format | None = None
    encoding: str | None = Field(default=None, max_length=40)
    separator: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = Field(default=None, max_length=100)

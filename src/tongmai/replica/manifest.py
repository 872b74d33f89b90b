"""What a replica consists of at one moment: the only list by which its files are opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tongmai.kit import Unavailable

FORMAT = 1
# A folder (an object's key, or `_history`) and a name made here: nothing that could lead out of the workspace's folder.
_PATH = r"^[a-z_][a-z0-9_]{0,62}/[0-9a-z-]{1,80}\.parquet$"
_MONTH = r"^([0-9]{4}-[0-9]{2}|delta)$"
_DUCK_TYPE = r"^[A-Z]+(\([0-9]{1,2}, [0-9]{1,2}\)|\[\])?$"
_COLUMN = r"^[a-z_][a-z0-9_]{0,62}$"
_DIGEST_LENGTH = 64


class Damaged(Unavailable):
    """A manifest or a file that is missing, torn or changed. It is never read; the replica is built anew."""

    @classmethod
    def at(cls, path: str) -> Damaged:
        return cls.of(
            "replica.damaged",
            f"列式副本的 {path} 缺失或损坏，将重建",
            f"{path} of the columnar replica is missing or damaged; it is built anew",
        )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """A Parquet file, never changed once it is named. ``month`` is that of its rows' ``created_at`` (history: ``at``)
    in UTC; ``columns`` are those it has."""

    path: Annotated[str, Field(pattern=_PATH)]
    month: Annotated[str, Field(pattern=_MONTH)]
    size: int
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    rows: int
    columns: tuple[Annotated[str, Field(pattern=_COLUMN)], ...]


class ColumnShape(_Part):
    """A column's type in PostgreSQL and in the files."""

    stored: str
    held: Annotated[str, Field(pattern=_DUCK_TYPE)]


class ObjectFiles(_Part):
    """An object's rows: those of ``base`` whose id is not in ``delta``, and those of ``delta`` that are not gone.

    Ids are in one file of ``base`` at most; only the files in ``dirty`` hold ids that are in ``delta`` too. ``dropped``
    are columns that files may have and that mean nothing any more.
    """

    columns: dict[Annotated[str, Field(pattern=_COLUMN)], ColumnShape]
    dropped: tuple[str, ...] = ()
    base: tuple[FileEntry, ...] = ()
    delta: FileEntry | None = None
    dirty: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[FileEntry, ...]:
        return (*self.base, *(() if self.delta is None else (self.delta,)))

    @property
    def rows(self) -> int:
        """About how many records there are, deleted ones included."""
        return sum(file.rows for file in self.files)


class Anchor(_Part):
    """The newest history row that the snapshot saw. Its hash tells whether the database still has that past."""

    epoch: int
    seq: int
    hash: str


class Retired(_Part):
    """A file that no manifest names any more, and since when; readers of other programs may still have it open."""

    path: Annotated[str, Field(pattern=_PATH)]
    at: AwareDatetime


class Manifest(_Part):
    """``epoch`` is the last sealed one of the feed at ``at``: rows and history hold all of it and of those before.

    The rows are one snapshot of the database, up to ``anchor``, which may lie in an epoch that was not sealed yet;
    the history ends exactly with ``epoch``. ``ordered_by_bytes``: the database compares texts as DuckDB does.
    """

    format: int = FORMAT
    workspace: UUID
    generation: int
    at: datetime
    epoch: int
    anchor: Anchor | None
    catalogue_version: int
    ordered_by_bytes: bool
    objects: dict[str, ObjectFiles]
    history: tuple[FileEntry, ...] = ()
    retired: tuple[Retired, ...] = ()

    @property
    def files(self) -> Iterator[FileEntry]:
        for each in self.objects.values():
            yield from each.files
        yield from self.history

    def encode(self) -> bytes:
        """A digest and what it is of, so that a torn or changed manifest is known as such."""
        body = self.model_dump_json().encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    @classmethod
    def decode(cls, content: bytes, name: str) -> Manifest:
        """Raises ``Damaged`` for anything but what ``encode`` made, by this version of the program."""
        digest, body = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH + 1 :]
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise Damaged.at(name)
        try:
            found = cls.model_validate_json(body)
        except ValidationError as error:
            raise Damaged.at(name) from error
        if found.format != FORMAT:
            raise Damaged.at(name)
        return found

"""What a backup says of itself: of which workspace and moment, by which versions, and the hash of each part."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "schema.dump"
PLATFORM = "platform.json"
FILES = "files/"


class Part(BaseModel):
    """A member of the archive; ``size`` in bytes, ``sha256`` in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^(schema\.dump|platform\.json|files/[0-9a-f-]{36})$")
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Head(BaseModel):
    """The last sealed block of the history: a restored one must have the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: int
    hash: str


class Manifest(BaseModel):
    """The archive's last member. ``postgres`` is the major version of the server, ``missing`` are files whose content
    was not in the store when the backup was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    program: str
    postgres: int
    created_at: datetime
    workspace_id: UUID
    workspace_key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    layout_version: int
    catalogue_version: int
    head: Head | None
    parts: tuple[Part, ...]
    missing: tuple[UUID, ...] = ()

    @property
    def files(self) -> list[UUID]:
        """The ids of the files whose contents are in the archive."""
        return [UUID(part.name.removeprefix(FILES)) for part in self.parts if part.name.startswith(FILES)]

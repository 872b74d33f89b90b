"""A hidden truth as a file beside the workspace: what to score by."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict


class Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises ``ValidationError`` where the file holds something else."""
        return cls.model_validate_json(file.read_bytes())

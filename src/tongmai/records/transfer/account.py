"""The account of an import: every row read is inserted, updated, unchanged or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from tongmai.records.transfer.chunk import ChunkOutcome
from tongmai.tabular import ParsedChunk


class Account(BaseModel):
    """What has been done so far; kept as the job's checkpoint in the transaction that did it.

    ``row`` is the number of the last row done, ``chunk`` of the last chunk. ``parts`` are the chunks that refused rows.
    ``related`` counts records made for relations (``create_missing``). The epochs tell where the history is.
    """

    model_config = ConfigDict(frozen=True)

    row: int = 0
    chunk: int = 0
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    related: int = 0
    parts: tuple[int, ...] = ()
    first_epoch: int | None = None
    last_epoch: int | None = None

    @classmethod
    def of_checkpoint(cls, checkpoint: Mapping[str, Any] | None) -> Account:
        return cls.model_validate(checkpoint or {})

    def with_chunk(self, chunk: ParsedChunk, outcome: ChunkOutcome) -> Account:
        """The account with one more chunk done."""
        number = self.chunk + 1
        return Account(
            row=chunk.last_row,
            chunk=number,
            read=self.read + chunk.read,
            inserted=self.inserted + outcome.inserted,
            updated=self.updated + outcome.updated,
            unchanged=self.unchanged + outcome.unchanged,
            refused=self.refused + len(outcome.refused),
            related=self.related + outcome.made_related,
            parts=(*self.parts, number) if outcome.refused else self.parts,
            first_epoch=self.first_epoch if self.first_epoch is not None else outcome.epoch,
            last_epoch=outcome.epoch if outcome.epoch is not None else self.last_epoch,
        )

    def document(self) -> dict[str, Any]:
        """The counts, for people."""
        return self.model_dump(include={"read", "inserted", "updated", "unchanged", "refused", "related"})

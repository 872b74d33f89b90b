"""What an export is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from tongmai.model import Key
from tongmai.tabular import Format

MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class ExportRequest(BaseModel):
    """An export of an object's records as the actor sees them.

    ``filter``, ``sort`` and ``fields`` are those of a list. CSV and XLSX are for people (labels, the workspace's time);
    JSON lines and Parquet for programs (keys, ids, instants). ``headings`` are the fields' labels or their keys.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: Key
    format: Format = "csv"
    filter: str | None = None
    sort: str | None = None
    search: str | None = Field(default=None, max_length=200)
    fields: tuple[Key, ...] | None = None
    headings: str = Field(default="labels", pattern="^(labels|keys)$")

"""What a capture holds, as its record keeps it (the JSON field ``found``) and as people are shown it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Text
from tongmai.link.capture.finding import Found
from tongmai.link.capture.proposal import Subject
from tongmai.scan import Scan

_MOST_VALUES = 60
_LONGEST_TEXT = 100_000
# A field of JSON holds 64 kB.
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page without its words; ``picture`` is the id of the file that shows it."""

    number: int
    width: float
    height: float
    by: str
    name: str | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture as its record stands, in the eyes of who read it."""

    id: UUID
    version: int
    title: str
    kind: str
    state: str
    owner: str | None
    file: str | None
    values: tuple[Found, ...]
    pages: tuple[PageShown, ...]
    notes: tuple[Text, ...]
    text: str | None
    read_by: str | None
    reason: str | None
    subject: Subject | None
    target: Subject | None
    job: UUID | None

    @staticmethod
    def of(record: bytes) -> Capture:
        """From the gateway's answer."""
        row: dict[str, Any] = orjson.loads(record)
        found: dict[str, Any] = row.get("found") or {}
        files = row.get("file") or []
        return Capture(
            id=UUID(row["id"]),
            version=int(row["version"]),
            title=row.get("title") or "",
            kind=row.get("kind") or "other",
            state=row.get("state") or "reading",
            owner=_id(row.get("owner")),
            file=_id(files[0]) if files else None,
            values=tuple(Found.of(each) for each in found.get("values", ())),
            pages=tuple(PageShown(**each) for each in found.get("pages", ())),
            notes=tuple(Text(each["zh"], each["en"]) for each in found.get("notes", ())),
            text=row.get("text"),
            read_by=row.get("read_by"),
            reason=row.get("reason"),
            subject=_about(row, "subject"),
            target=_about(row, "target"),
            job=UUID(found["job"]) if found.get("job") else None,
        )


def kept(scan: Scan, values: list[Found], pictures: dict[int, UUID], job: UUID) -> dict[str, JsonValue]:
    """The fields that the reading of a file fills in."""
    pages: list[JsonValue] = [
        {
            "number": page.number, "width": page.width, "height": page.height, "by": page.by, "name": page.name,
            "picture": str(pictures[page.number]) if page.number in pictures else None,
        }
        for page in scan.pages
    ]  # fmt: skip
    found: dict[str, JsonValue] = {
        "values": [replace(each, text=each.text[:_LONGEST_SHOWN]).document() for each in values[:_MOST_VALUES]],
        "pages": pages,
        "notes": [{"zh": each.zh, "en": each.en} for each in scan.notes],
        "job": str(job),
    }
    ways = dict.fromkeys(page.by for page in scan.pages)
    return {
        "found": found,
        "pages": [str(each) for each in pictures.values()] or None,
        "text": _printable(scan.text)[:_LONGEST_TEXT] or None,
        "read_by": ", ".join(ways) or None,
    }


def _printable(text: str) -> str:
    """A field of text holds no control characters; a file may."""
    return "".join(each for each in text if each.isprintable() or each in "\n\t")


def _about(row: dict[str, Any], name: str) -> Subject | None:
    object_key, id_ = row.get(f"{name}_object"), row.get(f"{name}_id")
    return Subject(object_key, id_, row.get(name)) if object_key and id_ else None


def _id(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return None if found is None else str(found)

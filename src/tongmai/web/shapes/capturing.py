"""Captures: what was found on a paper, where it stands, and what would be written from it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, JsonValue


class CaptureAbilities(BaseModel):
    """What this installation reads. ``speech``: ``here`` on this machine, by a ``service``, or ``none``."""

    ocr: bool
    speech: Literal["here", "service", "none"]
    sure_from: float
    max_bytes: int


class CaptureStarted(BaseModel):
    """The capture, and the job that reads its file."""

    id: UUID
    job: UUID


class CaptureBox(BaseModel):
    """A place in shares of the page's width and height, from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


class CaptureValue(BaseModel):
    """A found value with its place. ``is_sure``: it needs no confirmation."""

    field: str
    value: str
    text: str
    confidence: float
    is_sure: bool
    page: int
    box: CaptureBox
    cell: str | None
    reason: str
    object: str | None
    record: str | None
    label: str | None


class CapturePage(BaseModel):
    """A page; ``picture`` is the id of the file that shows it."""

    number: int
    width: float
    height: float
    by: str
    name: str | None
    picture: str | None


class CaptureSubject(BaseModel):
    """A record that the capture is about, or was written to."""

    object: str
    id: str
    title: str | None


class CaptureShown(BaseModel):
    """A capture with all that was found. ``job`` is the one that reads it."""

    id: UUID
    title: str
    kind: str
    state: Literal["reading", "found", "attached", "refused", "dismissed"]
    file: str | None
    values: list[CaptureValue]
    pages: list[CapturePage]
    notes: list[str]
    text: str | None
    read_by: str | None
    reason: str | None
    subject: CaptureSubject | None
    target: CaptureSubject | None
    job: UUID | None
    sure_from: float


class ProposedValue(BaseModel):
    """A value for a field of the target object; ``found`` is the index of the found value it comes from."""

    field: str
    value: JsonValue
    shown: str
    confidence: float
    is_sure: bool
    reason: str
    found: int | None


class CaptureProposal(BaseModel):
    """What would be written. ``file_field`` would take the original."""

    object: str
    values: list[ProposedValue]
    file_field: str | None
    is_sure: bool


class CaptureAttached(BaseModel):
    """The record that was written."""

    object: str
    record: UUID
    title: str

"""What kind of file it really is. What the sender says counts only where the content does not contradict it.

Whatever a browser could run (HTML, SVG, XML, scripts) is recognised first, whatever it is called, and is never among
the types that may be shown inside a page.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import puremagic

UNKNOWN = "application/octet-stream"
# Types a browser shows without running anything in them.
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
_TEXT_TYPES = frozenset(
    {"text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "application/json", "application/x-ndjson"}
)
_ACTIVE = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (re.compile(rb"<(?:!doctype\s+html|html|script|iframe|body|head|meta|object|embed)\b", re.IGNORECASE), "text/html"),
    (re.compile(rb"\A\s*<\?xml\b", re.IGNORECASE), "application/xml"),
)
_OFFICE = (
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
# Recordings that phones and chats make, which general tables of signatures do not know or take for something else.
_SOUND = (
    (re.compile(rb"\A#!AMR\n"), "audio/amr"),
    (re.compile(rb"\A#!AMR-WB\n"), "audio/amr-wb"),
    (re.compile(rb"\A\x02?#!SILK_V3"), "audio/silk"),
    (re.compile(rb"\A.{4}ftypM4A ", re.DOTALL), "audio/mp4"),
    (re.compile(rb"\A.{4}ftyp3g", re.DOTALL), "video/3gpp"),
    (re.compile(rb"\A\xff[\xf0\xf1\xf8\xf9]"), "audio/aac"),
)
_HEAD_BYTES = 8192
_PARQUET = "application/vnd.apache.parquet"
_SURE_ENOUGH = 0.3


def find_media_type(path: Path, declared: str | None) -> str:
    """The media type of a file by its content; ``declared`` decides only between types that the content allows."""
    said = (declared or "").partition(";")[0].strip().lower()
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _archive_type(path)
    if head.startswith(b"PAR1"):
        return _PARQUET
    if active := _active_type(head):
        return active
    if sound := next((media_type for pattern, media_type in _SOUND if pattern.match(head)), None):
        return sound
    candidates = _candidates(head)
    if candidates:
        return said if said in candidates else candidates[0]
    if _is_text(head):
        return said if said in _TEXT_TYPES else "text/plain"
    return UNKNOWN


def may_show_inline(media_type: str) -> bool:
    return media_type in SHOWN_INLINE


def _active_type(head: bytes) -> str | None:
    # UTF-16 would hide the tags from a look at the bytes, not from a browser.
    plain = head.replace(b"\x00", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    if not _is_text(plain):
        return None
    for pattern, media_type in _ACTIVE:
        if pattern.search(plain):
            return media_type
    return None


def _candidates(head: bytes) -> list[str]:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    types = [each.mime_type for each in found if each.mime_type and each.confidence >= _SURE_ENOUGH]
    # Short signatures (two letters) match plain text by accident.
    return [] if types and _is_text(head) and not head.startswith(b"%PDF") else types


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    control = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return control == 0


def _archive_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return UNKNOWN
    return next((media_type for name, media_type in _OFFICE if name in names), "application/zip")

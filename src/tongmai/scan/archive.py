"""Office files are archives: looked at before they are unpacked, because a small one may unpack to anything."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path

from tongmai.scan.limits import ScanLimits
from tongmai.scan.refusing import Unreadable, corrupt

_MOST_PARTS = 5_000
# Honest office files shrink to a tenth; beyond this ratio a large part is a bomb.
_MOST_RATIO = 200
_SMALL = 10 * 1024 * 1024


def check_archive(path: Path, limits: ScanLimits) -> None:
    """Raises ``Unreadable`` for a damaged archive or one that would unpack to more than the limit."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise corrupt("文件", "file") from None
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _MOST_PARTS or total > limits.expanded or (total > _SMALL and total > _MOST_RATIO * max(packed, 1)):
        raise Unreadable(
            "scan.bomb",
            "文件解压后过大，已拒绝",
            "The file would unpack to too much and was refused",
            "请拆分文件或另存后上传",
            "Split it, or save it anew and send it again",
        )


def read_part(path: Path, name: str, limits: ScanLimits) -> bytes:
    """One part of the archive. Raises ``Unreadable`` where it is missing, damaged or larger than it says."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as part:
            content = part.read(limits.expanded + 1)
    except (KeyError, ValueError, RuntimeError, OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError):
        raise corrupt("文件", "file") from None
    if len(content) > limits.expanded:
        raise corrupt("文件", "file")
    return content


def part_names(path: Path, wanted: re.Pattern[str]) -> list[str]:
    """The parts whose whole names match, in their order. Raises ``Unreadable`` for what is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted(name for name in archive.namelist() if wanted.fullmatch(name))
    except (zipfile.BadZipFile, OSError):
        raise corrupt("文件", "file") from None

"""The child process: shuts itself in, reads one file, hands over what it says, ends.

``python -m tongmai.scan.child`` with the task as JSON on its input; answers JSON lines: ``{"done", "total"}`` while it
reads, at last ``{"scan"}`` or ``{"refused"}``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from tongmai.scan.confinement import confine
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Scan
from tongmai.scan.refusing import Unreadable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def main() -> int:
    task = json.loads(sys.stdin.read())
    limits = ScanLimits(**task["limits"])
    confine(memory=limits.memory, seconds=limits.seconds)
    with contextlib.suppress(OSError):
        os.nice(10)
    try:
        scan = read(Path(task["path"]), task["media_type"], limits, Path(task["folder"]), task.get("model"))
    except Unreadable as error:
        _say({"refused": error.document()})
        return 0
    except MemoryError:
        _say({"refused": out_of_memory().document()})
        return 0
    _say({"scan": scan.document()})
    return 0


def read(path: Path, media_type: str, limits: ScanLimits, folder: Path, model: str | None = None) -> Scan:
    """What a file of this (sniffed) type says. The readers are imported only now, behind the limits."""
    if media_type == "application/pdf":
        from tongmai.scan.pdf import scan_pdf

        return scan_pdf(path, limits, folder, _progress)
    if media_type.startswith("image/"):
        from tongmai.scan.picture import scan_picture

        return scan_picture(path, limits, folder, _progress)
    if media_type == XLSX:
        from tongmai.scan.sheet import scan_sheet

        return scan_sheet(path, limits)
    if media_type in (DOCX, "text/plain"):
        from tongmai.scan.docx import scan_docx, scan_text

        return scan_docx(path, limits) if media_type == DOCX else scan_text(path, limits)
    if model is not None:
        from tongmai.scan.speech import scan_speech

        return scan_speech(path, media_type, Path(model), limits, _progress)
    raise unknown_type(media_type)


def unknown_type(media_type: str) -> Unreadable:
    return Unreadable(
        "scan.unknown_type",
        f"不支持的文件类型（{media_type}）",
        f"Files of this type are not read ({media_type})",
        "请上传 PDF、图片、XLSX、DOCX、文本或录音",
        "Send a PDF, picture, XLSX, DOCX, text or recording",
    )


def out_of_memory() -> Unreadable:
    return Unreadable(
        "scan.memory",
        "文件内容过大，超出内存限制",
        "Reading the file takes more memory than is allowed",
        "请拆分或缩小后上传",
        "Split it or make it smaller",
    )


def _progress(done: int, total: int) -> None:
    _say({"done": done, "total": total})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

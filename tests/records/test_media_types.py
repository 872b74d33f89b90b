"""What a file is, told by its content."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tongmai.records.media_types import find_media_type, may_show_inline

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 50


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (PNG, "image/png", "image/png"),
        (PNG, "text/html", "image/png"),
        (b"%PDF-1.7\n%abc", "application/pdf", "application/pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40, "image/jpeg", "image/jpeg"),
        ("你好,甲".encode(), "text/csv; charset=utf-8", "text/csv"),
        (b"BM hello this is plain text", None, "text/plain"),
        (b'{"a": 1}', "application/json", "application/json"),
        (b"hello", "application/javascript", "text/plain"),
        (b"\x00\x01\x02\x03nothing known", "image/png", "application/octet-stream"),
        (b"#!AMR\n<\x0f#y" + b"\x11\x00\x82" * 30, None, "audio/amr"),
        (b"#!AMR-WB\n\xc8\xc9\xca\xcb", "audio/amr", "audio/amr-wb"),
        (b"\x02#!SILK_V3\x0c\x00", None, "audio/silk"),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00", "audio/x-m4a", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x02\x00", None, "video/3gpp"),
        (b"\xff\xf1\x50\x80" + b"\x00" * 20, None, "audio/aac"),
        (b"#!AMR\n<script>alert(1)</script>", "audio/amr", "text/html"),
        (b"MZ\x90\x00" + b"\x00" * 200, "image/png", "application/vnd.microsoft.portable-executable"),
    ],
)
def test_the_content_decides(tmp_path: Path, content: bytes, declared: str | None, found: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    assert find_media_type(path, declared) == found


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><script>alert(1)</script>",
        b"  <svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"<?xml version='1.0'?><svg/>",
        b"GIF89a<script>alert(1)</script>",
        b"text before <iframe src=x>",
        "<html><script>1</script>".encode("utf-16"),
    ],
)
def test_what_a_browser_could_run_is_never_shown_in_the_page(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    for declared in ("image/png", "text/plain", "image/gif", "application/pdf"):
        found = find_media_type(path, declared)
        assert not may_show_inline(found) or found == "image/gif", found
    assert find_media_type(path, "text/html") in {"text/html", "image/svg+xml", "application/xml"}


def test_an_archive_is_told_by_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "f"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    path.write_bytes(content.getvalue())
    assert find_media_type(path, "image/png").endswith("wordprocessingml.document")
    path.write_bytes(content.getvalue()[:20])
    assert find_media_type(path, None) == "application/octet-stream"

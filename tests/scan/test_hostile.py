"""Files meant to harm, and damaged ones: refused with the reason, and the reader is shut in while it looks."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.papers import archive, docx, pdf, picture, xlsx
from tests.scan.test_reading import DOCX, PDF, PNG, TEXT, XLSX, needs_ocr, scan, scan_apart

from tongmai.kit import Invalid
from tongmai.scan import ScanLimits, Scanner
from tongmai.scan.refusing import Unreadable


def promised(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises width × height pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def bomb(name: str) -> bytes:
    """An archive of some kilobytes that unpacks to 300 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made, made.open(name, "w", force_zip64=True) as part:
        for _ in range(300):
            part.write(bytes(1024 * 1024))
    return out.getvalue()


ENTITIES = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>&c;&b;safe</w:t></w:r></w:p></w:body></w:document>"
)


def spoilt(method: int) -> bytes:
    """A document of which some packed bytes were turned: the archive's list is whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("word/document.xml", "<w:document>" + "text " * 200)
    found = bytearray(out.getvalue())
    start = found.index(b"word/document.xml") + len("word/document.xml")
    found[start : start + 24] = bytes(each ^ 0x5A for each in found[start : start + 24])
    return bytes(found)


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (promised(60_000, 60_000), PNG, "scan.too_many_pixels"),
        (picture(["half a picture"])[:400], PNG, "scan.corrupt"),
        (b"\x89PNG\r\n\x1a\nnothing", PNG, "scan.corrupt"),
        (b"%PDF-1.7\nnothing", PDF, "scan.corrupt"),
        (pdf([(60, 700, "torn")])[:60], PDF, "scan.corrupt"),
        (docx()[:200], DOCX, "scan.corrupt"),
        (spoilt(zipfile.ZIP_DEFLATED), DOCX, "scan.corrupt"),
        (spoilt(zipfile.ZIP_LZMA), DOCX, "scan.corrupt"),
        (archive({"word/document.xml": "<not closed"}), DOCX, "scan.corrupt"),
        (archive({"[Content_Types].xml": "<a/>"}), XLSX, "scan.corrupt"),
        (xlsx()[:300], XLSX, "scan.corrupt"),
        (b"MZ\x90", "application/x-dosexec", "scan.unknown_type"),
    ],
)
def test_it_is_refused_with_the_reason(tmp_path: Path, content: bytes, media_type: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        scan(tmp_path, content, media_type)
    (fault,) = refused.value.refusal().faults
    assert fault.code == code
    assert fault.way_out is not None


@pytest.mark.parametrize(("name", "media_type"), [("word/document.xml", DOCX), ("xl/workbook.xml", XLSX)])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, name: str, media_type: str) -> None:
    with pytest.raises(Unreadable) as refused:
        scan(tmp_path, bomb(name), media_type)
    assert refused.value.code == "scan.bomb"


def test_entities_of_a_document_lead_nowhere(tmp_path: Path) -> None:
    found = scan(tmp_path, archive({"word/document.xml": ENTITIES}), DOCX)
    assert "root:" not in found.text
    assert "aaaaaaaaaa" not in found.text


async def test_reading_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    many = pdf([(60, 700, "The same words on every page")], pages=50)
    with pytest.raises(Invalid) as refused:
        await scan_apart(tmp_path, many, PDF, ScanLimits(seconds=0.05))
    assert refused.value.faults[0].code == "scan.too_slow"


async def test_reading_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (7_000, 7_000), "white").save(out, "PNG")
    with pytest.raises(Invalid) as refused:
        await scan_apart(tmp_path, out.getvalue(), PNG, ScanLimits(memory=300 * 1024 * 1024))
    assert refused.value.faults[0].code in ("scan.memory", "scan.died", "scan.corrupt")


async def test_another_file_is_read_after_one_that_killed_its_reader(tmp_path: Path) -> None:
    scanner = Scanner(ScanLimits(seconds=20))
    bad, good = tmp_path / "bad", tmp_path / "good"
    bad.write_bytes(b"%PDF-1.7\nnothing")
    good.write_bytes("合同".encode())
    with pytest.raises(Invalid):
        await scanner.read(bad, PDF, tmp_path)
    assert (await scanner.read(good, TEXT, tmp_path)).text == "合同"


@given(places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=30))
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_pdf_with_any_bytes_changed_is_read_or_refused_but_harms_nobody(
    tmp_path: Path, places: list[tuple[int, int]]
) -> None:
    content = bytearray(pdf([(60, 780, "Quotation No: Q-77"), (60, 700, "Total 5,600.00")]))
    for place, byte in places:
        content[place % len(content)] = byte
    try:
        await scan_apart(tmp_path, bytes(content), PDF)
    except Invalid as error:
        assert error.faults[0].code.startswith("scan.")


def inside(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program that shuts itself in as the reader does."""
    begin = "from tongmai.scan import ScanLimits, confine\nconfine(memory=4 * 1024**3, seconds=180)\n"
    return subprocess.run(
        [sys.executable, "-c", begin + program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_reader_has_no_network() -> None:
    tried = inside(
        "import socket, urllib.request\n"
        "for call in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: socket.socket(),\n"
        "             lambda: urllib.request.urlopen('http://127.0.0.1:9')):\n"
        "    try: call()\n"
        "    except OSError as error: print('no network' in str(error))\n"
    )
    assert tried.stdout.split() == ["True"] * 3, tried.stderr


@needs_ocr
def test_recognition_downloads_nothing(tmp_path: Path) -> None:
    """The engine starts and reads where every socket is refused: its models are on the disk."""
    path = tmp_path / "photo.png"
    path.write_bytes(picture(["Invoice No: INV-2026-88"]))
    read = inside(
        "import sys\nfrom pathlib import Path\nfrom tongmai.scan.picture import scan_picture\n"
        "print(scan_picture(Path(sys.argv[1]), ScanLimits(), Path(sys.argv[2])).text)",
        str(path),
        str(tmp_path),
    )
    assert "INV-2026-88" in read.stdout, read.stderr


def test_the_reader_gets_none_of_the_programs_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tongmai.scan.running import _environment

    monkeypatch.setenv("TONGMAI_DATABASE_URL", "postgresql://somebody:secret@db/tongmai")
    assert "secret" not in "".join(_environment().values())
    assert "PATH" in _environment() or "PATH" not in os.environ

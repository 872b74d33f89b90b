"""What a file says is read with its places, from the file's own letters where it has any."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from tests.papers import archive, docx, pdf, picture, xlsx

from tongmai.scan import Scan, ScanLimits, Scanner, abilities, recognising
from tongmai.scan.child import read
from tongmai.scan.recognising import Recognised, Recogniser

PDF, PNG, TIFF, TEXT = "application/pdf", "image/png", "image/tiff", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
XLSX, DOCX = f"{_OFFICE}.spreadsheetml.sheet", f"{_OFFICE}.wordprocessingml.document"
needs_ocr = pytest.mark.skipif(not abilities().ocr, reason="the ocr extra is not installed")


def scan(folder: Path, content: bytes, media_type: str, limits: ScanLimits = ScanLimits()) -> Scan:
    """What the child process does, here: a process for each of these papers would cost more than the reading."""
    path = folder / "paper"
    path.write_bytes(content)
    return read(path, media_type, limits, folder)


async def scan_apart(folder: Path, content: bytes, media_type: str, limits: ScanLimits = ScanLimits()) -> Scan:
    path = folder / "paper"
    path.write_bytes(content)
    return await Scanner(limits).read(path, media_type, folder)


def test_a_pdf_with_letters_is_read_without_recognition_and_each_piece_has_its_place(tmp_path: Path) -> None:
    found = scan(tmp_path, pdf([(60, 780, "Quotation No: Q-77"), (60, 700, "Total"), (300, 700, "5,600.00")]), PDF)
    (page,) = found.pages
    assert (page.by, [word.text for word in page.words]) == ("text", ["Quotation No: Q-77", "Total", "5,600.00"])
    head, label, amount = page.words
    assert head.sure == 1.0
    assert head.box.left == pytest.approx(60 / 595, abs=0.005)
    assert head.box.top < 1 - 780 / 842 < head.box.bottom + 0.01
    assert label.box.right < 0.25 < 0.5 < amount.box.left
    assert page.picture is not None
    assert (tmp_path / page.picture).read_bytes()[:2] == b"\xff\xd8"


def test_a_spreadsheets_words_are_its_cells(tmp_path: Path) -> None:
    (page,) = (scan(tmp_path, xlsx((("客户", "杭州一院"), ("", "128000"))), XLSX)).pages
    assert (page.by, page.name) == ("cells", "报价")
    assert [(word.text, word.cell) for word in page.words] == [("客户", "A1"), ("杭州一院", "B1"), ("128000", "B2")]


def test_a_documents_paragraphs_and_tables_keep_their_order(tmp_path: Path) -> None:
    (page,) = (scan(tmp_path, docx((("合同",), ("型号", "BS-1"), ("完",))), DOCX)).pages
    assert page.text == "合同\n型号\nBS-1\n完"
    model, code = page.words[1:3]
    assert model.box.top == code.box.top
    assert model.box.right <= code.box.left


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_plain_text_is_read_in_the_encodings_people_use(tmp_path: Path, encoding: str) -> None:
    text = "客户名称：杭州市第一人民医院\n合同金额：人民币壹拾贰万捌仟元整\n签订日期：二〇二六年十一月二日\n"
    (page,) = (scan(tmp_path, text.encode(encoding), TEXT)).pages
    assert page.text.splitlines() == text.splitlines()


@needs_ocr
def test_a_photo_is_recognised(tmp_path: Path) -> None:
    found = scan(tmp_path, picture(["Invoice No: INV-2026-88", "Total: $ 5,600.00"]), PNG)
    (page,) = found.pages
    assert page.by == "ocr"
    assert "INV-2026-88" in page.text
    assert all(0.5 <= word.sure <= 1 for word in page.words)
    first, last = page.words[0].box, page.words[-1].box
    assert first.bottom < last.top
    assert first.left < 0.2


@needs_ocr
def test_a_scanned_page_of_a_pdf_is_recognised_and_pages_over_the_limit_are_told(tmp_path: Path) -> None:
    scanned = picture(["Contract No: HT-2026-31", "Amount: 12,000.00"], "PDF")
    (page,) = (scan(tmp_path, scanned, PDF)).pages
    assert (page.by, "HT-2026-31" in page.text) == ("ocr", True)
    many = pdf([(60, 700, "The same words on every page")], pages=5)
    found = scan(tmp_path, many, PDF, ScanLimits(pages=2))
    assert len(found.pages) == 2
    assert "3 页" in found.notes[0].zh


@needs_ocr
@pytest.mark.parametrize("degrees", [180, 270])
def test_a_photo_that_lies_or_stands_on_its_head_is_turned_and_shown_so(tmp_path: Path, degrees: int) -> None:
    upright = Image.open(io.BytesIO(picture(["Invoice No: INV-2026-88", "Total: $ 5,600.00"])))
    out = io.BytesIO()
    upright.rotate(degrees, expand=True).save(out, "PNG")

    (page,) = scan(tmp_path, out.getvalue(), PNG).pages

    assert [word.text for word in page.words] == ["Invoice No: INV-2026-88", "Total: $ 5,600.00"]
    assert all(word.box.width > word.box.height for word in page.words)
    assert (page.width, page.height) == upright.size
    with Image.open(tmp_path / str(page.picture)) as shown:
        assert shown.size == upright.size


@needs_ocr
def test_a_faxed_tiff_is_read_page_by_page_and_a_damaged_page_is_told(tmp_path: Path) -> None:
    pages = [Image.open(io.BytesIO(picture([f"Contract No: HT-2026-{n}"]))) for n in (1, 2, 3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    damaged = out.getvalue()[: -len(out.getvalue()) // 6]

    read = scan(tmp_path, damaged, TIFF)

    assert [page.text for page in read.pages] == ["Contract No: HT-2026-1", "Contract No: HT-2026-2"]
    assert "第 3 页" in read.notes[0].zh


def test_recognition_stops_while_there_is_time_to_answer_and_tells_what_it_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = [0.0]

    def slowly(image: Image.Image, until: float, now: Callable[[], float]) -> Recognised:
        moment[0] += 30.0
        return Recognised(image, ())

    monkeypatch.setattr(recognising, "read_upright", slowly)
    recogniser = Recogniser(ScanLimits(seconds=100.0, ocr_pages=20), lambda: moment[0])
    image = Image.new("RGB", (10, 10))

    read = [number for number in range(1, 9) if recogniser.read(image, number) is not None]

    assert read == [1, 2]
    assert ["3–8" in note.zh for note in recogniser.notes()] == [True]


def test_a_documents_head_is_read_once_and_a_table_in_a_cell_is_that_cells_words(tmp_path: Path) -> None:
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    both = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'

    def said(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    inner = f"<w:tbl><w:tr><w:tc>{said('内甲')}</w:tc><w:tc>{said('内乙')}</w:tc></w:tr></w:tbl>"
    table = f"<w:tbl><w:tr><w:tc>{said('型号')}</w:tc><w:tc>{said('6204')}{inner}</w:tc></w:tr></w:tbl>"
    twice = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>一次</w:t></mc:Choice>"
        "<mc:Fallback><w:t>一次</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    head = f"<w:hdr {word}>{said('远景轴承有限公司')}</w:hdr>"
    parts = {
        "[Content_Types].xml": "<Types/>", "word/header1.xml": head, "word/header2.xml": head,
        "word/document.xml": f"<w:document {word} {both}><w:body>{twice}{table}</w:body></w:document>",
    }  # fmt: skip

    (page,) = scan(tmp_path, archive(parts), DOCX).pages

    assert [each.text for each in page.words] == ["远景轴承有限公司", "一次", "型号", "6204 内甲 内乙"]


async def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    async def report(done: int, total: int) -> None:
        told.append((done, total))

    path = tmp_path / "paper"
    path.write_bytes(pdf([(60, 700, "The same words on every page")], pages=3))
    await Scanner().read(path, PDF, tmp_path, report=report)
    assert told == [(1, 3), (2, 3), (3, 3)]

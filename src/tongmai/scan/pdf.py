"""PDFs: their own letters with places; pages without letters are drawn and recognised."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

from tongmai.kit import Text
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, Scan, Word
from tongmai.scan.picture import Progress, keep_picture
from tongmai.scan.recognising import Recogniser
from tongmai.scan.refusing import Unreadable, corrupt, pages_left_out

if TYPE_CHECKING:
    from PIL.Image import Image

# Fewer letters on a page than this are a stamp or a page number on a scan.
_FEWEST_LETTERS = 16
_DRAWN_DPI = 170
_GRID = 100_000
# In heights of a letter: a wider gap parts two pieces, a higher step begins a line.
_GAP, _STEP = 1.1, 0.5


def scan_pdf(path: Path, limits: ScanLimits, folder: Path, progress: Progress) -> Scan:
    """Raises ``Unreadable`` for a damaged or locked file. A page that cannot be read is noted and the rest goes on."""
    document = _open(path)
    notes: list[Text] = []
    total = len(document)
    if total > limits.pages:
        notes.append(pages_left_out(limits.pages, total))
    pages: list[Page] = []
    recogniser = Recogniser(limits)
    letters_left = [limits.characters]
    for index in range(min(total, limits.pages)):
        try:
            pages.append(_page(document[index], index + 1, limits, folder, letters_left, recogniser, notes))
        except pypdfium2.PdfiumError:
            notes.append(Text(f"第 {index + 1} 页已损坏，未读", f"Page {index + 1} is damaged and was left out"))
        progress(index + 1, min(total, limits.pages))
    if not pages:
        raise corrupt("PDF 文件", "PDF")
    return Scan(tuple(pages), (*notes, *recogniser.notes()))


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(path)
        if len(document) > 0:
            return document
    except pypdfium2.PdfiumError:
        # The library tells a locked file only by its last error.
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD:
            raise Unreadable(
                "scan.locked",
                "PDF 已加密",
                "The PDF is locked by a password",
                "请去除密码后上传",
                "Send it without the password",
            ) from None
    raise corrupt("PDF 文件", "PDF")


def _page(
    page: pypdfium2.PdfPage,
    number: int,
    limits: ScanLimits,
    folder: Path,
    left: list[int],
    recogniser: Recogniser,
    notes: list[Text],
) -> Page:
    width, height = page.get_size()
    words = _words(page, left)
    drawn = _draw(page, limits)
    found = None
    try:
        found = None if _says_something(words) else recogniser.read(drawn, number)
    except Unreadable as error:
        if number == 1:
            raise
        notes.append(error.text)
    if found is None:
        return Page(number, width, height, tuple(words), "text", keep_picture(drawn, folder, number))
    if (found.image.width > found.image.height) != (drawn.width > drawn.height):
        width, height = height, width
    return Page(number, width, height, found.words, "ocr", keep_picture(found.image, folder, number))


def _says_something(words: list[Word]) -> bool:
    text = "".join(word.text for word in words)
    # Fonts without a table give letters of the private area or replacement characters: shapes, no text.
    strange = sum(0xE000 <= ord(each) <= 0xF8FF or each == "\ufffd" for each in text)
    return sum(each.isalnum() for each in text) >= _FEWEST_LETTERS and strange * 4 < len(text)


def _draw(page: pypdfium2.PdfPage, limits: ScanLimits) -> Image:
    width, height = page.get_size()
    scale = min(_DRAWN_DPI / 72, (limits.pixels / max(width * height, 1.0)) ** 0.5, 4000 / max(width, height, 1.0))
    image: Image = page.render(scale=scale).to_pil()
    return image.convert("RGB")


def _words(page: pypdfium2.PdfPage, left: list[int]) -> list[Word]:
    """The page's letters put together to pieces of a line, as they lie on the page when it is shown; ``left`` holds how
    many more are taken."""
    text_page = page.get_textpage()
    count = min(text_page.count_chars(), left[0])
    left[0] -= count
    pieces: list[Word] = []
    letters: list[str] = []
    box: Box | None = None
    last: Box | None = None

    def end() -> None:
        nonlocal letters, box, last
        text = " ".join("".join(letters).split())
        if box is not None and text:
            pieces.append(Word(text, box))
        letters, box, last = [], None, None

    for index in range(count):
        letter = chr(raw.FPDFText_GetUnicode(text_page, index))
        if letter in "\r\n":
            end()
            continue
        if letter.isspace() or letter == "\x00":
            letters.append(" ")
            continue
        place = _letter_box(page, text_page, index)
        if last is not None and _parts(last, place, page):
            end()
        letters.append(letter)
        box = place if box is None else box.around(place)
        last = place
    end()
    return pieces


def _parts(last: Box, place: Box, page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    size = max(last.height, place.height) * height
    gap = (place.left - last.right) * width
    return bool(abs(place.middle - last.middle) * height > _STEP * size or gap > _GAP * size or gap < -2 * size)


def _letter_box(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, index: int) -> Box:
    try:
        left, bottom, right, top = text_page.get_charbox(index, loose=True)
    except pypdfium2.PdfiumError:
        return Box(0.0, 0.0, 0.0, 0.0)
    one, other = _shown_at(page, left, top), _shown_at(page, right, bottom)
    return Box(min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))


def _shown_at(page: pypdfium2.PdfPage, across: float, up: float) -> tuple[float, float]:
    """Where a point of the page lies in its picture: turning and cropping are the library's to know."""
    x, y = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, across, up, x, y)
    return min(max(x.value / _GRID, 0.0), 1.0), min(max(y.value / _GRID, 0.0), 1.0)

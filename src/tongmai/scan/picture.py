"""Photos and scans, TIFFs of several pages among them: opened with a bound on pixels, the right way up, recognised."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as Pictures
from PIL import ImageOps

from tongmai.kit import Text
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Page, Scan
from tongmai.scan.recognising import Recognised, Recogniser
from tongmai.scan.refusing import Unreadable, corrupt, pages_left_out

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
_SHOWN_SIDE = 1400
_BROKEN = (OSError, ValueError, SyntaxError, ArithmeticError, EOFError)
Progress = Callable[[int, int], None]


def scan_picture(path: Path, limits: ScanLimits, folder: Path, progress: Progress = lambda done, total: None) -> Scan:
    """The text of a picture, or of a TIFF's pages. Raises ``Unreadable`` for a damaged or oversized one; of several
    pages the damaged ones are noted and the rest goes on."""
    image = _opened(path, limits)
    total = _pages_of(image)
    wanted = min(total, limits.pages)
    notes = [] if wanted == total else [pages_left_out(wanted, total)]
    recogniser = Recogniser(limits)
    pages: list[Page] = []
    for number in range(1, wanted + 1):
        try:
            pages.append(_page(_frame(image, number, limits), number, folder, recogniser))
        except Unreadable as error:
            if number == wanted and not pages:
                raise
            notes.append(Text(f"第 {number} 页：{error.text.zh}", f"Page {number}: {error.text.en}"))
        progress(number, wanted)
    return Scan(tuple(pages), (*notes, *recogniser.notes()))


def _page(image: Image, number: int, folder: Path, recogniser: Recogniser) -> Page:
    found = recogniser.read(image, number) or Recognised(image, ())
    shown = keep_picture(found.image, folder, number)
    return Page(number, found.image.width, found.image.height, found.words, "ocr", shown)


def _opened(path: Path, limits: ScanLimits) -> Image:
    """The picture, not yet decoded. The size is looked at before a pixel is: a bomb of a few bytes may promise
    gigabytes."""
    try:
        with warnings.catch_warnings():
            # Its own limit is lower than ours and only warns.
            warnings.simplefilter("ignore", Pictures.DecompressionBombWarning)
            return Pictures.open(path, formats=_FORMATS)
    except Pictures.DecompressionBombError:
        raise _too_large(limits) from None
    except _BROKEN:
        raise corrupt("图片", "picture") from None


def _pages_of(image: Image) -> int:
    """What moves on a screen is one page; a damaged TIFF may not tell how many it has."""
    try:
        return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    except (*_BROKEN, TypeError, KeyError, struct.error):
        return 1


def _frame(image: Image, number: int, limits: ScanLimits) -> Image:
    """One page, turned as the camera says."""
    try:
        if number > 1:
            image.seek(number - 1)
        if image.width * image.height > limits.pixels:
            raise _too_large(limits)
        return ImageOps.exif_transpose(image).convert("RGB")
    except Pictures.DecompressionBombError:
        raise _too_large(limits) from None
    except _BROKEN:
        raise corrupt("图片", "picture") from None


def keep_picture(image: Image, folder: Path, number: int) -> str:
    """Writes what the screen shows of a page; its file name in ``folder``."""
    name = f"page-{number:04d}.jpg"
    small = image.copy()
    small.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    small.save(folder / name, "JPEG", quality=82)
    return name


def _too_large(limits: ScanLimits) -> Unreadable:
    millions = limits.pixels // 1_000_000
    return Unreadable(
        "scan.too_many_pixels",
        f"图片超过 {millions} 百万像素",
        f"The picture has more than {millions} million pixels",
        "请缩小后再上传",
        "Make it smaller and send it again",
    )

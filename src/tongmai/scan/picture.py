"""Photos and scanned pictures: opened with a bound on pixels, turned as the camera says, recognised."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as Pictures
from PIL import ImageOps

from tongmai.scan.limits import ScanLimits
from tongmai.scan.ocr import recognise
from tongmai.scan.page import Page, Scan
from tongmai.scan.refusing import Unreadable, corrupt

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
_SHOWN_SIDE = 1400


def scan_picture(path: Path, limits: ScanLimits, folder: Path) -> Scan:
    """The text of one picture. Raises ``Unreadable`` for a damaged or oversized one."""
    image = open_picture(path, limits)
    shown = keep_picture(image, folder, 1)
    page = Page(1, image.width, image.height, tuple(recognise(image)), "ocr", shown)
    return Scan((page,))


def open_picture(path: Path, limits: ScanLimits) -> Image:
    """The picture, decoded. The size is looked at before a pixel is: a bomb of a few bytes may promise gigabytes."""
    try:
        with warnings.catch_warnings():
            # Its own limit is lower than ours and only warns.
            warnings.simplefilter("ignore", Pictures.DecompressionBombWarning)
            image = Pictures.open(path, formats=_FORMATS)
    except Pictures.DecompressionBombError:
        raise _too_large(limits) from None
    except (OSError, ValueError, SyntaxError):
        raise corrupt("图片", "picture") from None
    if image.width * image.height > limits.pixels:
        raise _too_large(limits)
    try:
        return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, ArithmeticError):
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

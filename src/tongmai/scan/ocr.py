"""Recognising text in a picture with RapidOCR, whose models lie in its wheel: nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

from tongmai.scan.page import Box, Word
from tongmai.scan.refusing import Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

# Beyond this a larger picture costs time and memory and gives no better letters.
_LONGEST_SIDE = 3000
# Pieces run from top to bottom where they are this much taller than wide.
_UPRIGHT = 2.0


def recognise(image: Image) -> list[Word]:
    """The lines of text of a picture in reading order, with how surely each was read. Raises ``Unreadable`` where the
    extra is not installed."""
    import numpy

    engine = _engine()
    picture = image.convert("RGB")
    if max(picture.size) > _LONGEST_SIDE:
        picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    width, height = picture.size
    # The engine takes colours in the order of OpenCV.
    found = engine(numpy.ascontiguousarray(numpy.asarray(picture)[:, :, ::-1]))
    if found.boxes is None:
        return []
    words = [
        Word(text.strip(), _box(corners, width, height), round(float(sure), 3))
        for corners, text, sure in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]
    return _in_columns(words, width, height)


def are_tall(words: Sequence[Word], width: int, height: int) -> bool:
    """Whether the pieces of a picture run from top to bottom, most of them: in columns, or the picture lies."""
    tallness = [word.box.height * height / max(word.box.width * width, 1e-6) for word in words]
    return bool(words) and median(tallness) >= _UPRIGHT


@cache
def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError:
        raise Unreadable(
            "scan.no_ocr",
            "这是扫描件或照片，但未安装文字识别组件",
            "This is a scan or photo, and the recognition of text is not installed",
            "请管理员安装 ocr 组件，或上传带文字的文件",
            "Have the ocr extra installed, or send a file with text in it",
        ) from None
    threads = max(1, (os.cpu_count() or 2) // 2)
    return RapidOCR(
        params={
            # The classifier of directions flips short lines that stand right.
            "Global.use_cls": False,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _box(corners: Any, width: int, height: int) -> Box:
    across = [min(max(float(x) / width, 0.0), 1.0) for x, _ in corners]
    down = [min(max(float(y) / height, 0.0), 1.0) for _, y in corners]
    return Box(round(min(across), 5), round(min(down), 5), round(max(across), 5), round(max(down), 5))


def _in_columns(words: list[Word], width: int, height: int) -> list[Word]:
    """Vertical writing is read from the right column to the left one."""
    if len(words) < 2 or not are_tall(words, width, height):
        return words
    return sorted(words, key=lambda word: -word.box.left)

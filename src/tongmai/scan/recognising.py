"""Recognising pages one after another: the right way up, and no longer than there is time for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tongmai.kit import Text
from tongmai.scan.limits import ScanLimits
from tongmai.scan.ocr import are_tall, recognise
from tongmai.scan.page import Word

if TYPE_CHECKING:
    from PIL.Image import Image

# What is left of the time is for opening, drawing and answering.
_SHARE_OF_TIME = 0.8
# Pages that stand right are read with 0.97 and more, those turned with 0.5 to 0.75: so says every picture we have.
_DOUBTFUL, _CLEAR = 0.85, 0.9
_FEWEST_LETTERS = 8
# To tell which way is up, a small picture does.
_TRIAL_SIDE = 1280
# Vertical writing is Chinese; where so many letters are figures or Latin, a page of lines lies on its side.
_PLAIN_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Recognised:
    """The picture the right way up, and the words at their places in it."""

    image: Image
    words: tuple[Word, ...]


class Recogniser:
    """For one file. What is not read is noted once, with its pages."""

    def __init__(self, limits: ScanLimits, now: Callable[[], float] = time.monotonic) -> None:
        """``now`` is for tests; it is asked only for how long a page takes."""
        self._left = limits.ocr_pages
        self._now = now
        self._until = now() + limits.seconds * _SHARE_OF_TIME
        self._longest = 0.0
        self._unread: list[int] = []

    def read(self, image: Image, number: int) -> Recognised | None:
        """None where pages or time are used up. Raises ``Unreadable`` where nothing here recognises."""
        began = self._now()
        if self._left <= 0 or began + self._longest > self._until:
            self._unread.append(number)
            return None
        self._left -= 1
        found = read_upright(image, self._until, self._now)
        self._longest = max(self._longest, self._now() - began)
        return found

    def notes(self) -> list[Text]:
        if not self._unread:
            return []
        first, last = self._unread[0], self._unread[-1]
        which = f"{first}" if first == last else f"{first}–{last}"
        return [
            Text(
                f"第 {which} 页是扫描页，超出可识别的页数或时间，未识别",
                f"Scanned pages {which} were not recognised: beyond the limit of pages or of time",
            )
        ]


def read_upright(image: Image, until: float, now: Callable[[], float]) -> Recognised:
    """A page that lies or stands on its head is turned first, as phones without a notion of down leave it; where time
    is short, what was read stands as it is."""
    began = now()
    words = recognise(image)
    as_it_is, cost = Recognised(image, tuple(words)), now() - began
    if _letters(words) < _FEWEST_LETTERS or now() + 3 * cost > until:
        return as_it_is
    if _sureness(words) >= _DOUBTFUL:
        return _turned(image, 90) if _lies(words, image) else as_it_is
    small = image.copy()
    small.thumbnail((_TRIAL_SIDE, _TRIAL_SIDE))
    for degrees in (270, 180):
        trial = small.rotate(degrees, expand=True)
        tried = recognise(trial)
        if _letters(tried) >= _FEWEST_LETTERS and _sureness(tried) >= _CLEAR and not _lies(tried, trial):
            return _turned(image, degrees)
    return as_it_is


def _turned(image: Image, degrees: int) -> Recognised:
    turned = image.rotate(degrees, expand=True)
    return Recognised(turned, tuple(recognise(turned)))


def _letters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words)


def _sureness(words: Sequence[Word]) -> float:
    return sum(len(word.text) * word.sure for word in words) / max(_letters(words), 1)


def _lies(words: Sequence[Word], image: Image) -> bool:
    """Whether the lines run down the picture: the engine reads them so too, but nothing stands beside its label."""
    if not are_tall(words, image.width, image.height):
        return False
    text = "".join(word.text for word in words)
    return sum(each.isascii() and each.isalnum() for each in text) >= _PLAIN_SHARE * len(text)

"""What kind of paper it is, by the words in its heading (S0-27: quotation, contract scan, sample photo)."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias
from unicodedata import normalize

from tongmai.scan import Scan

PaperKind: TypeAlias = Literal["quotation", "contract", "invoice", "order", "photo", "speech", "other"]

KIND_WORDS: tuple[tuple[PaperKind, re.Pattern[str]], ...] = (
    ("quotation", re.compile(r"报\s?价|quotation|quote\b|offerte|angebot|devis", re.IGNORECASE)),
    ("invoice", re.compile(r"发\s?票|invoice|facture|factuur|rechnung|receipt|收据", re.IGNORECASE)),
    ("contract", re.compile(r"合\s?同|协\s?议|contract\b|agreement", re.IGNORECASE)),
    ("order", re.compile(r"订\s?单|订购|purchase order|\bPO\b|采购单", re.IGNORECASE)),
)
_HEADING = 0.35
_FEWEST_LETTERS = 30


def paper_kind(scan: Scan) -> PaperKind:
    """The kind that is named highest on the first page; a picture with few letters is a photo."""
    if not scan.pages:
        return "other"
    first = scan.pages[0]
    if first.by == "speech":
        return "speech"
    letters = sum(each.isalnum() for word in first.words for each in word.text)
    if first.by == "ocr" and letters < _FEWEST_LETTERS:
        return "photo"
    head = sorted((word for word in first.words if word.box.top <= _HEADING), key=lambda word: word.box.top)
    for words in (head, first.words):
        for word in words:
            text = normalize("NFKC", word.text)
            for kind, pattern in KIND_WORDS:
                if pattern.search(text):
                    return kind
    return "photo" if first.by == "ocr" and letters < 4 * _FEWEST_LETTERS else "other"

"""Who wrote a paper that has no label for it: what letterheads look like, as evidence that adds up.

The sender's name tends to head an address with telephone, tax number or web site, to end as companies' names do, to be
what the web site or mail address is called, to be set large at the top, to stand again in the footer. None of this is
proof, so the result is never sure by itself and a person confirms it. Receivers' addresses are taken out first.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import prod
from statistics import median

from tongmai.kit import Text
from tongmai.link.capture.finding.dates import dates_in
from tongmai.link.capture.finding.found import Found
from tongmai.link.capture.finding.kinds import KIND_WORDS
from tongmai.link.capture.finding.labels import LABELS, is_label
from tongmai.link.capture.finding.layout import Layout, Piece
from tongmai.link.capture.finding.organisations import organisation_in

_HEAD, _FOOT = 0.35, 0.85
_LONGEST_NAME = 60
_MOST_LINES = 9
# A sheet has thousands of cells that might be names.
_MOST_CANDIDATES, _MOST_NEAR = 100, 400
# How much each kind of evidence says by itself, 0 … 1; together they are 1 - the product of what is left open.
_LEGAL_FORM, _ADDRESS, _CONTACT, _DOMAIN, _LARGE, _AGAIN = 0.45, 0.35, 0.3, 0.5, 0.3, 0.2
_ENOUGH = 0.5
_MOST_CERTAIN = 0.75

_POSTAL = re.compile(
    r"\b(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?\s?(?:[A-Z]{2}\s)?,?\s*[^\W\d]{2}|[^\W\d]{2},?\s+\d{5}(?:-\d{4})?\b"
    r"|(?:省|市|区|县).{0,30}(?:路|街|道|号)"
)
_CONTACT_WORDS = re.compile(
    r"@|www\.|\b(?:tel|fax|phone|mobile|e-?mail|iban|bic|swift|vat|btw|tva|ust|gst(?:in)?|siret|kvk|tax)\b"
    r"|电话|传真|邮箱|网址|税号|开户行|纳税人",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:@|www\.|https?://(?:www\.)?)((?:[a-z0-9-]+\.)+[a-z]{2,})", re.IGNORECASE)
# Where anybody may have a mail box: the host says nothing about who wrote.
_ANYBODYS = frozenset(
    {"gmail", "hotmail", "outlook", "live", "yahoo", "icloud", "qq", "163", "126", "sina", "sohu", "aliyun", "foxmail"}
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu"})
# A department behind the name is no part of it: “… Customer Service”.
_DEPARTMENT = re.compile(
    r"\s+(?:service (?:abonnés?|clients?)|customer (?:service|care|support)|kundenservice|klantenservice"
    r"|accounts? (?:receivable|department)|billing department)\b.*$|(?:客服|财务|销售|市场)(?:中心|部门?)$",
    re.IGNORECASE,
)
_RECEIVER = re.compile(
    r"(?:ship(?:ping|ped)?|deliver(?:y|ed)?|bill(?:ing|ed)?|sold|invoice)\s+(?:to|address)|afleveradres|factuuradres"
    r"|lieferadresse|rechnungsadresse|adresse de (?:livraison|facturation)|收货|送货|收件",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    piece: Piece
    name: str
    weight: float


def sender(layout: Layout, found: Sequence[Found]) -> Found | None:
    """The likeliest sender on the first page, who is none of the customers in ``found``; None where nothing speaks for
    anybody."""
    paper = _Paper(layout, {_letters(each.value) for each in found if each.field == "customer"})
    best = max(paper.candidates(), key=lambda each: (each.weight, -each.piece.box.top), default=None)
    if best is None or best.weight < _ENOUGH:
        return None
    piece, sure = best.piece, round(_MOST_CERTAIN * best.weight * best.piece.sure, 3)
    reason = Text("按抬头的位置、地址和联系方式推断，请核对", "inferred from the letterhead: please compare it")
    return Found("supplier", best.name, best.name, sure, piece.page, piece.box, reason, piece.cell)


class _Paper:
    """The first page, without what belongs to receivers."""

    def __init__(self, layout: Layout, customers: set[str]) -> None:
        first = layout.pages[0] if layout.pages else []
        self._by_top = sorted(first, key=_top)
        received = {id(each) for label in first if _is_of_receiver(label) for each in (label, *self._block(label))}
        received |= {
            id(line)
            for each in first
            if any(_same(_letters(each.text), customer) for customer in customers)
            for line in (each, *self._block(each))
        }
        self._pieces = [each for each in first if id(each) not in received]

    @cached_property
    def _hosts(self) -> set[str]:
        """What the page's hosts are called: ``www.example.co.uk`` is example."""
        said: set[str] = set()
        for match in (match for piece in self._pieces for match in _HOST.finditer(piece.text)):
            parts = match[1].lower().split(".")[:-1]
            while len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
                parts.pop()
            said |= {parts[-1]} - _ANYBODYS
        return said

    @cached_property
    def _usual_height(self) -> float:
        return median(each.box.height for each in self._pieces) if self._pieces else 0.0

    @cached_property
    def _texts(self) -> list[tuple[str, float]]:
        return [(_letters(each.text), each.box.top) for each in self._pieces]

    def candidates(self) -> Iterator[_Candidate]:
        outer = [each for each in self._pieces if not _HEAD < each.box.top < _FOOT]
        named = ((each, name) for each in outer if (name := _name_in(each.text)) is not None)
        for piece, name in islice(named, _MOST_CANDIDATES):
            yield _Candidate(piece, name, self._weight(piece, name))

    def _weight(self, piece: Piece, name: str) -> float:
        block = self._block(piece)
        own = _letters(name)
        again = any(own in text and abs(top - piece.box.top) > _HEAD for text, top in self._texts)
        is_large = piece.box.height >= 1.3 * self._usual_height and piece.box.top <= _HEAD
        evidence = (
            (_LEGAL_FORM, organisation_in(piece.text) is not None),
            (_ADDRESS, any(_POSTAL.search(each.text) for each in (piece, *block[:5]))),
            (_CONTACT, any(_CONTACT_WORDS.search(each.text) for each in block)),
            (_DOMAIN, any(_same(own, _letters(host)) for host in self._hosts)),
            (_LARGE, is_large),
            (_AGAIN, again),
        )
        return 1 - prod(1 - weight for weight, holds in evidence if holds)

    def _block(self, head: Piece) -> list[Piece]:
        """The lines that follow directly below, beginning where it begins."""
        lines: list[Piece] = []
        last = head
        start = bisect_left(self._by_top, head.box.bottom - 0.4 * head.box.height, key=_top)
        for piece in self._by_top[start : start + _MOST_NEAR]:
            if piece.box.top - last.box.bottom > 1.3 * last.box.height or len(lines) == _MOST_LINES:
                break
            if abs(piece.box.left - head.box.left) <= 0.02 and piece is not head:
                lines.append(piece)
                last = piece
        return lines


def _top(piece: Piece) -> float:
    return piece.box.top


def _name_in(text: str) -> str | None:
    """The name that a line may be: a company's by its form, else the line where it looks like no other thing."""
    if len(text) > 2 * _LONGEST_NAME:
        return None
    organisation = organisation_in(text)
    if organisation is not None:
        return organisation
    plain = _DEPARTMENT.sub("", text.strip(" ,;:-–|"))
    letters = sum(each.isalpha() for each in plain)
    digits = sum(each.isdigit() for each in plain)
    if letters < 2 or len(plain) > _LONGEST_NAME or digits > 2 or letters * 2 < len(plain):
        return None
    is_other = (
        ":" in plain or is_label(plain) or dates_in(plain) or _CONTACT_WORDS.search(plain) or _POSTAL.search(plain)
    )
    return None if is_other or any(words.search(plain) for _, words in KIND_WORDS) else plain


def _is_of_receiver(piece: Piece) -> bool:
    if _RECEIVER.search(piece.text[:40]):
        return True
    return any(
        match is not None and match.start() == 0
        for match in (label.pattern.search(piece.text) for label in LABELS["customer"])
    )


def _same(one: str, other: str) -> bool:
    """Whether one name holds the other, in letters and figures."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 4 and shorter in longer


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())

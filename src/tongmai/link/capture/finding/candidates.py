"""What might be a field's value: whatever stands behind, beside or below one of the field's labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tongmai.kit import Text
from tongmai.link.capture.finding.amounts import Amount, amounts_in
from tongmai.link.capture.finding.dates import DayOrder, dates_in
from tongmai.link.capture.finding.found import Found, FoundField
from tongmai.link.capture.finding.labels import LABELS, NOT_OWN_DATE, NOT_TOTAL, is_label
from tongmai.link.capture.finding.layout import Layout, Piece
from tongmai.link.capture.finding.organisations import organisation_in
from tongmai.scan import Box

_BEHIND, _BESIDE, _BELOW = 0.97, 0.93, 0.86
_LONGEST_NAME = 80
_NUMBER = re.compile(r"^[\s:：#№.]*(#?\s?[A-Za-z0-9][\w\-/.()（）\[\]〔〕#]*)")
_MARKS = " \t:：,，;；、。|"
# Where the next label of the same line begins.
_NEXT_LABEL = re.compile(r"\s{2,}|\s(?=[\u4e00-\u9fffA-Za-z（）()]{1,12}\s?[:：])|[;；|]")
_PLAIN_WORD = re.compile(r"^[\u4e00-\u9fffA-Za-z（）() /]{1,24}[:：]$")


@dataclass(frozen=True, slots=True)
class Read:
    """A text that was understood as a value; ``sure`` is how well."""

    value: str
    text: str
    sure: float


Reader = Callable[[str], Read | None]


def candidates(layout: Layout, field: FoundField, order: DayOrder | None) -> list[Found]:
    """All candidates of a field, the surest first."""
    reader = _reader(field, order)
    found = [each for piece in layout.pieces for each in _of_piece(layout, field, piece, reader)]
    return sorted(found, key=lambda each: (-each.confidence, each.page, each.box.top))


def _of_piece(layout: Layout, field: FoundField, piece: Piece, reader: Reader) -> Iterator[Found]:
    if len(piece.text) > 300:
        return
    for label in LABELS[field]:
        match = label.pattern.search(piece.text)
        if match is None or _means_other(field, piece.text, match.start()):
            continue
        name = piece.text[match.start() : match.start("after")].strip(_MARKS)
        weight = label.weight if match.start() == 0 else 0.9 * label.weight
        for text, place, share in _values_of(layout, field, piece, match["after"]):
            read = reader(text)
            if read is not None:
                yield _found(field, read, place, weight * share, name)
                break
        return


def _means_other(field: FoundField, text: str, start: int) -> bool:
    """Whether what stands before or in the label says that it is another thing: 不含税合计, Due Date."""
    if field == "amount":
        return NOT_TOTAL.search(text[: start + 14]) is not None
    if field == "date":
        return NOT_OWN_DATE.search(text[: start + 12]) is not None
    return False


def _values_of(layout: Layout, field: FoundField, piece: Piece, after: str) -> Iterator[tuple[str, Piece, float]]:
    rest = after.strip(_MARKS)
    if rest:
        yield after, piece, _BEHIND
    right = layout.right_of(piece)
    if field == "product" and not piece.text.rstrip().endswith(":"):
        # A heading of a table: what stands beside it is the next heading.
        right = []
    if field == "amount":
        line = _until_label(right)
        if line:
            text = " ".join(each.text for each in line)
            yield text, _joined(line, text), _BESIDE
    else:
        for each in right[:1]:
            if not is_label(each.text):
                yield each.text, each, _BESIDE
    if not rest:
        for each in layout.below(piece)[:2]:
            if not is_label(each.text):
                yield each.text, each, _BELOW


def _until_label(right: list[Piece]) -> list[Piece]:
    line: list[Piece] = []
    for each in right[:8]:
        if _PLAIN_WORD.match(each.text):
            break
        line.append(each)
    return line


def _joined(line: list[Piece], text: str) -> Piece:
    """The amount of a line is its last one: that is the piece to point at."""
    for each in reversed(line):
        if amounts_in(each.text):
            return each
    first = line[0]
    return Piece(first.page, text, first.box, first.sure, first.by, first.cell)


def _found(field: FoundField, read: Read, place: Piece, weight: float, label: str) -> Found:
    return Found(
        field,
        read.value,
        read.text,
        round(weight * read.sure * place.sure, 3),
        place.page,
        _part_of(place, read.text),
        Text(f"“{label}”处的内容", f"what stands at “{label}”"),
        place.cell,
    )


def _part_of(place: Piece, text: str) -> Box:
    """The part of the piece that the value fills, by the share of its letters."""
    at = place.text.find(text)
    if at < 0 or not place.text or place.cell is not None:
        return place.box
    box, whole = place.box, _breadth(place.text)
    left = box.left + box.width * _breadth(place.text[:at]) / whole
    return Box(round(left, 5), box.top, round(left + box.width * _breadth(text) / whole, 5), box.bottom)


def _breadth(text: str) -> int:
    """In halves of a Chinese letter, which is as broad as two Latin ones."""
    return sum(2 if each >= "\u2e80" else 1 for each in text)


def _reader(field: FoundField, order: DayOrder | None) -> Reader:
    readers: dict[FoundField, Reader] = {
        "number": read_number,
        "date": lambda text: _read_date(text, order),
        "amount": read_total,
        "customer": read_name,
        "supplier": read_name,
        "product": _read_product,
        "phone": _read_phone,
        "tax_number": _read_tax_number,
    }
    return readers[field]


def read_number(text: str) -> Read | None:
    """A paper's number: one token with a figure in it that is neither a day nor an amount with cents."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    token = match[1].rstrip(".-/_(（[").strip()
    if not 3 <= len(token) <= 40 or not any(each.isdigit() for each in token) or dates_in(token):
        return None
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*[.,]\d\d", token):
        return None
    return Read(token.lstrip("# "), token, 1.0 if len(token) >= 5 else 0.8)


def _read_date(text: str, order: DayOrder | None) -> Read | None:
    read = next((each for each in dates_in(text, order) if each.start <= 12), None)
    return None if read is None else Read(read.day.isoformat(), read.text, read.sure)


def read_total(text: str) -> Read | None:
    """The total of a line: its last amount, those that look like money before bare figures."""
    amounts = [each for each in amounts_in(text) if each.value > 0]
    money = [each for each in amounts if each.is_money]
    chosen = (money or amounts)[-1:]
    if not chosen:
        return None
    return Read(money_text(chosen[0]), chosen[0].text, 1.0 if money else 0.75)


def money_text(amount: Amount) -> str:
    return str(amount.value.quantize(Decimal("0.01")))


def read_name(text: str) -> Read | None:
    """A name: a company's by its form, else what stands up to the next label."""
    organisation = organisation_in(text)
    if organisation is not None:
        return Read(organisation, organisation, 1.0)
    plain = _NEXT_LABEL.split(text.strip(_MARKS))[0].strip(_MARKS)
    letters = sum(each.isalpha() for each in plain)
    if not 2 <= len(plain) <= _LONGEST_NAME or letters < 2 or letters * 2 < len(plain):
        return None
    return Read(plain, plain, 0.8)


def _read_product(text: str) -> Read | None:
    plain = _NEXT_LABEL.split(text.strip(_MARKS))[0].strip(_MARKS)
    if not 2 <= len(plain) <= _LONGEST_NAME or not any(each.isalpha() for each in plain):
        return None
    return Read(plain, plain, 1.0 if any(each.isdigit() for each in plain) else 0.7)


def _read_phone(text: str) -> Read | None:
    match = re.search(r"\+?\d[\d\s()-]{6,18}\d", text)
    return None if match is None else Read(re.sub(r"[^\d+]", "", match.group()), match.group().strip(), 1.0)


def _read_tax_number(text: str) -> Read | None:
    match = re.search(r"\b[0-9A-Z]{2}[0-9A-Z ]{8,22}[0-9A-Z]\b", text)
    return None if match is None else Read(match.group().replace(" ", ""), match.group(), 0.95)

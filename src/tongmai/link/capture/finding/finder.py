"""From a scan to one value a field (S0-28): candidates weighed against one another and checked with its rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from tongmai.kit import Text
from tongmai.link.capture.finding.amounts import amounts_in, currency_in
from tongmai.link.capture.finding.candidates import candidates, money_text
from tongmai.link.capture.finding.capitals import capital_amount
from tongmai.link.capture.finding.dates import dates_in, order_of
from tongmai.link.capture.finding.found import Found, FoundField
from tongmai.link.capture.finding.kinds import KIND_WORDS, PaperKind, paper_kind
from tongmai.link.capture.finding.labels import is_label
from tongmai.link.capture.finding.layout import Layout, Piece
from tongmai.link.capture.finding.organisations import organisation_in
from tongmai.link.capture.finding.senders import sender
from tongmai.scan import Box, Scan

_SINGLE: tuple[FoundField, ...] = ("number", "date", "customer", "supplier", "phone", "tax_number")
_MOST_PRODUCTS = 20
# Two candidates this near to one another leave doubt which is meant.
_NEAR = 0.92
_MOST_CERTAIN = 0.99
_MOST_AMOUNTS = 300
_LONGEST_TALK = 8_000


def find_values(scan: Scan) -> list[Found]:
    """The values of a paper, at most one a field but for products. Fields that nothing speaks for are left out."""
    if any(page.by == "speech" for page in scan.pages):
        return _transcript(scan)
    layout = Layout(scan)
    order = order_of(piece.text for piece in layout.pieces)
    found: list[Found] = []
    kind = paper_kind(scan)
    for field in _SINGLE:
        ranked = candidates(layout, field, order)
        chosen = _choose(_of_this_paper(ranked, kind) if field == "number" else ranked)
        if chosen is not None:
            found.append(chosen)
    amount = _amount(layout)
    found += [] if amount is None else [amount, *_currency(layout, amount)]
    found += _products(layout)
    known = {each.field for each in found}
    if "date" not in known:
        found += _lone_date(layout)
    if "supplier" not in known:
        found += _unlabelled_supplier(layout, found)
    return found


def _transcript(scan: Scan) -> list[Found]:
    """What was said, as one value: a talk has no labels to find a number or an amount by."""
    words = [word for page in scan.pages for word in page.words]
    text = "".join(word.text for word in words)[:_LONGEST_TALK]
    if not text:
        return []
    letters = sum(len(word.text) for word in words)
    sure = sum(word.sure * len(word.text) for word in words) / letters
    box = Box(0.0, 0.0, 1.0, 1.0)
    return [Found("transcript", text, text, round(sure, 3), 1, box, Text("语音转写", "transcribed from speech"))]


def _of_this_paper(ranked: list[Found], kind: PaperKind) -> list[Found]:
    """An invoice may name the contract it belongs to: the number of another kind of paper steps back."""
    others = [words for name, words in KIND_WORDS if name != kind]
    weighed = [
        replace(each, confidence=round(each.confidence * 0.7, 3))
        if kind in dict(KIND_WORDS) and any(words.search(each.reason.en) for words in others)
        else each
        for each in ranked
    ]
    return sorted(weighed, key=lambda each: -each.confidence)


def _choose(ranked: list[Found]) -> Found | None:
    """The surest candidate; less sure where another with a different value is nearly as good."""
    if not ranked:
        return None
    best = ranked[0]
    agreeing = [each for each in ranked[1:] if each.value == best.value]
    rivals = [each for each in ranked[1:] if each.value != best.value and each.confidence >= _NEAR * best.confidence]
    confidence = best.confidence
    if agreeing:
        confidence += 0.3 * (1 - confidence)
    if rivals:
        confidence *= 0.8
    return replace(best, confidence=round(min(confidence, _MOST_CERTAIN), 3))


def _amount(layout: Layout) -> Found | None:
    ranked = candidates(layout, "amount", None)
    capital = next(((read, piece) for piece in layout.pieces if (read := capital_amount(piece.text)) is not None), None)
    if capital is not None:
        return _against_capitals(layout, ranked, capital[0], capital[1])
    chosen = _choose(ranked)
    if chosen is None:
        return _largest(layout)
    return _against_sum(layout, chosen)


def _against_capitals(layout: Layout, ranked: list[Found], capital: tuple[Decimal, str], place: Piece) -> Found:
    """Capitals prevail over figures that differ; where both agree, there is hardly a doubt left."""
    value = str(capital[0].quantize(Decimal("0.01")))
    same = next((each for each in ranked if each.value == value), None)
    if same is not None:
        return replace(
            same,
            confidence=max(same.confidence, min(_MOST_CERTAIN, place.sure)),
            reason=Text("小写与大写金额一致", "figures and capitals agree"),
        )
    in_figures = any(
        str(amount.value) == value for piece in layout.pieces for amount in amounts_in(piece.text) if amount.is_money
    )
    reason = (
        Text("按大写金额，文中有相同的小写", "the amount in capitals; the same stands in figures")
        if in_figures
        else Text("大写与小写金额不一致，请核对", "capitals and figures do not agree: please compare them")
        if ranked
        else Text("只有大写金额", "in capitals only")
    )
    confidence = 0.95 if in_figures else 0.5 if ranked else 0.85
    return Found(
        "amount", value, capital[1], round(confidence * place.sure, 3), place.page, place.box, reason, place.cell
    )


def _against_sum(layout: Layout, chosen: Found) -> Found:
    """Surer where two other amounts of the paper add up to it: what is before tax, and the tax."""
    total = Decimal(chosen.value)
    parts = [
        amount.value
        for piece in layout.pieces[:_MOST_AMOUNTS]
        for amount in amounts_in(piece.text)
        if amount.is_money and 0 < amount.value < total
    ]
    seen = set(parts)
    if any(total - part in seen and (total - part != part or parts.count(part) > 1) for part in seen):
        confidence = chosen.confidence + 0.5 * (1 - chosen.confidence)
        return replace(chosen, confidence=round(min(confidence, _MOST_CERTAIN), 3))
    return chosen


def _largest(layout: Layout) -> Found | None:
    all_of_them = [
        (amount, piece) for piece in layout.pieces for amount in amounts_in(piece.text) if amount.currency is not None
    ]
    if not all_of_them:
        return None
    amount, piece = max(all_of_them, key=lambda each: each[0].value)
    if amount.value <= 0:
        return None
    reason = Text("没有合计字样，取最大的金额", "no label of a total: the largest amount")
    return Found("amount", money_text(amount), amount.text, 0.4 * piece.sure, piece.page, piece.box, reason, piece.cell)


def _currency(layout: Layout, amount: Found) -> list[Found]:
    said = currency_in(amount.text)
    if said is not None:
        return [replace(amount, field="currency", value=said, confidence=round(min(amount.confidence, 0.97), 3))]
    counted = Counter(
        each.currency for piece in layout.pieces for each in amounts_in(piece.text) if each.currency is not None
    )
    texts = " ".join(piece.text for piece in layout.pieces)
    named = counted.most_common(1)[0][0] if counted else currency_in(texts)
    if named is not None:
        reason = Text("文中使用的货币", "the currency that the paper uses")
        return [replace(amount, field="currency", value=named, confidence=0.85, reason=reason)]
    if any("\u4e00" <= each <= "\u9fff" for each in texts[:2000]):
        reason = Text("中文单据，按人民币", "a Chinese paper: yuan")
        return [replace(amount, field="currency", value="CNY", confidence=0.7, reason=reason)]
    return []


def _products(layout: Layout) -> list[Found]:
    """All models below the best column heading, or the one behind a label."""
    ranked = candidates(layout, "product", None)
    if not ranked:
        return []
    best = ranked[0]
    found = [best]
    for piece in _column_below(layout, best):
        if len(found) >= _MOST_PRODUCTS:
            break
        found.append(
            replace(
                best, value=piece.text, text=piece.text, page=piece.page, box=piece.box, cell=piece.cell,
                confidence=round(best.confidence * 0.95 * piece.sure, 3),
            )
        )  # fmt: skip
    return found


def _column_below(layout: Layout, first: Found) -> list[Piece]:
    """The pieces under the first value, as long as they look like it and stand in steps like rows of a table."""
    start = next((p for p in layout.pieces if p.page == first.page and p.text == first.text), None)
    if start is None:
        return []
    rows: list[Piece] = []
    last = start
    for piece in layout.below(start, reach=60):
        if piece.box.top - last.box.bottom > 4 * max(last.box.height, piece.box.height):
            break
        coded = any(each.isdigit() for each in piece.text) and any(each.isalpha() for each in piece.text)
        if not coded or len(piece.text) > 40 or dates_in(piece.text) or is_label(piece.text):
            break
        rows.append(piece)
        last = piece
    return rows


def _lone_date(layout: Layout) -> list[Found]:
    order = order_of(piece.text for piece in layout.pieces)
    read = [(each, piece) for piece in layout.pieces for each in dates_in(piece.text, order)]
    if not read:
        return []
    days = {each.day for each, _ in read}
    first, piece = read[0]
    confidence = (0.7 if len(days) == 1 else 0.4) * first.sure * piece.sure
    reason = Text("没有日期字样，取第一个日期", "no label of a date: the first one")
    return [
        Found(
            "date", first.day.isoformat(), first.text, round(confidence, 3), piece.page, piece.box, reason, piece.cell
        )
    ]


def _unlabelled_supplier(layout: Layout, found: list[Found]) -> list[Found]:
    """Who wrote the paper by its letterhead; without any label of either side else the highest company on it."""
    written_by = sender(layout, found)
    if written_by is not None:
        return [written_by]
    return [] if any(each.field == "customer" for each in found) else _lone_organisation(layout)


def _lone_organisation(layout: Layout) -> list[Found]:
    """Without any label it is not told who buys and who sells: the highest company is taken for who wrote the paper."""
    for piece in sorted(layout.pieces, key=lambda each: (each.page, each.box.top)):
        name = organisation_in(piece.text) if len(piece.text) <= 120 else None
        if name is not None:
            reason = Text("没有买卖方字样，取最上面的公司名", "no label of buyer or seller: the highest company name")
            return [Found("supplier", name, name, 0.5 * piece.sure, piece.page, piece.box, reason, piece.cell)]
    return []

"""Why a word that stands there is not meant: negated, quoted, only supposed, of the past, or said of us.

Each guard looks at the clause the word stands in. They are rules of thumb of Chinese business talk, measured on the
labelled set (``examples/chat_understanding.py``), not a grammar.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

Reason = Literal["negated", "quoted", "supposed", "past", "ours", "cancelled", "lacks_mobile"]

_CLAUSE_END = re.compile("[，。！？；,!?;\\n、…~～]")
_QUOTES = re.compile(
    r"「[^」]{0,2000}」|“[^”]{0,2000}”|『[^』]{0,2000}』|\"[^\"\n]{0,500}\"|《[^》]{0,100}》|(?m:^>.*$)"
)
# Emoticons and masks ([地址x]), mentions, addresses: nobody says these.
_NOT_SAID = re.compile(r"\[[^\[\]\n]{1,12}\]|@[\w\-]{1,30}|https?://[^\s，。]+|#[^#\n]{1,40}#")
# Words that hold a negating letter and negate nothing; longest first, so that they are taken before the letter is.
_NOT_NEGATING = (
    "不得不", "不能不", "不会不", "不是不", "没有不", "不好意思", "不知道", "对不起", "来不及", "没想到", "差不多",
    "无不", "非要", "不管", "不但", "不仅", "不光", "不只", "不然", "要不", "不错", "不少", "不久", "不断", "不过",
    "不同", "没错", "没事", "没问题", "没办法", "别人", "别家", "别的", "特别", "区别", "分别", "个别", "级别", "无论",
)  # fmt: skip
_NEGATING = (
    "谈不上", "不打算", "不需要", "不至于", "不怎么", "没有", "不是", "不用", "不要", "不会", "不想", "不必", "不着",
    "不算", "不太", "无需", "无须", "并非", "哪有", "哪里", "谁说", "没", "不", "别", "勿", "未",
)  # fmt: skip
_NEGATION = re.compile("|".join(f"({word})" if word in _NEGATING else word for word in (*_NOT_NEGATING, *_NEGATING)))
# Without one of these letters there is no negation, without one of the marks nothing quoted or masked: most messages
# have neither, and looking for a letter costs a tenth of looking for all that it may begin.
_NEGATING_LETTERS = re.compile(f"[{''.join(sorted({word[0] for word in _NEGATING}))}]")
_MARKS = re.compile(r"[「“『\"《>\[@#:]")
# "能不能快点", "是不是换仓了": a question by both sides of it, which negates nothing.
_EITHER_WAY = re.compile(r"(.)(不|没)\1")
_TAKEN_BACK = re.compile(
    r"^.{0,4}?(取消了|作罢|没了|是假的|是谣言|谈不上|倒没有|倒不|就不用了|免了|算不上|不存在|没有的事|不至于)"
)
_SUPPOSED = re.compile(r"如果|要是|假如|假设|万一|倘若|假若|除非|比如说|比方说|哪天|以后要|将来")
_SUPPOSED_BEHIND = re.compile(r"^.{0,4}?的话")
_PAST = re.compile(r"去年|前年|上次|上回|之前|以前|那次|当时|当年|上个月|上周|曾经|早就")
_OURS = re.compile(r"你们|贵司|贵公司|你家|您家|您们|您那边|你那边|贵方")
_THEIRS = re.compile(r"我们|我司|我方|咱们|咱|我公司|我家|我这边|老板|采购|仓库")
_NEAR_NEGATION = 5


@dataclass(frozen=True, slots=True)
class Guarded:
    """A message with what the guards need of it, made once for all its hits. ``text`` has the original's positions,
    ``cuts`` are where its clauses end."""

    text: str
    quoted: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]

    @staticmethod
    def of(text: str) -> Guarded:
        patterns = (_QUOTES, _NOT_SAID) if _MARKS.search(text) else ()
        spans = tuple([each.span() for pattern in patterns for each in pattern.finditer(text)])
        return Guarded(text, spans, tuple([each.start() for each in _CLAUSE_END.finditer(text)]))

    def reason(self, start: int, end: int, *, present: bool, ours: bool, gap: str = "") -> Reason | None:
        """Why the word at ``[start, end)`` is not meant; None if it is. ``gap`` is what stands between its halves."""
        if any(first <= start and end <= last for first, last in self.quoted):
            return "quoted"
        before, after = self._clause(start, end)
        if _is_negated(before) or _negations(gap, 0) % 2 or _TAKEN_BACK.match(after):
            return "negated"
        if _SUPPOSED.search(before) or _SUPPOSED_BEHIND.match(after):
            return "supposed"
        if present and _PAST.search(before):
            return "past"
        if not ours and _is_of_us(before):
            return "ours"
        return None

    def _clause(self, start: int, end: int) -> tuple[str, str]:
        """What stands before and behind ``[start, end)`` in its clause."""
        before, after = bisect_left(self.cuts, start), bisect_left(self.cuts, end)
        first = self.cuts[before - 1] + 1 if before else 0
        last = self.cuts[after] if after < len(self.cuts) else len(self.text)
        return self.text[first:start], self.text[end:last]


def _is_negated(before: str) -> bool:
    """An odd number of negations close before the word; questions by both sides are none."""
    if not _NEGATING_LETTERS.search(before):
        return False
    near = _EITHER_WAY.sub("", before)[-_NEAR_NEGATION - 3 :]
    return _negations(near, len(near) - _NEAR_NEGATION) % 2 == 1


def _negations(text: str, since: int) -> int:
    if not _NEGATING_LETTERS.search(text):
        return 0
    return sum(1 for found in _NEGATION.finditer(text) if found.lastindex is not None and found.end() >= since)


def _is_of_us(before: str) -> bool:
    """What a customer says of "你们" is of us, unless he speaks of his own side after it."""
    found = list(_OURS.finditer(before))
    return bool(found) and _THEIRS.search(before, found[-1].end()) is None

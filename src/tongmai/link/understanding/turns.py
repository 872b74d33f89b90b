"""One message of a talk between members and a customer, and what its words are: a question, a closing, a quotation."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

_QUESTION = re.compile(
    r"[?？]|吗|呢[。！!\s]*$|怎么|如何|多少|几[个天台箱套点]|什么|哪[个里家天]|啥|能不能|可不可以|有没有|是不是|是否|多久|何时"
)
_CLOSING = re.compile(
    r"(?:好的?|好嘞|好滴|收到|谢谢.{0,4}|多谢|感谢.{0,4}|嗯+|哦+|噢|行|可以|没问题|知道了|明白.{0,2}|了解|ok|okay|辛苦了?|再见|拜拜|不客气"
    r"|\[[^\]]{1,8}\]|[👌👍🙏😊。，,.!！~\s])+",
    re.IGNORECASE,
)
_QUOTATION = re.compile(r"报价|quotation|quote", re.IGNORECASE)
# The last digit tells; what may stand behind it is short, so that no row of digits is looked at from each of them.
_PRICE = re.compile(r"\d[,.]{0,2}\s{0,8}(?:元|万|块|/台|每台|一台|￥|rmb)|[￥¥]\s{0,8}\d", re.IGNORECASE)
_LONGEST_CLOSING = 40


class Turn(NamedTuple):
    """``text`` is None where it may not be kept, or where there is none; ``files`` are names."""

    id: str
    at: datetime
    by_customer: bool
    text: str | None = None
    files: tuple[str, ...] = ()


def is_question(text: str | None) -> bool:
    return text is not None and _QUESTION.search(text) is not None


def is_closing(text: str | None) -> bool:
    """好的, 收到, 谢谢 …: a turn that needs no answer."""
    return text is not None and len(text) <= _LONGEST_CLOSING and _CLOSING.fullmatch(text) is not None


def is_quotation(turn: Turn) -> bool:
    """A file called one, or a text that names a price in quoting it."""
    if any(_QUOTATION.search(name) for name in turn.files):
        return True
    return turn.text is not None and _QUOTATION.search(turn.text) is not None and _PRICE.search(turn.text) is not None

"""The small vocabularies that some functions take as constants, with their Chinese words."""

from __future__ import annotations

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "period": {
        "day": ("日", "天"),
        "week": ("周", "星期"),
        "month": ("月",),
        "quarter": ("季", "季度"),
        "year": ("年",),
    },
    "unit": {
        "second": ("秒",),
        "minute": ("分钟", "分"),
        "hour": ("小时", "时"),
        "day": ("天", "日"),
        "week": ("周", "星期"),
    },
    "language": {"zh": ("中文",), "en": ("英文",)},
}
"""Vocabulary → key → synonyms, the first of which is shown in Chinese."""

"""Which of the product's two languages an answer is written in: ``Accept-Language``, Chinese without one."""

from __future__ import annotations

from functools import lru_cache

from tongmai.kit import Language

DEFAULT: Language = "zh"


@lru_cache(maxsize=512)
def preferred_language(header: str | None) -> Language:
    """The language with the highest weight (RFC 9110, 12.5.4); other languages count for nothing.

    The header is remembered as a whole because a browser sends the same one with each request; one that is longer
    than any browser's is ignored, so that nobody fills the memory.
    """
    if not header or len(header) > 500:
        return DEFAULT
    best: Language = DEFAULT
    best_weight = 0.0
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(rest)
        if primary in ("zh", "en") and weight > best_weight:
            best, best_weight = ("zh" if primary == "zh" else "en"), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0

"""The places in a panel's filter that stand for the record it is shown on: ``{record}`` and ``{record.city}``."""

from __future__ import annotations

import re
from collections.abc import Callable

from tongmai import formula

# What stands in a place while only the types are looked at.
_SAMPLES: dict[formula.Kind, str] = {
    formula.Kind.TEXT: "'x'",
    formula.Kind.NUMBER: "0",
    formula.Kind.BOOLEAN: "TRUE",
    formula.Kind.DATE: "'2000-01-01'",
    formula.Kind.DATETIME: "'2000-01-01T00:00:00Z'",
    formula.Kind.REFERENCE: "'00000000-0000-0000-0000-000000000000'",
}
_PLACE = re.compile(r"\{record(?:\.([a-z][a-z0-9_]{0,39}))?\}")


def fields_in_places(text: str) -> tuple[str, ...]:
    """The record's fields that a filter asks for, each once, in their order; ``{record}`` itself is none of them."""
    return tuple(dict.fromkeys(field for field in _PLACE.findall(text) if field))


def fill_places(text: str, constant_of: Callable[[str | None], str]) -> str:
    """The filter with each place taken by the constant, as formula text, that ``constant_of`` gives for its field or,
    for the record itself, for ``None``."""
    return _PLACE.sub(lambda found: constant_of(found[1]), text)


def sample_of(value: formula.Type | None) -> str | None:
    """A constant of a type, as formula text; ``None`` for what no place can hold (lists, points, JSON, durations).
    Without a type, the record itself."""
    if value is None:
        return _SAMPLES[formula.Kind.REFERENCE]
    if value.kind is formula.Kind.CHOICE:
        return f"'{value.options[0][0]}'" if value.options else "BLANK"
    return _SAMPLES.get(value.kind)

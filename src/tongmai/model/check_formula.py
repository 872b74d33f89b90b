"""The faults of one formula of a catalogue, each with its place and position."""

from __future__ import annotations

from collections.abc import Iterator

from tongmai import formula
from tongmai.kit import Fault, Invalid
from tongmai.model.fault_at import Place
from tongmai.model.scope import ObjectScope


def faults_of_formula(
    text: str, scope: ObjectScope, place: Place, expect: formula.Type | None = None
) -> Iterator[Fault]:
    """The faults of one formula, each with its position."""
    try:
        formula.parse(text, scope, expect=expect)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)

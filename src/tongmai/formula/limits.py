"""How much a formula may ask for. Every limit is checked before anything is evaluated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """``text`` in characters; ``nodes`` and ``depth`` of the tree after formula fields are put in place; ``hops`` in
    relations followed by one path (``customer.owner.team`` is two); ``cost`` in the catalogue's units, where reading a
    field costs 1; ``list_items`` in one ``IN (…)``.
    """

    text: int = 10_000
    nodes: int = 500
    depth: int = 50
    hops: int = 4
    cost: int = 2_000
    list_items: int = 200


DEFAULT = Limits()

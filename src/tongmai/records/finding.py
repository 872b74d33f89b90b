"""Search over all objects an actor may see, in one statement."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Sequence

from tongmai.formula import TRUE
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.listing import row_conditions
from tongmai.records.place import Place
from tongmai.records.searching import is_searchable
from tongmai.records.selection import title
from tongmai.records.statement import Parameters, Statement

MOST_FOUND = 100


def objects_to_search(place: Place, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The objects with searchable fields that the actor may read, of those wanted. Raises ``NotFound`` for others."""
    for key in wanted or ():
        place.structure.definition(key)
    every = [each.key for each in place.structure.catalogue.objects]
    return tuple(
        key
        for key in every
        if (wanted is None or key in wanted) and is_searchable(place, key) and place.policy(key).may("read")
    )


def compile_search(place: Place, objects: Sequence[str]) -> Statement:
    """Parameters: ``search.*``, ``limit``, ``typed`` (lower case) and those of the policies.

    Answers ``{"items": [{object, id, label}]}``: records whose title begins with what was typed, then those whose title
    holds it, then the others; newest first among equals.
    """
    parameters = Parameters()
    limit, typed = parameters.named("limit", "integer"), parameters.named("typed", "text")
    branches = []
    for key in objects:
        frame = Frame(place, key, "t", parameters)
        label = title(frame, key)
        found = " AND ".join(row_conditions(frame, TRUE, search=True))
        place_in_title = f"strpos(lower({label}), {typed})"
        rank = f"CASE {place_in_title} WHEN 1 THEN 0 WHEN 0 THEN 2 ELSE 1 END"
        branches.append(
            f"(SELECT {key_literal(key)}::text AS object, t.id, {label} AS label, coalesce({rank}, 2) AS rank"
            f" FROM {place.table(key)} AS t {frame.joins} WHERE {found} ORDER BY rank, t.id DESC LIMIT {limit})"
        )
    rows = (
        " UNION ALL ".join(branches)
        or "SELECT NULL::text AS object, NULL::uuid AS id, NULL::text AS label, 0 AS rank LIMIT 0"
    )
    sql = (
        "SELECT convert_to(json_build_object('items',"
        " coalesce(json_agg(json_build_object('object', f.object, 'id', f.id,"
        " 'label', f.label) ORDER BY f.rank, f.id DESC), '[]'))::text, 'UTF8')"
        f" FROM (SELECT * FROM ({rows}) AS every ORDER BY rank, id DESC LIMIT {limit}) AS f"
    )
    return parameters.statement(sql)

"""A record as policies read it, for the answer to "why can (or can't) someone see this?"."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from tongmai.formula import Path, render
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.statement import Parameters, Statement


def policy_paths(place: Place, object_key: str) -> list[Path]:
    """Every path that the actor's policy on the object reads, in a fixed order."""
    return sorted({("id",), ("owner",), *place.policy(object_key).paths()})


def compile_policy_row(place: Place, object_key: str) -> Statement:
    """Parameter: ``id``. The stored values of ``policy_paths``, in their order.

    Nothing is masked: it is the policy that is being asked about, and its values are told to nobody.
    """
    parameters = Parameters()
    frame = Frame(place, object_key, "t", parameters)
    columns = [render(frame.column(path), "postgres") for path in policy_paths(place, object_key)]
    numbered = ", ".join(f"{sql} AS c{number}" for number, sql in enumerate(columns))
    sql = (
        f"SELECT {numbered} FROM {place.table(object_key)} AS t {frame.joins}"
        f" WHERE t.id = {parameters.named('id', 'uuid')}"
    )
    return parameters.statement(sql)

"""One record in one statement."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from tongmai.formula import TRUE
from tongmai.records.frame import Frame
from tongmai.records.listing import row_conditions
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.selection import Selection
from tongmai.records.statement import Parameters, Statement


def compile_get(place: Place, object_key: str, selection: Selection, *, as_of: bool) -> Statement:
    """Parameters: ``id``, ``as_of`` and those of the policy. No row if there is none to be seen."""
    parameters = Parameters()
    record_id = parameters.named("id", "uuid")
    past = Past(parameters.named("as_of", "timestamptz")) if as_of else None
    frame = Frame(place, object_key, "t", parameters, past=past)
    columns = ", ".join(selection.columns(frame, past))
    conditions = " AND ".join(row_conditions(frame, TRUE))
    if past is None:
        source = f"{place.table(object_key)} AS t {frame.joins} WHERE t.id = {record_id}"
    else:
        source = f"{past.record(place, object_key, record_id)} AS t {frame.joins} WHERE TRUE"
    sql = (
        "SELECT convert_to(row_to_json(shown.*)::text, 'UTF8')"
        f" FROM (SELECT {columns} FROM {source} AND {conditions}) AS shown"
    )
    return parameters.statement(sql)

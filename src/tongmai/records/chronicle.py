"""A record's past as the actor may see it: the entries of its history under the masks that hold now."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from tongmai.formula import FALSE, TRUE
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.selection import title
from tongmai.records.statement import Parameters, Statement

MOST_ENTRIES = 500
_PERSON = "person"
# What every change alters is told by the entry itself.
_UNTOLD = frozenset({"id", "version", "created_at", "created_by", "changed_at", "changed_by"})


def compile_history(place: Place, object_key: str) -> Statement:
    """Parameters: ``id``, ``before_seq`` (null: from the newest), ``limit`` and those of the policy.

    Answers ``{"items": [{seq, at, version, action, actor, via, cause, before, after}], "next_before": seq | null}``,
    newest first; no row if the record is not to be seen. Deleted records have a history like others.
    """
    parameters = Parameters()
    frame = Frame(place, object_key, "t", parameters)
    seen = visible_keys(frame)
    conditions = [f"t.id = {parameters.named('id', 'uuid')}"]
    rule = place.policy(object_key).rows["read"]
    if rule != TRUE:
        conditions.append(f"({frame.raw_sql(rule)})")
    limit = parameters.named("limit", "integer")
    actor = Frame(place, _PERSON, "a", parameters)
    entry = (
        "json_build_object('seq', h.seq, 'at', h.at, 'version', h.version, 'action', h.action, 'actor',"
        f" CASE WHEN h.actor IS NOT NULL THEN json_build_object('id', h.actor, 'label', {_actor_label(actor)}) END,"
        f" 'via', h.via, 'cause', h.cause, 'before', {masked('h.before', 'r.seen')},"
        f" 'after', {masked('h.after', 'r.seen')})"
    )
    entries = (
        f"SELECT h.seq, {entry} AS entry, row_number() OVER (ORDER BY h.seq DESC) AS n"
        f" FROM (SELECT * FROM {place.schema}._history AS x WHERE x.record_id = r.id"
        f" AND x.object = {key_literal(object_key)}"
        f" AND x.seq < coalesce({parameters.named('before_seq', 'bigint')}, 9223372036854775807)"
        f" ORDER BY x.seq DESC LIMIT {limit} + 1) AS h"
        f" LEFT JOIN {place.table(_PERSON)} AS a ON a.id = h.actor {actor.joins}"
    )
    sql = (
        f"WITH r AS MATERIALIZED (SELECT t.id, {seen} AS seen FROM {place.table(object_key)} AS t {frame.joins}"
        f" WHERE {' AND '.join(conditions)})"
        " SELECT convert_to(json_build_object('items', coalesce(json_agg(e.entry ORDER BY e.seq DESC)"
        f" FILTER (WHERE e.n <= {limit}), '[]'), 'next_before', CASE WHEN max(e.n) > {limit} THEN min(e.seq)"
        f" FILTER (WHERE e.n <= {limit}) END)::text, 'UTF8') FROM r LEFT JOIN LATERAL ({entries})"
        f" AS e ON TRUE GROUP BY r.id"
    )
    return parameters.statement(sql)


def visible_keys(frame: Frame) -> str:
    """The fields the actor may see of the frame's row, as ``text[]``."""
    policy = frame.place.policy(frame.object_key)
    always: list[str] = []
    sometimes: list[str] = []
    for key, field in frame.place.structure.fields(frame.object_key).items():
        mask = policy.readable.get(key, FALSE)
        if key in _UNTOLD or field.type == "formula" or mask == FALSE:
            continue
        if mask == TRUE:
            always.append(key_literal(key))
        else:
            sometimes.append(f"CASE WHEN {frame.raw_sql(mask)} THEN {key_literal(key)} END")
    return f"array_remove(ARRAY[{', '.join([*always, *sometimes])}]::text[], NULL)"


def masked(values: str, seen: str) -> str:
    """The part of a history value that may be seen; NULL stays NULL. Fields gone from the model are left out."""
    return (
        f"CASE WHEN {values} IS NOT NULL THEN coalesce((SELECT jsonb_object_agg(part.key, part.value)"
        f" FROM jsonb_each({values}) AS part WHERE part.key = ANY({seen})), '{{}}'::jsonb) END"
    )


def _actor_label(frame: Frame) -> str:
    seen = frame.visible_here()
    return "NULL::text" if seen is None else f"CASE WHEN {seen} THEN {title(frame, _PERSON)} END"

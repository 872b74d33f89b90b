"""Records gathered into groups: of each group how many, since when, whose, worth what, and its first records.

What a person's day is drawn from: ten thousand rows of thirty rules are thirty groups. One statement reads the rows
that are asked for once, narrow; only the first ones of each group are read whole.
"""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from dataclasses import dataclass

from tongmai.formula import NUMBER, Tree, parse
from tongmai.kit import Invalid
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.listing import row_conditions
from tongmai.records.place import Place
from tongmai.records.seen_scope import SeenScope
from tongmai.records.selection import Selection, label
from tongmai.records.statement import Parameters, Statement
from tongmai.store import quote_ident


@dataclass(frozen=True)
class Gathering:
    """How to gather. The names are fields of ``object``.

    ``urgency`` is a formula for how pressing a record is: its place in ``urgencies``, the most pressing first. Records
    of a group have one urgency and one value of ``by``; the earliest ``since`` comes first. ``whose`` is a relation to
    one person. ``about`` are the fields that name the object and the id of what a record is about; ``worth`` tells
    which field of such objects is added up, each subject once. ``first`` records come with a group, ``first_loose``
    with those of an urgency that have nothing in ``by``.
    """

    object: str
    filter: str
    urgency: str
    urgencies: tuple[str, ...]
    by: str
    since: str
    whose: str
    about: tuple[str, str]
    worth: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    first: int
    first_loose: int


def read_urgency(place: Place, asked: Gathering) -> Tree:
    """Raises ``Invalid`` for a formula that is not a number of the object's fields."""
    try:
        return parse(asked.urgency, SeenScope(place, asked.object), expect=NUMBER).tree
    except Invalid as refused:
        raise Invalid(tuple(fault.at_field("urgency") for fault in refused.faults), refused.extra) from refused


def compile_gathering(
    place: Place, asked: Gathering, urgency: Tree, condition: Tree, selection: Selection
) -> Statement:
    """Parameters: those of policies and formulas.

    Answers ``{"groups": [{"urgency", <by>, "count", "since", "worth", "people": [{"id", "label", "count", "since"}],
    "items": […]}]}``, the groups by urgency, then by the earliest ``since``; who has most of a group first. ``worth``
    is ``{"object", "field", "sum"}`` where all subjects that have an amount are of one object, else null.
    """
    return _Compiler(place, asked, selection).compile(urgency, condition)


class _Compiler:
    def __init__(self, place: Place, asked: Gathering, selection: Selection) -> None:
        self._place = place
        self._asked = asked
        self._selection = selection
        self._parameters = Parameters()

    def compile(self, urgency: Tree, condition: Tree) -> Statement:
        person = "'id', p._whose, 'label', p.label, 'count', p.n, 'since', p.since"
        urgencies = ", ".join(key_literal(each) for each in self._asked.urgencies)
        group = (
            f"'urgency', (ARRAY[{urgencies}])[g._urgency + 1], {key_literal(self._asked.by)}, g._by, 'count', h.n,"
            " 'since', h.since, 'worth', w.worth, 'people', h.people, 'items', i.items"
        )
        # The rows bear the number of their group: by it, and not by values that may be blank, the parts are joined.
        sql = f"""
            WITH seen AS ({self._seen(urgency, condition)}),
            numbered AS MATERIALIZED (SELECT *, dense_rank() OVER (ORDER BY _urgency, _by) AS _group,
              row_number() OVER (PARTITION BY _urgency, _by ORDER BY _since, _id) AS _n FROM seen),
            people AS (SELECT _group, _whose, min(_label) AS label, count(*) AS n, min(_since) AS since
              FROM numbered GROUP BY _group, _whose),
            held AS (SELECT _group, sum(n) AS n, min(since) AS since,
              json_agg(json_build_object({person}) ORDER BY p.n DESC, p.since, p._whose) AS people
              FROM people AS p GROUP BY _group),
            shown AS ({self._shown()}),
            items AS (SELECT _group, json_agg(shown ORDER BY _n) AS items FROM shown GROUP BY _group),
            sums AS ({self._sums()}),
            worth AS (SELECT _group, min(sum::text)::json AS worth FROM sums GROUP BY _group HAVING count(*) = 1),
            groups AS (SELECT _group, _urgency, _by FROM numbered WHERE _n = 1)
            SELECT convert_to(json_build_object('groups', coalesce(json_agg(json_build_object({group})
              ORDER BY g._urgency, h.since, g._by), '[]'::json))::text, 'UTF8')
            FROM groups AS g JOIN held AS h USING (_group) JOIN items AS i USING (_group)
              LEFT JOIN worth AS w USING (_group)"""
        return self._parameters.statement(sql)

    def _seen(self, urgency: Tree, condition: Tree) -> str:
        """Each record with what groups are made from."""
        asked, frame = self._asked, Frame(self._place, self._asked.object, "t", self._parameters)
        columns = {
            "_id": frame.seen_column_sql(("id",)),
            "_urgency": f"({frame.seen_sql(urgency, as_value=True)})::integer",
            "_by": frame.seen_column_sql((asked.by,)),
            "_since": frame.seen_column_sql((asked.since,)),
            "_whose": frame.seen_column_sql((asked.whose,)),
            "_label": label(frame, (asked.whose,)),
            "_object": frame.seen_column_sql((asked.about[0],)),
            "_subject": frame.seen_column_sql((asked.about[1],)),
        }
        made = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        where = " AND ".join(row_conditions(frame, condition))
        return f"SELECT {made} FROM {self._place.table(asked.object)} AS t {frame.joins} WHERE {where}"

    def _shown(self) -> str:
        """The first records of each group, whole."""
        asked, frame = self._asked, Frame(self._place, self._asked.object, "p", self._parameters)
        columns = ", ".join(self._selection.columns(frame))
        first = f"CASE WHEN n._by IS NULL THEN {asked.first_loose} ELSE {asked.first} END"
        return (
            f"SELECT n._group, n._n, (SELECT to_json(one.*) FROM (SELECT {columns}) AS one) AS shown FROM numbered AS n"
            f" JOIN {self._place.table(asked.object)} AS p ON p.id = n._id {frame.joins} WHERE n._n <= {first}"
        )

    def _sums(self) -> str:
        """What the subjects of a group add up to, by object; nothing of those the actor may not see."""
        parts = [self._sum(object_key, field, n) for n, (object_key, field) in enumerate(self._asked.worth)]
        found = [each for each in parts if each is not None]
        return " UNION ALL ".join(found) or "SELECT NULL::bigint AS _group, NULL::jsonb AS sum LIMIT 0"

    def _sum(self, object_key: str, field: str, n: int) -> str | None:
        frame = Frame(self._place, object_key, f"w{n}", self._parameters)
        visible = frame.visible_here()
        if visible is None:
            return None
        value, alias = frame.seen_column_sql((field,)), quote_ident(frame.alias)
        told = f"'object', {key_literal(object_key)}, 'field', {key_literal(field)}, 'sum', sum({value})"
        # A hand may have written anything into a text that holds ids.
        subjects = (
            "SELECT DISTINCT _group, CASE WHEN pg_input_is_valid(_subject, 'uuid') THEN _subject::uuid END AS id"
            f" FROM numbered WHERE _object = {key_literal(object_key)}"
        )
        return (
            f"SELECT s._group, jsonb_build_object({told}) AS sum FROM ({subjects}) AS s"
            f" JOIN {self._place.table(object_key)} AS {alias} ON {alias}.id = s.id {frame.joins}"
            f" WHERE {visible} GROUP BY s._group HAVING count({value}) > 0"
        )

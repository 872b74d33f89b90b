"""The logs that rules hear of: entries of the change log, moves between classes, named events.

Each is a SELECT of ``entry`` (bigint, their order), ``record_id``, ``at``, ``cause`` and, of changes, ``version``.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from tongmai.metrics import Binder
from tongmai.model import Changed, Enters, Happens, RuleDef
from tongmai.rules.words import literal
from tongmai.store import Workspace


def changes_of(workspace: Workspace, rule: RuleDef, binder: Binder) -> str:
    """The sealed entries of the change log that a rule on changes hears of, behind ``($after, $after_seq)`` up to
    ``($upto, $upto_seq)`` (epoch, seq), no earlier than ``$since``."""
    after, upto = binder("after", "bigint"), binder("upto", "bigint")
    return _changes(
        workspace,
        rule,
        f"(h.epoch, h.seq) > ({after}, {binder('after_seq', 'bigint')}) AND h.epoch >= {after}"
        f" AND (h.epoch, h.seq) <= ({upto}, {binder('upto_seq', 'bigint')}) AND h.epoch <= {upto}"
        f" AND h.at >= {binder('since', 'timestamptz')}",
    )


def changes_between(workspace: Workspace, rule: RuleDef, binder: Binder) -> str:
    """The same by their moments: after ``$from``, up to ``$to``. What a replay hears of."""
    return _changes(
        workspace, rule, f"h.at > {binder('from', 'timestamptz')} AND h.at <= {binder('to', 'timestamptz')}"
    )


def _changes(workspace: Workspace, rule: RuleDef, within: str) -> str:
    assert isinstance(rule.when, Changed)
    actions = ", ".join(literal(each) for each in sorted(rule.when.actions))
    fields = ""
    if rule.when.fields:
        keys = ", ".join(literal(key) for key in rule.when.fields)
        # A deletion or its undoing gives no field a value, and is asked for by its name.
        fields = f" AND (h.action NOT IN ('create', 'update') OR h.after ?| ARRAY[{keys}])"
    return (
        "SELECT h.seq AS entry, h.record_id, h.at, h.cause, h.version"
        f" FROM {workspace.quoted_schema}._history AS h WHERE {within}"
        f" AND h.object = {literal(rule.object)} AND h.action IN ({actions}){fields}"
    )


def moves_of(workspace: Workspace, rule: RuleDef, within: str) -> str:
    """Entries into the classes that a rule hears of; ``within`` (SQL over ``m``) tells which."""
    assert isinstance(rule.when, Enters)
    classes = ", ".join(literal(key) for key in rule.when.classes)
    which = f"m.to_class IN ({classes})" if classes else "m.to_class IS NOT NULL"
    return (
        f"SELECT m.id AS entry, m.record_id, m.at, ({move_cause(workspace)}) AS cause"
        f" FROM {workspace.quoted_schema}._segment_move AS m"
        f" WHERE m.segment = {literal(rule.when.segment)} AND {which} AND {within}"
    )


def move_cause(workspace: Workspace) -> str:
    """The cause of a move ``m``: of the change a moment before it, so that a chain of rules is seen through classes."""
    return (
        f"SELECT h.cause FROM {workspace.quoted_schema}._history AS h WHERE h.record_id = m.record_id"
        " AND h.at <= m.at AND h.at > m.at - interval '1 minute' ORDER BY h.version DESC LIMIT 1"
    )


def events_of(workspace: Workspace, rule: RuleDef, within: str) -> str:
    """Named events that a rule hears of; ``within`` (SQL over ``v``) tells which."""
    assert isinstance(rule.when, Happens)
    return (
        f"SELECT v.id AS entry, v.record_id, v.at, v.cause FROM {workspace.quoted_schema}._event AS v"
        f" WHERE v.event = {literal(rule.when.event)} AND v.object = {literal(rule.object)} AND {within}"
    )

"""What rules and their actions name."""

from __future__ import annotations

from collections.abc import Iterable

from tongmai.model.referring.names import Names
from tongmai.model.rule_definitions import Becomes, Changed, Enters, MakeRecord, RuleAction, RuleDef, SetFields
from tongmai.model.rule_parts import fields_of, people_of, texts_of, written_by


def name_rule(names: Names, rule: RuleDef) -> None:
    names.object(rule.object)
    names.formula(rule.object, rule.if_)
    names.formula(rule.object, rule.outcome)
    match rule.when:
        case Changed(fields=keys):
            for key in keys:
                names.field(rule.object, key)
        case Becomes(leave_when=text):
            names.formula(rule.object, text)
        case Enters(segment=key):
            names.add("segment", key)
        case _:
            pass
    name_actions(names, rule.object, rule.then)


def name_actions(names: Names, object_key: str, actions: Iterable[RuleAction]) -> None:
    for action in actions:
        for _, text in texts_of(action):
            names.template(object_key, text)
        for who in people_of(action):
            name_who(names, object_key, who)
        for _, key in fields_of(action):
            names.field(object_key, key)
        if isinstance(action, SetFields | MakeRecord):
            _name_written(names, object_key, action)


def name_who(names: Names, object_key: str, who: str) -> None:
    kind, _, rest = who.partition(":")
    if kind == "role":
        names.add("role", rest)
    elif kind == "person":
        names.formula(object_key, rest)


def _name_written(names: Names, object_key: str, action: SetFields | MakeRecord) -> None:
    scope = names.scope(object_key)
    written = None if scope is None else written_by(action, scope)
    if written is None:
        return
    target, values = written
    names.object(target.object_key)
    for key, text in values.items():
        names.field(target.object_key, key)
        names.formula(object_key, text)
    if isinstance(action, MakeRecord) and action.about is not None:
        names.field(target.object_key, action.about)

"""What a rule's actions need to know of the record, beside its condition: texts, new values, people, each by place.

Places: ``subject`` (the record's title), ``<action>.title``, ``<action>.detail``, ``<action>.body``, each also with
``.en`` where its English is a text of its own, ``<action>.body.<name>`` of a hook, ``<action>.values.<field>``,
``<action>.of`` (the related record to be set), and ``who.<path>`` for ``person:<path>``; actions count from 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from tongmai.formula import FieldRef, Tree, parse
from tongmai.model.definitions import Catalogue
from tongmai.model.rule_definitions import CallHook, RuleAction, RuleDef, SetFields
from tongmai.model.rule_parts import IN_ENGLISH, people_of, texts_of, written_by
from tongmai.model.scope import ObjectScope
from tongmai.model.shown_values import in_english, shown_value
from tongmai.model.templates import parse_template

SUBJECT = "subject"


def wants_of(catalogue: Catalogue, rule: RuleDef, scope: ObjectScope) -> Iterator[tuple[str, Tree]]:
    """The trees over the rule's object by place. Raises ``Invalid`` for a faulty rule."""
    title = catalogue.object_by_key[rule.object].title
    # What was said in a watched record is read there, or not at all.
    if title is not None and not catalogue.object_by_key[rule.object].watched:
        yield SUBJECT, parse_template(f"{{{title}}}", scope) if _shows(scope, title) else parse(title, scope).tree
    seen: set[str] = set()
    for number, action in enumerate(rule.then):
        for name, text in texts_of(action):
            yield f"{number}.{name}", _told(name, text, scope, action)
        yield from _written(number, action, scope)
        for who in people_of(action):
            kind, _, path = who.partition(":")
            if kind == "person" and path not in seen:
                seen.add(path)
                yield f"who.{path}", person_at(scope, path)


def _told(name: str, text: str, scope: ObjectScope, action: RuleAction) -> Tree:
    """What people read is written as they write it; another system is given values as they are."""
    if isinstance(action, CallHook):
        return parse_template(text, scope)
    tree = parse_template(text, scope, lambda value: shown_value(value, scope))
    return in_english(tree) if name.endswith(IN_ENGLISH) else tree


def _written(number: int, action: RuleAction, scope: ObjectScope) -> Iterator[tuple[str, Tree]]:
    written = written_by(action, scope)
    if written is None:
        return
    target, values = written
    for key, text in values.items():
        bound = target.bound(key)
        yield f"{number}.values.{key}", parse(text, scope, expect=bound.type.value_type(bound.options)).tree
    if isinstance(action, SetFields) and action.of is not None:
        yield f"{number}.of", parse(action.of, scope).tree


def person_at(scope: ObjectScope, path: str) -> FieldRef:
    """The person that a path of relation keys leads to. Raises ``Invalid`` where there is no such path."""
    tree = parse(path, scope).tree
    if not isinstance(tree, FieldRef):
        raise TypeError(f"no path to a person: {path}")
    return tree


def _shows(scope: ObjectScope, key: str) -> bool:
    return scope.symbol(key).type.kind.value in ("text", "choice", "number", "date", "datetime", "boolean")

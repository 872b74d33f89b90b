"""What actions of rules are made of: their templates, the people and the fields they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai.kit import Text
from tongmai.model.rule_definitions import (
    CallHook,
    Escalate,
    Lock,
    MakeRecord,
    MakeSignal,
    MakeTask,
    Notify,
    Push,
    RuleAction,
    SetFields,
)
from tongmai.model.scope import ObjectScope

# Ends the name of a template that English readers are shown.
IN_ENGLISH = ".en"


def texts_of(action: RuleAction) -> Iterator[tuple[str, str]]:
    """The templates of an action by name: ``title``, and ``title.en`` where the English is another; ``body.<name>`` are
    those of a hook."""
    if isinstance(action, CallHook):
        yield from ((f"body.{name}", text) for name, text in action.body.items())
        return
    for name in ("title", "detail", "body"):
        text = getattr(action, name, None)
        if isinstance(text, Text):
            yield name, text.zh
            if text.own_english is not None:
                yield f"{name}{IN_ENGLISH}", text.own_english


def people_of(action: RuleAction) -> tuple[str, ...]:
    """Everybody an action names."""
    if isinstance(action, MakeTask):
        return (action.to, *action.breach)
    if isinstance(action, MakeSignal | Notify | Push | Escalate):
        return action.to
    return ()


def fields_of(action: RuleAction) -> Iterator[tuple[str, str]]:
    """The fields of the record that an action names, with where it does."""
    match action:
        case SetFields(of=str(of)):
            yield "of", of
        case SetFields():
            yield from ((f"values.{key}", key) for key in action.values)
        case Lock():
            yield from (("fields", key) for key in action.fields)
        case MakeTask():
            yield from (("form", key) for key in action.form)
        case MakeSignal():
            yield from ((f"buttons.{button.key}", key) for button in action.buttons for key in button.fields)
        case _:
            return


def written_by(action: RuleAction, scope: ObjectScope) -> tuple[ObjectScope, Mapping[str, str]] | None:
    """The fields that an action gives values, as formulas over the rule's record, with the scope of the object whose
    they are; None for one that writes none, or to what the catalogue does not have."""
    match action:
        case SetFields(of=None):
            return scope, action.values
        case SetFields(of=str(of)):
            target = scope.through(of)
        case MakeRecord():
            target = scope.beside(action.object)
        case _:
            return None
    return None if target is None else (target, action.values)

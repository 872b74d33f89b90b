"""What actions of rules are made of: their templates, the people and the fields they name."""

from __future__ import annotations

from collections.abc import Iterator

from tongmai.model.rule_definitions import (
    CallHook,
    Escalate,
    Lock,
    MakeSignal,
    MakeTask,
    Notify,
    Push,
    RuleAction,
    SetFields,
)


def texts_of(action: RuleAction) -> Iterator[tuple[str, str]]:
    """The templates of an action by name; ``body.<name>`` are those of a hook."""
    if isinstance(action, CallHook):
        yield from ((f"body.{name}", text) for name, text in action.body.items())
        return
    for name in ("title", "detail", "body"):
        text = getattr(action, name, None)
        if isinstance(text, str):
            yield name, text


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

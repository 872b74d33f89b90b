"""A value as its source writes such: our numbers of phones and keys of options are ours alone."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from tongmai.link.pushing.values import Naming
from tongmai.model import BoundField, ChoiceOptions, ObjectScope

_HERE = "+86"


def in_their_manner(
    naming: Naming, values: Mapping[str, JsonValue], theirs: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """``values`` by path, each as ``theirs`` has it written: 13900000000 where it has 13800000000, 重点 where 普通."""
    scope = ObjectScope(naming.catalogue, naming.mapping.object, metrics=False)
    fields = {each.push: scope.bound(each.field) for each in naming.mapping.fields if each.push is not None}
    return {path: _as_theirs(fields[path], value, theirs.get(path)) for path, value in values.items()}


def _as_theirs(field: BoundField, value: JsonValue, theirs: JsonValue) -> JsonValue:
    if isinstance(value, list):
        sample = next(iter(theirs), None) if isinstance(theirs, list) else theirs
        return [_as_theirs(field, each, sample) for each in value]
    if not isinstance(value, str):
        return value
    if field.definition.type == "phone":
        # Where nothing stands yet, as the country's systems write their own numbers.
        is_bare = theirs is None or (isinstance(theirs, str) and not theirs.startswith(("+", "00")))
        return value.removeprefix(_HERE) if is_bare else value
    options = field.options
    choice = options.by_key.get(value) if isinstance(options, ChoiceOptions) else None
    if choice is None or not isinstance(options, ChoiceOptions) or theirs in options.by_key:
        return value
    in_english = {each.label.en for each in options.choices} - {each.label.zh for each in options.choices}
    return choice.label.en if theirs in in_english else choice.label.zh

"""Components: parts of an app that fit onto any object once a few questions are answered (S0-38).

A component is a YAML file: what it asks (an object, fields of it, numbers, a role) and what it brings (fields, and any
part of a catalogue) with ``${name}`` where an answer belongs. Fitting one gives an ordinary change of the model, which
is previewed, put into force and taken back as any other. Answers are keys that the catalogue has and numbers within
limits, so nothing that a person types becomes a formula.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, JsonValue

from tongmai.kit import Fault, Invalid, NotFound, Text
from tongmai.model import PARTS, Catalogue, Changeset, Definition, FieldDef, Key, Label, ObjectDef, diff, read_document

_PLACE = re.compile(r"\$\{([a-z_]+(?:\.[a-z]+)?)\}")
_TYPES = {"date": ("date", "datetime"), "amount": ("money", "number")}


class Ask(Definition):
    """A question. ``words`` are what a fitting field's name or label usually holds; limits are of numbers."""

    key: Key
    kind: Literal["object", "date", "amount", "number", "role"]
    label: Label
    optional: bool = False
    words: tuple[str, ...] = ()
    default: int | None = None
    least: int = 0
    most: int = 1_000_000


class Component(Definition):
    """What a component's file says."""

    key: Key
    label: Label
    description: Label | None = None
    icon: str | None = None
    asks: Annotated[tuple[Ask, ...], Field(min_length=1, max_length=30)]
    brings: dict[str, list[dict[str, JsonValue]]]


def built_in_components() -> tuple[Component, ...]:
    """The components that come with the program."""
    folder = resources.files("tongmai") / "components"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)
    return tuple(read_document(Component, yaml.safe_load(each.read_text(encoding="utf-8"))) for each in files)


def find_component(key: str) -> Component:
    """Raises ``NotFound``."""
    for each in built_in_components():
        if each.key == key:
            return each
    raise NotFound.of("component.unknown", f"没有组件“{key[:60]}”", f"There is no component “{key[:60]}”")


def fields_for(ask: Ask, definition: ObjectDef) -> tuple[FieldDef, ...]:
    """The fields of an object that can answer, those whose names suit it first."""
    fit = [each for each in definition.fields if each.type in _TYPES.get(ask.kind, ())]
    return tuple(sorted(fit, key=lambda each: not _suits(ask, each)))


def _suits(ask: Ask, field: FieldDef) -> bool:
    told = f"{field.key} {field.label.zh} {field.label.en}".lower()
    return any(word in told for word in ask.words)


def suggested(component: Component, catalogue: Catalogue, object_key: str) -> dict[str, JsonValue]:
    """Answers that a person only has to look at: no field serves twice, and only a name that suits is a guess."""
    definition = catalogue.object_by_key[object_key]
    found: dict[str, JsonValue] = {"object": object_key}
    for ask in component.asks:
        if ask.kind == "number":
            found[ask.key] = ask.default
        elif ask.kind == "role":
            found[ask.key] = next((each for each in ask.words if each in catalogue.role_by_key), None)
        elif ask.kind in _TYPES:
            free = (each for each in fields_for(ask, definition) if each.key not in found.values())
            found[ask.key] = next((each.key for each in free if _suits(ask, each)), None)
    return found


def fit(component: Component, catalogue: Catalogue, answers: Mapping[str, JsonValue]) -> Changeset:
    """The change that puts the component onto the catalogue. Raises ``Invalid`` with each answer that does not do."""
    words = _words(component, catalogue, answers)
    definition = catalogue.object_by_key[str(words["object"])]
    brought = {name: _filled(items, words) for name, items in component.brings.items()}
    fields = [read_document(FieldDef, each) for each in brought.pop("fields", [])]
    faults = [_there(f"{definition.key}.{each.key}", each.label) for each in fields if each.key in definition.by_key]
    more: dict[str, Any] = {}
    for part in PARTS:
        given = read_document(Catalogue, {"objects": (), part.name: brought.pop(part.name, [])})
        there = {each.key for each in part.of(catalogue)}
        faults += [_there(each.key, each.label) for each in part.of(given) if each.key in there]
        more[part.name] = (*part.of(catalogue), *part.of(given))
    if faults:
        raise Invalid(tuple(faults))
    changed = definition.replace(fields=(*definition.fields, *fields))
    objects = tuple(changed if each.key == definition.key else each for each in catalogue.objects)
    return diff(catalogue, catalogue.replace(objects=objects, **more))


def _there(key: str, label: Text) -> Fault:
    return Fault(
        "component.there",
        Text(f"已经有“{label.zh}”（{key}）", f"“{label.en}” is there already ({key})"),
        Text("它装过了：请直接修改，或先删除", "It was fitted before: change it where it is, or delete it first"),
        field="object",
    )


def _words(component: Component, catalogue: Catalogue, answers: Mapping[str, JsonValue]) -> dict[str, str | int]:
    """What stands for each place. An unanswered one is not there."""
    asked = {ask.key for ask in component.asks}
    faults = [
        Fault("component.unasked", Text(f"没有问到“{key[:40]}”", f"“{key[:40]}” was not asked"), field=key[:40])
        for key in answers
        if key not in asked
    ]
    definition = catalogue.object_by_key.get(str(answers.get("object")))
    if definition is None:
        raise Invalid((*faults, _unfit("object", Text("请选择一个对象", "Choose an object"))))
    found: dict[str, str | int] = {
        "object": definition.key,
        "object.zh": definition.label.zh,
        "object.en": definition.label.en,
        "title": f"{{{definition.title}}}" if definition.title else definition.label.zh,
    }
    if definition.title in definition.by_key:
        found["title.key"] = str(definition.title)
    for ask in component.asks:
        if ask.kind == "object":
            continue
        given = answers.get(ask.key, ask.default)
        if given is None and ask.optional:
            continue
        try:
            found |= _answer(ask, catalogue, definition, given)
        except Invalid as invalid:
            faults += invalid.faults
    if faults:
        raise Invalid(tuple(faults))
    return found


def _answer(ask: Ask, catalogue: Catalogue, definition: ObjectDef, given: JsonValue) -> dict[str, str | int]:
    match ask.kind:
        case "number":
            if isinstance(given, bool) or not isinstance(given, int) or not ask.least <= given <= ask.most:
                limits = f"{ask.least}–{ask.most}"
                words = Text(f"“{ask.label.zh}”应为 {limits}", f"“{ask.label.en}” must be within {limits}")
                raise Invalid((_unfit(ask.key, words),))
            return {ask.key: given}
        case "role":
            if given not in catalogue.role_by_key:
                raise Invalid((_unfit(ask.key, Text("没有这个角色", "There is no such role")),))
            return {ask.key: str(given)}
        case _:
            field = definition.by_key.get(str(given))
            if field is None or field.type not in _TYPES[ask.kind]:
                words = Text(f"请为“{ask.label.zh}”选择字段", f"Choose the field of “{ask.label.en}”")
                raise Invalid((_unfit(ask.key, words),))
            text = f"DATE([{field.key}])" if field.type == "datetime" else f"[{field.key}]"
            return {ask.key: text, f"{ask.key}.key": field.key}


def _unfit(key: str, words: Text) -> Fault:
    return Fault("component.unfit", words, field=key)


def _filled(items: list[dict[str, JsonValue]], words: Mapping[str, str | int]) -> list[Any]:
    return [_fill(each, words) for each in items if _wanted(each, words)]


def _fill(given: JsonValue, words: Mapping[str, str | int]) -> Any:
    if isinstance(given, dict):
        return {key: _fill(value, words) for key, value in given.items() if key != "needs"}
    if isinstance(given, list):
        return [_fill(each, words) for each in given if _wanted(each, words)]
    if isinstance(given, str):
        return _PLACE.sub(lambda place: str(words[place.group(1)]), given)
    return given


def _wanted(given: JsonValue, words: Mapping[str, str | int]) -> bool:
    """Whether an item of a list is brought: one that needs an answer nobody gave is not."""
    if isinstance(given, dict):
        needs = given.get("needs")
        return needs is None or needs in words
    return not isinstance(given, str) or all(name in words for name in _PLACE.findall(given))

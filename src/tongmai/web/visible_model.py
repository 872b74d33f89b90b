"""The metadata as one person may see it: what the screens and the API's description are made from.

Whoever manages the model or access sees all of it. Everybody else sees the objects and fields their roles can reach at
all, each with what they may do, and none of the formulas that guard them (a validation may name a field they must not
know of). What shows or hides a field while one types comes as a tree, where it names only fields that they may read.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import orjson
from pydantic import JsonValue

from tongmai.access import ACTIONS, Actor, ObjectPolicy, Policies, manages
from tongmai.formula import FALSE
from tongmai.model import (
    SYSTEM_KEYS,
    Catalogue,
    ChoiceOptions,
    FieldDef,
    ObjectDef,
    ObjectScope,
    computed_fields,
    operators_of,
    system_fields,
)
from tongmai.web.live_formulas import live_formulas

Document = dict[str, JsonValue]
_KEPT = 256
# What a form needs to be drawn; the rest is the designer's.
_GUARDS = frozenset({"validations", "uniques", "light_entry", "prompts"})


class VisibleModel:
    """Documents by catalogue and roles, kept: each screen asks for one when it opens. For one event loop."""

    def __init__(self, policies: Policies, kept: int = _KEPT) -> None:
        self._policies = policies
        self._kept = kept
        self._entries: OrderedDict[tuple[object, ...], tuple[Catalogue, Document, str]] = OrderedDict()

    def document(self, actor: Actor, catalogue: Catalogue) -> tuple[Document, str]:
        """``{version, objects, calendar}`` and the definitions of ``_designs``, with the entity tag."""
        slot = (id(catalogue), actor.roles, actor.scopes)
        entry = self._entries.get(slot)
        if entry is not None and entry[0] is catalogue:
            self._entries.move_to_end(slot)
            return entry[1], entry[2]
        found = self._make(actor, catalogue)
        tag = f'"{hashlib.sha256(orjson.dumps(found)).hexdigest()[:32]}"'
        self._entries[slot] = (catalogue, found, tag)
        if len(self._entries) > self._kept:
            self._entries.popitem(last=False)
        return found, tag

    def objects(self, actor: Actor, catalogue: Catalogue) -> list[ObjectDef]:
        """The objects with the fields the actor may know of."""
        everything = sees_everything(actor, catalogue)
        found = []
        for definition in catalogue.objects:
            policy = self._policies.of(actor, catalogue, definition.key)
            if everything or policy.may("read") or policy.may("create"):
                fields = tuple(each for each in definition.fields if everything or is_known(policy, each.key))
                found.append(definition if everything else definition.model_copy(update={"fields": fields}))
        return found

    def _make(self, actor: Actor, catalogue: Catalogue) -> Document:
        everything = sees_everything(actor, catalogue)
        objects: list[JsonValue] = []
        for definition in self.objects(actor, catalogue):
            policy = self._policies.of(actor, catalogue, definition.key)
            objects.append(_object(catalogue, definition, policy, with_guards=everything))
        return {
            "version": catalogue.version,
            "objects": objects,
            **_designs(catalogue, everything=everything),
            "calendar": catalogue.calendar.model_dump(mode="json"),
        }


def _designs(catalogue: Catalogue, *, everything: bool) -> Document:
    """The definitions that only designers read; nobody else learns of their formulas."""
    parts = {
        "roles": catalogue.roles,
        "metric_definitions": catalogue.metrics,
        "segments": catalogue.segments,
        "rules": catalogue.rules,
        "sources": catalogue.sources,
        "mappings": catalogue.mappings,
    }
    return {
        name: [each.model_dump(mode="json", by_alias=True) for each in part] if everything else []
        for name, part in parts.items()
    }


def sees_everything(actor: Actor, catalogue: Catalogue) -> bool:
    return manages(actor, catalogue, "model") or manages(actor, catalogue, "access")


def is_known(policy: ObjectPolicy, field: str) -> bool:
    """Whether the field's name may be shown: it can be read or written on some record."""
    return any(mask.get(field, FALSE) != FALSE for mask in (policy.readable, policy.writable)) or (
        field in policy.settable
    )


def _object(catalogue: Catalogue, definition: ObjectDef, policy: ObjectPolicy, *, with_guards: bool) -> Document:
    leave_out = {"fields"} if with_guards else {"fields", *_GUARDS}
    found: Document = definition.model_dump(mode="json", exclude=leave_out)
    scope = ObjectScope(catalogue, definition.key)
    found["form"] = _form(definition)
    found["fields"] = [_field(scope, each, policy, with_guards=with_guards) for each in definition.fields]
    measured = (
        each for each in computed_fields(catalogue, definition.key) if with_guards or is_known(policy, each.key)
    )
    found["metrics"] = [_field(scope, each, policy, with_guards=True) for each in measured]
    found["system_fields"] = [_field(scope, each, policy, with_guards=True) for each in system_fields(definition.key)]
    found["may"] = {action: policy.may(action) for action in ACTIONS}
    found["partly"] = [action for action in ACTIONS if policy.may_partly(action)]
    return found


def _form(definition: ObjectDef) -> list[JsonValue]:
    """The layout of the record page, of the fields that ``definition`` still has and the system's."""
    known = {each.key for each in definition.fields}.union(SYSTEM_KEYS)
    found: list[JsonValue] = []
    for section in definition.form:
        keys: list[JsonValue] = [key for key in section.fields if key in known]
        if keys:
            found.append({"label": {"zh": section.label.zh, "en": section.label.en}, "fields": keys})
    return found


def _field(scope: ObjectScope, each: FieldDef, policy: ObjectPolicy, *, with_guards: bool) -> Document:
    found: Document = each.model_dump(mode="json")
    if not with_guards:
        # Who cannot change the model needs no formulas: values, defaults and hints come from the server.
        found["lookup"] = None
        if each.type == "formula":
            found["options"] = {}
        found["visible_when"] = found["default"] = None
        if each.hint is not None and each.hint.when is not None:
            found["hint"] = {**each.hint.model_dump(mode="json"), "when": ""}
    options = None if each.type == "formula" else scope.bound(each.key).options
    if isinstance(options, ChoiceOptions) and options.source == "roles":
        # Nobody typed these choices: without them a screen could tell a role by its key only.
        found["options"] = {**each.options, "choices": [choice.model_dump(mode="json") for choice in options.choices]}
    found["live"] = live_formulas(scope, each, policy)
    kind = scope.symbol(each.key).type.kind
    found["kind"] = kind.value
    found["operators"] = list(operators_of(kind) if each.type == "formula" else scope.bound(each.key).operators)
    found["may"] = {
        "read": policy.readable.get(each.key, FALSE) != FALSE,
        "create": each.key in policy.settable,
        "update": policy.writable.get(each.key, FALSE) != FALSE,
    }
    return found

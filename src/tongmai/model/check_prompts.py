"""Whether prompts can work: the fields they ask for, their formulas, and the records that hush them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault
from tongmai.model.check_entries import bound_or_none, check_formula, check_writable
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.prompt_definitions import Hush
from tongmai.model.scope import ObjectScope


def check_prompts(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of the objects' prompts."""
    for each in catalogue.objects:
        if each.prompts is None:
            continue
        place, own = Place("objects") / each.key / "prompts", scopes[each.key]
        keys = [prompt.key for prompt in each.prompts.items]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield fault("prompt.duplicate_key", place / "items", f"key “{key}”重复", f"key “{key}” repeats")
        for prompt in each.prompts.items:
            here = place / "items" / prompt.key
            for field in prompt.fields:
                yield from check_writable(own, field, here / "fields")
            yield from check_formula(own, prompt.when, here / "when", formula.BOOLEAN)
        for number, hush in enumerate(each.prompts.hush):
            yield from _check_hush(hush, each.key, scopes, place / "hush" / str(number))


def _check_hush(hush: Hush, about: str, scopes: Mapping[str, ObjectScope], place: Place) -> Iterator[Fault]:
    if hush.object is None or hush.by is None:
        return
    scope = scopes.get(hush.object)
    if scope is None:
        yield fault("prompt.unknown_object", place / "object", f"没有对象“{hush.object}”", f"no object “{hush.object}”")
        return
    field = bound_or_none(scope, hush.by)
    if field is None or field.target != about:
        yield fault(
            "prompt.by",
            place / "by",
            f"“{hush.by}”应是指向该对象的关联字段",
            f"“{hush.by}” must be a relation to this object",
        )
    yield from check_formula(scope, hush.when, place / "when", formula.BOOLEAN)

"""The formulas that a form works out while a person types, as trees for the browser's evaluator.

Only those that the browser can answer truly go out: over the record's own fields, all of them readable by the person,
with no parameter but the moment and oneself, and without the company's working days. The others stay the server's.
"""

from __future__ import annotations

from functools import lru_cache

from pydantic import JsonValue

from tongmai.access import ObjectPolicy
from tongmai.formula import FALSE, Call, Formula, Param, functions, parse, to_json, walk
from tongmai.model import FieldDef, ObjectScope

_PARAMS = frozenset({"now", "today", "me"})


def live_formulas(scope: ObjectScope, field: FieldDef, policy: ObjectPolicy) -> dict[str, JsonValue]:
    """``visible_when`` and ``hint_when`` of a field, each a formula document where there is one that may go out."""
    found: dict[str, JsonValue] = {}
    for name, text in (
        ("visible_when", field.visible_when),
        ("hint_when", field.hint.when if field.hint is not None else None),
    ):
        if text is None:
            continue
        formula = parse(text, scope)
        if _is_answered_by_the_browser(formula) and _is_readable(formula, policy):
            found[name] = to_json(formula.tree)
    return found


def _is_readable(formula: Formula, policy: ObjectPolicy) -> bool:
    return all(policy.readable.get(path[0], FALSE) != FALSE for path in formula.paths)


def _is_answered_by_the_browser(formula: Formula) -> bool:
    for node in walk(formula.tree):
        if isinstance(node, Param) and node.name not in _PARAMS:
            return False
        if isinstance(node, Call) and node.function in _of_working_days():
            return False
    return all(len(path) == 1 for path in formula.paths)


@lru_cache(maxsize=1)
def _of_working_days() -> frozenset[str]:
    return frozenset(each.name for each in functions() if each.group == "workday")

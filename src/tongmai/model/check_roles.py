"""Whether the roles of a catalogue grant what there is, in formulas that parse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault, Invalid
from tongmai.model.builtin import ADMINISTRATOR
from tongmai.model.definitions import Catalogue, Grant, RoleDef
from tongmai.model.fault_at import Place, fault
from tongmai.model.metric_fields import computed_fields
from tongmai.model.scope import ObjectScope
from tongmai.model.system_fields import SYSTEM_KEYS

_FORMULA = "formula:"


def check_roles(catalogue: Catalogue, scopes: Mapping[str, ObjectScope] | None) -> Iterator[Fault]:
    """Faults of all roles; formulas are left out where there are no ``scopes`` yet."""
    place = Place("roles")
    seen: dict[str, str] = {}
    for role in catalogue.roles:
        here = place / role.key
        for word in dict.fromkeys((role.key, role.label.zh, role.label.en)):
            if seen.setdefault(word.strip().casefold(), role.key) != role.key:
                yield fault("role.duplicate_name", here, f"名称“{word}”已被使用", f"the name “{word}” is already used")
        if sum(each.key == role.key for each in catalogue.roles) > 1:
            yield fault("role.duplicate_key", here, f"key “{role.key}”重复", f"key “{role.key}” repeats")
        yield from _check_grants(catalogue, scopes, here, role)


def _check_grants(
    catalogue: Catalogue, scopes: Mapping[str, ObjectScope] | None, place: Place, role: RoleDef
) -> Iterator[Fault]:
    if role.builtin and role.key == ADMINISTRATOR and role.grants:
        yield fault(
            "role.administrator",
            place / "grants",
            "管理员本来就拥有全部权限",
            "an administrator may do everything as it is",
            "请移除这些授权",
            "remove the grants",
        )
    objects = [grant.object for grant in role.grants]
    for grant in role.grants:
        here = place / grant.object
        if objects.count(grant.object) > 1:
            yield fault("role.repeated_grant", here, "对同一对象授权了两次", "the object is granted twice")
        yield from _check_grant(catalogue, scopes, here, grant)


def _check_grant(
    catalogue: Catalogue, scopes: Mapping[str, ObjectScope] | None, place: Place, grant: Grant
) -> Iterator[Fault]:
    target = catalogue.object_by_key.get(grant.object)
    if target is None:
        yield fault("role.unknown_object", place, f"没有对象“{grant.object}”", f"there is no object “{grant.object}”")
        return
    metrics = {each.key for each in computed_fields(catalogue, grant.object)} if grant.field_access else set()
    for key in grant.field_access:
        if key not in target.by_key and key not in SYSTEM_KEYS and key not in metrics:
            yield fault("role.unknown_field", place / key, f"没有字段“{key}”", f"there is no field “{key}”")
    for name in ("read", "update", "delete"):
        rows: str = getattr(grant, name)
        if scopes is None or not rows.startswith(_FORMULA):
            continue
        try:
            formula.parse(rows.removeprefix(_FORMULA), scopes[grant.object], expect=formula.BOOLEAN)
        except Invalid as invalid:
            yield from (each.at_field(str(place / name)) for each in invalid.faults)

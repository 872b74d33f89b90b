"""The policy once more, slowly: one actor, one row, one question, straight from the grants.

Written independently of ``compile_policy`` (no reaches, no masks, no simplification), so that tests can hold every
surface of the product against it. It also serves ``explain``.
"""

from __future__ import annotations

from dataclasses import replace

from tongmai.access.actors import Action, Actor, AnyActor, Person, SystemActor, policy_params
from tongmai.formula import BOOLEAN, Moment, Row, compile_python, parse
from tongmai.kit import Invalid
from tongmai.model import SYSTEM_KEYS, Catalogue, Grant, ObjectScope, RoleDef, baseline_grant, computed_fields

_SYSTEM = set(SYSTEM_KEYS)
_OWN_SCOPE: dict[Action, str] = {
    "read": "read",
    "create": "read",
    "update": "update",
    "delete": "delete",
    "purge": "delete",
    "export": "read",
    "import": "read",
}


def evaluate_slowly(
    catalogue: Catalogue,
    actor: AnyActor,
    object_key: str,
    row: Row,
    action: Action,
    field: str | None = None,
    *,
    moment: Moment,
) -> bool:
    """Whether the actor may do ``action`` with the row (and with ``field`` of it; for create: give it a value).

    ``row`` holds values by field key and dotted path, as stored. ``moment``'s own parameters are not used.
    """
    definition = catalogue.object_by_key.get(object_key)
    if definition is None or (field is not None and field not in _known(catalogue, object_key)):
        return False
    if isinstance(actor, SystemActor):
        return (
            field is None or action not in ("create", "update", "import") or _has_column(catalogue, object_key, field)
        )
    if not _token_permits(actor, object_key, action):
        return False
    roles = [catalogue.role_by_key[key] for key in actor.roles if key in catalogue.role_by_key]
    if any(role.key == "administrator" and role.builtin for role in roles):
        return evaluate_slowly(catalogue, SystemActor("administrator"), object_key, row, action, field, moment=moment)
    if not any(
        grant_reaches(catalogue, grant, actor.person, row, action, moment) for _, grant in _grants(roles, object_key)
    ):
        return False
    if action in ("update", "delete", "purge") and not evaluate_slowly(
        catalogue, actor, object_key, row, "read", moment=moment
    ):
        return False
    return field is None or _field_permitted(catalogue, actor.person, roles, object_key, row, action, field, moment)


def grant_reaches(catalogue: Catalogue, grant: Grant, person: Person, row: Row, action: Action, moment: Moment) -> bool:
    """Whether this grant alone has the row in its reach for the action."""
    if action == "create" and not grant.create:
        return False
    if action == "purge" and not grant.purge:
        return False
    if action == "export" and not grant.export:
        return False
    if action == "import" and not grant.import_:
        return False
    return row_in_scope(catalogue, grant.object, getattr(grant, _OWN_SCOPE[action]), person, row, moment)


def row_in_scope(catalogue: Catalogue, object_key: str, scope: str, person: Person, row: Row, moment: Moment) -> bool:
    """Whether a row lies in a scope as a grant words it."""
    if scope in ("none", "all"):
        return scope == "all"
    if scope.startswith("formula:"):
        try:
            formula = parse(scope.removeprefix("formula:"), ObjectScope(catalogue, object_key), expect=BOOLEAN)
        except Invalid:
            return False
        return compile_python(formula.tree)(row, replace(moment, params=policy_params(person))) is True
    if object_key == "team":
        teams = {person.team} if scope != "subtree" else {person.team, *person.teams}
        return row.get("id") is not None and row.get("id") in teams
    if object_key == "person":
        if row.get("id") == person.id:
            return True
        mine = {"own": (), "team": (person.team,), "subtree": person.teams}[scope]
        return row.get("team") is not None and row.get("team") in mine
    seen = {"own": {person.id}, "team": {person.id, *person.people}, "subtree": {person.id, *person.subtree}}[scope]
    return row.get("owner") in seen


def _field_permitted(
    catalogue: Catalogue,
    person: Person,
    roles: list[RoleDef],
    object_key: str,
    row: Row,
    action: Action,
    field: str,
    moment: Moment,
) -> bool:
    writing = action in ("create", "update", "import")
    if writing and not _deciding_field_permitted(roles, object_key, field):
        return False
    for role, grant in _grants(roles, object_key):
        if writing and not _writes(catalogue, grant, object_key, field):
            continue
        if not writing and not grant_reads(catalogue, role, grant, field):
            continue
        # On a new record a grant that creates decides; else the grant must have the row in its own scope.
        if action in ("create", "import"):
            if grant.create:
                return True
        elif row_in_scope(catalogue, object_key, grant.update if writing else grant.read, person, row, moment):
            return True
    return False


def grant_reads(catalogue: Catalogue, role: RoleDef, grant: Grant, field: str) -> bool:
    """Whether a grant lets a field be seen: by its own word, and a computed field only with all that is in it."""
    if field in _SYSTEM:
        return True
    if _access(grant, field) == "none":
        return False
    definition = catalogue.object_by_key[grant.object].by_key.get(field)
    if definition is not None:
        if definition.type != "formula" or field in grant.field_access:
            return True
        return _all_read(catalogue, role, grant, [str(definition.options["text"])])
    key = _without_suffix(field)
    if {field, key} & grant.field_access.keys():
        return True
    return (
        _metric_read(catalogue, role, grant, key)
        if key in catalogue.metric_by_key
        else _all_read(
            catalogue,
            role,
            grant,
            [text for each in catalogue.segment_by_key[key].classes for text in (each.when, each.leave_when) if text],
            leniently=True,
        )
    )


def _metric_read(catalogue: Catalogue, role: RoleDef, grant: Grant, key: str) -> bool:
    metric = catalogue.metric_by_key[key]
    measure = metric.measure
    if measure.kind == "ratio":
        return all(grant_reads(catalogue, role, grant, each) for each in (measure.numerator, measure.denominator))
    if measure.kind == "update_rate":
        return all(grant_reads(catalogue, role, grant, each) for each in measure.fields)
    compared = [metric.comparison.value] if metric.comparison.kind == "benchmark" else []
    if not _all_read(catalogue, role, grant, compared, leniently=True):
        return False
    if measure.kind == "formula":
        return _all_read(catalogue, role, grant, [measure.formula], leniently=True)
    texts = [metric.at, metric.where, *(getattr(measure, name, None) for name in ("value", "start", "end"))]
    try:
        scope = ObjectScope(catalogue, metric.source, metrics=False)
        paths = [path for text in texts if text for path in parse(text, scope).paths]
    except (Invalid, KeyError):
        return False
    repeats = metric.gives == "text" and measure.kind in ("last", "min", "max")
    return all(_path_shown(catalogue, role, metric.source, path, not repeats) for path in paths)


def _all_read(catalogue: Catalogue, role: RoleDef, grant: Grant, texts: list[str], *, leniently: bool = False) -> bool:
    """Whether the first field of each path of the formulas is read by the grant, the others by any of the role's."""
    try:
        paths = [path for text in texts for path in parse(text, ObjectScope(catalogue, grant.object)).paths]
    except (Invalid, KeyError):
        return False
    return all(
        grant_reads(catalogue, role, grant, path[0])
        and (
            len(path) == 1
            or (
                (target := ObjectScope(catalogue, grant.object).through(path[0])) is not None
                and _path_shown(catalogue, role, target.object_key, path[1:], leniently)
            )
        )
        for path in paths
    )


def _path_shown(catalogue: Catalogue, role: RoleDef, object_key: str, path: tuple[str, ...], leniently: bool) -> bool:
    first, *rest = path
    grants = [each for each in role.grants if each.object == object_key and each.read != "none"]
    if not grants and not leniently:
        return False
    if grants and not any(grant_reads(catalogue, role, each, first) for each in grants):
        return False
    if not rest:
        return True
    target = ObjectScope(catalogue, object_key).through(first)
    return target is not None and _path_shown(catalogue, role, target.object_key, tuple(rest), leniently)


def _writes(catalogue: Catalogue, grant: Grant, object_key: str, field: str) -> bool:
    if not _has_column(catalogue, object_key, field):
        return False
    if field == "owner":
        return grant.field_access.get("owner") == "write"
    return _access(grant, field) == "write"


def _has_column(catalogue: Catalogue, object_key: str, field: str) -> bool:
    if field in _SYSTEM:
        return field == "owner"
    definition = catalogue.object_by_key[object_key].by_key.get(field)
    return definition is not None and definition.type != "formula"


def _known(catalogue: Catalogue, object_key: str) -> set[str]:
    metrics = {each.key for each in computed_fields(catalogue, object_key)}
    return _SYSTEM | set(catalogue.object_by_key[object_key].by_key) | metrics


def _deciding_field_permitted(roles: list[RoleDef], object_key: str, field: str) -> bool:
    managed = {area for role in roles for area in role.manages}
    if (object_key, field) == ("person", "roles"):
        return "access" in managed
    if (object_key, field) in {("person", "team"), ("person", "active"), ("team", "parent")}:
        return bool(managed & {"access", "people"})
    return True


def _access(grant: Grant, field: str) -> str:
    for key in (field, _without_suffix(field)):
        if key in grant.field_access:
            return grant.field_access[key]
    return grant.fields


def _without_suffix(field: str) -> str:
    """What a metric is compared with, and since when a class holds, go with the metric and the class."""
    return field.removesuffix("__base").removesuffix("__since")


def _grants(roles: list[RoleDef], object_key: str) -> list[tuple[RoleDef, Grant]]:
    found = []
    for role in roles:
        own = [grant for grant in role.grants if grant.object == object_key]
        usual = baseline_grant(object_key)
        found += [(role, grant) for grant in own or ([usual] if usual else [])]
    return found


def _token_permits(actor: Actor, object_key: str, action: Action) -> bool:
    if actor.scopes is None:
        return True
    enough = {"write", f"write:{object_key}"}
    if action in ("read", "export"):
        enough |= {"read", f"read:{object_key}"}
    return bool(actor.scopes & enough)

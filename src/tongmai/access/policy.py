"""Policies: from a set of roles to one row predicate an action and two masks a field, as formula trees.

The rules, which ``evaluate_slowly`` states a second time in another form:

- Each grant is a set of rows for each action, and the grants of all roles are united. Nothing granted is denied.
- ``update`` and ``delete`` reach rows of their own scope that the roles together can also read. A new record must lie
  in the read scope of a grant that creates (imports): nobody makes what falls out of sight. ``export`` reaches the
  read scope of grants that export, ``purge`` the delete scope of grants that purge.
- A field is visible on a row exactly if a grant that reads the field reads the row, and writable exactly if a grant
  that writes the field updates the row. On a new record a field may be set if a grant that creates writes it.
- System fields are visible with the row and never writable, but for ``owner`` where a grant names it as writable:
  handing a record over is a power of its own.
- A metric or segment is read as any field, by its own key; nobody writes it. What it is compared with, and since when,
  goes with it.
- Formula fields, metrics and segments show no more than what they are made of (``made_of``): a grant reads one if it
  reads each field in it, or if it names it itself (so that a margin can be shown where the cost is not).
- A role that grants nothing on tasks, signals or content has their baseline: its people read what is theirs, and what
  is published.
- What decides on access, a person's roles, team and activity and a team's parent, is writable only for those who
  manage access (people), besides a grant.

The trees are over the record as it is stored, never over masked values. They hold the parameters of
``policy_params``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tongmai.access.actors import ACTIONS, Action
from tongmai.access.administration import is_administrator, managed_by, manager_of_field
from tongmai.access.made_of import MadeOf, access_to
from tongmai.access.reach import EVERYTHING, NOTHING, Reach, reach_of, within
from tongmai.formula import FALSE, TRUE, Path, Tree, paths_of
from tongmai.model import (
    SYSTEM_KEYS,
    WRITABLE_SYSTEM_KEYS,
    Catalogue,
    ComputedField,
    FieldDef,
    Grant,
    ObjectDef,
    RoleDef,
    baseline_grant,
    computed_fields,
    system_fields,
)

OWNER = "owner"


@dataclass(frozen=True)
class ObjectPolicy:
    """What a set of roles may do with an object, ready to be put into statements.

    ``rows`` has a tree for each action: TRUE (all rows), FALSE (none) or a predicate. A ``readable`` mask is TRUE if
    the field is visible wherever the row is, and holds for rows in ``rows["read"]``; a ``writable`` mask likewise for
    rows in ``rows["update"]``. ``settable`` are the fields that may be given when a record is made. ``key`` tells
    policies of one workspace apart.
    """

    key: tuple[object, ...]
    object: str
    rows: Mapping[Action, Tree]
    readable: Mapping[str, Tree]
    writable: Mapping[str, Tree]
    settable: frozenset[str] = field(default_factory=frozenset)

    def may(self, action: Action) -> bool:
        """Whether there can be a row at all that the action is allowed on."""
        return self.rows[action] != FALSE

    def may_partly(self, action: Action) -> bool:
        """Whether it can be that a row is seen on which the action, allowed on others, is not."""
        return self.rows[action] not in (FALSE, TRUE, self.rows["read"])

    def paths(self) -> frozenset[Path]:
        """All field paths the predicates and masks read: what must be joined or loaded to evaluate them."""
        trees = (*self.rows.values(), *self.readable.values(), *self.writable.values())
        return frozenset().union(*map(paths_of, trees))


def compile_policy(catalogue: Catalogue, roles: frozenset[str], object_key: str) -> ObjectPolicy:
    """The policy of a set of roles. Unknown roles give nothing; an unknown object is closed.

    Takes a few hundred microseconds: callers keep the result (``Policies``).
    """
    known = frozenset(roles & catalogue.role_by_key.keys())
    key = (catalogue.version, known, object_key)
    definition = catalogue.object_by_key.get(object_key)
    if definition is None:
        return closed_policy(key, object_key, ())
    if is_administrator(catalogue, known):
        return open_policy(key, catalogue, definition)
    return _Compiler(catalogue, known, definition).compile(key)


def open_policy(key: tuple[object, ...], catalogue: Catalogue, definition: ObjectDef) -> ObjectPolicy:
    """All rows and fields: for administrators and the system."""
    fields = _fields(catalogue, definition)
    keys = tuple(each.key for each in fields)
    changeable = frozenset(each.key for each in fields if takes_values(each))
    return ObjectPolicy(
        key,
        definition.key,
        rows=dict.fromkeys(ACTIONS, TRUE),
        readable=dict.fromkeys(keys, TRUE),
        writable={each: TRUE if each in changeable else FALSE for each in keys},
        settable=changeable,
    )


def closed_policy(key: tuple[object, ...], object_key: str, keys: tuple[str, ...]) -> ObjectPolicy:
    """No row and no field."""
    nothing: dict[str, Tree] = dict.fromkeys(keys, FALSE)
    rows: dict[Action, Tree] = dict.fromkeys(ACTIONS, FALSE)
    return ObjectPolicy(key, object_key, rows, nothing, nothing)


def _fields(catalogue: Catalogue, definition: ObjectDef) -> tuple[FieldDef, ...]:
    """System fields first, then the object's own, then its metrics and segments."""
    return (*system_fields(definition.key), *definition.fields, *computed_fields(catalogue, definition.key))


def takes_values(each: FieldDef) -> bool:
    """Whether a person can give the field a value at all: no system field but the owner, no formula, no metric."""
    if each.key in SYSTEM_KEYS:
        return each.key in WRITABLE_SYSTEM_KEYS
    return each.type != "formula" and not isinstance(each, ComputedField)


class _Compiler:
    """The grants of some roles on one object, united."""

    def __init__(self, catalogue: Catalogue, roles: frozenset[str], definition: ObjectDef) -> None:
        self._catalogue = catalogue
        self._object = definition
        self._managed = managed_by(catalogue, roles)
        self._made_of = MadeOf(catalogue, definition.key)
        self._grants = [
            (role_key, grant)
            for role_key in sorted(roles)
            for grant in grants_on(catalogue.role_by_key[role_key], definition.key)
        ]
        self._reaches: dict[str, Reach] = {}
        self._read = self._united(lambda grant: grant.read)
        self._update = self._united(lambda grant: grant.update)

    def compile(self, key: tuple[object, ...]) -> ObjectPolicy:
        fields = _fields(self._catalogue, self._object)
        return ObjectPolicy(
            key,
            self._object.key,
            rows=dict(self._rows()),
            readable={each.key: self._readable(each) for each in fields},
            writable={each.key: self._writable(each) for each in fields},
            settable=frozenset(each.key for each in fields if self._is_settable(each)),
        )

    def _rows(self) -> Iterator[tuple[Action, Tree]]:
        name = self._object.key
        delete = self._united(lambda grant: grant.delete)
        purge = self._united(lambda grant: grant.delete, when=lambda grant: grant.purge)
        yield "read", self._read.tree(name)
        yield "create", self._united(lambda grant: grant.read, when=lambda grant: grant.create).tree(name)
        yield "update", within(self._update, self._read, name)
        yield "delete", within(delete, self._read, name)
        yield "purge", within(purge, self._read, name)
        yield "export", self._united(lambda grant: grant.read, when=lambda grant: grant.export).tree(name)
        yield "import", self._united(lambda grant: grant.read, when=lambda grant: grant.import_).tree(name)

    def _readable(self, each: FieldDef) -> Tree:
        if each.key in SYSTEM_KEYS:
            return TRUE if self._read != NOTHING else FALSE
        reading = self._united(lambda grant: grant.read, role_when=lambda role, grant: self._reads(role, grant, each))
        return self._mask(reading, self._read)

    def _writable(self, each: FieldDef) -> Tree:
        if not self._is_changeable(each):
            return FALSE
        return self._mask(
            self._united(lambda grant: grant.update, when=lambda grant: writes(grant, each)), self._update
        )

    def _is_settable(self, each: FieldDef) -> bool:
        return self._is_changeable(each) and any(grant.create and writes(grant, each) for _, grant in self._grants)

    def _is_changeable(self, each: FieldDef) -> bool:
        needed = manager_of_field(self._object.key, each.key)
        return not needed or not self._managed.isdisjoint(needed)

    def _reads(self, role_key: str, grant: Grant, each: FieldDef) -> bool:
        return reads(grant, each) and self._made_of.reads_inputs(role_key, grant, each)

    def _mask(self, reach: Reach, rows: Reach) -> Tree:
        return TRUE if reach != NOTHING and reach.covers(rows) else reach.tree(self._object.key)

    def _united(
        self,
        scope: Callable[[Grant], str],
        *,
        when: Callable[[Grant], bool] | None = None,
        role_when: Callable[[str, Grant], bool] | None = None,
    ) -> Reach:
        found = NOTHING
        for role_key, grant in self._grants:
            if (when is None or when(grant)) and (role_when is None or role_when(role_key, grant)):
                found |= self._reach(scope(grant))
            if found == EVERYTHING:
                break
        return found

    def _reach(self, scope: str) -> Reach:
        if scope not in self._reaches:
            self._reaches[scope] = reach_of(self._catalogue, self._object.key, scope)
        return self._reaches[scope]


def grants_on(role: RoleDef, object_key: str) -> tuple[Grant, ...]:
    """What a role may do with an object: its own grants, or where it has none what every role may."""
    found = tuple(grant for grant in role.grants if grant.object == object_key)
    baseline = None if found else baseline_grant(object_key)
    return found if baseline is None else (baseline,)


def reads(grant: Grant, each: FieldDef) -> bool:
    """Whether the grant itself lets the field be seen, what it is made of aside."""
    return each.key in SYSTEM_KEYS or access_to(grant, each.key) != "none"


def writes(grant: Grant, each: FieldDef) -> bool:
    """Whether the grant itself lets the field be changed. Formula fields have no column to write."""
    # `fields: write` does not include the owner: it has to be named.
    usual = "read" if each.key in SYSTEM_KEYS else grant.fields
    return takes_values(each) and grant.field_access.get(each.key, usual) == "write"

"""How far a grant reaches among an object's rows: a rung of the ladder none < own < team < subtree < all, and formulas.

Reaches are compared and united as values and become a tree only at the end, so that ten roles with the same scope
give one short predicate that an index serves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tongmai.formula import (
    BOOLEAN,
    FALSE,
    TRUE,
    FieldRef,
    Param,
    Tree,
    and_,
    equals,
    in_,
    list_of,
    or_,
    parse,
    reference,
)
from tongmai.kit import Invalid
from tongmai.model import PERSON, TEAM, Catalogue, ObjectScope

FORMULA_PREFIX = "formula:"

_PERSON = reference(PERSON)
_TEAM = reference(TEAM)
_ME = Param("me", _PERSON)
_MY_TEAM = Param("my_team", _TEAM)
_MY_TEAMS = Param("my_teams", list_of(_TEAM))
_MY_PEOPLE = Param("my_people", list_of(_PERSON))
_MY_SUBTREE = Param("my_subtree", list_of(_PERSON))


class Rung(IntEnum):
    """Each rung holds all rows of those before it."""

    NONE = 0
    OWN = 1
    TEAM = 2
    SUBTREE = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows of a rung and those that fulfil any of the formulas (in a fixed order, none twice)."""

    rung: Rung
    formulas: tuple[Tree, ...] = ()

    def __or__(self, other: Reach) -> Reach:
        rung = max(self.rung, other.rung)
        if rung is Rung.ALL:
            return EVERYTHING
        return Reach(rung, tuple(dict.fromkeys((*self.formulas, *other.formulas))))

    def covers(self, other: Reach) -> bool:
        """Whether each row of ``other`` is surely among these. False may also mean that it cannot be told."""
        if self.rung is Rung.ALL:
            return True
        return self.rung >= other.rung and set(self.formulas) >= set(other.formulas)

    def same(self, other: Reach) -> bool:
        return self.covers(other) and other.covers(self)

    def tree(self, object_key: str) -> Tree:
        return or_(rung_tree(self.rung, object_key), *self.formulas)


NOTHING = Reach(Rung.NONE)
EVERYTHING = Reach(Rung.ALL)


def reach_of(catalogue: Catalogue, object_key: str, scope: str) -> Reach:
    """What a grant's scope text means. A formula that no longer holds reaches nothing (``explain`` says so)."""
    if not scope.startswith(FORMULA_PREFIX):
        return Reach(Rung[scope.upper()])
    try:
        formula = parse(scope[len(FORMULA_PREFIX) :], ObjectScope(catalogue, object_key), expect=BOOLEAN)
    except Invalid:
        return NOTHING
    if formula.tree == TRUE:
        return EVERYTHING
    return NOTHING if formula.tree == FALSE else Reach(Rung.NONE, (formula.tree,))


def within(reach: Reach, limit: Reach, object_key: str) -> Tree:
    """The tree of the rows that lie in both."""
    if limit.covers(reach):
        return reach.tree(object_key)
    if reach.covers(limit):
        return limit.tree(object_key)
    return and_(reach.tree(object_key), limit.tree(object_key))


def rung_tree(rung: Rung, object_key: str) -> Tree:
    """A rung as a predicate: by ``owner`` but for people and teams, who are rows of the tree of teams themselves."""
    if rung is Rung.NONE:
        return FALSE
    if rung is Rung.ALL:
        return TRUE
    if object_key == PERSON:
        return _person_rung(rung)
    if object_key == TEAM:
        return _team_rung(rung)
    owner = FieldRef(("owner",), _PERSON)
    if rung is Rung.OWN:
        return equals(owner, _ME)
    return in_(owner, _MY_PEOPLE if rung is Rung.TEAM else _MY_SUBTREE)


def _person_rung(rung: Rung) -> Tree:
    """Oneself; the people of one's team; of one's team and those below. Oneself always, also without a team."""
    oneself = equals(FieldRef(("id",), _PERSON), _ME)
    team = FieldRef(("team",), _TEAM)
    if rung is Rung.OWN:
        return oneself
    if rung is Rung.TEAM:
        # Who has no team equals nobody's: a parameter that is not given equals nothing, not even blank.
        return or_(oneself, equals(team, _MY_TEAM))
    return or_(oneself, in_(team, _MY_TEAMS))


def _team_rung(rung: Rung) -> Tree:
    own = equals(FieldRef(("id",), _TEAM), _MY_TEAM)
    return or_(own, in_(FieldRef(("id",), _TEAM), _MY_TEAMS)) if rung is Rung.SUBTREE else own

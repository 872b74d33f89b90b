"""Who acts: a person (in a session or through a token), or the system for a stated reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from tongmai.kit import Language

Action = Literal["read", "create", "update", "delete", "purge", "export", "import"]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a workspace with the people and teams that scopes mean for them at this moment.

    ``teams`` are the own team and all below it, ``people`` all of the own team, ``subtree`` all of ``teams``; those
    who left are among them, because their records still need someone. ``roles`` are role keys. Whoever evaluates a
    scope counts the person among ``people`` and ``subtree`` even if the tuples do not.
    """

    id: UUID
    name: str
    team: UUID | None = None
    roles: tuple[str, ...] = ()
    teams: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()
    subtree: tuple[UUID, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work. ``via`` is ``session``, ``token:<id>`` or, where somebody looks as he would see it,
    ``preview:<id>``; ``scopes`` narrow a token, None narrows nothing."""

    person: Person
    via: str = "session"
    scopes: frozenset[str] | None = None
    language: Language = "zh"

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def roles(self) -> frozenset[str]:
        """Role keys; an inactive person has none."""
        return frozenset(self.person.roles) if self.person.active else frozenset()


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The product itself, which sees all. ``reason`` says why (``import``, ``seal``); uses are logged and counted.

    ``on_behalf`` is the person whose act it carries out: history names him.
    """

    reason: str
    language: Language = "zh"
    on_behalf: UUID | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a system actor needs a reason")

    @property
    def id(self) -> UUID | None:
        return self.on_behalf

    @property
    def via(self) -> str:
        return f"system:{self.reason}"


AnyActor = Actor | SystemActor


def policy_params(actor: AnyActor | Person) -> Mapping[str, object]:
    """Values for a policy's parameters: ``me``, ``my_team``, ``my_teams``, ``my_people``, ``my_subtree``."""
    if isinstance(actor, SystemActor):
        return {"me": None, "my_team": None, "my_teams": [], "my_people": [], "my_subtree": []}
    person = actor.person if isinstance(actor, Actor) else actor
    return {
        "me": person.id,
        "my_team": person.team,
        "my_teams": list(person.teams),
        "my_people": _counting(person.id, person.people),
        "my_subtree": _counting(person.id, person.subtree),
    }


def _counting(me: UUID, people: tuple[UUID, ...]) -> list[UUID]:
    """The people with the person itself among them: `own` lies within `team` lies within `subtree`."""
    return list(people) if me in people else [me, *people]

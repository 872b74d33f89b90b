"""People: what the actor gives. Each is a parameter of the formula, set by whoever evaluates it."""

from __future__ import annotations

from collections.abc import Callable

from tongmai.formula.catalogue.entry import Function
from tongmai.formula.tree import Param, Tree
from tongmai.formula.types import PERSON_OBJECT, TEAM_OBJECT, list_of, reference

ME = Param("me", reference(PERSON_OBJECT))
MY_TEAM = Param("my_team", reference(TEAM_OBJECT))
MY_TEAMS = Param("my_teams", list_of(reference(TEAM_OBJECT)))
MY_PEOPLE = Param("my_people", list_of(reference(PERSON_OBJECT)))
MY_SUBTREE = Param("my_subtree", list_of(reference(PERSON_OBJECT)))


def _gives(param: Param) -> Callable[[tuple[Tree, ...]], Tree]:
    return lambda args: param


FUNCTIONS = (
    Function(
        "ME",
        ("我", "本人", "当前用户"),
        "people",
        (),
        "reference",
        zh="当前操作的人。",
        en="The person who acts.",
        example="[owner] = ME()",
        shows="TRUE",
        rewrites=_gives(ME),
    ),
    Function(
        "MY_TEAM",
        ("我的团队", "我的部门"),
        "people",
        (),
        "reference",
        zh="当前操作的人所在的团队。",
        en="The team of the person who acts.",
        example="MY_TEAM() IN MY_TEAMS()",
        shows="TRUE",
        rewrites=_gives(MY_TEAM),
    ),
    Function(
        "MY_TEAMS",
        ("我的各级团队", "我及下级团队"),
        "people",
        (),
        "list",
        zh="当前操作的人所在的团队和所有下级团队。",
        en="The team of the person who acts, and all teams below it.",
        example="MY_TEAM() IN MY_TEAMS()",
        shows="TRUE",
        rewrites=_gives(MY_TEAMS),
    ),
    Function(
        "MY_PEOPLE",
        ("我的同事", "本团队人员"),
        "people",
        (),
        "list",
        zh="同一团队的人。",
        en="The people of the same team.",
        example="[owner] IN MY_PEOPLE()",
        shows="TRUE",
        rewrites=_gives(MY_PEOPLE),
    ),
    Function(
        "MY_SUBTREE",
        ("我的下属", "本团队及下级人员"),
        "people",
        (),
        "list",
        zh="本团队和所有下级团队的人。",
        en="The people of the own team and of all teams below.",
        example="[owner] IN MY_SUBTREE()",
        shows="TRUE",
        rewrites=_gives(MY_SUBTREE),
    ),
)

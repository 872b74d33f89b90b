"""A team of the workspace: a relation to the built-in object ``team``."""

from __future__ import annotations

from typing import ClassVar

from tongmai.kit import Text
from tongmai.model.field_type import FieldOptions
from tongmai.model.field_types.person import BuiltinReference
from tongmai.model.operators import BLANKNESS, EQUALITY


class TeamOptions(FieldOptions):
    """Teams need none."""


class TeamType(BuiltinReference[TeamOptions]):
    key: ClassVar = "team"
    label: ClassVar = Text("团队", "Team")
    Options: ClassVar = TeamOptions
    target_object: ClassVar = "team"

    def operators(self, options: TeamOptions) -> tuple[str, ...]:
        return ("is_my_team", *EQUALITY, *BLANKNESS)

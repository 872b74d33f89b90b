"""Where a statement runs and through whose eyes: a workspace at a catalogue version, and an actor's policies in it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from tongmai.access import AnyActor, ObjectPolicy, Policies, SystemActor, policy_params
from tongmai.records.structure import Structure
from tongmai.store import Workspace, quote_ident


@dataclass(frozen=True)
class Place:
    """A workspace, its catalogue and an actor. Short-lived: made for each call."""

    workspace: Workspace
    structure: Structure
    actor: AnyActor
    policies: Policies

    @cached_property
    def key(self) -> tuple[Hashable, ...]:
        """What compiled statements depend on, beside the object and the shape: never the person. The language is
        among it, as some texts are said in the reader's own.

        A token's scopes count whole, for they narrow the policies of related objects too.
        """
        version = (self.workspace.id, self.structure.catalogue.version)
        if isinstance(self.actor, SystemActor):
            return (*version, self.actor.language, "system")
        return (*version, self.actor.language, self.actor.roles, self.actor.scopes)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.zone)

    @property
    def schema(self) -> str:
        """The workspace's schema, quoted."""
        return self.workspace.quoted_schema

    def table(self, object_key: str) -> str:
        return f"{self.schema}.{quote_ident(object_key)}"

    def policy(self, object_key: str) -> ObjectPolicy:
        return self.policies.of(self.actor, self.structure.catalogue, object_key)

    def given(self, now: datetime) -> dict[str, object]:
        """Values of the named parameters that policies and formulas hold."""
        return {**policy_params(self.actor), "now": now, "today": now.astimezone(self.zone).date()}

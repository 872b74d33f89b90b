"""What somebody may see of a back-test: figures as they are, records and people only where his policies show them.

Who may not read all records of the object learns how many there were, and the names of those he sees; a value that was
seen is told only to who sees that field on every record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import AnyActor, Policies, manages, refusal
from tongmai.formula import TRUE
from tongmai.kit import Denied, Invalid, NotFound
from tongmai.model import PERSON, Catalogue
from tongmai.records import Gateway
from tongmai.store import Workspace

_AT_ONCE = 200


class BacktestShowing:
    """Over the gateway, under whose policies names are looked up."""

    def __init__(self, gateway: Gateway, policies: Policies) -> None:
        self._gateway = gateway
        self._policies = policies

    def require(
        self, actor: AnyActor, catalogue: Catalogue, object_key: str, reads: Collection[tuple[str, str]]
    ) -> None:
        """Who may try a rule: who manages the model, or sees all records of the object and every field that is read,
        for who is hit tells of values. Raises ``Denied``."""
        if manages(actor, catalogue, "model"):
            return
        for owner in sorted({object_key, *(each for each, _ in reads)}):
            policy = self._policies.of(actor, catalogue, owner)
            named = [key for each, key in reads if each == owner]
            if policy.rows["read"] != TRUE or any(policy.readable.get(key) != TRUE for key in named):
                raise refusal(actor, catalogue, owner, "read")

    async def shown(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, found: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The result with labels of what the actor may see; ``hidden`` counts what he may not."""
        object_key = str(found["object"])
        readable = frozenset(
            key for key, mask in self._policies.of(actor, catalogue, object_key).readable.items() if mask == TRUE
        )
        versions = [found, *([found["against"]] if "against" in found else [])]
        records = {each["record"] for version in versions for each in version["sample"]}
        groups: Mapping[str, list[str]] = found.get("comparison", {}).get("records", {})
        records |= {each for group in groups.values() for each in group}
        people = {each["person"] for version in versions for each in version["workload"]["people"]}
        names = await self._labels(actor, workspace, catalogue, object_key, records)
        persons = await self._labels(actor, workspace, catalogue, PERSON, people)
        answer = {**found, **_version(found, names, persons, readable)}
        if "against" in found:
            answer["against"] = {**found["against"], **_version(found["against"], names, persons, readable)}
            answer["comparison"] = {
                **found["comparison"],
                "records": {
                    name: [_named(each, names) for each in ids if each in names] for name, ids in groups.items()
                },
            }
        if not manages(actor, catalogue, "model") and not self._sees_all_fields(actor, catalogue, object_key):
            # A formula names fields, and need not be one of who asks.
            answer["outcome"] = None if found["outcome"] is None else {**found["outcome"], "formula": None}
        return answer

    def _sees_all_fields(self, actor: AnyActor, catalogue: Catalogue, object_key: str) -> bool:
        return all(mask == TRUE for mask in self._policies.of(actor, catalogue, object_key).readable.values())

    async def _labels(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, object_key: str, ids: Iterable[str]
    ) -> dict[str, str | None]:
        """The labels of those records that the actor may see."""
        wanted = sorted(each for each in ids if _is_id(each))
        title = catalogue.object_by_key[object_key].title
        found: dict[str, str | None] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            listed = ", ".join(f"'{each}'" for each in wanted[start : start + _AT_ONCE])
            try:
                page = await self._gateway.list(
                    actor, workspace, object_key, filter=f"id IN ({listed})", limit=_AT_ONCE, count=False
                )
            except (Denied, Invalid, NotFound):
                return {}
            for item in orjson.loads(page)["items"]:
                label = item.get(title) if title else None
                found[item["id"]] = None if label is None else str(label)
        return found


def _version(
    version: Mapping[str, Any],
    names: Mapping[str, str | None],
    persons: Mapping[str, str | None],
    readable: frozenset[str],
) -> dict[str, Any]:
    sample = [
        {
            **each,
            **_named(each["record"], names),
            "people": [persons.get(who) or who for who in each["people"] if who in persons or not _is_id(who)],
            "seen": {path: value for path, value in each["seen"].items() if path in readable},
        }
        for each in version["sample"]
        if each["record"] in names
    ]
    people = [
        {**each, "label": persons.get(each["person"])}
        for each in version["workload"]["people"]
        if each["person"] in persons or not _is_id(each["person"])
    ]
    hidden = {
        "records": len(version["sample"]) - len(sample),
        "people": len(version["workload"]["people"]) - len(people),
    }
    return {"sample": sample, "workload": {**version["workload"], "people": people}, "hidden": hidden}


def _named(record: str, names: Mapping[str, str | None]) -> dict[str, str | None]:
    return {"record": record, "label": names.get(record)}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

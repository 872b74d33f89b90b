"""Making records."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tongmai.kit import Fault, Invalid, new_id
from tongmai.model import PERSON
from tongmai.records.creating import compile_create
from tongmai.records.numbering import draw_numbers
from tongmai.records.people import guard_new_people
from tongmai.records.place import Place
from tongmai.records.preparing import Values, by_column, moment_of, read_new, to_json, tokens_of
from tongmai.records.refusals import denied_action
from tongmai.records.runtime import Runtime
from tongmai.records.structure import unique_sets
from tongmai.records.verdicts import unique_fault
from tongmai.records.writing import Pen, check_count, written_record
from tongmai.records.written import Written
from tongmai.store import WriteTx


class Maker:
    """Creates: input and defaults are worked out here, everything else in one statement."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pen = Pen(runtime)

    async def create(
        self,
        place: Place,
        object_key: str,
        given: Sequence[Values],
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
        many: bool = False,
    ) -> Written:
        """Makes records, all or none. Raises ``Invalid``, ``Denied``, ``Conflict``, ``TooLarge``."""
        place.structure.definition(object_key)
        if not place.policy(object_key).may("create"):
            raise denied_action(place, object_key, "create")
        check_count(given)
        now = self._runtime.clock.now()
        rules = self._pen.rules(place, object_key)
        rows = read_new(place, object_key, rules, given, moment_of(place, now), numbered=many)
        if object_key == PERSON:
            guard_new_people(place, rows)
        if many:
            _refuse_twins(place, object_key, rows)
        if place.structure.numbered(object_key):
            await draw_numbers(self._runtime.database, place, object_key, rows, now.astimezone(place.zone).date())
        statement = self._runtime.kept.get(
            ("create", place.key, object_key, many),
            lambda: compile_create(place, object_key, self._pen.selection(place, object_key), many=many),
        )
        who: UUID | None = place.actor.id
        system = {"version": 1, "created_at": now, "created_by": who, "changed_at": now, "changed_by": who}
        # In the order given, also where a clock was set back and ids of one moment come in any order.
        ids = sorted(new_id(self._runtime.clock) for _ in rows)
        stored = [
            {
                **by_column(place, object_key, row),
                **system,
                "id": record_id,
                "_search": tokens_of(place, object_key, row),
            }
            for record_id, row in zip(ids, rows, strict=True)
        ]
        values = self._pen.given(place, now, cause) | {"rows": to_json(stored)}
        found = await self._pen.run(place, object_key, statement, values, tx)
        await self._pen.refuse(place, object_key, "create", rows, found, many=many)
        return Written(tuple(written_record(place, object_key, row, 1, changed=True) for row in found), many)


def _refuse_twins(place: Place, object_key: str, rows: Sequence[dict[str, object]]) -> None:
    """New records of one call that would collide with one another: the database could only name one of them."""
    definition = place.structure.definition(object_key)
    faults: list[Fault] = []
    for fields in unique_sets(definition):
        seen: set[tuple[object, ...]] = set()
        for number, row in enumerate(rows, 1):
            values = tuple(row.get(key) for key in fields)
            if None in values:
                continue
            if values in seen:
                faults.append(unique_fault(definition, fields).at_row(number))
            seen.add(values)
    if faults:
        raise Invalid(tuple(faults))

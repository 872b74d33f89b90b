"""What a write did: the records as the actor may now see them, with the advice and lookups that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from tongmai.kit import Language, Text


@dataclass(frozen=True, slots=True)
class FieldHint:
    """Advice beside a field (S2-24); it never blocks."""

    field: str
    message: Text


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """``item`` is the record's JSON under the actor's masks; ``changed`` is False where there was nothing to do.

    ``lookups`` is JSON: what each lookup field's value was found to be (S2-25), null where nothing was found.
    """

    id: UUID
    version: int
    changed: bool
    item: str
    hints: tuple[FieldHint, ...] = ()
    lookups: str = "{}"

    def answer(self, language: Language) -> bytes:
        """``{"record": {…}, "hints": [{field, message}], "lookups": {field: {id, show} | null}}``."""
        hints = [{"field": hint.field, "message": hint.message.say(language)} for hint in self.hints]
        return b"".join(
            (
                b'{"record":',
                self.item.encode(),
                b',"hints":',
                orjson.dumps(hints),
                b',"lookups":',
                self.lookups.encode(),
                b"}",
            )
        )


@dataclass(frozen=True, slots=True)
class Written:
    """The records of one write, in the order they were given. ``is_list`` tells whether several were asked for."""

    records: tuple[WrittenRecord, ...]
    is_list: bool = False

    @property
    def ids(self) -> tuple[UUID, ...]:
        return tuple(each.id for each in self.records)

    @property
    def one(self) -> WrittenRecord:
        """The only record. Raises ``ValueError`` if there is not exactly one."""
        (record,) = self.records
        return record

    def answer(self, language: Language) -> bytes:
        """One answer, or for a list ``{"items": [answer, …]}``."""
        if not self.is_list:
            return self.one.answer(language)
        return b'{"items":[' + b",".join(each.answer(language) for each in self.records) + b"]}"


def dump(written: Written) -> bytes:
    """For the table of idempotency keys."""
    return orjson.dumps(
        {
            "list": written.is_list,
            "records": [
                {
                    "id": str(each.id),
                    "version": each.version,
                    "changed": each.changed,
                    "item": each.item,
                    "hints": [(hint.field, hint.message.zh, hint.message.en) for hint in each.hints],
                    "lookups": each.lookups,
                }
                for each in written.records
            ],
        }
    )


def load(stored: bytes) -> Written:
    document = orjson.loads(stored)
    records = [
        WrittenRecord(
            UUID(each["id"]),
            each["version"],
            each["changed"],
            each["item"],
            tuple(FieldHint(field, Text(zh, en)) for field, zh, en in each["hints"]),
            each["lookups"],
        )
        for each in document["records"]
    ]
    return Written(tuple(records), document["list"])


def merge_lookups(found: Sequence[str] | None) -> str:
    """One JSON object of several (``lookups_sql`` gives one a field, None where the field is blank)."""
    parts = [each.strip()[1:-1] for each in found or () if each]
    return "{" + ",".join(parts) + "}"

"""What of a rule's firing repeats words that must go: of the record it was for, of its actions, of what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tongmai.link.wecom.repeating import SEEN, Repeating
from tongmai.model import SIGNAL, TASK, Escalate, Notify, ObjectScope, written_by
from tongmai.store import Record

SUBJECT = "subject"
# The field of what a rule made that tells which of its actions it was.
KEY_OF = {SIGNAL: "episode", TASK: "key"}
# What a signal or task says, by the template that said it.
_OF_WORK = {"title": "title", "title_en": "title.en", "detail": "detail", "detail_en": "detail.en"}


@dataclass(frozen=True, slots=True)
class Firing:
    """What of a firing repeats the words, by the names of ``Repeating.places``; None: nobody can tell any more, so
    that all of it is taken to."""

    id: UUID
    rule: str
    repeating: Repeating | None
    names: frozenset[str] | None

    @property
    def cause(self) -> str:
        return f"rule:{self.rule}:{self.id}"

    def repeats(self, name: str) -> bool:
        return self.names is None or name in self.names

    @property
    def is_seen(self) -> bool:
        return self.names is None or any(each.startswith(f"{SEEN}.") for each in self.names)

    def does(self, number: str) -> bool:
        """Whether what an action does tells the words; that it names its record by the title does not count."""
        if self.names is None or any(each.startswith(f"{number}.") for each in self.names):
            return True
        rule = None if self.repeating is None else self.repeating.rule(self.rule)
        action = None if rule is None else rule.then[int(number)]
        # A notice without a title of its own is called as its record is.
        return self.repeats(SUBJECT) and isinstance(action, Notify | Escalate) and not action.title.zh

    def fields(self, entry: Record, after: Mapping[str, object]) -> frozenset[str]:
        """The fields in which an entry that the firing caused has the words."""
        object_key = entry["object"]
        if object_key in KEY_OF:
            if entry["action"] != "create":
                return frozenset()
            return frozenset(self.fields_of_work(object_key, str(after.get(KEY_OF[object_key]))) & after.keys())
        rule = None if self.repeating is None else self.repeating.rule(self.rule)
        if self.names is None or rule is None or self.repeating is None:
            return frozenset(key for key, value in after.items() if isinstance(value, str))
        scope = ObjectScope(self.repeating.catalogue, rule.object)
        found: set[str] = set()
        for number, action in enumerate(rule.then):
            target = written_by(action, scope)
            if target is not None and target[0].object_key == object_key:
                found |= {key for key in target[1] if f"{number}.values.{key}" in self.names}
        return frozenset(found & after.keys())

    def fields_of_work(self, object_key: str, key: str) -> set[str]:
        """Of the signal or task that the action of this key made."""
        number = key.rpartition(":")[2]
        found = {field for field, name in _OF_WORK.items() if self.repeats(f"{number}.{name}")}
        if self.repeats(SUBJECT):
            found.add(SUBJECT)
        if object_key == SIGNAL and self.is_seen:
            found.add("evidence")
        return found

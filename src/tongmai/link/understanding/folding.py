"""Talks that go on by the turns of a long stretch of messages, and are written once at its end.

A talk is a row of some hundred bytes that most messages change: written with every part of a large archive, it would
cost more than all else that is made of a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from tongmai.link.raw import StoredRow
from tongmai.link.source import RawRow
from tongmai.link.understanding.talk import Fact, Talk
from tongmai.link.understanding.turns import Turn

_TELLING = frozenset({"agree", "disagree", "revoke", "switch"})


class Folding:
    """The talks of one stretch. Nothing here waits."""

    def __init__(self) -> None:
        self._talks: dict[str, Talk] = {}

    def unknown(self, turns: Iterable[tuple[str, Turn]]) -> set[str]:
        """Customers among these whose talk was not read yet."""
        return {customer for customer, _ in turns} - self._talks.keys()

    def read(self, stored: Mapping[str, Mapping[str, JsonValue]], customers: Iterable[str]) -> None:
        """Begins with the talks as they were kept; those of the other customers begin here."""
        for customer in customers:
            document = stored.get(customer)
            self._talks[customer] = Talk() if document is None else Talk.read(document)

    def take(self, turns: Sequence[tuple[str, Turn]]) -> list[tuple[str, Fact]]:
        """Goes on by turns whose talks were read; what they told, with the customer."""
        talks = self._talks
        return [(customer, fact) for customer, turn in turns for fact in talks[customer].take(turn)]

    def rows(self) -> list[RawRow]:
        """The talks as they stand now."""
        return [RawRow(key, {"customer": key} | talk.document(), talk.last_at) for key, talk in self._talks.items()]


def turns_of(rows: Sequence[StoredRow]) -> list[tuple[str, Turn]]:
    """Turns with their customers, as the rows come."""
    return [(customer, turn) for row in rows if (customer := _talker(row)) and (turn := _turn(row))]


def in_order(turns: Iterable[tuple[str, Turn]]) -> list[tuple[str, Turn]]:
    """As they were said."""
    return sorted(turns, key=_order)


def _order(each: tuple[str, Turn]) -> tuple[object, str]:
    return each[1].at, each[1].id


def _talker(row: StoredRow) -> str:
    """The customer of a talk of two; empty for what is no turn of one."""
    body = row.body
    is_talk = body.get("direction") in ("in", "out") and not body.get("room") and body.get("kind") not in _TELLING
    return str(body.get("customer") or "") if is_talk and not row.deleted and "revoked_at" not in body else ""


def _turn(row: StoredRow) -> Turn | None:
    if row.at is None:
        return None
    text, files = row.body.get("text"), row.body.get("files")
    listed = files if isinstance(files, list) else []
    names = tuple([str(each.get("name", "")) for each in listed if isinstance(each, dict)])
    return Turn(row.key, row.at, row.body.get("direction") == "in", text if isinstance(text, str) else None, names)

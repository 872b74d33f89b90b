"""Sets of records as whole numbers, a bit a record: who stood where at each of many moments, in little room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID


class Roll:
    """The records of a back-test, numbered as they come up."""

    def __init__(self, ids: Iterable[UUID] = ()) -> None:
        self.ids: list[UUID] = []
        self._numbers: dict[UUID, int] = {}
        self.bits(ids)

    def bits(self, ids: Iterable[UUID]) -> int:
        """The set of these records; unknown ones get the next numbers."""
        numbers = self._numbers
        found = [numbers.setdefault(each, len(numbers)) for each in ids]
        known = len(self.ids)
        if len(numbers) > known:
            self.ids += [*islice(reversed(numbers), len(numbers) - known)][::-1]
        return as_bits(found)

    def number(self, record_id: UUID) -> int:
        return self._numbers[record_id]

    def members(self, bits: int) -> list[UUID]:
        return [self.ids[number] for number in numbers_of(bits)]


def as_bits(numbers: Iterable[int]) -> int:
    found = list(numbers)
    if not found:
        return 0
    room = bytearray(max(found) // 8 + 1)
    for number in found:
        room[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(room, "little")


def numbers_of(bits: int) -> Iterator[int]:
    for place, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        while byte:
            lowest = byte & -byte
            yield place * 8 + lowest.bit_length() - 1
            byte ^= lowest

"""Clients that write over HTTP while something breaks, and keep book of what was acknowledged to them.

Each client has records of its own, so that it knows what must be there: an acknowledged write exactly once and with
its history, a write whose outcome it was not told entirely or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
from tests.faults.program import Program, all_items

BULK_ROWS = 5
_FIELDS = "id,name,notes"


@dataclass
class Book:
    """What one client asked for and was told. Record names are unique over all clients."""

    created: dict[str, str] = field(default_factory=dict)
    """Name → id of every acknowledged record."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """Name → the values of ``notes``, oldest first, of every acknowledged change."""
    open_creates: dict[str, str] = field(default_factory=dict)
    """Name → Idempotency-Key of creations whose outcome is not known."""
    open_notes: dict[str, str] = field(default_factory=dict)
    """Name → value of a change whose outcome is not known."""
    open_bulks: list[tuple[str, ...]] = field(default_factory=list)
    """The names of many creations in one request whose outcome is not known."""
    statuses: list[int] = field(default_factory=list)
    problems: list[httpx.Response] = field(default_factory=list)

    def keep(self, answer: httpx.Response) -> bool:
        """Whether it was acknowledged."""
        self.statuses.append(answer.status_code)
        if not answer.is_success:
            self.problems.append(answer)
        return answer.is_success


class Clients:
    """``count`` clients, each on a thread. ``books`` are theirs."""

    def __init__(self, program: Callable[[], Program], count: int = 8) -> None:
        self._program = program
        self._stopping = threading.Event()
        self.books = [Book() for _ in range(count)]

    @contextmanager
    def at_work(self, round_: str) -> Iterator[None]:
        """They write as long as the block lasts; what they could not send they skip."""
        self._stopping.clear()
        with ThreadPoolExecutor(len(self.books)) as threads:
            working = [threads.submit(self._work, book, f"{round_}-{n}") for n, book in enumerate(self.books)]
            try:
                yield
            finally:
                self._stopping.set()
                # A client's own failure tells more than the test's that waits for it.
                for each in working:
                    each.result()

    def acknowledged(self) -> int:
        return sum(sum(200 <= status < 300 for status in book.statuses) for book in self.books)

    def refused(self) -> list[httpx.Response]:
        return [answer for book in self.books for answer in book.problems]

    def _work(self, book: Book, prefix: str) -> None:
        with self._program().client() as client:
            number = 0
            while not self._stopping.is_set():
                number += 1
                # A connection that broke: the outcome stands in the book as open.
                with suppress(httpx.TransportError):
                    name = f"{prefix}-{number}"
                    _create(client, book, name)
                    _change(client, book, name, "first")
                    _change(client, book, name, "second")
                    _bulk(client, book, name)
                if not self._program_lives():
                    return

    def _program_lives(self) -> bool:
        return self._program().process.poll() is None


def _create(client: httpx.Client, book: Book, name: str) -> None:
    key = f"create-{name}"
    book.open_creates[name] = key
    answer = client.post("/api/records/customer", json={"name": name}, headers={"idempotency-key": key})
    if book.keep(answer):
        book.created[name] = answer.json()["record"]["id"]
        del book.open_creates[name]


def _change(client: httpx.Client, book: Book, name: str, value: str) -> None:
    if name not in book.created or name in book.open_notes:
        return
    book.open_notes[name] = value
    answer = client.patch(f"/api/records/customer/{book.created[name]}", json={"notes": value})
    if book.keep(answer):
        book.notes.setdefault(name, []).append(value)
        del book.open_notes[name]


def _bulk(client: httpx.Client, book: Book, name: str) -> None:
    """Makes some records and changes one that is there, in one request."""
    if name not in book.created or name in book.open_notes:
        return
    names = tuple(f"{name}/{row}" for row in range(BULK_ROWS))
    book.open_bulks.append(names)
    book.open_notes[name] = "bulk"
    creations = [{"kind": "create", "values": {"name": each}} for each in names]
    change = {"kind": "update", "id": book.created[name], "values": {"notes": "bulk"}}
    answer = client.post("/api/records/customer/bulk", json={"operations": [*creations, change]})
    if book.keep(answer):
        for each, item in zip(names, answer.json()["items"], strict=False):
            book.created[each] = item["record"]["id"]
        book.notes.setdefault(name, []).append("bulk")
        del book.open_notes[name]
        book.open_bulks.remove(names)


def retry_open_creates(client: httpx.Client, books: list[Book]) -> int:
    """Sends every creation of unknown outcome again under its key, as a careful client would; how many there were."""
    count = 0
    for book in books:
        for name, key in list(book.open_creates.items()):
            answer = client.post("/api/records/customer", json={"name": name}, headers={"idempotency-key": key})
            assert answer.status_code == 201, answer.text
            book.created[name] = answer.json()["record"]["id"]
            del book.open_creates[name]
            count += 1
    return count


def check_nothing_is_lost(client: httpx.Client, books: list[Book]) -> None:
    """Every acknowledged write is there exactly once with its history; nothing else is there but whole open writes."""
    by_name: dict[str, dict[str, object]] = {}
    for item in all_items(client, "customer", _FIELDS):
        name = str(item["name"])
        assert name not in by_name, f"{name} was made twice"
        by_name[name] = item
    for book in books:
        for name, record_id in book.created.items():
            assert by_name[name]["id"] == record_id
        for names in book.open_bulks:
            there = sum(name in by_name for name in names)
            changed = by_name[names[0].partition("/")[0]]["notes"] == "bulk"
            assert (there, changed) in ((0, False), (BULK_ROWS, True)), f"{names} was half done"
        _settle_open_changes(book, by_name)
    expected = {name for book in books for name in book.created}
    assert by_name.keys() == expected
    for book in books:
        for name, record_id in book.created.items():
            _check_history(client, book, name, record_id)


def _settle_open_changes(book: Book, by_name: dict[str, dict[str, object]]) -> None:
    """A write of unknown outcome counts from now on as what it has become."""
    for name, value in book.open_notes.items():
        known = book.notes.get(name, [])
        found = by_name[name]["notes"]
        assert found in (value, known[-1] if known else None)
        if found == value:
            book.notes.setdefault(name, []).append(value)
    for names in book.open_bulks:
        book.created.update({name: str(by_name[name]["id"]) for name in names if name in by_name})
    book.open_notes.clear()
    book.open_bulks.clear()


def _check_history(client: httpx.Client, book: Book, name: str, record_id: str) -> None:
    answer = client.get(f"/api/records/customer/{record_id}/history")
    assert answer.status_code == 200, answer.text
    entries = answer.json()["items"][::-1]
    assert [entry["action"] for entry in entries] == ["create", *("update" for _ in book.notes.get(name, ()))]
    assert [entry["version"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["after"]["name"] == name
    assert [entry["after"] for entry in entries[1:]] == [{"notes": value} for value in book.notes.get(name, ())]

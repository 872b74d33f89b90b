"""tongmai tasks: listed, done as somebody with what the form asks for, skipped with a reason."""

from __future__ import annotations

from .conftest import Tongmai


def test_tasks_are_listed_done_and_skipped(tongmai: Tongmai, acme: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    added = tongmai(
        "user", "add", "ann@example.com", "--name", "Ann", "--role", "administrator", "-w", acme, "--password-stdin",
        "--json", given="correct-horse-battery\n",
    )  # fmt: skip
    assert added.code == 0, added.err
    assert tongmai("tasks", "list", "-w", acme, "--json").json == {"items": []}
    rows = tmp_path / "tasks.jsonl"
    rows.write_text('{"title": "回访", "key": "a"}\n{"title": "寄资料", "key": "b"}\n', encoding="utf-8")
    imported = tongmai("import", "task", str(rows), "-w", acme, "--json")
    assert imported.code == 0, imported.out + imported.err
    listed = tongmai("tasks", "list", "-w", acme, "--json").json["items"]
    assert {each["title"] for each in listed} == {"回访", "寄资料"}  # type: ignore[union-attr,index]
    first, second = (each["id"] for each in listed)  # type: ignore[union-attr,index]
    assert tongmai("tasks", "done", first, "--as", "ann@example.com", "-w", acme).code == 0
    assert tongmai("tasks", "done", first, "--as", "ann@example.com", "-w", acme).code == 1
    assert tongmai("tasks", "skip", second, "--reason", " ", "-w", acme).code == 1
    assert tongmai("tasks", "skip", second, "--reason", "客户住院", "-w", acme).code == 0
    assert tongmai("tasks", "list", "-w", acme, "--json").json == {"items": []}
    assert tongmai("tasks", "done", second, "--as", "nobody@example.com", "-w", acme).code == 1
    assert tongmai("tasks", "done", "x", "-w", acme).code == 1
    assert tongmai("tasks", "done", second, "--value", "phone", "-w", acme).code == 1

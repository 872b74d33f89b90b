"""Backup and restore as an operator runs them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Tongmai


def test_a_backup_is_restored_beside_its_original_and_verified(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    added = tongmai(
        "user", "add", f"li@{acme}", "--name", "李娜", "-w", acme, "--password-stdin", given="long-enough-1\n"
    )
    assert added.code == 0, added.err
    file = tmp_path / "acme.tongmai"
    made = tongmai("backup", str(file), "-w", acme, "--json")
    assert made.code == 0, made.err
    assert file.stat().st_size > 0
    copy = f"{acme}_copy"
    restored = tongmai("restore", str(file), "--as", copy, "--json")
    assert restored.code == 0, restored.err
    assert restored.json["history_ok"] is True
    assert f"li@{acme}" in tongmai("user", "list", "-w", copy).out
    tongmai("workspace", "drop", copy, "--yes")


def test_a_restore_replaces_nothing_unasked(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "acme.tongmai"
    assert tongmai("backup", str(file), "-w", acme).code == 0
    refused = tongmai("restore", str(file))
    assert refused.code == 1
    assert acme in refused.err
    assert tongmai("restore", str(file), "--replace").code == 0


def test_a_damaged_backup_is_refused_and_nothing_appears(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "acme.tongmai"
    assert tongmai("backup", str(file), "-w", acme).code == 0
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert tongmai("restore", str(file), "--as", f"{acme}_torn").code == 1
    assert f"{acme}_torn" not in tongmai("workspace", "list").out


def test_every_workspace_is_backed_up_into_a_file_of_its_own(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    assert tongmai("backup", str(tmp_path / "all"), "--all").code == 0
    assert [path.name for path in (tmp_path / "all").iterdir() if path.name.startswith(acme)]

"""The replica as an operator sees it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Tongmai


def test_status_tells_what_is_missing_and_rebuild_makes_it(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    missing = tongmai("replica", "status", "-w", acme, "--json")
    assert (missing.code, missing.json["ok"]) == (1, False)
    built = tongmai("replica", "rebuild", "-w", acme, "--json")
    assert (built.code, built.json["ok"]) == (0, True), built.err
    assert "person" in built.json["rows"]  # type: ignore[operator]
    assert tongmai("replica", "status", "-w", acme).code == 0
    assert tongmai("replica", "compact", "-w", acme, "--json").json["ok"] is True

    manifest = tmp_path / "var" / "replica" / acme / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:100])
    torn = tongmai("replica", "status", "-w", acme)
    assert torn.code == 1
    assert f"tongmai replica rebuild -w {acme}" in torn.out

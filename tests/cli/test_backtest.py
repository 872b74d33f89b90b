"""tongmai backtest: a segment of the workspace tried on its past, in words and as JSON."""

from __future__ import annotations

from pathlib import Path

from .conftest import Tongmai

MODEL = """
segments:
  - {key: names, label: 称呼, object: person, classes: [{key: named, label: 有名, when: name IS NOT BLANK}]}
"""


def test_a_segment_is_tried_from_the_command_line(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "segments.yaml"
    file.write_text(MODEL, encoding="utf-8")
    tongmai("model", "apply", str(file), "-w", acme, "--yes")
    period = ("--from", "2020-01-01", "--to", "2020-01-11", "-w", acme)
    found = tongmai("backtest", "names", *period, "--outcome", "name IS BLANK", "--json").json
    assert (found["hits"], len(found["days"]), found["outcome"]["decided"]) == (0, 10, 0)
    assert tongmai("backtest", "names", *period).code == 0
    assert tongmai("backtest", "nothing", *period).code == 1
    assert tongmai("backtest", "names", *period, "--outcome", "nothing > 1").code == 1

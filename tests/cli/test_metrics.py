"""tongmai metrics, and metrics in the model's YAML."""

from __future__ import annotations

from pathlib import Path

import yaml

from .conftest import Tongmai

MODEL = """
metrics:
  - {key: recency, label: 距今天数, object: person, source: person, measure: {kind: days_since}}
  - {key: people, label: 人数, object: team, source: person, path: team, measure: {kind: count}}
segments:
  - {key: size, label: 规模, object: team, classes: [{key: big, label: 大, when: people > 5}, {key: small, label: 小}]}
"""


def test_metrics_come_by_yaml_stay_when_not_named_and_are_shown_again(
    tongmai: Tongmai, acme: str, tmp_path: Path
) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text(MODEL, encoding="utf-8")
    assert tongmai("model", "apply", str(file), "-w", acme, "--yes", "--json").json["changed"] is True
    other = tmp_path / "roles.yaml"
    other.write_text("roles: [{key: rep, label: 销售}]", encoding="utf-8")
    assert tongmai("model", "apply", str(other), "-w", acme, "--yes", "--json").json["changed"] is True
    shown = yaml.safe_load(tongmai("model", "show", "-w", acme).out)
    assert [each["measure"]["kind"] for each in shown["metrics"]] == ["days_since", "count"]
    again = tmp_path / "again.yaml"
    again.write_text(tongmai("model", "show", "-w", acme).out, encoding="utf-8")
    assert tongmai("model", "apply", str(again), "-w", acme, "--prune", "--yes", "--json").json["changed"] is False


def test_metrics_are_computed_and_explained_from_the_command_line(tongmai: Tongmai, acme: str, tmp_path: Path) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text(MODEL, encoding="utf-8")
    tongmai("model", "apply", str(file), "-w", acme, "--yes")
    full = tongmai("metrics", "full", "-w", acme, "--json").json
    assert {each["object"] for each in full["objects"]} == {"person", "team"}
    assert tongmai("metrics", "refresh", "-w", acme, "--json").json["objects"][0]["written"] == 0
    assert tongmai("metrics", "explain", "person", "not-an-id", "recency", "-w", acme).code == 1
    assert tongmai("metrics", "full", "-o", "nothing", "-w", acme).code == 1

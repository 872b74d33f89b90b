"""The signature of a robot's outgoing call."""

from __future__ import annotations

from tongmai.link.dingtalk import robot_signature
from tongmai.simulators.dingtalk import envelope


def test_both_sides_sign_a_robots_call_alike_though_they_share_no_code() -> None:
    assert robot_signature("1577262236757", "this is a secret") == envelope.robot_sign(
        "1577262236757", "this is a secret"
    )

from __future__ import annotations

from tongmai.kit import Fault, Invalid, StaleVersion, Text


def refusal() -> Invalid:
    return Invalid(
        (
            Fault("required", Text("必填", "required"), Text("请填写", "fill it in"), field="name"),
            Fault("number.too_large", Text("过大", "too large"), field="amount", row=3),
        )
    )


def test_a_problem_document_lists_every_fault_in_the_readers_language() -> None:
    chinese = refusal().problem("zh")
    assert chinese["status"] == 422
    assert chinese["detail"] == "name: 必填 (请填写)；amount: 过大"
    assert [fault["code"] for fault in chinese["faults"]] == ["required", "number.too_large"]
    english = refusal().problem("en")
    assert english["faults"][0] == {
        "code": "required",
        "message": "required",
        "way_out": "fill it in",
        "field": "name",
    }
    assert english["faults"][1]["row"] == 3


def test_a_conflict_carries_what_the_reader_needs_to_settle_it() -> None:
    error = StaleVersion.of("stale", "已修改", "changed", extra={"theirs": {"version": 3}})
    assert isinstance(error, StaleVersion)
    assert error.problem("en")["theirs"] == {"version": 3}
    assert "changed" in str(error)

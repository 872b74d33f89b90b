"""Whatever a document has wrong is told in Chinese and in English, with its place."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import core_schema

from tongmai.kit import Invalid
from tongmai.model import FieldDef, document, read_document, unsuitable


class Part(BaseModel):
    n: int = 0


class Everything(BaseModel):
    day: date | None = None
    at: AwareDatetime | None = None
    local: datetime | None = None
    hour: time | None = None
    span: timedelta | None = None
    id: UUID | None = None
    kind: Literal["a", "b", "c"] | None = None
    amount: Annotated[Decimal, Field(max_digits=4, decimal_places=1)] | None = None
    rate: Annotated[float, Field(allow_inf_nan=False)] | None = None
    whole: int | None = None
    part: Part | None = None
    names: set[str] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Everything:
        if self.whole == 13:
            raise unsuitable("不要十三", "no thirteen")
        return self


@pytest.mark.parametrize(
    "given",
    [
        {"day": "tomorrow"}, {"day": []}, {"at": "2026-11-02T08:30:00"}, {"at": "soon"}, {"local": {}}, {"hour": "25:00"},
        {"hour": []}, {"span": "long"}, {"span": []}, {"id": "x"}, {"id": 1}, {"kind": "d"}, {"amount": "12345"},
        {"amount": "1.23"}, {"rate": float("inf")}, {"rate": "x"}, {"whole": "9" * 5_000}, {"whole": 13}, {"part": 1},
        {"names": 1}, {"names": [1]},
    ],
)  # fmt: skip
def test_no_english_in_chinese(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        read_document(Everything, given)
    for fault in caught.value.faults:
        assert re.search("[\u4e00-\u9fff]", fault.text.zh) and not re.search("[\u4e00-\u9fff]", fault.text.en)
        assert not re.search(r"\b(should|must|or|input|valid)\b", fault.text.zh, re.IGNORECASE)


def test_choices_are_listed_in_each_language() -> None:
    with pytest.raises(Invalid) as caught:
        read_document(Everything, {"kind": "d"})
    (fault,) = caught.value.faults
    assert fault.text.zh == "只能是 'a'、'b'、'c'" and fault.text.en == "must be 'a', 'b' or 'c'"


def test_every_error_named_is_one_that_pydantic_has() -> None:
    # A name that pydantic has no more would leave a fault without its words.
    named = set(document._SAID) - {document._OURS}
    assert named <= set(get_args(core_schema.ErrorType))


def test_no_text_of_a_document_holds_a_nul_character_however_deep() -> None:
    field = {
        "key": "level",
        "type": "choice",
        "label": {"zh": "等级", "en": "Level"},
        "description": {"zh": "一\x00二", "en": "x"},
        "options": {"choices": [{"key": "a", "label": {"zh": "甲\x00", "en": "A"}}]},
    }
    with pytest.raises(Invalid) as found:
        read_document(FieldDef, field)
    assert [(fault.code, fault.field) for fault in found.value.faults] == [
        ("document.nul", "description.zh"),
        ("document.nul", "options.choices.0.label.zh"),
    ]


def test_of_very_many_faults_the_first_are_told_and_how_many_more_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        read_document(
            FieldDef, {f"name_{each}": 1 for each in range(1_000)} | {"key": "f", "type": "text", "label": "x"}
        )
    *told, more = refused.value.faults
    assert (len(told), more.code) == (200, "document.more")
    assert more.text.en == "There are 800 more"

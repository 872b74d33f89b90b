"""An amount of money in one currency, with that currency's places (two, if not told otherwise)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from tongmai.kit import Text
from tongmai.model.field_types.number import BoundedOptions, NumericType


class MoneyOptions(BoundedOptions):
    """``currency`` is an ISO 4217 code; ``decimals`` the places behind the point."""

    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")
    decimals: int = Field(2, ge=0, le=6)

    @property
    def places(self) -> int:
        return self.decimals


class MoneyType(NumericType[MoneyOptions]):
    key: ClassVar = "money"
    label: ClassVar = Text("金额", "Money")
    Options: ClassVar = MoneyOptions

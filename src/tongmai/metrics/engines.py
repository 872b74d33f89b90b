"""Which engine worked values out, and why: told with every explanation, kept in ``_metric_state.engine``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tongmai.kit import Text

_WHY = {
    "many_rows": Text("约 {} 行，由列式副本计算", "about {} rows: worked out over the columnar replica"),
    "few_rows": Text("约 {} 行，PostgreSQL 更快", "about {} rows: PostgreSQL is quicker"),
    "no_replica": Text("该工作区没有列式副本", "the workspace has no columnar replica"),
    "behind_model": Text("副本尚未跟上模型的修改", "the replica has not followed the last change of the model yet"),
    "damaged": Text("副本缺失或损坏，正在重建", "the replica is missing or damaged and is being rebuilt"),
    "refused": Text("DuckDB 无法计算", "DuckDB could not work it out"),
    "purged": Text("副本之后有记录被彻底删除", "records were purged after what the replica holds"),
    "touched": Text("只重算了 {} 条记录", "only {} records were computed again"),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """``code`` names the reason, ``number`` is the size that it tells of."""

    name: Literal["postgres", "duckdb"]
    code: str = ""
    number: int = 0

    @property
    def why(self) -> Text | None:
        found = _WHY.get(self.code)
        return None if found is None else Text(found.zh.format(self.number), found.en.format(self.number))

    def encode(self) -> str:
        return f"{self.name} {self.code} {self.number}" if self.code else self.name

    @classmethod
    def decode(cls, text: str) -> Engine:
        """Of what ``encode`` made; what an earlier version wrote is the name alone."""
        name, _, rest = text.partition(" ")
        code, _, number = rest.partition(" ")
        return cls("duckdb" if name == "duckdb" else "postgres", code, int(number or 0))

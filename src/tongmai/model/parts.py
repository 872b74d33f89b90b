"""What a catalogue has lists of beside objects and roles: for each, its words and the actions that change it.

A new kind of definition is a class, its three actions, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tongmai.model.changes import (
    Action,
    AddBoard,
    AddMapping,
    AddMetric,
    AddRule,
    AddSegment,
    AddSource,
    ChangeBoard,
    ChangeMapping,
    ChangeMetric,
    ChangeRule,
    ChangeSegment,
    ChangeSource,
    RemoveBoard,
    RemoveMapping,
    RemoveMetric,
    RemoveRule,
    RemoveSegment,
    RemoveSource,
)
from tongmai.model.definitions import Catalogue

PartName: TypeAlias = Literal["metrics", "segments", "rules", "sources", "mappings", "boards"]


@dataclass(frozen=True)
class Part:
    """``name`` is the catalogue's attribute, ``word`` what its actions call one of it."""

    name: PartName
    word: str
    zh: str
    en: str
    adds: type[Any]
    changes: type[Any]
    removes: type[Any]

    def of(self, catalogue: Catalogue) -> tuple[Any, ...]:
        found: tuple[Any, ...] = getattr(catalogue, self.name)
        return found

    def put(self, catalogue: Catalogue, items: tuple[Any, ...]) -> Catalogue:
        return catalogue.replace(**{self.name: items})

    def add(self, item: object, position: int | None = None) -> Action:
        return self._make(self.adds, **{self.word: item, "position": position})

    def change(self, before: object, after: object) -> Action:
        return self._make(self.changes, before=before, after=after)

    def remove(self, key: str) -> Action:
        return self._make(self.removes, **{self.word: key})

    def _make(self, kind: Callable[..., Action], **values: object) -> Action:
        return kind(**values)


PARTS = (
    Part("metrics", "metric", "指标", "metric", AddMetric, ChangeMetric, RemoveMetric),
    Part("segments", "segment", "分层", "segment", AddSegment, ChangeSegment, RemoveSegment),
    Part("rules", "rule", "规则", "rule", AddRule, ChangeRule, RemoveRule),
    Part("sources", "source", "数据源", "source", AddSource, ChangeSource, RemoveSource),
    Part("mappings", "mapping", "映射", "mapping", AddMapping, ChangeMapping, RemoveMapping),
    Part("boards", "board", "看板", "board", AddBoard, ChangeBoard, RemoveBoard),
)

"""How well something hidden was found: counts, shares and lifts. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hits:
    """Of one kind: how many there are, how many were found, how many of those are right. Shares of nothing are None."""

    kind: str
    there: int
    found: int
    right: int

    @staticmethod
    def of(kind: str, there: Collection[str], found: Collection[str]) -> Hits:
        return Hits(kind, len(there), len(found), len(set(there) & set(found)))

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.there if self.there else None

    def document(self) -> dict[str, object]:
        return {
            "kind": self.kind, "there": self.there, "found": self.found, "right": self.right,
            "precision": self.precision, "recall": self.recall,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Of the buyers in a class: how many will stop, and how often more than among all buyers (``lift``)."""

    segment_class: str
    buyers: int
    stopping: int
    lift: float | None

    @property
    def share(self) -> float | None:
        return self.stopping / self.buyers if self.buyers else None

    def document(self) -> dict[str, object]:
        return {
            "class": self.segment_class, "buyers": self.buyers, "will_stop": self.stopping, "share": self.share,
            "lift": self.lift,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """``withheld`` signals were planted where no consent lets the text be kept: they cannot be found and do not count
    against recall. Of those said in other words than a dictionary has (``veiled``) it tells apart how many were.
    ``execution``: why deals did not go on, what was most often not met, which stores lack the flagship."""

    signals: tuple[Hits, ...]
    withheld: int
    veiled: Hits
    classes: tuple[ClassScore, ...]
    base_rate: float | None
    gaming: tuple[Hits, ...]
    execution: tuple[Hits, ...]

    def document(self) -> dict[str, object]:
        return {
            "signals": [each.document() for each in self.signals],
            "withheld_without_consent": self.withheld,
            "veiled": self.veiled.document(),
            "health": {"base_rate": self.base_rate, "classes": [each.document() for each in self.classes]},
            "gaming": [each.document() for each in self.gaming],
            "execution": [each.document() for each in self.execution],
        }

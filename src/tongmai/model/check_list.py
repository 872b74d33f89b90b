"""What holds of every list of a catalogue: it is not too long, each key stands once, its object is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from tongmai.kit import Fault
from tongmai.model.fault_at import Place, fault


class Keyed(Protocol):
    """A definition with a key of its own."""

    @property
    def key(self) -> str: ...


def check_list(word: str, items: Sequence[Keyed], most: int) -> Iterator[Fault]:
    """``word`` is what one of them is called in codes; their list is that in the plural."""
    if len(items) > most:
        yield fault(
            "catalogue.too_many",
            Place(f"{word}s"),
            f"最多 {most} 个",
            f"at most {most}",
            "请先移除不再用的",
            "remove what is no longer used",
        )
    seen: set[str] = set()
    for each in items:
        if each.key in seen:
            yield fault(
                f"{word}.duplicate_key",
                Place(f"{word}s") / each.key,
                f"key “{each.key}”重复",
                f"key “{each.key}” repeats",
                "请换一个 key",
                "choose another key",
            )
        seen.add(each.key)


def unknown_object(word: str, place: Place, key: str) -> Fault:
    """``place`` is the definition's own."""
    return fault(
        f"{word}.unknown_object",
        place / "object",
        f"没有对象“{key}”",
        f"there is no object “{key}”",
        "请选择现有的对象",
        "choose one that there is",
    )

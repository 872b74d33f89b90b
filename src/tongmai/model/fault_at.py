"""Where in a catalogue something is wrong: ``customer.phone.default``."""

from __future__ import annotations

from tongmai.kit import Fault, NotFound, Text


class Place(str):
    """A dotted path; ``/`` goes one step further, and nowhere for ``None``."""

    __slots__ = ()

    def __truediv__(self, step: str | None) -> Place:
        if step is None:
            return self
        return Place(f"{self}.{step}" if self else step)


def fault(code: str, place: Place, zh: str, en: str, way_zh: str | None = None, way_en: str | None = None) -> Fault:
    """A fault at a place, with its way out where there is more to say than to correct it."""
    way_out = Text(way_zh, way_en) if way_zh is not None and way_en is not None else None
    return Fault(code, Text(zh, en), way_out, str(place))


def no_object(key: str, field: str = "object") -> NotFound:
    """The refusal of an object that is not there, or not for the asker to know of; it was named in ``field``."""
    shown = key[:60]
    return NotFound.of(
        "object.unknown",
        f"没有对象“{shown}”",
        f"There is no object “{shown}”",
        way_out=Text("请检查对象的 key，或请管理员授权", "Check the object's key, or ask an administrator for access"),
        field=field,
    )

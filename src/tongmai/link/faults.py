"""What sources raise beside the usual refusals: faults of the other side that pass by themselves."""

from __future__ import annotations

from datetime import timedelta

from tongmai.kit import Fault, Text, Unavailable


class SourceAway(Unavailable):
    """The other side does not answer, or asks for patience: the same is tried again after a pause.

    ``extra['retry_after']`` is in seconds, where the other side said it.
    """

    title = Text("数据源暂时不可用", "The source is not available just now")


def away(zh: str, en: str, *, code: str = "source.away", after: timedelta | None = None) -> SourceAway:
    """A ``SourceAway`` with one fault."""
    extra = {} if after is None else {"retry_after": after.total_seconds()}
    return SourceAway((Fault(code, Text(zh, en)),), extra)

"""What sources raise beside the usual refusals: faults of the other side that pass by themselves."""

from __future__ import annotations

from datetime import timedelta

from tongmai.kit import Fault, Text, Unavailable


class SourceAway(Unavailable):
    """The other side does not answer, or asks for patience: the same is tried again after a pause.

    ``extra['retry_after']`` is in seconds, where the other side said it.
    """

    title = Text("数据源暂时不可用", "The source is not available just now")


def away(
    zh: str, en: str, *, code: str = "source.away", after: timedelta | None = None, way_out: Text | None = None
) -> SourceAway:
    """A ``SourceAway`` with one fault."""
    extra = {} if after is None else {"retry_after": after.total_seconds()}
    return SourceAway((Fault(code, Text(zh, en), way_out),), extra)


def unreachable(zh: str, en: str, *, code: str) -> SourceAway:
    """A vendor's machine that does not answer, ``zh`` and ``en`` its name: it passes, or the way there is shut."""
    return away(
        f"{zh}暂时无法连接或繁忙",
        f"{en} cannot be reached or is busy",
        code=code,
        way_out=Text(
            "会自动重试；一直如此时核对接口地址、服务器能否访问外网",
            "It is tried again by itself; if it stays so, check the API address and this server's way out",
        ),
    )

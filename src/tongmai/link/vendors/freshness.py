"""Whether a call-back was made just now: what is older than its window is a replay, and refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tongmai.kit import Denied, Text

WINDOW = timedelta(minutes=5)


def require_fresh(timestamp: str, now: datetime, window: timedelta = WINDOW) -> datetime:
    """The moment of a time-stamp in seconds or milliseconds. Raises ``Denied`` outside ``now`` ± ``window``.

    Within the window a repeated call-back is known by its signature (``Received.once``).
    """
    moment = _moment(timestamp)
    if moment is None or abs(now - moment) > window:
        raise Denied.of(
            "callback.replayed",
            "回调的时间戳超出允许范围，已拒绝",
            "The call-back's time-stamp is out of the window; it was refused",
            way_out=Text("若为时钟偏差，请校准服务器时间", "If the clock is wrong, set the server's time"),
        )
    return moment


def _moment(timestamp: str) -> datetime | None:
    if not (timestamp.isascii() and timestamp.isdigit() and 9 <= len(timestamp) <= 13):
        return None
    seconds = int(timestamp) / (1000 if len(timestamp) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC)

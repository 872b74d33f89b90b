"""What Prometheus reads: requests by route and outcome, their duration, streams, sign-ins.

One registry an app and none of the process's global one, so that two apps in one process (tests) never mix.
Label values are route templates and status codes, never parts of an address: their number is bounded.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Figures:
    """Counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._seconds = Histogram(
            "tongmai_http_request_seconds",
            "Time from the request's head to the end of its answer.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.open_requests = Gauge("tongmai_http_open_requests", "Requests being answered.", registry=self.registry)
        self.open_streams = Gauge("tongmai_streams_open", "Open event streams.", registry=self.registry)
        self.sent_events = Counter("tongmai_stream_events", "Events sent to streams.", registry=self.registry)
        self.sign_ins = Counter("tongmai_sign_ins", "Sign-ins by outcome.", ("outcome",), registry=self.registry)
        self._observers: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        observer = self._observers.get(key)
        if observer is None:
            observer = self._observers[key] = self._seconds.labels(method, route, str(status))
        observer.observe(seconds)

    def exposition(self) -> bytes:
        return generate_latest(self.registry)

"""Structured logs to stderr: one JSON object a line, or plain text for a person at a terminal.

No bodies, and no local variables beside a traceback: those hold tokens, passwords and what customers wrote.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

from tongmai.kit import Settings

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(settings: Settings) -> None:
    """Called once by a command that serves; libraries' records go the same way."""
    level = _LEVELS[settings.log_level]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_endings(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_endings(settings), _as_text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        chatty = logging.getLogger(name)
        chatty.handlers.clear()
        chatty.setLevel(max(level, logging.WARNING))
        chatty.propagate = True


def _endings(settings: Settings) -> list[Processor]:
    if settings.log_format == "text":
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain), _as_bytes]
    # Local variables stay out of the log: they hold bodies and secrets.
    trace = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=40)
    return [structlog.processors.ExceptionRenderer(trace), structlog.processors.JSONRenderer(serializer=_json)]


def _json(event: EventDict, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _as_bytes(_logger: Any, _name: str, text: Any) -> Any:
    return text.encode() if isinstance(text, str) else text


def _as_text(_logger: Any, _name: str, line: Any) -> Any:
    return line.decode() if isinstance(line, bytes) else line

"""The JSON of an aggregate answer: which engine ran, at which epoch it is true, and on demand why."""

from __future__ import annotations

import orjson

from tongmai.records.engine import Declined, Reply


def replied(reply: Reply, *, explained: bool) -> bytes:
    """The answer of another engine in the same form as PostgreSQL's."""
    found = (
        b'{"rows":' + reply.rows + b',"is_complete":' + (b"true" if reply.is_complete else b"false")
        + orjson.dumps({"engine": reply.engine, "epoch": reply.epoch}).replace(b"{", b",", 1)
    )  # fmt: skip
    return with_explanation(found, reply) if explained else found


def with_explanation(answer: bytes, chosen: Reply | Declined) -> bytes:
    """``answer`` is a JSON object; ``explain`` is added at its end."""
    told = {"why": {"zh": chosen.why.zh, "en": chosen.why.en}, "estimated_rows": chosen.estimated_rows}
    return answer[:-1] + b',"explain":' + orjson.dumps(told) + b"}"

"""Typed errors. Each refusal lists every fault at once, in Chinese and English, with the way out.

``TongmaiError`` maps to an RFC 9457 problem document in ``web`` and to a sentence and an exit code in ``cli``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from tongmai.kit.text import Language, Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    ``code`` is stable and machine-readable (``number.too_large``); ``field`` is a field's key, a parameter's name or
    a dotted path; ``row`` counts from 1 where many records came at once; ``position`` counts characters from 0 in a
    formula's text; ``rule`` names the rule that refused (a validation's or policy's key).
    """

    code: str
    text: Text
    way_out: Text | None = None
    field: str | None = None
    rule: str | None = None
    row: int | None = None
    position: int | None = None

    def at_row(self, row: int) -> Fault:
        return Fault(self.code, self.text, self.way_out, self.field, self.rule, row, self.position)

    def at_field(self, name: str) -> Fault:
        return Fault(self.code, self.text, self.way_out, name, self.rule, self.row, self.position)

    def document(self, language: Language) -> dict[str, Any]:
        """The fault as JSON for the API; absent parts are left out."""
        found: dict[str, Any] = {"code": self.code, "message": self.text.say(language)}
        if self.way_out is not None:
            found["way_out"] = self.way_out.say(language)
        for name in ("field", "rule", "row", "position"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value
        return found


@dataclass
class TongmaiError(Exception):
    """A refusal. ``extra`` holds machine-readable material (both versions of a conflict, seconds to wait)."""

    faults: tuple[Fault, ...]
    extra: dict[str, Any] = field(default_factory=dict)

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[Text] = Text("内部错误", "Internal error")

    def __post_init__(self) -> None:
        super().__init__(self.sentence("en"))

    def __str__(self) -> str:
        return self.sentence("en")

    @classmethod
    def of(
        cls,
        code: str,
        zh: str,
        en: str,
        *,
        way_out: Text | None = None,
        field: str | None = None,
        rule: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> Self:
        """The common case of a single fault."""
        return cls((Fault(code, Text(zh, en), way_out, field, rule),), extra or {})

    def sentence(self, language: Language) -> str:
        """All faults in one readable sentence."""
        if not self.faults:
            return self.title.say(language)
        parts = []
        for fault in self.faults:
            where = f"{fault.field}: " if fault.field else ""
            after = f" ({fault.way_out.say(language)})" if fault.way_out else ""
            parts.append(f"{where}{fault.text.say(language)}{after}")
        return ("；" if language == "zh" else "; ").join(parts)

    def problem(self, language: Language) -> dict[str, Any]:
        """The RFC 9457 document: type, title, status, detail, code, faults and what else is known."""
        return {
            "type": f"urn:tongmai:problem:{self.code}",
            "title": self.title.say(language),
            "status": self.status,
            "code": self.code,
            "detail": self.sentence(language),
            "faults": [fault.document(language) for fault in self.faults],
            **self.extra,
        }


class Invalid(TongmaiError):
    """The input breaks a rule; nothing was written."""

    status = 422
    code = "invalid"
    title = Text("输入不符合要求", "The input is not valid")


class NotSignedIn(TongmaiError):
    status = 401
    code = "not_signed_in"
    title = Text("请先登录", "Please sign in")


class Denied(TongmaiError):
    """The actor may not do this; the faults name the policy that refused."""

    status = 403
    code = "denied"
    title = Text("没有权限", "Not permitted")


class NotFound(TongmaiError):
    """There is no such thing, or the actor may not know of it: the two are told apart only in the audit log."""

    status = 404
    code = "not_found"
    title = Text("没有找到", "Not found")


class Conflict(TongmaiError):
    """The request cannot be met in the present state (a key already used, a record still referred to)."""

    status = 409
    code = "conflict"
    title = Text("与现有内容冲突", "In conflict with what is there")


class StaleVersion(TongmaiError):
    """The record was changed by someone else; ``extra`` holds ``yours`` and ``theirs``."""

    status = 412
    code = "stale_version"
    title = Text("记录已被他人修改", "The record was changed by someone else")


class TooLarge(TongmaiError):
    status = 413
    code = "too_large"
    title = Text("内容过大", "Too large")


class TooMany(TongmaiError):
    """A rate limit; ``extra['retry_after']`` is in seconds."""

    status = 429
    code = "too_many"
    title = Text("操作过于频繁", "Too many requests")


class Unavailable(TongmaiError):
    """A fault of the machine (the database is away, a lock was not to be had in time): safe to try again."""

    status = 503
    code = "unavailable"
    title = Text("暂时不可用，请稍后再试", "Not available just now, please try again")


class Internal(TongmaiError):
    """A defect of the product. The faults hold a reference to the log, never inner text."""

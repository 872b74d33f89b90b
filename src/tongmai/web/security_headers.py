"""The headers that keep a browser from being turned against the person at it."""

from __future__ import annotations

from dataclasses import dataclass

RawHeaders = tuple[tuple[bytes, bytes], ...]

# No inline script and nothing from elsewhere. Styles may be inline because the UI positions things by them; pictures
# and downloads come from blobs it makes itself.
_SCREEN_POLICY = (
    b"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    b"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'self'"
)
# An answer of the API is never a page: whatever a stored text may look like, nothing in it runs.
_API_POLICY = b"default-src 'none'; frame-ancestors 'none'; sandbox"

_EVERYWHERE: RawHeaders = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=(self), payment=()"),
)
_HSTS: RawHeaders = ((b"strict-transport-security", b"max-age=31536000"),)
_FRAME: RawHeaders = ((b"x-frame-options", b"SAMEORIGIN"),)


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """The ready-made lists, by kind of path. Built once an app; ``https`` adds HSTS."""

    api: RawHeaders
    screen: RawHeaders

    @classmethod
    def build(cls, *, https: bool) -> SecurityHeaders:
        common = _EVERYWHERE + (_HSTS if https else ())
        return cls(
            api=(*common, (b"content-security-policy", _API_POLICY), (b"cache-control", b"no-store")),
            screen=(*common, *_FRAME, (b"content-security-policy", _SCREEN_POLICY)),
        )

    def for_path(self, path: str) -> RawHeaders:
        return self.api if path.startswith("/api/") else self.screen

"""The HMAC that a robot's outgoing call bears (open.dingtalk.com/document/orgapp/customize-robot-security-settings)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from tongmai.link.vendors.callback_envelope import forged


def robot_signature(timestamp: str, app_secret: str) -> str:
    """What stands in the header ``sign``; ``timestamp`` in milliseconds, in the header of that name."""
    text = f"{timestamp}\n{app_secret}".encode()
    return base64.b64encode(hmac.new(app_secret.encode(), text, hashlib.sha256).digest()).decode()


def require_robot_signature(sign: str, timestamp: str, app_secret: str) -> None:
    """Raises ``Denied``."""
    if not hmac.compare_digest(robot_signature(timestamp, app_secret).encode(), sign.encode()):
        raise forged("sign")

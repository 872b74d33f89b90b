"""Signing in with WeCom: where the browser is sent, and which member the code that comes back stands for.

Pages: developer.work.weixin.qq.com/document/path/91022 (inside WeCom), 98152 (by QR code), 91023 (the member). The
vendor has no PKCE: the state is bound to the browser by a sealed cookie, and a code works once and for five minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from tongmai.kit import TongmaiError
from tongmai.link.members import no_member, spent_code
from tongmai.link.vendors.json_objects import text_of
from tongmai.link.wecom.client import WeComClient

# A code that is none, is too old, was used, is missing.
_SPENT = frozenset({40029, 42003, 40163, 41008})
_INSIDE = "https://open.weixin.qq.com/connect/oauth2/authorize"
_BY_QR_CODE = "https://login.work.weixin.qq.com/wwlogin/sso/login"


@dataclass(frozen=True, slots=True)
class WeComSignIn:
    """``inside_url`` and ``qr_url`` are the vendor's, or a simulator's."""

    client: WeComClient
    agent_id: int
    inside_url: str = _INSIDE
    qr_url: str = _BY_QR_CODE

    def address(self, *, redirect_uri: str, state: str, inside: bool) -> str:
        """Where the browser goes; ``inside``: it is WeCom's own, where the member need not scan a code."""
        if inside:
            query = {
                "appid": self.client.corp_id,
                "redirect_uri": redirect_uri,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
                "agentid": str(self.agent_id),
            }
            return f"{self.inside_url}?{urlencode(query)}#wechat_redirect"
        query = {
            "login_type": "CorpApp",
            "appid": self.client.corp_id,
            "agentid": str(self.agent_id),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self.qr_url}?{urlencode(query)}"

    async def member(self, code: str) -> str:
        """The member's userid. Raises ``NotSignedIn`` for a spent code or one that stands for no member, what the
        vendor holds against the application as it says it."""
        try:
            answer = await self.client.get("/cgi-bin/auth/getuserinfo", {"code": code})
        except TongmaiError as error:
            if error.extra.get("vendor_code") in _SPENT:
                raise spent_code() from error
            raise
        userid = text_of(answer, "userid") or text_of(answer, "UserId")
        if not userid:
            raise no_member()
        return userid

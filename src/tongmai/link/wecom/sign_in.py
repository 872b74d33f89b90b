"""Signing in with WeCom: where the browser is sent, and which member the code that comes back stands for.

Pages: developer.work.weixin.qq.com/document/path/91022 (inside WeCom), 98152 (by QR code), 91023 (the member). The
vendor has no PKCE: the state is bound to the browser by a sealed cookie, and a code works once and for five minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from tongmai.kit import NotSignedIn, Text, TongmaiError
from tongmai.link.faults import SourceAway
from tongmai.link.wecom.client import WeComClient, text_of

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
        """The member's userid. Raises ``NotSignedIn`` for a code that is not good or stands for no member."""
        try:
            answer = await self.client.get("/cgi-bin/auth/getuserinfo", {"code": code})
        except SourceAway:
            raise
        except TongmaiError as error:
            raise _refused("code") from error
        userid = text_of(answer, "userid") or text_of(answer, "UserId")
        if not userid:
            raise _refused("external")
        return userid


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn.of(
        "wecom.sign_in",
        f"企业微信登录未成功（{why}）",
        f"Sign-in with WeCom failed ({why})",
        way_out=Text("请从企业微信工作台重新进入", "Enter again from WeCom's workbench"),
    )

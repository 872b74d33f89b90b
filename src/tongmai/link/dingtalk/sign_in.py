"""Signing in with DingTalk: where the browser is sent, and which person the code that comes back stands for.

Page: open.dingtalk.com/document/orgapp/tutorial-obtaining-user-personal-information. The vendor has no PKCE: the state
is bound to the browser by a sealed cookie, and a code works once.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from tongmai.kit import NotSignedIn, Text, TongmaiError
from tongmai.link.dingtalk.client import DingTalkClient, text_of
from tongmai.link.faults import SourceAway

_AUTHORIZE = "https://login.dingtalk.com/oauth2/auth"


@dataclass(frozen=True, slots=True)
class DingTalkSignIn:
    """``authorize_url`` is the vendor's, or a simulator's."""

    client: DingTalkClient
    authorize_url: str = _AUTHORIZE

    def address(self, *, redirect_uri: str, state: str) -> str:
        query = {
            "client_id": self.client.app_key,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": state,
            "prompt": "consent",
        }
        return f"{self.authorize_url}?{urlencode(query)}"

    async def member(self, code: str) -> str:
        """The member's userid. Raises ``NotSignedIn`` for a code that is not good or stands for no member."""
        try:
            token = await self.client.user_token(code)
            union_id = text_of(await self.client.as_user("/v1.0/contact/users/me", token), "unionId")
            answer = await self.client.old("/topapi/user/getbyunionid", {"unionid": union_id})
        except SourceAway:
            raise
        except TongmaiError as error:
            raise _refused("code") from error
        result = answer.get("result")
        # 1 is somebody outside the organisation.
        if not isinstance(result, dict) or result.get("contact_type") == 1 or not text_of(result, "userid"):
            raise _refused("external")
        return text_of(result, "userid")


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn.of(
        "dingtalk.sign_in",
        f"钉钉登录未成功（{why}）",
        f"Sign-in with DingTalk failed ({why})",
        way_out=Text("请重新登录；外部人员不能登录", "Sign in again; people outside the organisation cannot"),
    )

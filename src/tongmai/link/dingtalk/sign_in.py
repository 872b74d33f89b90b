"""Signing in with DingTalk: where the browser is sent, and which person the code that comes back stands for.

Page: open.dingtalk.com/document/orgapp/tutorial-obtaining-user-personal-information. The vendor has no PKCE: the state
is bound to the browser by a sealed cookie, and a code works once.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from tongmai.kit import TongmaiError
from tongmai.link.dingtalk.client import DingTalkClient
from tongmai.link.members import no_member, spent_code
from tongmai.link.vendors.json_objects import text_of

# The organisation knows nobody by this union id.
_NOBODY = "60121"
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
        """The member's userid. Raises ``NotSignedIn`` for a spent code or one that stands for no member, what the
        vendor holds against the application as it says it."""
        try:
            token = await self.client.user_token(code)
        except TongmaiError as error:
            if "authcode" in str(error.extra.get("vendor_code")).lower():
                raise spent_code() from error
            raise
        union_id = text_of(await self.client.as_user("/v1.0/contact/users/me", token), "unionId")
        try:
            answer = await self.client.old("/topapi/user/getbyunionid", {"unionid": union_id})
        except TongmaiError as error:
            if error.extra.get("vendor_code") == _NOBODY:
                raise no_member() from error
            raise
        result = answer.get("result")
        # 1 is somebody outside the organisation.
        if not isinstance(result, dict) or result.get("contact_type") == 1 or not text_of(result, "userid"):
            raise no_member()
        return text_of(result, "userid")

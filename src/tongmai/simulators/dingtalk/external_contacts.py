"""The interfaces of external contacts: their list, one of them, their labels, and the update that takes one whole."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from tongmai.simulators.dingtalk.organisation import Json, Organisation

_REQUIRED = ("user_id", "name", "follower_user_id", "label_ids")
_OPTIONAL = ("title", "company_name", "address", "remark", "share_dept_ids", "share_user_ids")


class ExternalContacts:
    """Over one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self._org = organisation

    def older(self) -> list[tuple[str, Callable[[Request, Json], Json]]]:
        return [
            ("/topapi/extcontact/list", lambda request, given: _page(list(self._org.contacts.values()), given)),
            ("/topapi/extcontact/listlabelgroups", lambda request, given: _page(self._org.label_groups, given)),
            ("/topapi/extcontact/get", lambda request, given: self._one(given)),
            ("/topapi/extcontact/update", lambda request, given: self._update(given)),
        ]

    def _one(self, given: Json) -> Json:
        found = self._org.contacts.get(str(given.get("user_id")))
        return {"result": found} if found else {"errcode": 60121, "errmsg": "找不到该用户"}

    def _update(self, given: Json) -> Json:
        contact: Json = given.get("contact") or {}
        missing = [name for name in _REQUIRED if not contact.get(name)]
        if missing:
            return {"errcode": 40035, "errmsg": f"不合法的参数: {','.join(missing)}"}
        found = self._org.contacts.get(str(contact["user_id"]))
        if found is None or contact["follower_user_id"] not in self._org.people:
            return {"errcode": 60121, "errmsg": "找不到该用户"}
        known = {label["id"] for group in self._org.label_groups for label in group["labels"]}
        if not set(contact["label_ids"]) <= known or len(contact["label_ids"]) > 20:
            return {"errcode": 40035, "errmsg": "不合法的参数: label_ids"}
        found.update({name: contact[name] for name in _REQUIRED[1:]})
        # What is not told is gone.
        found.update({name: contact.get(name, [] if name.startswith("share") else "") for name in _OPTIONAL})
        return {}


def _page(found: list[Json], given: Json) -> Json:
    start, size = int(given.get("offset", 0)), min(int(given.get("size", 20)), 100)
    return {"results": found[start : start + size]}

"""What members note of their customers, and the corporation's tags: the interfaces that write them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request

from tongmai.simulators.wecom.company import Company, Json

_MOST = {"remark": 20, "description": 150, "remark_company": 20}
_KEPT_AS = {"remark": "remark", "description": "description", "remark_company": "remark_corp_name"}
_OF_WECHAT = 1


class CustomerNotes:
    """Over one company."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def asked(self) -> dict[str, tuple[str, Callable[[Request, Json], Json]]]:
        return {
            "/cgi-bin/externalcontact/remark": ("POST", lambda request, given: self.remark(given)),
            "/cgi-bin/externalcontact/mark_tag": ("POST", lambda request, given: self.mark_tag(given)),
            "/cgi-bin/externalcontact/get_corp_tag_list": ("POST", lambda request, given: self.tag_groups(given)),
        }

    def remark(self, given: Json) -> Json:
        found = self._relation(given)
        if "errcode" in found:
            return found
        told = {name: given[name] for name in (*_MOST, "remark_mobiles", "remark_pic_mediaid") if name in given}
        if not any(told.values()):
            return {"errcode": 40058, "errmsg": "remark, description, company, mobiles and pic are all empty"}
        if any(len(str(told.get(name, ""))) > most for name, most in _MOST.items()):
            return {"errcode": 40058, "errmsg": "exceed max length"}
        contact = self._company.customers[given["external_userid"]]["external_contact"]
        if contact["type"] != _OF_WECHAT:
            told.pop("remark_company", None)
        found.update({_KEPT_AS[name]: told[name] for name in _MOST if name in told})
        if "remark_mobiles" in told:
            mobiles = told["remark_mobiles"]
            found["remark_mobiles"] = [each for each in ([mobiles] if isinstance(mobiles, str) else mobiles) if each]
        return {}

    def mark_tag(self, given: Json) -> Json:
        found = self._relation(given)
        if "errcode" in found:
            return found
        add, remove = given.get("add_tag") or [], given.get("remove_tag") or []
        known = {
            tag["id"]: {"group_name": group["group_name"], "tag_name": tag["name"], "tag_id": tag["id"], "type": 1}
            for group in self._company.tag_groups
            for tag in group["tag"]
        }
        if not add and not remove:
            return {"errcode": 40058, "errmsg": "add_tag and remove_tag are both empty"}
        if not {*add, *remove} <= known.keys():
            return {"errcode": 40068, "errmsg": "invalid tagid"}
        kept = [each for each in found["tags"] if each.get("tag_id") not in {*add, *remove}]
        found["tags"][:] = [*kept, *(known[each] for each in add)]
        return {}

    def tag_groups(self, given: Json) -> Json:
        groups, tags = given.get("group_id"), given.get("tag_id")
        found = []
        for each in self._company.tag_groups:
            if groups and each["group_id"] not in groups:
                continue
            listed = [tag for tag in each["tag"] if groups or not tags or tag["id"] in tags]
            if listed:
                found.append({**each, "tag": listed})
        return {"tag_group": found}

    def _relation(self, given: Json) -> Json:
        """What a member notes of a customer, or why there is nothing."""
        if given.get("userid") not in self._company.members:
            return {"errcode": 40003, "errmsg": "invalid userid"}
        customer = self._company.customers.get(str(given.get("external_userid")))
        if customer is None:
            return {"errcode": 40096, "errmsg": "invalid external userid"}
        for each in customer["follow_user"]:
            if each["userid"] == given["userid"]:
                found: Json = each
                return found
        return {"errcode": 84061, "errmsg": "not external contact"}

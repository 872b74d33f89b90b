"""Which records might be one and the same customer, how surely, and why.

Evidence is put together as if each kind were independent of the others: two weak ones make a stronger one, and none
makes a certainty but the tax number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize
from uuid import UUID

import orjson

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import NotFound, Text
from tongmai.link.identity.company_names import company_name, likeness
from tongmai.link.identity.name_list import NameList
from tongmai.model import ObjectDef
from tongmai.records import Gateway, Place
from tongmai.records.transfer import Loader
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

_MOST_NAMES = 500_000
_LEAST_SCORE = 0.5
_NAME = 0.9
# So many names that share the most with the one looked for hold whatever is alike enough to be told.
MOST_NEAR = 300
_MOST_EQUAL = 1000
_NOT_DIGITS = re.compile(r"\D+")
_NOT_CODE = re.compile(r"[^0-9A-Z]+")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "tax": ("tax", "credit_code", "税号", "信用代码"),
    "phone": ("phone", "mobile", "tel", "电话", "手机"),
    "nickname": ("nickname", "wechat", "昵称", "微信"),
}


@dataclass(frozen=True, slots=True)
class IdentityFields:
    """Which fields of an object tell who somebody is."""

    name: str | None
    phones: tuple[str, ...] = ()
    taxes: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()

    @staticmethod
    def of(definition: ObjectDef) -> IdentityFields:
        """By title, type and wording: what a company calls a phone is one."""
        found: dict[str, list[str]] = {"tax": [], "phone": [], "nickname": []}
        for field in definition.fields:
            if field.type not in ("text", "phone"):
                continue
            words = f"{field.key} {field.label.zh} {field.label.en}".lower()
            for kind, hints in _WORDS.items():
                if (kind == "phone" and field.type == "phone") or any(hint in words for hint in hints):
                    found[kind].append(field.key)
                    break
        return IdentityFields(definition.title, tuple(found["phone"]), tuple(found["tax"]), tuple(found["nickname"]))


@dataclass(frozen=True, slots=True)
class Likely:
    """A record that may be the same. ``score`` is 0 … 1; ``reasons`` say why, the strongest first."""

    id: UUID
    label: str
    score: float
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    """What speaks for it that two are the same, and the field of the other record that does."""

    weight: float
    reason: Text
    field: str


class Candidates:
    """Finds likely duplicates of a record, among what the actor may see."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, loader: Loader) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._loader = loader

    async def of(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID, *, limit: int = 10
    ) -> list[Likely]:
        """The likeliest first. Raises ``NotFound`` for a record that is not the actor's to see."""
        own = await self._seen(actor, workspace, object_key, record)
        return await self.like(actor, workspace, object_key, own, but=record, limit=limit)

    async def like(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        own: Mapping[str, Any],
        *,
        but: UUID | None = None,
        limit: int = 10,
    ) -> list[Likely]:
        """Records that may be what ``own`` describes, by the fields that tell who somebody is."""
        catalogue = await self._catalogues.get(workspace)
        fields = IdentityFields.of(catalogue.object_by_key[object_key])

        async def work(place: Place) -> dict[UUID, list[_Sign]]:
            return await self._evidence(place, object_key, fields, own, but)

        evidence = await self._loader.in_place(SystemActor("identity"), workspace, work)
        scored = sorted(((_together(found), id_) for id_, found in evidence.items()), key=lambda one: (-one[0], one[1]))
        likely: list[Likely] = []
        for most, id_ in scored:
            if most < _LEAST_SCORE or len(likely) >= limit:
                break
            try:
                other = await self._seen(actor, workspace, object_key, id_)
            except NotFound:
                continue
            # What is hidden of the other record speaks for nothing: that it is the same would tell what it is.
            signs = sorted((each for each in evidence[id_] if other.get(each.field)), key=lambda one: -one.weight)
            score = _together(signs)
            if score < _LEAST_SCORE:
                continue
            label = str(other.get(fields.name or "") or id_)
            likely.append(Likely(id_, label, round(score, 3), tuple(each.reason for each in signs)))
        return sorted(likely, key=lambda one: -one.score)

    async def _seen(self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self._gateway.get(actor, workspace, object_key, record))
        return found

    async def _evidence(
        self, place: Place, object_key: str, fields: IdentityFields, own: Mapping[str, Any], but: UUID | None
    ) -> dict[UUID, list[_Sign]]:
        found: dict[UUID, list[_Sign]] = {}
        async with self._database.write() as tx:
            for keys, kind in ((fields.taxes, _TAXES), (fields.phones, _PHONES), (fields.nicknames, _NICKNAMES)):
                wanted = {kind.canonical(str(own[key])) for key in keys if own.get(key)} - {""}
                forms = sorted({form for each in wanted for form in kind.forms(each)})
                for key in keys if wanted else ():
                    for id_, value in await self._loader.written(
                        tx, place, object_key, key, kind.marks, forms, _MOST_EQUAL
                    ):
                        if id_ != but and kind.canonical(value) in wanted:
                            found.setdefault(id_, []).append(_Sign(kind.weight, kind.reason, key))
            name = own.get(fields.name or "")
            if fields.name and name:
                names = await self._names(tx, place, object_key, fields.name, str(name))
                for candidate in NameList([each for each in names if each[0] != but]).candidates(str(name)):
                    reason = name_reason(str(name), candidate.text, candidate.score)
                    found.setdefault(candidate.id, []).append(_Sign(_NAME * candidate.score, reason, fields.name))
        return found

    async def _names(
        self, tx: WriteTx, place: Place, object_key: str, field: str, name: str
    ) -> Sequence[tuple[UUID, str]]:
        """The names to be compared with: those that the search index finds near, or all where there is none."""
        near = await self._loader.named_like(tx, place, object_key, field, company_name(name).core, MOST_NEAR)
        return await self._loader.texts(tx, place, object_key, field, _MOST_NAMES) if near is None else near


def name_reason(one: str, other: str, score: float) -> Text:
    """Why two names are alike, for people."""
    first, second = company_name(one), company_name(other)
    if first.whole == second.whole:
        return Text("名称相同（不计标点、全半角和繁简）", "the same name, but for marks and traditional characters")
    if first.core == second.core and first.regions == second.regions:
        return Text("名称相同（不计“有限公司”等后缀）", "the same name, but for the legal form")
    if first.core == second.core:
        return Text("名称主体相同，地区写法不同", "the same name, the region written otherwise")
    share = round(100 * likeness(one, other) if score else 0)
    return Text(f"名称相似 {share}%", f"the names are {share}% alike")


def tax_number(text: str) -> str:
    """Capital letters and digits; shorter than 15 is none."""
    found = _NOT_CODE.sub("", normalize("NFKC", text).upper())
    return found if len(found) >= 15 else ""


def phone_number(text: str) -> str:
    """The digits behind the country code; shorter than 7 is none."""
    digits = _NOT_DIGITS.sub("", normalize("NFKC", text))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    elif len(digits) > 12 and digits.startswith("0086"):
        digits = digits[4:]
    return digits if len(digits) >= 7 else ""


def nickname(text: str) -> str:
    """Without case, blanks and the little pictures people add."""
    return "".join(each for each in normalize("NFKC", text).lower() if each.isalnum())


@dataclass(frozen=True, slots=True)
class _Kind:
    """Evidence by equality. ``marks`` are what writings of the same differ in; ``forms`` how it stands in the database
    without them, in small letters."""

    weight: float
    reason: Text
    canonical: Callable[[str], str]
    marks: str
    forms: Callable[[str], Sequence[str]]


_TAXES = _Kind(0.99, Text("税号相同", "the same tax number"), tax_number, "[^0-9a-z]", lambda given: (given.lower(),))
_PHONES = _Kind(
    0.85,
    Text("电话相同", "the same phone"),
    phone_number,
    "[^0-9]",
    lambda given: (given, f"86{given}", f"0086{given}"),
)
_NICKNAMES = _Kind(
    0.5, Text("微信昵称相同", "the same WeChat nickname"), nickname, "[^[:alnum:]]", lambda given: (given,)
)


def _together(found: Sequence[_Sign]) -> float:
    doubt = 1.0
    for text in {each.reason.zh for each in found}:
        doubt *= 1 - max(each.weight for each in found if each.reason.zh == text)
    return 1 - doubt

"""Found names against the workspace's own customers and products: a match makes a value surer and names the record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from unicodedata import normalize
from uuid import UUID

import orjson
from ahocorasick_rs import AhoCorasick, MatchKind

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import Denied, NotFound, Text
from tongmai.link.capture.finding import Found, organisation_in
from tongmai.link.capture.meanings import code_fields, customer_object, product_object
from tongmai.link.identity import Candidate, NameList
from tongmai.model import ObjectDef
from tongmai.records import Gateway, Place
from tongmai.records.transfer import Loader
from tongmai.scan import Scan, Word
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_MOST_NAMES = 500_000
_MOST_PRODUCTS = 20
_SHORTEST_CODE = 4
_MOST_COMPANIES, _LONGEST_LINE = 40, 120
# From here on two names are written as one company's.
_SAME, _ALIKE = 0.92, 0.7


class Matcher:
    """Compares with all records, tells only of those that the actor may see."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, loader: Loader) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._loader = loader

    async def match(self, actor: AnyActor, workspace: Workspace, scan: Scan, found: list[Found]) -> list[Found]:
        """The values with the records they mean, and those that only the workspace's own names bring to light."""
        catalogue = await self._catalogues.get(workspace)
        customers, products = customer_object(catalogue), product_object(catalogue)
        if customers is not None and customers.title is not None:
            found = await self._customers(actor, workspace, customers, scan, found)
        if products is not None:
            found = await self._products(actor, workspace, products, scan, found)
        return found

    async def _customers(
        self, actor: AnyActor, workspace: Workspace, customers: ObjectDef, scan: Scan, found: list[Found]
    ) -> list[Found]:
        assert customers.title is not None
        texts = await self._texts(workspace, customers.key, customers.title)
        # A large company has 100,000 customers: comparing with all of them is no work for the event loop.
        names = await asyncio.to_thread(NameList, texts)
        named = [each for each in found if each.field == "customer"]
        for each in named:
            likely = await asyncio.to_thread(names.candidates, each.value)
            known = await self._seen(actor, workspace, customers, likely)
            if known is not None:
                found = [_confirmed(value, customers.key, known) if value is each else value for value in found]
        if not named:
            found = [*found, *await self._mentioned(actor, workspace, customers, names, scan, found)]
        return found

    async def _mentioned(
        self,
        actor: AnyActor,
        workspace: Workspace,
        customers: ObjectDef,
        names: NameList,
        scan: Scan,
        found: list[Found],
    ) -> list[Found]:
        """A known customer that the paper names anywhere, where no label tells who buys."""
        sellers = {each.value for each in found if each.field == "supplier" and each.confidence > 0.6}
        for name, page, word in _companies(scan):
            if name in sellers:
                continue
            likely = await asyncio.to_thread(names.candidates, name)
            known = await self._seen(actor, workspace, customers, [each for each in likely if each.score >= _SAME])
            if known is not None:
                reason = Text("文中出现的已有客户", "a known customer named in the text")
                value = Found("customer", name, name, 0.8 * word.sure, page, word.box, reason, word.cell)
                return [replace(value, object=customers.key, record=str(known.id), label=known.text)]
        return []

    async def _products(
        self, actor: AnyActor, workspace: Workspace, products: ObjectDef, scan: Scan, found: list[Found]
    ) -> list[Found]:
        known: dict[str, UUID] = {}
        for key in code_fields(products):
            for id_, text in await self._texts(workspace, products.key, key):
                known.setdefault(_plain(text), id_)
        matched: list[Found] = []
        for each in found:
            meant = known.get(_plain(each.value)) if each.field == "product" else None
            label = None if meant is None else await self._label(actor, workspace, products, meant)
            matched.append(each if meant is None or label is None else _known(each, products.key, meant, label))
        have = {each.record for each in matched if each.field == "product"}
        for each, id_ in _codes_in(scan, known):
            if str(id_) not in have and len(have) < _MOST_PRODUCTS:
                label = await self._label(actor, workspace, products, id_)
                if label is not None:
                    have.add(str(id_))
                    matched.append(_known(each, products.key, id_, label))
        # A heading's guess gives way to what the company itself calls a product.
        if have - {None}:
            matched = [each for each in matched if each.field != "product" or each.record or each.confidence > 0.8]
        return matched

    async def _texts(self, workspace: Workspace, object_key: str, field: str) -> list[tuple[UUID, str]]:
        async def work(place: Place) -> list[tuple[UUID, str]]:
            async with self._database.write() as tx:
                return await self._loader.texts(tx, place, object_key, field, _MOST_NAMES)

        return await self._loader.in_place(SystemActor("capture"), workspace, work)

    async def _seen(
        self, actor: AnyActor, workspace: Workspace, definition: ObjectDef, likely: list[Candidate]
    ) -> Candidate | None:
        for each in likely[:3]:
            if each.score >= _ALIKE and await self._label(actor, workspace, definition, each.id) is not None:
                return each
        return None

    async def _label(self, actor: AnyActor, workspace: Workspace, definition: ObjectDef, record: UUID) -> str | None:
        """The record's title as the actor sees it; None where he does not see the record."""
        title = definition.title or "id"
        try:
            answer = await self._gateway.get(actor, workspace, definition.key, record, fields=(title,))
        except (NotFound, Denied):
            return None
        values: dict[str, Any] = orjson.loads(answer)
        return str(values.get(title) or record)


def _confirmed(value: Found, object_key: str, known: Candidate) -> Found:
    meant = replace(value, object=object_key, record=str(known.id), label=known.text)
    if known.score >= _SAME:
        # Two witnesses: the label on the paper and the company's own list.
        reason = Text("与已有客户一致", "the same as a known customer")
        return replace(meant, confidence=round(1 - 0.3 * (1 - value.confidence), 3), reason=reason)
    share = round(100 * known.score)
    reason = Text(f"与已有客户相似 {share}%，请确认", f"{share}% like a known customer: please confirm")
    return replace(meant, confidence=round(value.confidence * known.score, 3), reason=reason)


def _known(value: Found, object_key: str, id_: UUID, label: str) -> Found:
    reason = Text("与已有产品一致", "the same as a known product")
    sure = round(1 - 0.3 * (1 - value.confidence), 3)
    return replace(value, object=object_key, record=str(id_), label=label, confidence=sure, reason=reason)


def _codes_in(scan: Scan, known: dict[str, UUID]) -> list[tuple[Found, UUID]]:
    """Models of the company's own that stand anywhere in the text, as whole words."""
    codes = [each for each in known if len(each) >= _SHORTEST_CODE and any(letter.isalnum() for letter in each)]
    if not codes:
        return []
    automaton = AhoCorasick(codes, matchkind=MatchKind.LeftmostLongest)
    found: list[tuple[Found, UUID]] = []
    for page, word in _words(scan):
        text = _plain(word.text)
        for index, start, end in automaton.find_matches_as_indexes(text):
            if _stands_alone(text, start, end):
                reason = Text("文中出现的已有产品", "a known product named in the text")
                value = Found("product", text[start:end], word.text, 0.9 * word.sure, page, word.box, reason, word.cell)
                found.append((value, known[codes[index]]))
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not part of a longer code: Chinese letters may stand beside it, Latin ones and figures may not."""
    sides = (text[start - 1 : start], text[end : end + 1])
    return not any(each.isascii() and (each.isalnum() or each in "-_/") for each in sides if each)


def _companies(scan: Scan) -> list[tuple[str, int, Word]]:
    """The companies that a paper names, each where it stands first."""
    found: dict[str, tuple[str, int, Word]] = {}
    for page, word in _words(scan):
        name = organisation_in(word.text) if len(word.text) <= _LONGEST_LINE else None
        if name is not None and len(found) < _MOST_COMPANIES:
            found.setdefault(name, (name, page, word))
    return list(found.values())


def _words(scan: Scan) -> list[tuple[int, Word]]:
    return [(page.number, word) for page in scan.pages for word in page.words]


def _plain(text: str) -> str:
    return " ".join(normalize("NFKC", text).lower().split())

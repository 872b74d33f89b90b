"""Real chats in the sales app, no code: customers, messages, signals with their evidence, and how long answers took.

    python examples/sales_chats.py chat_0.1per.txt|val.json.zip|train_data_cn.json [DIALOGUES] [DATA_DIR]

The file is JDDC (JD.com's customer service), CrossWOZ or STC-3; ``DIALOGUES`` takes only its first so many. It is
written as WeCom's message archive (JSON lines in the data folder's inbox) and comes in through the app's own source and
mappings, with the project's WeCom simulator telling who the customers are; ``examples/sales/chats.yaml`` adds that a
customer who is not there yet is made. Then the dictionary hears what it hears, and the app's rules make signals.

These are talks of a shop's helpdesk and of people who look for a restaurant, not of sales people: what is found is what
the shipped dictionary finds in talk that it was not made for. See ``chat_files.py`` for the moments, which no file has.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from uuid import UUID

from chat_files import MEMBER, Said, archive_lines, external_ids, given_moments, read_chats
from salesroom import ACTOR, Example, Salesroom, listed

from tongmai.link.understanding import ChatReader
from tongmai.simulators import wecom

# A Monday evening.
AS_OF = datetime(2026, 11, 16, 12, tzinfo=UTC)
_ADDRESS, _CORP_ID = "http://wecom.example", "wwexample00000001"
_ALL = 1_000_000
_MANY = 10_000_000


async def fill(room: Salesroom, chats: Sequence[Said], until: datetime) -> dict[str, int]:
    """Brings the chats in: customers first, then what was said, then what it tells; the counts of rows."""
    ids, sent = external_ids(chats), given_moments(chats, until)
    company = _company(room, ids)
    inbox = room.services.settings.data_dir / "inbox" / "wecom"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "archive.jsonl").write_text("".join(f"{line}\n" for line in archive_lines(sent, ids)), "utf-8")
    await room.services.gateway.create(
        ACTOR, room.workspace, "person", {"name": "客服", "phone": MEMBER, "roles": ["sales"]}
    )
    await room.connect("chats")
    options = {"corp_id": _CORP_ID, "base_url": _ADDRESS, "archive_folder": str(inbox)}
    await room.enable("wecom", options, {"secret": company.secret})
    # Nobody can be told of what was said before he was a customer.
    room.clock.moment = sent[0].at - timedelta(hours=1)
    async with room.reaching(_ADDRESS, wecom.app(company, room.clock)) as connected:
        await connected.pull("wecom", ("members", "customers"))
        await connected.begin()
        room.clock.moment = until
        return await _listen(connected)


async def _listen(room: Salesroom) -> dict[str, int]:
    """The archive read, heard and acted upon, as the running program does."""
    services = room.services
    counts = await room.pull("wecom", ("messages",))
    await ChatReader(services.database, services.catalogues, room.clock, room.links.words).advance(room.workspace)
    await room.links.mapper.advance(room.workspace, source="wecom")
    await room.act()
    return counts


def first(chats: Sequence[Said], dialogues: int) -> list[Said]:
    """The messages of the first so many dialogues."""
    sessions = islice(groupby(chats, key=lambda said: said.session), dialogues)
    return [said for _, session in sessions for said in session]


def _company(room: Salesroom, ids: dict[str, str]) -> wecom.Company:
    """Who is who, as the vendor's interfaces tell it: one member, whom all of them talk to."""
    company = wecom.Company(room.clock, corp_id=_CORP_ID, per_minute=_MANY)
    company.departments = [{"id": 1, "name": "客服", "parentid": 0, "order": 1}]
    company.members[MEMBER] = {
        "userid": MEMBER, "name": "客服", "mobile": MEMBER, "email": "", "department": [1], "status": 1,
    }  # fmt: skip
    for name, external in ids.items():
        company.add_customer(external, name, f"客户 {name}", MEMBER)
    return company


async def show(room: Salesroom, file: Path, what: str) -> None:
    chats = first(await asyncio.to_thread(read_chats, file), int(what or _ALL))
    print(listed(await fill(room, chats, AS_OF)))
    directions = await room.grouped("message", "direction", {"n": "count()"})
    print(f"messages: {listed({name: row['n'] for name, row in directions.items()})}")
    print(listed(await room.classes("customer_health")))
    kinds = await room.grouped("signal", "kind", {"n": "count()"})
    print(f"signals: {listed({name: row['n'] for name, row in kinds.items()})}")
    for each in await room.rows("signal", filter_="TRUE", sort="-started_at", fields=("id", "title"), limit=5):
        for heard in await room.heard(UUID(str(each["id"]))):
            print(f"  {each['title']}: “{heard.keyword}” in “{heard.record['text']}”")
    slowest = await room.rows(
        "customer", filter_="[reply_minutes] IS NOT BLANK", sort="-reply_minutes", limit=3,
        fields=("name", "reply_minutes", "replies_90"),
    )  # fmt: skip
    for each in slowest:
        print(f"  {each['name']}: answered after {each['reply_minutes']} min (median), {each['replies_90']} messages")


EXAMPLE = Example("sales_chats", __doc__, lambda _: AS_OF, show)

if __name__ == "__main__":
    sys.exit(EXAMPLE.run(sys.argv[1:]))

"""Who agreed that a talk is kept: a ledger that only grows, asked for a pair of a member and a customer at a moment.

AMB-31: the archive needs the customer's consent, and the vendor tells it for each pair (``check_single_agree``, the
messages ``agree`` and ``disagree``, the event ``msg_audit_approved``). No consent, no text kept; withdrawn, text
removed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.wecom.archive_message import ArchivedMessage
from tongmai.link.wecom.client import WeComClient

Answer = Literal["agree", "disagree"]
_ASKED_AT_ONCE = 100
ANY_MEMBER = ""
# The messages in which a customer says whether a talk may be kept.
CONSENT_KINDS = frozenset({"agree", "disagree"})


@dataclass(frozen=True, slots=True, order=True)
class ConsentEntry:
    """``member`` is empty where the customer spoke of a room: it then holds for the room of that id alone."""

    at: datetime
    customer: str
    member: str
    room: str
    answer: Answer
    told_by: str

    @property
    def key(self) -> str:
        """The same word told twice (call-back, archive, question) is one entry."""
        return f"{self.customer}:{self.member or self.room}:{int(self.at.timestamp())}:{self.answer}"

    def document(self) -> JsonObject:
        return {
            "at": self.at.isoformat(),
            "customer": self.customer,
            "member": self.member,
            "room": self.room,
            "answer": self.answer,
            "told_by": self.told_by,
        }

    @staticmethod
    def read(document: Mapping[str, JsonValue]) -> ConsentEntry:
        return ConsentEntry(
            at=datetime.fromisoformat(text_of(document, "at")),
            customer=text_of(document, "customer"),
            member=text_of(document, "member"),
            room=text_of(document, "room"),
            answer="agree" if document.get("answer") == "agree" else "disagree",
            told_by=text_of(document, "told_by"),
        )


@dataclass
class ConsentLedger:
    """The entries known. The last word of a pair counts for all its messages, also those before it was spoken:
    consent opens the text from its moment on, a withdrawal closes it for the past as well."""

    _entries: dict[tuple[str, str], list[ConsentEntry]] = field(default_factory=dict)
    # Since when text may be kept, by pair; pairs that say no are not in it.
    _open_since: dict[tuple[str, str], datetime] = field(default_factory=dict)

    @staticmethod
    def of(entries: Iterable[ConsentEntry]) -> ConsentLedger:
        ledger = ConsentLedger()
        for entry in entries:
            ledger.add(entry)
        return ledger

    def add(self, entry: ConsentEntry) -> bool:
        """Whether it was new."""
        kept = self._entries.setdefault((entry.customer, entry.member or entry.room), [])
        if any(entry.key == each.key for each in kept):
            return False
        insort(kept, entry)
        self._settle((entry.customer, entry.member or entry.room), kept)
        return True

    def allows(self, customer: str, other: str, at: datetime) -> bool:
        """Whether the text of a message of that moment may be kept; ``other`` is the member's id or the room's."""
        since = self._open_since.get((customer, other))
        return since is not None and at >= since

    def _settle(self, pair: tuple[str, str], kept: list[ConsentEntry]) -> None:
        if kept[-1].answer == "disagree":
            self._open_since.pop(pair, None)
            return
        # Agreed again after a withdrawal: what was removed stays removed.
        closed = next((each.at for each in reversed(kept) if each.answer == "disagree"), None)
        agreed = (each.at for each in kept if each.answer == "agree" and (closed is None or each.at > closed))
        since = next(agreed, None)
        if since is None:
            # Said in the same second: the more careful reading holds.
            self._open_since.pop(pair, None)
        else:
            self._open_since[pair] = since

    def state(self, customer: str, other: str) -> Answer | None:
        kept = self._entries.get((customer, other))
        return kept[-1].answer if kept else None

    def entries(self) -> list[ConsentEntry]:
        return sorted(each for kept in self._entries.values() for each in kept)

    def may_keep(self, message: ArchivedMessage) -> bool:
        """All customers in the talk must have agreed; members are bound by their employer's terms."""
        if not message.room and len(message.receivers) == 1:
            # Nearly all talks: one with one.
            one, other = message.sender, message.receivers[0]
            if is_customer(one) == is_customer(other):
                return True
            customer, member = (one, other) if is_customer(one) else (other, one)
            return self.allows(customer, member, message.at)
        customers = [each for each in message.people if is_customer(each)]
        if not customers:
            return True
        if message.room:
            return all(self.allows(each, message.room, message.at) for each in customers)
        members = [each for each in message.people if not is_customer(each)]
        return all(self.allows(customer, member, message.at) for customer in customers for member in members)


def is_customer(identity: str) -> bool:
    """Ids of external contacts begin with ``wm`` (WeChat) or ``wo`` (WeCom) and are 32 letters long."""
    return identity.startswith(("wm", "wo")) and len(identity) >= 20


def entry_of_message(message: ArchivedMessage) -> ConsentEntry | None:
    """What an ``agree`` or ``disagree`` message says."""
    if message.kind not in CONSENT_KINDS:
        return None
    part = message.body.get(message.kind)
    spoken = text_of(part, "userid") if isinstance(part, dict) else ""
    customer = spoken or message.sender
    member = "" if message.room else next((each for each in message.people if not is_customer(each)), ANY_MEMBER)
    answer: Answer = "agree" if message.kind == "agree" else "disagree"
    return ConsentEntry(_second(message.at), customer, member, message.room, answer, "archive")


async def ask_consent(client: WeComClient, pairs: Iterable[tuple[str, str]]) -> list[ConsentEntry]:
    """The present state of pairs ``(member, customer)`` as the vendor tells it, 100 a call."""
    wanted = list(pairs)
    found: list[ConsentEntry] = []
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        # The vendor spells it so.
        info: list[JsonValue] = [
            {"userid": member, "exteranalopenid": customer}
            for member, customer in wanted[start : start + _ASKED_AT_ONCE]
        ]
        answer = await client.post("/cgi-bin/msgaudit/check_single_agree", {"info": info})
        found += [entry for item in objects(answer.get("agreeinfo")) if (entry := _entry(item, ""))]
    return found


async def ask_room_consent(client: WeComClient, room: str) -> list[ConsentEntry]:
    answer = await client.post("/cgi-bin/msgaudit/check_room_agree", {"roomid": room})
    return [entry for item in objects(answer.get("agreeinfo")) if (entry := _entry(item, room))]


def _entry(item: JsonObject, room: str) -> ConsentEntry | None:
    status, changed = text_of(item, "agree_status"), item.get("status_change_time")
    if status not in ("Agree", "Default_Agree", "Disagree") or not isinstance(changed, int):
        return None
    answer: Answer = "disagree" if status == "Disagree" else "agree"
    member = "" if room else text_of(item, "userid")
    at = datetime.fromtimestamp(changed, UTC)
    return ConsentEntry(at, text_of(item, "exteranalopenid"), member, room, answer, "question")


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)

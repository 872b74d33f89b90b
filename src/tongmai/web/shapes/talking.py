"""Answers about signal words, light entry and the side-bar of a chat."""

from __future__ import annotations

from typing_extensions import TypedDict

from tongmai.link import OwnWords, SignalKind
from tongmai.web.shapes.common import AnyValue, Caption, Id, Moment


class WordsChanged(TypedDict):
    """A change of a kind's words; ``words`` is null where they were taken back."""

    kind: str
    words: OwnWords | None
    version: int
    by: Id | None
    at: Moment


class SignalWords(TypedDict):
    """A kind: what is shipped, and what the workspace made of it."""

    shipped: SignalKind | None
    own: WordsChanged | None


class WordsReread(TypedDict):
    """Old messages of a source read again by the words in force: which share of them (0 to 1), said since when, and how
    many signals that told. ``finished_at`` is null while it goes on."""

    source: str
    share: float
    since: Moment
    told: int
    finished_at: Moment | None


class SignalWordList(TypedDict):
    """All kinds; ``reread`` has a source once its words were changed."""

    items: list[SignalWords]
    reread: list[WordsReread]


class WordHit(TypedDict):
    """Some letters around a hit; ``refused`` tells why it does not count."""

    object: str
    record: Id
    at: Moment | None
    keyword: str
    text: str
    start: int
    end: int
    refused: str | None


class WordsTried(TypedDict):
    """What words would hit in the last messages; ``unseen`` hits are in messages that the asker may not read."""

    messages: int
    hits_now: int
    hits: int
    gained: int
    lost: int
    customers: int
    unseen: int
    refused: dict[str, int]
    samples: list[WordHit]


class PresetOffered(TypedDict):
    """A button; ``moves`` names the fields that it moves on."""

    key: str
    label: Caption
    color: str
    moves: list[Caption]


class SubjectOffered(TypedDict):
    """A record that can be tapped, with the presets that fit it now."""

    id: Id
    label: str
    presets: list[str]


class EntryOffer(TypedDict):
    """What one tap can write down, the likeliest subject first."""

    object: str
    label: Caption
    about: str
    asks: list[str]
    presets: list[PresetOffered]
    subjects: list[SubjectOffered]


class PromptShown(TypedDict):
    """``fields`` are asked for; ``because`` is the event that has just happened to which the prompt belongs."""

    key: str
    label: str
    fields: list[str]
    because: str | None


class PromptsShown(TypedDict):
    """What fits best first. ``is_hushed``: others are held back now, for ``reasons`` as far as they may be known."""

    items: list[PromptShown]
    is_hushed: bool
    reasons: list[str]


class FieldMoved(TypedDict):
    """A field that moved on, in the values of the wire."""

    field: str
    before: AnyValue
    after: AnyValue


class EntryWritten(TypedDict):
    """``share`` is how much of the entry nobody had to type, 0 to 1 (S2-20)."""

    id: Id
    object: str
    record: Id
    moved: list[FieldMoved]
    by_system: int
    by_person: int
    share: float
    is_repeated: bool


class EntryUndone(TypedDict):
    """``kept`` are fields that somebody changed since."""

    restored: list[str]
    kept: list[str]


class ChatRecord(TypedDict):
    """``by_person``: linked in the side-bar, where it can be unlinked."""

    object: str
    id: Id
    label: str
    by_person: bool


class ChatCandidate(TypedDict):
    """A record that may be the chat's customer, and why."""

    id: Id
    label: str
    score: float
    reasons: list[str]


class ChatOf(TypedDict):
    """Whose chat it is. ``elsewhere``: linked with a record that is not the asker's to see."""

    external_user_id: str
    name: str
    company: str
    object: str
    record: ChatRecord | None
    elsewhere: bool
    candidates: list[ChatCandidate]


class ChatCaptured(TypedDict):
    """The record that refers to what was taken over."""

    object: str
    record: Id
    messages: int
    files: int

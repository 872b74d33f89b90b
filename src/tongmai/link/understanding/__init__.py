"""Chat understanding: signals from the words of a talk, and what its order tells; no entry by anyone (S0-05, S0-08,
S0-09).

Invariants: a hit is an event with its evidence, told once; a word that is negated, quoted, supposed or said of us is no
hit, and why it is none can be asked; no text of a talk is kept here.
"""

from tongmai.link.understanding.dictionary import OwnWords, SignalDictionary, SignalKind, read_kinds, shipped_dictionary
from tongmai.link.understanding.events import RecordEvent, tell_events
from tongmai.link.understanding.follower import RawFollower
from tongmai.link.understanding.matcher import Hit, SignalMatcher, words_said
from tongmai.link.understanding.own_words import WordsChange, WorkspaceWords
from tongmai.link.understanding.reader import SIGNALS_MARK, TALKS_MARK, ChatReader, Understood
from tongmai.link.understanding.rereading import Rereading
from tongmai.link.understanding.talk import Fact, Talk, read_talk
from tongmai.link.understanding.trying import TriedWords, WordSample, WordTrial
from tongmai.link.understanding.turns import Turn, is_closing, is_question, is_quotation

__all__ = [
    "SIGNALS_MARK",
    "TALKS_MARK",
    "ChatReader",
    "Fact",
    "Hit",
    "OwnWords",
    "RawFollower",
    "RecordEvent",
    "Rereading",
    "SignalDictionary",
    "SignalKind",
    "SignalMatcher",
    "Talk",
    "TriedWords",
    "Turn",
    "Understood",
    "WordSample",
    "WordTrial",
    "WordsChange",
    "WorkspaceWords",
    "is_closing",
    "is_question",
    "is_quotation",
    "read_kinds",
    "read_talk",
    "shipped_dictionary",
    "tell_events",
    "words_said",
]

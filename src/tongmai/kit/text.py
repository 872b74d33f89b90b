"""A text in the product's two languages. Chinese first, English complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in Chinese and English."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def both(self) -> str:
        """Both languages on one line, for places where the reader's language is not known."""
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"

    def filled(self, **parts: Text) -> Text:
        """Each language's braces filled with the parts in that language."""
        zh = self.zh.format(**{name: part.zh for name, part in parts.items()})
        return Text(zh, self.en.format(**{name: part.en for name, part in parts.items()}))

    def each(self, change: Callable[[str], str]) -> Text:
        """Both languages, changed alike."""
        return Text(change(self.zh), change(self.en))

    @property
    def own_english(self) -> str | None:
        """What is kept beside the Chinese: the English, where it is another text."""
        return None if self.en == self.zh else self.en

    @staticmethod
    def kept(zh: str, own_english: str | None) -> Text:
        """The text that was kept as its Chinese and its ``own_english``."""
        return Text(zh, zh if own_english is None else own_english)

    @staticmethod
    def parts(text: Text | None) -> tuple[str | None, str | None]:
        """What is kept of a text, if there is one: the Chinese and its ``own_english``."""
        return (None, None) if text is None else (text.zh, text.own_english)

    @staticmethod
    def same(word: str) -> Text:
        """A word that is the same in both languages (a key, a brand)."""
        return Text(word, word)

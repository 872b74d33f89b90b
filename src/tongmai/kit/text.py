"""A text in the product's two languages. Chinese first, English complete."""

from __future__ import annotations

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

    @staticmethod
    def same(word: str) -> Text:
        """A word that is the same in both languages (a key, a brand)."""
        return Text(word, word)

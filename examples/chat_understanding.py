"""How well signals are found in chats: precision and recall on a labelled set, and on real dialogues.

    python examples/chat_understanding.py tests/data/chat_signals.tsv [train_data_cn.json]

The first file is our own: 358 messages, 168 of them without a signal, most of those hard (negated, quoted, supposed,
said of us, a keyword in another meaning); some of the others tell their signal without any keyword. Words and guards
were worked on with its odd lines only; the even lines tell what to expect of messages that nobody looked at. Ours are
shorter and plainer than what people write, so expect less of real talk.

The second is the Chinese training part of NTCIR-14 STC-3: 3,000 real public helpdesk dialogues, each rated by 19
people, not ours to ship. It has no labels of our kinds; what it does tell is how satisfied each customer was
(``S``, -2 … 2). So the signal ``complaint`` is held against the raters' mean: a dialogue below -0.5 is an unhappy one.
A helpdesk's customers nearly all come with a complaint, many leave satisfied: that bounds the precision.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tongmai.link.understanding import SignalMatcher, is_closing, shipped_dictionary

UNHAPPY = -0.5


@dataclass
class Tally:
    """True positives, false positives and false negatives, by kind."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, wanted: set[str], found: set[str]) -> None:
        self.right.update(wanted & found)
        self.wrong.update(found - wanted)
        self.missed.update(wanted - found)

    def precision(self, kind: str | None = None) -> float:
        right, wrong = self._of(self.right, kind), self._of(self.wrong, kind)
        return right / (right + wrong) if right + wrong else 1.0

    def recall(self, kind: str | None = None) -> float:
        right, missed = self._of(self.right, kind), self._of(self.missed, kind)
        return right / (right + missed) if right + missed else 1.0

    @staticmethod
    def _of(counts: Counter[str], kind: str | None) -> int:
        return sum(counts.values()) if kind is None else counts[kind]


@dataclass(frozen=True)
class Dialogue:
    """``satisfaction`` is the raters' mean of S; ``turns`` are (by the customer?, text)."""

    satisfaction: float
    turns: tuple[tuple[bool, str], ...]


def read_labelled(file: Path) -> list[tuple[set[str], str]]:
    """Lines of kinds (``-`` for none) and a message, apart by a tabulator."""
    pairs = (line.split("\t", 1) for line in file.read_text("utf-8").splitlines() if line)
    return [({each for each in kinds.split(",") if each != "-"}, text) for kinds, text in pairs]


def tally(matcher: SignalMatcher, lines: Iterable[tuple[set[str], str]]) -> Tally:
    found = Tally()
    for wanted, text in lines:
        found.add(wanted, {each.kind for each in matcher.find(text)})
    return found


def read_dialogues(file: Path) -> list[Dialogue]:
    return [
        Dialogue(
            sum(each["quality"]["S"] for each in item["annotations"]) / len(item["annotations"]),
            tuple((turn["sender"] == "customer", text) for turn in item["turns"] for text in turn["utterances"]),
        )
        for item in json.loads(file.read_text("utf-8"))
    ]


def complains(matcher: SignalMatcher, dialogue: Dialogue) -> int:
    """In how many of the customer's messages the signal stands."""
    texts = [text for by_customer, text in dialogue.turns if by_customer]
    return sum(any(hit.kind == "complaint" for hit in matcher.find(text)) for text in texts)


def area_under_curve(scores: Sequence[float], is_positive: Sequence[bool]) -> float:
    """The chance that a positive one scores above a negative one; ties count half."""
    ranks: dict[float, float] = {}
    ordered = sorted(scores)
    for score in set(scores):
        first = ordered.index(score)
        ranks[score] = first + (ordered.count(score) + 1) / 2
    positive = [ranks[score] for score, yes in zip(scores, is_positive, strict=True) if yes]
    negatives = len(scores) - len(positive)
    return (sum(positive) - len(positive) * (len(positive) + 1) / 2) / (len(positive) * negatives)


def show_labelled(matcher: SignalMatcher, file: Path) -> None:
    lines = read_labelled(file)
    for name, part in (("worked on", lines[::2]), ("held out", lines[1::2])):
        found = tally(matcher, part)
        print(f"{name:>10}: {len(part)} messages, precision {found.precision():.3f}, recall {found.recall():.3f}")
    whole = tally(matcher, lines)
    for kind in matcher.dictionary.kinds:
        print(f"{kind.label.zh:>16}  precision {whole.precision(kind.key):.2f}  recall {whole.recall(kind.key):.2f}")


def show_dialogues(matcher: SignalMatcher, file: Path) -> None:
    dialogues = read_dialogues(file)
    unhappy = [each.satisfaction < UNHAPPY for each in dialogues]
    counts = [complains(matcher, each) for each in dialogues]
    found = Tally()
    for is_unhappy, count in zip(unhappy, counts, strict=True):
        found.add({"complaint"} if is_unhappy else set(), {"complaint"} if count else set())
    told, base = sum(map(bool, counts)), sum(unhappy) / len(dialogues)
    print(f"\n{len(dialogues)} real dialogues, {sum(unhappy)} of them unhappy (share {base:.3f})")
    print(f"complaint told in {told}: precision {found.precision():.3f}, recall {found.recall():.3f}")
    print(f"area under the curve, by messages with the signal: {area_under_curve(counts, unhappy):.3f}")
    waiting = [each.satisfaction for each in dialogues if each.turns[-1][0] and not is_closing(each.turns[-1][1])]
    rest = [each.satisfaction for each in dialogues if not each.turns[-1][0]]
    print(f"the customer's last message unanswered in {len(waiting)}: mean satisfaction {mean(waiting):.2f}")
    print(f"answered in {len(rest)}: mean satisfaction {mean(rest):.2f}")


def main(files: Sequence[str]) -> int:
    if not files:
        print(__doc__)
        return 2
    matcher = SignalMatcher(shipped_dictionary())
    show_labelled(matcher, Path(files[0]))
    if len(files) > 1:
        show_dialogues(matcher, Path(files[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How many chat messages a second one core reads for signals, with 500 keywords; guards included.

``python -m bench.understanding`` prints a line a set of messages: made-up business chat in which one message in five
holds a keyword, and the real chats beside the project (``TONGMAI_REAL_DATA``) where they are. The goal is 100,000/s.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tongmai.link.understanding import SignalDictionary, SignalKind, SignalMatcher, shipped_dictionary

KEYWORDS = 500
MESSAGES = 200_000
BEST_OF = 3
GOAL = 100_000
PLAIN = (
    "好的", "收到，谢谢", "发票收到了", "稍等我问下同事", "今天天气不错，适合出去走走", "资料看了，参数都还可以",
    "尺寸是1200×600，材质用304不锈钢", "下午三点开会，麻烦提前十分钟到", "这个型号的说明书有电子版吗", "晚点给您打电话",
    "合同第三条的付款方式法务还在看，预计周三给您答复", "物流单号发我一下", "周末愉快",
)  # fmt: skip
TELLING = (
    "我们下周换仓，货先别发老地址", "这批货急要，明天能到吗", "别家报价比你们低8个点", "不急要，下周发也行",
    "老板换了，以后找小王对接", "如果以后换仓我会提前通知您",
)  # fmt: skip


def dictionary() -> SignalDictionary:
    """The shipped words, filled up to 500 with a workspace's own."""
    shipped = shipped_dictionary()
    there = sum(len(each.keywords) for each in shipped.kinds)
    syllables = "甲乙丙丁戊己庚辛壬癸"
    made = ("".join(letters) for letters in itertools.product(syllables, repeat=3))
    own = SignalKind.model_validate(
        {
            "key": "own",
            "label": {"zh": "自定义", "en": "Own"},
            "keywords": tuple(itertools.islice(made, max(0, KEYWORDS - there))),
        }
    )
    return shipped.extended((own,))


def made_up() -> list[str]:
    chance = random.Random(7)
    return [chance.choice(TELLING if chance.random() < 0.2 else PLAIN) for _ in range(MESSAGES)]


def real() -> list[str]:
    places = [os.environ.get("TONGMAI_REAL_DATA"), Path(__file__).resolve().parents[2] / "shared" / "data"]
    for place in places:
        file = Path(place or "/nonexistent") / "chat_jddc_jd" / "chat_0.1per.txt"
        if file.is_file():
            lines = file.read_text("utf-8").splitlines()
            return [line.rsplit("\t", 1)[-1] for line in lines]
    return []


def measure(matcher: SignalMatcher, messages: Sequence[str]) -> tuple[float, int]:
    """Messages a second of processor time, best of three, and how many hits were meant."""
    best, hits = 0.0, 0
    for _ in range(BEST_OF):
        started = time.process_time()
        hits = sum(len(matcher.find(each)) for each in messages)
        best = max(best, len(messages) / (time.process_time() - started))
    return best, hits


def main() -> int:
    matcher = SignalMatcher(dictionary())
    count = sum(len(each.keywords) for each in matcher.dictionary.kinds)
    print(f"{count} keywords in {len(matcher.dictionary.kinds)} kinds")
    slow = False
    for name, messages in (("made up", made_up()), ("JDDC", real())):
        if not messages:
            print(f"{name:>8}: the real chats are not beside the project")
            continue
        rate, hits = measure(matcher, messages)
        slow |= rate < GOAL
        length = sum(map(len, messages)) / len(messages)
        print(f"{name:>8}: {rate:>9,.0f} messages/s  ({len(messages):,} of {length:.0f} letters, {hits:,} hits)")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

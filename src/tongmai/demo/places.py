"""Where customers are and what they are called: districts of seven cities, names as such places carry them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tongmai.demo.words import names

_ORDINALS = ("第一", "第二", "第三", "中心", "中")


def person_name(rnd: Random) -> str:
    return rnd.choice(names().surnames) + rnd.choice(names().given)


def address(rnd: Random, city: str, district: str) -> str:
    return f"浙江省{city}市{district}{rnd.choice(names().towns)}路{rnd.randint(1, 980)}号"


def customer_names(rnd: Random, kind: str, city: str) -> Iterator[tuple[str, str]]:
    """Endless ``(name, district)`` of places of a kind (U8's customer class) in a city; the same one may come twice."""
    known = names()
    while True:
        district, town, word = rnd.choice(known.districts[city]), rnd.choice(known.towns), rnd.choice(known.words)
        yield _name(rnd, kind, city, district, town, word), district


def _name(rnd: Random, kind: str, city: str, district: str, town: str, word: str) -> str:
    if kind == "01":
        place = rnd.choice(("市", f"市{district}"))
        return f"{city}{place}{rnd.choice(_ORDINALS)}{rnd.choice(('人民医院', '医院'))}"
    ending = rnd.choice(names().endings[kind])
    if kind == "02":
        return f"{district}{rnd.choice((town, word, ''))}{ending}"
    if kind == "05":
        return f"{city}{word}{rnd.choice(('', district))}{ending}有限公司"
    return f"{district}{rnd.choice((town, ''))}{word}{ending}"

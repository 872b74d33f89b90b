"""The stored initials are pypinyin's. To write them anew: ``python -m tests.model.test_pinyin_initials``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

from pypinyin.pinyin_dict import pinyin_dict

from tongmai.model.pinyin_initials import NONE, SEVERAL_INITIALS, initials

BLOCKS = ((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000))


def first_initial(code: int) -> str:
    letter = normalize("NFD", pinyin_dict.get(code, NONE))[0]
    return letter if "a" <= letter <= "z" else NONE


def made() -> str:
    lines = (f"{first:x} " + "".join(map(first_initial, range(first, end))) for first, end in BLOCKS)
    return "\n".join(lines) + "\n"


def test_the_stored_initials_are_those_of_the_dictionary() -> None:
    assert files("tongmai.model").joinpath("pinyin_initials.txt").read_text("ascii") == made()


def test_every_further_initial_is_a_reading_of_the_dictionary() -> None:
    for character, letters in SEVERAL_INITIALS.items():
        readings = {normalize("NFD", reading)[0] for reading in pinyin_dict[ord(character)].split(",")}
        assert set(letters) <= readings
        assert letters[0] == first_initial(ord(character))
        assert len(set(letters)) == len(letters) > 1


def test_initials_of_names_people_search_for() -> None:
    assert [initials(character) for character in "单曾长重"] == ["ds", "cz", "zc", "zc"]
    assert initials("〇") == "l"
    assert initials("か") == NONE
    assert initials("𠮷") == NONE


if __name__ == "__main__":
    Path("src/tongmai/model/pinyin_initials.txt").write_text(made(), "ascii")

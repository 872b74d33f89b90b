"""How much of real papers capture finds: fields of invoices, letters of Chinese pages, letters of spoken Mandarin.

``python -m bench.capture`` reads what lies beside the project (``TONGMAI_REAL_DATA``) through the same confined child
process as the product. Invoices: number, date, amount, currency and seller against their published truth, from the
PDFs' own text and from pictures by recognition. The label words for English, Dutch, French and German were written
with these few papers at hand, so the figures say that the way works, not how it does on papers nobody has looked at;
letterheads were written with every other paper (by name) at hand and the rest held out, and both are told; recordings
are heard as they are and as WeCom's AMR;
the made-up Chinese papers are of our own making too. The last table holds what was claimed against what was right.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein
from tests.recordings import AMR, recorded

from tongmai.link.capture.finding import Found, find_values
from tongmai.link.identity import likeness
from tongmai.scan import Scan, Scanner, abilities, ready_speech_model

_TYPES = {
    ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".wav": "audio/wav", ".amr": "audio/amr",
}  # fmt: skip
_FIELDS = {"number": "invoice_number", "date": "date", "amount": "amount", "currency": "currency", "supplier": "issuer"}
# What stands on the pages, read off by a person; a vertical page from its right column to the left. The third picture
# of the set is a cut-off corner of a screen with a single whole word: nothing to measure.
_PAGES = {
    "text_vertical_words.png": "有評是是非非之士師也是非不得問之人要取之已取之時不參一人見而",
    "ch_en_num.jpg": "正品促销大桶装更划算强力去污符合国标-40℃深度防冻不结冰日常价¥10.0起直击底价"
    "日常价¥10.0起券后价¥5.8起惊喜福利不容错过极速发货冰点标准破损就赔假一赔十",
}
_BANDS = ((0.0, 0.6), (0.6, 0.85), (0.85, 0.95), (0.95, 1.01))


@dataclass
class Tally:
    """Right answers by field, and each claim with whether it held."""

    right: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    claims: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, name: str, found: Found | None, holds: bool) -> None:
        self.asked[name] = self.asked.get(name, 0) + 1
        self.right[name] = self.right.get(name, 0) + holds
        if found is not None:
            self.claims.append((found.confidence, holds))


def real_data() -> Path | None:
    places = [os.environ.get("TONGMAI_REAL_DATA"), Path(__file__).resolve().parents[2] / "shared" / "data"]
    return next((Path(place) for place in places if place and (Path(place) / "ocr_invoice2data").is_dir()), None)


def compare(truth: dict[str, Any], found: Sequence[Found], tally: Tally) -> list[str]:
    """Each field that the truth knows; the names of those that are wrong or missing."""
    wrong: list[str] = []
    for name, theirs in _FIELDS.items():
        if truth.get(theirs) is None:
            continue
        value = next((each for each in found if each.field == name), None)
        holds = value is not None and _same(name, value.value, truth[theirs])
        tally.add(name, value, holds)
        if not holds:
            wrong.append(f"{name}: {value.value if value else '–'} ≠ {truth[theirs]}")
    return wrong


def _same(name: str, ours: str, theirs: object) -> bool:
    if name == "amount":
        return Decimal(ours) == Decimal(str(theirs))
    if name == "supplier":
        return likeness(ours, str(theirs)) >= 0.75
    return ours.strip("# ").casefold() == str(theirs).strip("# ").casefold()


def character_errors(truth: str, read: str) -> tuple[int, int]:
    """Edits between two texts by letters and figures alone, and how many there are: marks and blanks do not count."""
    kept = ["".join(each for each in text.casefold() if each.isalnum()) for text in (truth, read)]
    return int(Levenshtein.distance(kept[0], kept[1])), len(kept[0])


async def scan(scanner: Scanner, path: Path, model: Path | None = None) -> tuple[Scan, float]:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = await scanner.read(path, _TYPES[path.suffix], Path(folder), model=model)
    return found, time.perf_counter() - started


async def invoices(scanner: Scanner, folder: Path, tally: Tally) -> None:
    for suffix, way in ((".pdf", "the PDF's own text"), (".png", "a picture, recognised")):
        own, halves = Tally(), (Tally(), Tally())
        for place, (path, truth) in enumerate(invoice_papers(folder, suffix)):
            if suffix == ".png" and not abilities().ocr:
                print("pictures: the ocr extra is not installed")
                break
            read, seconds = await scan(scanner, path)
            found = find_values(read)
            wrong = compare(truth, found, own)
            compare(truth, found, halves[place % 2])
            print(f"  {path.name:32} {seconds:5.1f} s  {'; '.join(wrong) or 'all right'}")
        if own.asked:
            shares = "  ".join(f"{name} {own.right[name]}/{own.asked[name]}" for name in own.asked)
            right, asked = sum(own.right.values()), sum(own.asked.values())
            print(f"invoices from {way}: {right}/{asked} = {right / asked:.0%}   ({shares})")
            if suffix == ".pdf":
                seen, unseen = (f"{each.right['supplier']}/{each.asked['supplier']}" for each in halves)
                print(f"  of these, sellers: {seen} of the papers looked at when writing, {unseen} of those held out")
        tally.claims += own.claims


def invoice_papers(folder: Path, suffix: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files of a kind with their truth."""
    for truth in sorted(folder.glob("*.json")):
        path = truth.with_suffix(suffix)
        if path.is_file():
            yield path, json.loads(truth.read_text("utf-8"))[0]


async def pages(scanner: Scanner, folder: Path) -> None:
    errors = letters = 0
    for name, truth in _PAGES.items():
        read, seconds = await scan(scanner, folder / name)
        # Where lines stand side by side the order is nobody's: the letters are compared as a bag then.
        upright = name.startswith("text_vertical")
        text = "".join(word.text for page in read.pages for word in page.words)
        wrong, of = character_errors(truth, text) if upright else bag_errors(truth, text)
        print(f"  {name:32} {seconds:5.1f} s  {of - wrong}/{of} letters")
        errors, letters = errors + wrong, letters + of
    print(f"Chinese pages: {1 - errors / letters:.1%} of {letters} letters right")


def bag_errors(truth: str, read: str) -> tuple[int, int]:
    """Letters missing or too many, whatever their order."""
    wanted, got = (sorted(each for each in text.casefold() if each.isalnum()) for text in (truth, read))
    return int(Levenshtein.distance(wanted, got)), len(wanted)


async def talks(scanner: Scanner, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as models:
        model = await asyncio.to_thread(ready_speech_model, Path(models))
        if model is None:
            print("Mandarin clips: the speech extra is not installed")
            return
        for form in ("wav", "amr"):
            await spoken(scanner, folder, model, Path(models), form)


async def spoken(scanner: Scanner, folder: Path, model: Path, scratch: Path, form: str) -> None:
    """The clips as they are, or as WeCom would send them."""
    errors = letters = 0
    for row in csv.DictReader((folder / "transcripts.tsv").read_text("utf-8").splitlines(), delimiter="\t"):
        if not row["transcript"]:
            continue
        clip = folder / row["file"] if form == "wav" else as_amr(folder / row["file"], scratch)
        read, seconds = await scan(scanner, clip, model)
        wrong, of = character_errors(row["transcript"], read.text)
        print(f"  {clip.name:32} {seconds:5.1f} s  {wrong}/{of} wrong  {read.text.strip()}")
        errors, letters = errors + wrong, letters + of
    print(
        f"Mandarin clips as {form.upper()} (Whisper base, 8 bit): {errors / letters:.1%} of {letters} characters wrong"
    )


def as_amr(clip: Path, folder: Path) -> Path:
    """The clip as a voice message: AMR-NB, 8 kHz, 12.2 kbit/s."""
    path = folder / f"{clip.stem}.amr"
    path.write_bytes(recorded(clip.read_bytes(), AMR))
    return path


def claims(tally: Tally) -> None:
    print("how sure the values said they were, and how many were right:")
    for low, high in _BANDS:
        inside = [holds for said, holds in tally.claims if low <= said < high]
        if inside:
            print(f"  {low:.0%} – {min(high, 1.0):.0%}: {sum(inside)}/{len(inside)} right")


async def main() -> int:
    folder = real_data()
    if folder is None:
        print("the real data sets are not beside the project; set TONGMAI_REAL_DATA to their folder")
        return 0
    scanner, tally = Scanner(), Tally()
    await invoices(scanner, folder / "ocr_invoice2data", tally)
    if abilities().ocr:
        await pages(scanner, folder / "ocr_rapid_cn")
    else:
        print("Chinese pages: the ocr extra is not installed")
    await talks(scanner, folder / "asr_zh")
    claims(tally)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""Which encoding a text file has, found from its first bytes.

Order: a byte order mark; the zero bytes of UTF-16; valid UTF-8; GB18030 where the bytes look like Chinese (both bytes
of nearly every character are high, as in GB 2312, which neither Big5 nor Western text has); what charset-normalizer
thinks.
"""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of the two-byte characters in real Chinese text, nearly all are GB 2312; names with rare characters are the rest.
_CHINESE_SHARE = 0.8
_GUESS_BYTES = 64 * 1024


def guess_encoding(sample: bytes) -> str:
    """A Python codec's name for the file that begins with ``sample`` (which may end within a character)."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _without_mark(sample):
        return wide
    if _decodes(sample, "utf-8"):
        return "utf-8"
    if _decodes(sample, "gb18030") and _looks_chinese(sample):
        return "gb18030"
    return _by_statistics(sample[:_GUESS_BYTES])


def _by_statistics(sample: bytes) -> str:
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return "gb18030"
    # GBK and GB 2312 are parts of GB18030: the larger one reads what the sample did not show.
    if best.encoding in {"gbk", "gb2312", "hz", "cp936"}:
        return "gb18030"
    # The single-byte code pages often tie; the one Western Windows writes is by far the most common.
    if any(each.encoding == "cp1252" and each.chaos <= best.chaos for each in matches):
        return "cp1252"
    return best.encoding


def _decodes(sample: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(sample: bytes) -> str | None:
    """UTF-16 that does not say so: separators and digits leave zeros at every other place."""
    head = sample[:4096]
    if len(head) < 4 or b"\x00" not in head:
        return None
    even, odd, few = head[::2].count(0), head[1::2].count(0), len(head) // 10
    if odd > max(even * 4, few):
        return "utf-16-le"
    if even > max(odd * 4, few):
        return "utf-16-be"
    return None


def _looks_chinese(sample: bytes) -> bool:
    pairs = high = 0
    position = 0
    end = min(len(sample), _GUESS_BYTES) - 1
    while position < end:
        if sample[position] < 0x80:
            position += 1
            continue
        pairs += 1
        high += sample[position] >= 0xA1 and sample[position + 1] >= 0xA1
        position += 2
    return pairs > 0 and high >= pairs * _CHINESE_SHARE

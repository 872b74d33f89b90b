"""Word documents and plain text: a line a paragraph, a table's cells beside one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes
from lxml import etree  # type: ignore[import-untyped]

from tongmai.scan.archive import check_archive, part_names, read_part
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, Scan, Word
from tongmai.scan.refusing import corrupt

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEAD = re.compile(r"word/header\d{1,3}\.xml")
_MOST_HEADS = 3
_MOST_COLUMNS = 40
# Rows of a page made of lines: a deep document is one long page, whose lines keep the height of a line.
_LINE = 1.0


def scan_docx(path: Path, limits: ScanLimits) -> Scan:
    """One page. Raises ``Unreadable`` for a damaged file or a bomb."""
    check_archive(path, limits)
    body = _tree(read_part(path, "word/document.xml", limits)).find(f"{_W}body")
    if body is None:
        raise corrupt("文档", "document")
    # A letterhead stands in the pages' heads; the first, the even and the others often say the same.
    heads = [_tree(read_part(path, name, limits)) for name in part_names(path, _HEAD)[:_MOST_HEADS]]
    head = dict.fromkeys(line for each in heads for line in _lines(each) if any(line))
    return _of_lines([*head, *_lines(body)], limits)


def scan_text(path: Path, limits: ScanLimits) -> Scan:
    """Plain text in any usual encoding."""
    with path.open("rb") as file:
        content = file.read(limits.characters * 4)
    best = from_bytes(content).best()
    if best is None:
        raise corrupt("文本", "text")
    return _of_lines([tuple(line.split("\t")) for line in str(best).splitlines()], limits)


def _tree(content: bytes) -> etree._Element:
    # No entity is resolved and nothing is fetched; depth stays at the parser's own bound.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        tree = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise corrupt("文档", "document") from None
    # The same once more, for programs that do not know what stands beside it.
    etree.strip_elements(tree, _FALLBACK, with_tail=False)
    return tree


def _of_lines(lines: list[tuple[str, ...]], limits: ScanLimits) -> Scan:
    height = max(len(lines), 1)
    words: list[Word] = []
    left = limits.characters
    for index, cells in enumerate(lines):
        columns = max(len(cells), 1)
        for column, text in enumerate(cells[:_MOST_COLUMNS]):
            text = " ".join(text.split())[: max(left, 0)]
            if text:
                box = Box(column / columns, index / height, (column + 1) / columns, (index + 1) / height)
                words.append(Word(text, box))
                left -= len(text)
    return Scan((Page(1, 1.0, height * _LINE, tuple(words), "text"),))


def _lines(body: etree._Element) -> Iterator[tuple[str, ...]]:
    for child in body:
        if child.tag == f"{_W}p":
            text = _text(child)
            yield from ((line,) for line in text.split("\n") if line.strip())
        elif child.tag == f"{_W}tbl":
            # Not `iter`: a table within a cell is that cell's words.
            for row in child.findall(f"{_W}tr"):
                yield tuple(_cell(cell) for cell in row.findall(f"{_W}tc"))
        elif child.tag == f"{_W}sdt":
            inner = child.find(f"{_W}sdtContent")
            if inner is not None:
                yield from _lines(inner)


def _cell(cell: etree._Element) -> str:
    return " ".join(_text(paragraph).replace("\n", " ") for paragraph in cell.iter(f"{_W}p"))


def _text(paragraph: etree._Element) -> str:
    marks = {f"{_W}br": "\n", f"{_W}tab": "  "}
    nodes = paragraph.iter(f"{_W}t", *marks)
    return "".join(marks.get(str(node.tag), node.text or "") for node in nodes)

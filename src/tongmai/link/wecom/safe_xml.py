"""Reads the vendor's small XML documents, and nothing that XML can do beside: no DTD, no entities, no depth."""

from __future__ import annotations

from typing import TypeAlias
from xml.parsers import expat

from tongmai.kit import Invalid

XmlValue: TypeAlias = "str | dict[str, XmlValue] | list[XmlValue]"

_DEEPEST = 12
_LONGEST = 2 * 1024 * 1024
_MOST_ELEMENTS = 20_000


def read_xml(document: bytes) -> dict[str, XmlValue]:
    """The root's children by name: texts, mappings, and lists where a name comes more than once.

    Raises ``Invalid`` for what is not XML, declares a document type or an entity, or is too large or too deep.
    """
    if len(document) > _LONGEST:
        raise _refused("过大", "too large")
    reader = _Reader()
    try:
        reader.parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # The latter two: it says it is written in an encoding that is none, or that expat does not read.
        raise _refused("格式错误", "not well-formed") from error
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: dict[str, XmlValue] = {}
        self._stack: list[tuple[str, dict[str, XmlValue], list[str]]] = []
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse_doctype(self, *_: object) -> None:
        raise _refused("不允许 DTD 或实体", "no document type or entity is allowed")

    def _start(self, name: str, _: object) -> None:
        self._count += 1
        if len(self._stack) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            raise _refused("层次过深或元素过多", "too deep or too many elements")
        self._stack.append((name, {}, []))

    def _text(self, text: str) -> None:
        if self._stack:
            self._stack[-1][2].append(text)

    def _end(self, _: str) -> None:
        name, children, texts = self._stack.pop()
        if not self._stack:
            self.root = children
            return
        value: XmlValue = children or "".join(texts).strip()
        siblings = self._stack[-1][1]
        known = siblings.get(name)
        if known is None:
            siblings[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            siblings[name] = [known, value]


def _refused(zh: str, en: str) -> Invalid:
    return Invalid.of("callback.xml", f"回调的 XML 无法接受：{zh}", f"The call-back's XML was refused: {en}")

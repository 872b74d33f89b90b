"""Why a file is not read: one exception that crosses the border between the processes."""

from __future__ import annotations

from tongmai.kit import Fault, Invalid, Text


class Unreadable(Exception):
    """The file is refused or set aside; ``code`` is stable (``scan.corrupt``)."""

    def __init__(self, code: str, zh: str, en: str, way_zh: str | None = None, way_en: str | None = None) -> None:
        super().__init__(en)
        self.code = code
        self.text = Text(zh, en)
        self.way_out = Text(way_zh, way_en) if way_zh is not None and way_en is not None else None

    def document(self) -> dict[str, str | None]:
        way = self.way_out
        return {
            "code": self.code, "zh": self.text.zh, "en": self.text.en,
            "way_zh": None if way is None else way.zh, "way_en": None if way is None else way.en,
        }  # fmt: skip

    @staticmethod
    def of(document: dict[str, str]) -> Unreadable:
        way_zh, way_en = document.get("way_zh"), document.get("way_en")
        return Unreadable(document["code"], document["zh"], document["en"], way_zh, way_en)

    def refusal(self) -> Invalid:
        """The same for a caller of the API."""
        return Invalid((Fault(self.code, self.text, self.way_out, "file"),))


def corrupt(kind_zh: str, kind_en: str) -> Unreadable:
    return Unreadable(
        "scan.corrupt",
        f"{kind_zh}已损坏或不完整，无法读取",
        f"The {kind_en} is damaged or incomplete and cannot be read",
        "请重新导出或重新拍照后上传",
        "Export it or take the photo again",
    )


def pages_left_out(read: int, total: int) -> Text:
    """A note beside what was read of a long file."""
    more = total - read
    return Text(f"只读取前 {read} 页，其余 {more} 页未读", f"{more} pages were left out")

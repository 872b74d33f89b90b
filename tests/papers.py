"""Small papers for tests of capture, made on the spot: a sheet, a document, a PDF with letters, a picture of text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
QUOTATION: tuple[tuple[str, ...], ...] = (
    ("报价单",),
    ("报价单号：QT-2026-0117", "报价日期：2026年10月28日"),
    ("客户名称：杭州市第一人民医院", "联系电话：0571-87654321"),
    ("序号", "产品名称", "型号", "数量", "单价", "金额"),
    ("1", "全自动生化分析仪", "BS-2000M", "1", "98,000.00", "98,000.00"),
    ("2", "离心机", "TD5A-WS", "2", "15,000.00", "30,000.00"),
    ("合计", "", "", "", "", "128,000.00"),
    ("合计金额（大写）：人民币壹拾贰万捌仟元整",),
    ("报价单位：上海通脉医疗器械有限公司",),
)


def docx(rows: Sequence[Sequence[str]] = QUOTATION) -> bytes:
    """A Word document: single cells are paragraphs, several a row of a table."""
    body = "".join(_paragraph(row[0]) if len(row) == 1 else _table(row) for row in rows)
    return archive({"word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'})


def xlsx(rows: Sequence[Sequence[str]] = QUOTATION) -> bytes:
    """A spreadsheet with inline texts."""
    cells = "".join(
        f'<row r="{down}">'
        + "".join(
            f'<c r="{chr(64 + across)}{down}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for across, text in enumerate(row, 1)
            if text
        )
        + "</row>"
        for down, row in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml"'
            f' ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml"'
            f' ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
            f' Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets>'
            '<sheet name="报价" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
            f' Type="{rels}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def pdf(lines: Sequence[tuple[float, float, str]], pages: int = 1) -> bytes:
    """A PDF with letters of its own: (x, y in points from the bottom left, text) on each A4 page."""
    shown = "".join(f"BT /F1 12 Tf {x} {y} Td ({text}) Tj ET\n" for x, y, text in lines).encode("latin-1")
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents "
            + f"{4 + pages} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
            for _ in range(pages)
        ),
        b"<< /Length " + str(len(shown)).encode() + b" >>\nstream\n" + shown + b"endstream",
    ]
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def picture(lines: Sequence[str], form: str = "PNG") -> bytes:
    """Text drawn black on white; as ``PDF`` it is a scan without letters of its own."""
    image = Image.new("RGB", (900, 80 + 60 * len(lines)), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((40, 30 + 60 * number), line, fill="black", font=ImageFont.load_default(32))
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def archive(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in parts.items():
            # Without the moment of making: the same parts give the same bytes.
            made.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def _table(row: Sequence[str]) -> str:
    cells = "".join(f"<w:tc>{_paragraph(text)}</w:tc>" for text in row)
    return f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"

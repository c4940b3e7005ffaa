"""An official document as DOCX, in Times New Roman as the decree asks, to be edited and signed."""

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from shared.documents import official
from shared.documents.official import Heading, Official, Paragraph, Table
from shared.documents.widths import MARGIN, fitted

FONT = "Times New Roman"
LINE = official.WIDTH - official.LEFT - official.RIGHT
# The name of the country stands on one line, in any font that may be put in place of this one.
COUNTRY_LINE = 107
CENTER = WD_ALIGN_PARAGRAPH.CENTER


def docx_file(document: Official) -> bytes:
    """The file. Takes a second of CPU for a thousand rows: run it in a thread."""
    made = docx.Document()
    _page(made)
    _head(made, document)
    _title(made, document)
    for block in document.blocks:
        match block:
            case Heading(text):
                line = _line(made, text, bold=True)
                line.paragraph_format.keep_with_next = True
                line.paragraph_format.space_before = Pt(8)
            case Paragraph(text, bold):
                line = _line(made, text, bold=bold)
                line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
                line.paragraph_format.first_line_indent = Mm(10)
            case Table():
                _table(made, block)
    _foot(made, document)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _page(made: Document) -> None:
    style: Any = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(official.TEXT_SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(4)
    section = made.sections[0]
    section.page_width, section.page_height = Mm(official.WIDTH), Mm(official.HEIGHT)
    section.top_margin, section.bottom_margin = Mm(official.TOP), Mm(official.BOTTOM)
    section.left_margin, section.right_margin = Mm(official.LEFT), Mm(official.RIGHT)
    section.header_distance = Mm(10)
    # Pages are numbered from the second on, above and in the middle.
    section.different_first_page_header_footer = True
    header = section.header.paragraphs[0]
    header.alignment = CENTER
    run = header.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)


def _head(made: Document, it: Official) -> None:
    table = made.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _fixed(table, (LINE - COUNTRY_LINE, COUNTRY_LINE), margin=0)
    left, right = table.rows[0].cells
    left.width, right.width = Mm(LINE - COUNTRY_LINE), Mm(COUNTRY_LINE)
    first = left.paragraphs[0]
    if it.superior:
        _write(first, it.superior.upper(), size=12)
        first = left.add_paragraph()
    _write(first, it.issuer.upper(), size=12, bold=True)
    _ruled(left.add_paragraph(), "———")
    _write(left.add_paragraph(), it.numbered)
    _write(right.paragraphs[0], official.COUNTRY, size=12, bold=True)
    _write(right.add_paragraph(), official.MOTTO, bold=True)
    _ruled(right.add_paragraph(), "——————————")
    _write(right.add_paragraph(), it.dated, italic=True)
    for cell in (left, right):
        for line in cell.paragraphs:
            line.alignment = CENTER
            line.paragraph_format.space_after = Pt(0)


def _title(made: Document, it: Official) -> None:
    if it.draft:
        _write(made.add_paragraph(), official.DRAFT, bold=True)
    for text, size in ((it.kind.upper(), 14), (it.subject, 14)):
        line = made.add_paragraph()
        line.alignment = CENTER
        line.paragraph_format.space_before = Pt(6 if text == it.kind.upper() else 0)
        _write(line, text, size=size, bold=True)
    rule = made.add_paragraph()
    rule.alignment = CENTER
    _ruled(rule, "————————")


def _table(made: Document, block: Table) -> None:
    table = made.add_table(rows=1, cols=len(block.heads))
    table.style = "Table Grid"
    size, found = fitted(block, LINE)
    _fixed(table, found, margin=MARGIN)
    widths = [Mm(one).twips for one in found]
    table._tbl.remove(table.rows[0]._tr)
    table._tbl.append(_row(block.heads, widths, ["center"] * len(widths), size, head=True))
    sides = ["right" if place in block.numbers else "left" for place in range(len(widths))]
    for row in block.rows:
        table._tbl.append(_row(row, widths, sides, size))
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _fixed(table: Any, widths: Sequence[float], *, margin: float) -> None:
    """Columns of so many millimetres, whatever a program would make of their texts."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    cells = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        _part(cells, f"w:{side}", w=str(Mm(margin).twips), type="dxa")
    properties = table._tbl.tblPr
    # Where the schema has them: before the table's looks.
    looks = properties.find(qn("w:tblLook"))
    properties.insert(len(properties) if looks is None else list(properties).index(looks), cells)


def _row(
    texts: Sequence[str], widths: list[int], sides: list[str], size: int, *, head: bool = False
) -> Any:
    """A row as XML: python-docx itself takes a second for a hundred of them. A row is not parted
    over two pages, and the heads are repeated on each."""
    row = OxmlElement("w:tr")
    properties = _part(row, "w:trPr")
    _part(properties, "w:cantSplit")
    if head:
        _part(properties, "w:tblHeader")
    for text, width, side in zip(texts, widths, sides, strict=True):
        cell = _part(row, "w:tc")
        _part(_part(cell, "w:tcPr"), "w:tcW", w=str(width), type="dxa")
        line = _part(cell, "w:p")
        looks = _part(line, "w:pPr")
        _part(looks, "w:spacing", after="0")
        _part(looks, "w:jc", val=side)
        run = _part(line, "w:r")
        looks = _part(run, "w:rPr")
        if head:
            _part(looks, "w:b")
        _part(looks, "w:sz", val=str(size * 2))
        words = _part(run, "w:t")
        words.text = printable(text)
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return row


def _part(parent: Any, name: str, **values: str) -> Any:
    part = OxmlElement(name)
    for key, value in values.items():
        part.set(qn(f"w:{key}"), value)
    parent.append(part)
    return part


def _foot(made: Document, it: Official) -> None:
    table = made.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    first = left.paragraphs[0]
    if it.recipients:
        _write(first, official.RECIPIENTS, size=12, bold=True, italic=True)
        for one in it.recipients:
            line = left.add_paragraph()
            line.paragraph_format.space_after = Pt(0)
            _write(line, f"- {one}", size=11)
    for nth, text in enumerate((it.signer.upper(), "", "", "", it.name)):
        line = right.add_paragraph() if nth else right.paragraphs[0]
        line.alignment = CENTER
        _write(line, text, bold=True)


def _line(made: Document, text: str, *, bold: bool = False) -> Any:
    line = made.add_paragraph()
    _write(line, text, bold=bold)
    return line


def _ruled(line: Any, rule: str) -> None:
    _write(line, rule, size=6)
    line.paragraph_format.space_after = Pt(2)


def _write(
    line: Any,
    text: str,
    *,
    size: int = official.TEXT_SIZE,
    bold: bool = False,
    italic: bool = False,
) -> None:
    run = line.add_run(printable(text))
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def printable(text: str) -> str:
    """XML has no place for most control characters, halves of letters and what is no letter."""
    return "".join(
        letter
        for letter in text
        if (letter >= " " or letter in "\n\t")
        and not "\ud800" <= letter <= "\udfff"
        and letter not in "\ufffe\uffff"
    )

"""Official documents as files: read back as what was written, in the looks of the decree."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import docx
import pypdfium2
import pytest

from shared.documents.docx import docx_file
from shared.documents.official import (
    COUNTRY,
    DRAFT,
    MOTTO,
    Block,
    Heading,
    Official,
    Paragraph,
    Table,
)
from shared.documents.pdf import DocumentNotDrawn, pdf

VOWELS: Final = "aáàảãạăắằẳẵặâấầẩẫậeéèẻẽẹêếềểễệiíìỉĩịoóòỏõọôốồổỗộơớờởỡợuúùủũụưứừửữựyýỳỷỹỵđ"
LETTERS: Final = " ".join(VOWELS[n : n + 12] for n in range(0, len(VOWELS), 12))
TRICKY: Final = (
    '#read("/etc/passwd") #import "@preview/x:1.0.0" *đậm* _nghiêng_ $x^2$ `mã` '
    "<nhãn> @nguồn [ngoặc] \\\\ // bình luận = Đề mục \u200b&amp;"
)


def official(blocks: Sequence[Block] = (), **more: Any) -> Official:
    given: dict[str, Any] = {
        "superior": "Ủy ban nhân dân tỉnh Quảng Ninh",
        "issuer": "Sở Nông nghiệp và Môi trường",
        "symbol": "BC-SNNMT",
        "place": "Quảng Ninh",
        "day": date(2026, 2, 5),
        "kind": "Báo cáo",
        "subject": "Kết quả thu hồi Chả mực Hạ Long",
        "blocks": blocks,
        "recipients": ("Ủy ban nhân dân tỉnh;", "Lưu: VT."),
        "signer": "Giám đốc",
        "name": "Nguyễn Văn Ẩn",
    }
    return Official(**{**given, **more})


def texts(data: bytes) -> list[str]:
    """Page by page, on one line each."""
    read = pypdfium2.PdfDocument(data)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in read]
    finally:
        read.close()


def words_of(data: bytes) -> str:
    read = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in read.paragraphs), *cells])


async def test_both_files_hold_the_parts_that_the_decree_asks_for() -> None:
    document = official([Heading("I. Căn cứ"), Paragraph("Nội dung")], draft=True)
    [page] = texts(await pdf(document))
    written = words_of(docx_file(document))
    for part in (
        *(COUNTRY, MOTTO, DRAFT, "ỦY BAN NHÂN DÂN TỈNH QUẢNG NINH", "BÁO CÁO", "/BC-SNNMT"),
        *("Quảng Ninh, ngày 05 tháng 02 năm 2026", "Kết quả thu hồi Chả mực Hạ Long"),
        *("I. Căn cứ", "Nội dung", "Nơi nhận:", "- Lưu: VT.", "GIÁM ĐỐC", "Nguyễn Văn Ẩn"),
    ):
        assert part in page, part
        assert part in written, part


async def test_every_vietnamese_letter_is_there_and_drawn() -> None:
    capitals = LETTERS.upper()
    made = await pdf(official([Paragraph(LETTERS), Paragraph(capitals, bold=True)]))
    [page] = texts(made)
    assert LETTERS in page
    assert capitals in page
    assert LETTERS in words_of(docx_file(official([Paragraph(LETTERS)])))
    read = pypdfium2.PdfDocument(made)
    drawn = read[0].render(scale=1).to_pil().convert("L")
    read.close()
    dark = sum(count for shade, count in enumerate(drawn.histogram()) if shade < 100)
    assert dark > 2_000, "there is ink on the page"


async def test_what_people_wrote_is_never_read_as_markup_or_opens_a_file() -> None:
    document = official(
        [Heading(TRICKY), Paragraph(TRICKY), Table((TRICKY, "b"), ((TRICKY, "1"),))],
        subject=TRICKY,
        name=TRICKY,
        recipients=(TRICKY,),
    )
    page = "".join("".join(texts(await pdf(document))).split())
    wanted = "".join(['#read("/etc/passwd")#import"@preview/x:1.0.0"*đậm*_nghiêng_$x^2$'])
    assert page.count(wanted) == 7
    assert "root:" not in page
    assert words_of(docx_file(document)).count("*đậm* _nghiêng_") == 7


async def test_a_table_of_a_thousand_lots_goes_over_pages_with_its_heads_and_numbers() -> None:
    rows = tuple((f"CM-{n}", "1.000 kg") for n in range(1_000))
    document = official([Table(("Lô", "Đã sản xuất"), rows, (3, 2), (1,))])
    pages = texts(await pdf(document))
    assert len(pages) > 15
    assert all("Đã sản xuất" in page for page in pages)
    assert pages[1].startswith("2 "), "numbered from the second page on"
    assert not pages[0].startswith("1 ")
    assert sum(page.count("CM-") for page in pages) == 1_000
    read = docx.Document(io.BytesIO(docx_file(document)))
    table = read.tables[1]
    assert len(table.rows) == 1_001
    assert "w:tblHeader" in table.rows[0]._tr.xml


def test_the_page_is_a4_with_the_margins_of_the_decree_in_times() -> None:
    read = docx.Document(io.BytesIO(docx_file(official())))
    [section] = read.sections
    sizes = [
        *(section.page_width, section.page_height),
        *(section.top_margin, section.bottom_margin, section.left_margin, section.right_margin),
    ]
    assert [round(size.mm) for size in sizes if size] == [210, 297, 20, 20, 30, 15]
    assert read.styles["Normal"].font.name == "Times New Roman"
    assert section.different_first_page_header_footer


async def test_the_same_document_is_the_same_bytes() -> None:
    assert await pdf(official()) == await pdf(official())


async def test_a_drawing_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(DocumentNotDrawn):
        await pdf(official(), seconds=0.01)


def test_a_control_character_does_not_break_the_word_file() -> None:
    assert "ab" in words_of(docx_file(official([Paragraph("a\x00\x0b\ud800\ufffe\uffffb")])))


def drawn_widths(document: Official) -> list[list[float]]:
    """Of each table the columns in millimetres, as they stand in the grid and in every cell."""
    found = []
    for table in docx.Document(io.BytesIO(docx_file(document))).tables[:-1]:
        grid = [column.width for column in table.columns]
        assert not table.autofit, "a program that fits columns to texts parts other lines"
        for row in table.rows:
            cells = [cell.width for cell in row.cells]
            assert all(abs(one - other) < 1_000 for one, other in zip(grid, cells, strict=True))
        found.append([width / 36_000 for width in grid])
    return found


def test_the_name_of_the_country_fits_its_line_in_the_widest_font_in_its_place() -> None:
    [[left, right]] = drawn_widths(official([]))
    # DejaVu Serif Bold at 12 points draws it 103.2 mm wide, Times New Roman 85.
    assert right >= 104
    assert left + right == pytest.approx(165, abs=0.1)


def test_no_head_and_no_number_of_a_table_is_parted_whatever_font_is_there() -> None:
    heads = ("Lô", "Sản xuất", "Thu hồi", "Đã bán", "Còn tồn", "Khác", "Giải trình", "Chưa rõ")
    rows = (("CM-20261002-01", "12.345,6 kg", "1.234,5", "0", "0", "0", "0", "0"),)
    numbers = (1, 2, 3, 4, 5, 6, 7)
    table = Table(heads, rows, (3, 3, 2, 2, 2, 2, 2, 2), numbers)
    _, found = drawn_widths(official([table]))
    assert sum(found) == pytest.approx(165, abs=0.1)
    # As wide as DejaVu Serif Bold draws them at 10 points.
    drawn = (0, 17.2, 15.3, 13.9, 15.5, 10.5, 19.2, 15.6)
    for width, needed, head in zip(found, drawn, heads, strict=True):
        assert width >= needed + 2, head
    assert found[0] >= 29, "the lot's code, which has no place to be parted at"
    assert found[1] >= 24, "12.345,6 kg"


def test_a_table_that_has_room_is_drawn_as_its_shares_say() -> None:
    table = Table(("Chỉ tiêu", "Số lượng", "Tỷ lệ"), (("a", "1", "2 %"),), (6, 3, 2), (1, 2))
    _, found = drawn_widths(official([table]))
    assert found == pytest.approx([90, 45, 30], abs=0.1)
    full = Table(("Một" * 9,) * 9, (("1" * 30,) * 9,), numbers=tuple(range(9)))
    _, found = drawn_widths(official([full]))
    assert found == pytest.approx([165 / 9] * 9, abs=0.1), "more than the line has is parted evenly"

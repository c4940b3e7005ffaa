"""An official document as Decree 30/2020/NĐ-CP lays it out (Art. 8, Appendix I), without its looks.

Whoever writes one says what stands where; `docx.py` and `pdf.py` make files of the same content.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

COUNTRY: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
RECIPIENTS: Final = "Nơi nhận:"
DRAFT: Final = "DỰ THẢO"
# A4 and its margins in millimetres: the decree allows 20–25 above and below, 30–35 left, 15–20
# right.
WIDTH, HEIGHT = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15
# Points; the decree allows 13 and 14 in the text.
TEXT_SIZE, HEAD_SIZE, TABLE_SIZE = 13, 13, 11


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`bold` is for a line that stands on its own, such as a conclusion."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below their heads. `widths` are shares of the line; `numbers` are the columns,
    from 0, whose texts stand to the right. The heads are repeated on each page."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()


Block = Paragraph | Heading | Table


@dataclass(frozen=True, slots=True)
class Official:
    """`issuer` issues it, below `superior`, "" for none. `number` is "" until it is registered;
    `symbol` is as in `BC-SNNMT`. `signer` is the position that signs, `name` who, "" for none yet.
    A `draft` says so on its first page."""

    superior: str
    issuer: str
    symbol: str
    place: str
    day: date | None
    kind: str
    subject: str
    blocks: Sequence[Block]
    recipients: tuple[str, ...] = ()
    signer: str = ""
    name: str = ""
    number: str = ""
    draft: bool = False

    @property
    def numbered(self) -> str:
        return f"Số: {self.number or '        '}/{self.symbol}"

    @property
    def dated(self) -> str:
        """`Quảng Ninh, ngày 05 tháng 02 năm 2026`: days below 10 and January, February with a
        naught (Appendix I, II.4)."""
        if self.day is None:
            return f"{self.place}, ngày      tháng      năm       "
        month = f"{self.day.month:02d}" if self.day.month < 3 else str(self.day.month)
        return f"{self.place}, ngày {self.day.day:02d} tháng {month} năm {self.day.year}"

    def told(self) -> dict[str, Any]:
        """All that is shown, as JSON takes it."""
        return {
            "superior": self.superior,
            "issuer": self.issuer,
            "numbered": self.numbered,
            "dated": self.dated,
            "kind": self.kind,
            "subject": self.subject,
            "recipients": list(self.recipients),
            "signer": self.signer,
            "name": self.name,
            "draft": DRAFT if self.draft else "",
            "country": COUNTRY,
            "motto": MOTTO,
            "recipients_head": RECIPIENTS,
            "blocks": [{"type": type(one).__name__, **asdict(one)} for one in self.blocks],
        }

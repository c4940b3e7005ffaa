"""Scanned documents of a facility: certificates, signed papers, decisions (R13, R34, R35)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.errors import Kind, Refusal

MAX_BYTES: Final = 8_000_000
KINDS: Final = ("certificate", "signed", "inspection")
# A facility's own cupboard is large, not endless.
MAX_OF_FACILITY: Final = 500


class DocumentKind(Refusal):
    code = "document_kind"
    kind = Kind.INVALID
    message = (
        "Nội dung tệp không phải PDF, JPEG hoặc PNG đọc được. Hãy quét lại hoặc chọn tệp khác."
    )


class DocumentTooLarge(Refusal):
    code = "document_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp lớn hơn {limit} MB. Hãy quét ở độ phân giải thấp hơn hoặc tách thành nhiều tệp."


class DocumentUnknown(Refusal):
    code = "document_unknown"
    kind = Kind.INVALID
    message = "Tệp đính kèm không thuộc cơ sở này hoặc không còn. Hãy tải tệp lên lại."


class TooManyDocuments(Refusal):
    code = "too_many_documents"
    kind = Kind.LIMIT
    message = "Cơ sở đã lưu {limit} tệp. Hãy bỏ bớt tệp không còn dùng rồi tải lên lại."


@dataclass(frozen=True, slots=True)
class Document:
    """`file` names the bytes kept; `public` once an approved certificate shows it to consumers."""

    id: str
    facility_id: str
    kind: str
    title: str
    media_type: str
    size: int
    digest: str
    file: str
    by: str
    by_name: str
    at: datetime
    public: bool = False

    @property
    def is_pdf(self) -> bool:
        return self.media_type == "application/pdf"

    @property
    def file_name(self) -> str:
        """A plain name of ours: nothing that was typed gets into a header."""
        return f"{self.kind}-{self.id[-8:]}.{'pdf' if self.is_pdf else 'jpg'}"

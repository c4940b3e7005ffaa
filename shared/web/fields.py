"""Input models of APIs and forms: what they refuse everywhere, and the field types they share."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import filetype
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile

from shared.web.i18n import N_
from shared.web.shapes import Shape, shapes
from shared.web.validation import MAX_TOLD, NOT_A_DATE, NOT_A_TIME

_HEAD_BYTES = 8192
# Control characters, and marks that turn the direction of what follows (spoofed names).
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Marks that may follow one another on a letter; Vietnamese needs two. Normalising sorts a run of
# them in time that grows with its square: half a million would hold the whole process for minutes
# (the limit of Unicode's Stream-Safe Text Format, UAX 15).
_MARKS_IN_A_ROW = 30
# What pydantic takes for seconds.
_COUNTED = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
# Lists within lists that are looked into; no field has so many, so the rest is refused anyway.
_MOST_LISTS = 10


def wrong(code: str, msgid: str, /, **params: object) -> PydanticCustomError:
    """An error for validators: stable `code`, Vietnamese `msgid` translated when it is told."""
    return PydanticCustomError(code, "{msgid}", {**params, "msgid": msgid})


class Lines:
    """Marks a text that may have several lines: `note: Annotated[str, Lines()]`, short `Prose`."""


Prose = Annotated[str, Lines()]


class Input(BaseModel):
    """Base of whatever comes from outside: no unknown fields, no NaN, no control characters.

    Text is normalised to NFC, so that equal words are equal bytes, and trimmed; it is one line
    unless the field is `Prose`.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _no_flood(cls, data: Any) -> Any:
        """Unknown names are told one by one, but a hundred thousand of them only as one."""
        if isinstance(data, dict) and len(data) > len(cls.model_fields) + MAX_TOLD:
            raise wrong(
                "unknown_field",
                N_("Trường này không được dùng ở đây. Hãy bỏ đi hoặc sửa lại tên trường."),
            )
        return data

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields.get(info.field_name or "")
        marks = field.metadata if field else ()
        cleaned = clean(value, lines=any(isinstance(mark, Lines) for mark in marks))
        shape = shapes(cls).get(info.field_name or "")
        if shape is not None and (shape.day or shape.moment):
            _refuse_counted_seconds(cleaned, shape)
        return cleaned


def _refuse_counted_seconds(value: Any, shape: Shape) -> None:
    """A day or moment is written as such: pydantic would also read a number, or a text of digits,
    as seconds or milliseconds since 1970, which nobody who sends one can have meant."""
    if isinstance(value, (int, float)) or (isinstance(value, str) and _COUNTED.fullmatch(value)):
        code, msgid = NOT_A_DATE if shape.day else NOT_A_TIME
        raise wrong(code, msgid)


def _day(value: Any) -> Any:
    _refuse_counted_seconds(value, Shape(date))
    return value


# A day in an address; those of input models are looked at there.
Day = Annotated[date, BeforeValidator(_day)]


def clean(value: Any, *, lines: bool = False) -> Any:
    """Text inside `value` normalised; raises the error of `wrong` for characters nobody types."""
    return _clean(value, lines, _MOST_LISTS)


def _clean(value: Any, lines: bool, lists: int) -> Any:
    if isinstance(value, str):
        return _clean_text(value, lines=lines)
    if isinstance(value, list) and lists:
        return [_clean(item, lines, lists - 1) for item in value]
    return value


def _clean_text(text: str, *, lines: bool) -> str:
    if _has_piled_marks(text):
        raise wrong("not_text", N_("Có ký tự hỏng trong đoạn chữ. Hãy xóa và nhập lại."))
    try:
        text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
        text.encode()
    except UnicodeEncodeError:
        raise wrong("not_text", N_("Có ký tự hỏng trong đoạn chữ. Hãy xóa và nhập lại.")) from None
    if not lines and ("\n" in text or "\t" in text):
        raise wrong("line_break", N_("Ô này chỉ nhận một dòng. Hãy bỏ dấu xuống dòng."))
    if _HIDDEN.search(text):
        raise wrong(
            "control_character",
            N_("Có ký tự điều khiển không nhìn thấy. Hãy xóa ô này và gõ lại bằng tay."),
        )
    return text


def _has_piled_marks(text: str) -> bool:
    if text.isascii():
        return False
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MARKS_IN_A_ROW:
            return True
    return False


def upload(*, max_bytes: int, kinds: tuple[str, ...] = ()) -> AfterValidator:
    """For `Annotated[UploadFile, upload(...)]`: size, and kind by content (`pdf`, `jpg`, `xlsx`).

    Plain text such as CSV has no signature: leave `kinds` empty and let the reader judge it.
    """
    return AfterValidator(_upload_check(max_bytes, kinds))


def _upload_check(max_bytes: int, kinds: tuple[str, ...]) -> Callable[[UploadFile], UploadFile]:
    def check(file: UploadFile) -> UploadFile:
        if (file.size or 0) > max_bytes:
            raise wrong(
                "file_too_large",
                N_("Tệp lớn hơn {limit} MB. Hãy chọn tệp nhỏ hơn."),
                limit=f"{max_bytes / 1_000_000:g}",
            )
        if kinds:
            head = file.file.read(_HEAD_BYTES)
            file.file.seek(0)
            if filetype.guess_extension(head) not in kinds:
                raise wrong(
                    "file_kind",
                    N_("Nội dung tệp không phải loại được nhận. Hãy chọn tệp {kinds}."),
                    kinds=", ".join(kinds),
                )
        return file

    return check

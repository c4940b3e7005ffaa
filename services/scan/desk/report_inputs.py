"""What the public sends when it reports a problem with a stamp, with its limits."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, UploadFile
from pydantic import AfterValidator, BeforeValidator, Field

from services.scan.domain.asking import MAX_REPLY
from services.scan.domain.complaint import (
    CODE_CHARACTERS,
    MAX_WORDS,
    NUMBER_DIGITS,
    Channel,
    Problem,
    Taken,
    Told,
    read_code,
)
from shared.commune_places import names
from shared.contracts.scan import VERDICTS
from shared.pictures.limits import MAX_BYTES, PICTURES
from shared.web.fields import Input, Prose, upload, wrong
from shared.web.i18n import N_

TypedCode = Annotated[str, Path(min_length=1, max_length=64)]
ComplaintKey = Annotated[str, Field(min_length=1, max_length=64, pattern="^[0-9A-Za-z-]+$")]
PhotoName = Annotated[str, Path(max_length=10, pattern="^[0-9a-z]+$")]
ComplaintId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
State = Literal["new", "seen", "closed"]


def _empty(value: str) -> str:
    """People do not see this field; a program that fills every field does."""
    if value:
        raise wrong("trap_filled", N_("Ô này dành để chặn thư rác. Hãy để trống rồi gửi lại."))
    return value


def _commune(value: str) -> str:
    if value and value not in names():
        raise wrong("commune_unknown", N_("Hãy chọn xã, phường trong danh sách."))
    return value


def _verdict(value: str) -> str:
    """It only tells officials what was seen; whatever is no verdict was none."""
    return value if value in VERDICTS else ""


def _number(value: str) -> str:
    digits = value.replace(" ", "").replace("-", "")
    if len(digits) != NUMBER_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise wrong("report_number", N_("Số phản ánh gồm 10 chữ số. Hãy kiểm tra lại."))
    return digits


def _code(value: str) -> str:
    if len(read_code(value)) != CODE_CHARACTERS:
        raise wrong("report_code", N_("Mã tra cứu gồm 12 chữ và số. Hãy kiểm tra lại."))
    return value


def _chosen(value: Any) -> Any:
    """An input in which no file was chosen sends an empty one without a name."""
    return None if value == "" else value


Phone = Annotated[str, Field(max_length=30, pattern=r"^$|^\+?[0-9][0-9 ().-]{7,28}$")]
Photo = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=PICTURES)]


class ReportForm(Input):
    """`token` tells when the form was shown; `website` is the trap for programs."""

    kind: Problem
    words: Annotated[Prose, Field(min_length=10, max_length=MAX_WORDS)]
    commune: Annotated[str, AfterValidator(_commune), Field(max_length=5)] = ""
    place: Annotated[str, Field(max_length=200)] = ""
    phone: Phone = ""
    photo: Annotated[Photo | None, BeforeValidator(_chosen)] = None
    verdict: Annotated[str, Field(max_length=30), AfterValidator(_verdict)] = ""
    token: Annotated[str, Field(max_length=120)] = ""
    website: Annotated[str, Field(max_length=200), AfterValidator(_empty)] = ""

    def told(self, photo: bytes | None) -> Told:
        return Told(
            kind=self.kind,
            words=self.words,
            commune=self.commune,
            place=self.place,
            phone=self.phone,
            verdict=self.verdict,
            photo=photo,
        )


class GoodsForm(ReportForm):
    """Goods whose stamp is missing or cannot be read: their names as the label has them, and the
    lot or the days `printed` on them. `q`, `sought` and `step` as in `EntryForm`."""

    goods: Annotated[str, Field(max_length=200)] = ""
    printed: Annotated[str, Field(max_length=100)] = ""
    label: Annotated[Photo | None, BeforeValidator(_chosen)] = None
    q: Annotated[str, Field(max_length=100)] = ""
    sought: Annotated[str, Field(max_length=100)] = ""
    step: Annotated[str, Field(max_length=100)] = ""

    def told_of(self, photo: bytes | None, label: bytes | None) -> Told:
        named = " · ".join(one for one in (self.goods, self.printed) if one)
        return replace(self.told(photo), label=label, goods=named)


class EntryForm(Input):
    """What somebody told an official. `key` makes a form sent twice one report. With a `step` the
    form is not finished: goods are sought by the text `q`, or those that it names are chosen.
    `sought` is the text that was sought for this page."""

    channel: Channel
    heard_on: date
    kind: Problem
    words: Annotated[Prose, Field(min_length=10, max_length=MAX_WORDS)]
    goods: Annotated[str, Field(max_length=200)] = ""
    printed: Annotated[str, Field(max_length=100)] = ""
    commune: Annotated[str, AfterValidator(_commune), Field(max_length=5)] = ""
    place: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    phone: Phone = ""
    photo: Annotated[Photo | None, BeforeValidator(_chosen)] = None
    label: Annotated[Photo | None, BeforeValidator(_chosen)] = None
    q: Annotated[str, Field(max_length=100)] = ""
    sought: Annotated[str, Field(max_length=100)] = ""
    step: Annotated[str, Field(max_length=100)] = ""
    key: ComplaintKey

    def told(self, photo: bytes | None, label: bytes | None) -> Told:
        return Told(
            kind=self.kind,
            words=self.words,
            commune=self.commune,
            place=self.place,
            phone=self.phone,
            photo=photo,
            label=label,
            goods=" · ".join(one for one in (self.goods, self.printed) if one),
            name=self.name,
        )

    def taken(self, unit_id: str) -> Taken:
        return Taken(self.channel, self.heard_on, unit_id)


class ReplyForm(Input):
    """`question` is the number of what was asked, 0 for whatever waits."""

    number: Annotated[str, Field(min_length=1, max_length=30), AfterValidator(_number)]
    code: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_code)]
    question: Annotated[int, Field(ge=0, le=1000)] = 0
    words: Annotated[Prose, Field(min_length=1, max_length=MAX_REPLY)]
    photo: Annotated[Photo | None, BeforeValidator(_chosen)] = None


class TrackForm(Input):
    number: Annotated[str, Field(min_length=1, max_length=30), AfterValidator(_number)]
    code: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_code)]

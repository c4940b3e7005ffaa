"""A change of a shared catalogue: proposed by one, approved by another, valid from a day (R32)."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from services.registry.domain.catalogues import (
    CLOSED,
    LASTING,
    Catalogue,
    Row,
    all_rows,
    crops,
    rows,
)
from services.registry.domain.records import Author, ReasonMissing
from shared.errors import Kind, Refusal

_KEY = re.compile(r"[^\W_][\w-]{0,39}")


class Want(StrEnum):
    """What a field of a catalogue takes."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"
    CATEGORIES = "categories"
    INTERVALS = "intervals"


@dataclass(frozen=True, slots=True)
class Spec:
    """One field of a catalogue: `choices` where it takes one of a few words."""

    name: str
    want: Want = Want.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


_TITLES = (Spec("title", required=True), Spec("title_en"))
SPECS: Final[dict[Catalogue, tuple[Spec, ...]]] = {
    Catalogue.UNITS: (*_TITLES, Spec("kilograms", Want.NUMBER)),
    Catalogue.CATEGORIES: (
        *_TITLES,
        Spec("traceability", Want.CHOICE, True, ("mandatory", "priority", "voluntary")),
        Spec("group", Want.TEXT, True),
    ),
    Catalogue.CROPS: (*_TITLES, Spec("yield_min", Want.NUMBER), Spec("yield_max", Want.NUMBER)),
    Catalogue.SUPPLIES: (
        Spec("title", required=True),
        Spec(
            "kind",
            Want.CHOICE,
            True,
            ("fertiliser", "feed", "pesticide", "veterinary_drug", "chemical"),
        ),
        Spec("active_substance"),
        Spec("dose"),
        Spec("intervals", Want.INTERVALS, True),
    ),
    Catalogue.STEPS: (*_TITLES, Spec("biz_step")),
    Catalogue.CHECKS: (
        *_TITLES,
        Spec("effect", Want.CHOICE, True, ("block", "flag", "off")),
        Spec("limit", Want.NUMBER),
    ),
    Catalogue.REQUIRED: (
        *_TITLES,
        Spec("record", Want.CHOICE, True, ("facility", "product")),
        Spec("field", Want.TEXT, True),
        Spec("only"),
        Spec("weight", Want.NUMBER, True),
    ),
    Catalogue.GROUPS: (
        *_TITLES,
        Spec("level", Want.CHOICE, True, ("mandatory", "priority")),
        Spec("categories", Want.CATEGORIES, True),
        Spec("since", Want.DAY, True),
        Spec("basis"),
        Spec("roadmap"),
    ),
}


class CatalogueKeyInvalid(Refusal):
    code = "catalogue_key_invalid"
    kind = Kind.INVALID
    message = "Mã của dòng chỉ gồm chữ, số và dấu gạch nối, tối đa 40 ký tự, ví dụ mancozeb-80wp."


class CatalogueClosed(Refusal):
    code = "catalogue_closed"
    message = (
        "Danh mục này gắn với chương trình: chỉ sửa được nội dung của dòng đã có, "
        "không thêm dòng mới, không bỏ dòng."
    )


class RowLasts(Refusal):
    code = "catalogue_row_in_use"
    message = "Dòng của danh mục này còn được hồ sơ cũ dùng đến nên không bỏ được; hãy sửa tên."


class CatalogueValueInvalid(Refusal):
    code = "catalogue_value_invalid"
    kind = Kind.INVALID
    message = "Giá trị chưa đúng. Hãy xem ví dụ ghi dưới ô và nhập lại."


class ValidFromPast(Refusal):
    code = "valid_from_past"
    kind = Kind.INVALID
    message = "Ngày có hiệu lực phải từ hôm nay trở đi, để quyết định cũ không đổi nghĩa."


class ChangeOpen(Refusal):
    code = "change_open"
    message = "Dòng này đã có một đề nghị đang chờ duyệt. Hãy duyệt hoặc trả lại đề nghị đó trước."


class OwnProposal(Refusal):
    code = "own_proposal"
    kind = Kind.FORBIDDEN
    message = "Bạn đã đề nghị thay đổi này nên không được tự duyệt. Hãy để người khác duyệt."


class ChangeDecided(Refusal):
    code = "change_decided"
    message = "Đề nghị này đã được quyết định. Hãy tải lại trang."


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Change:
    """`retired` takes the row out of use; `valid_from` is a day, from its beginning."""

    id: str
    catalogue: Catalogue
    key: str
    values: dict[str, str]
    valid_from: date
    retired: bool
    reason: str
    proposed_by: Author
    proposed_at: datetime
    state: ChangeState = ChangeState.PROPOSED
    decided_by: Author | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""

    def row(self) -> Row:
        return Row(self.catalogue, self.key, self.values, self.valid_from, self.retired)

    def checked(self, today: date) -> "Change":
        """With its values in canonical form; raises what is wrong with it."""
        if not _KEY.fullmatch(self.key):
            raise CatalogueKeyInvalid("row_key")
        known = self.key in all_rows(self.catalogue)
        if self.catalogue in CLOSED and (self.retired or not known):
            raise CatalogueClosed()
        if self.retired and self.catalogue in LASTING:
            raise RowLasts("retired")
        if self.valid_from < today:
            raise ValidFromPast("valid_from")
        if not self.reason:
            raise ReasonMissing("reason")
        specs = SPECS[self.catalogue]
        values = {spec.name: _value(spec, self.values.get(spec.name, "")) for spec in specs}
        return replace(self, values=values)

    def decided(self, *, approved: bool, by: Author, reason: str, now: datetime) -> "Change":
        """Approved or rejected by a second person."""
        if self.state is not ChangeState.PROPOSED:
            raise ChangeDecided()
        if by.account_id == self.proposed_by.account_id:
            raise OwnProposal()
        if not approved and not reason:
            raise ReasonMissing("reason")
        return replace(
            self,
            state=ChangeState.APPROVED if approved else ChangeState.REJECTED,
            decided_by=by,
            decided_at=now,
            decision_reason=reason,
        )


def _value(spec: Spec, text: str) -> str:
    text = text.strip()
    if not text:
        if spec.required:
            raise CatalogueValueInvalid(spec.name)
        return ""
    if not _fits(spec, text):
        raise CatalogueValueInvalid(spec.name)
    return text.replace(",", ".") if spec.want is Want.NUMBER else text


def _fits(spec: Spec, text: str) -> bool:
    match spec.want:
        case Want.NUMBER:
            return _is_number(text)
        case Want.CHOICE:
            return text in spec.choices
        case Want.DAY:
            return _is_day(text)
        case Want.CATEGORIES:
            known = rows(Catalogue.CATEGORIES)
            return all(one.strip() in known for one in text.split(","))
        case Want.INTERVALS:
            return all(_is_interval(part) for part in text.split(";"))
        case Want.TEXT:
            return True


def _is_number(text: str) -> bool:
    try:
        return 0 <= Decimal(text.replace(",", ".")) <= 1_000_000
    except InvalidOperation:
        return False


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_interval(part: str) -> bool:
    crop, equals, days = (one.strip() for one in part.partition("="))
    known = crop == "*" or crop in crops()
    return bool(equals) and known and days.isdecimal() and int(days) <= 3650

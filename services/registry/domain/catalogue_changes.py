"""A change of a shared catalogue: proposed by one, approved by another, valid from a day (R32)."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.registry.domain.catalogue_fields import (
    BASE_STEPS,
    SPECS,
    CatalogueValueInvalid,
    canonical,
)
from services.registry.domain.catalogues import (
    CLOSED,
    Catalogue,
    Row,
    all_rows,
    lasts,
)
from services.registry.domain.quality import known_fields
from services.registry.domain.records import Author
from services.registry.domain.review_refusals import ReasonMissing
from shared.days import local_day
from shared.errors import Kind, Refusal

# What a quantity is worth: figures already recorded are read by it, so it never changes.
_WORTH: Final = ("kilograms", "litres")
_KEY = re.compile(r"[^\W_][\w-]{0,39}")


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


class UnitWorthFixed(Refusal):
    code = "unit_worth_fixed"
    message = (
        "Quy đổi của đơn vị đã có không sửa được, vì số lượng đã ghi được tính theo nó. "
        "Hãy thêm một đơn vị mới với quy đổi đúng."
    )


class RowLasts(Refusal):
    code = "catalogue_row_in_use"
    message = "Dòng của danh mục này còn được hồ sơ cũ dùng đến nên không bỏ được; hãy sửa tên."


class CatalogueFieldUnknown(Refusal):
    code = "unknown_field"
    kind = Kind.INVALID
    message = "Danh mục này không có mục {name}. Hãy bỏ mục đó đi hoặc sửa lại tên."


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
        if self.retired and lasts(self.catalogue, self.key):
            raise RowLasts("retired")
        if self.valid_from < today:
            raise ValidFromPast("valid_from")
        if not self.reason:
            raise ReasonMissing("reason")
        specs = SPECS[self.catalogue]
        if unknown := sorted(set(self.values) - {spec.name for spec in specs}):
            raise CatalogueFieldUnknown("values", name=unknown[0])
        values = {spec.name: canonical(spec, self.values.get(spec.name, "")) for spec in specs}
        self._check_meaning(values)
        return replace(self, values=values)

    def _check_meaning(self, values: dict[str, str]) -> None:
        """What records are read by does not change below them."""
        before = all_rows(self.catalogue).get(self.key)
        if self.catalogue is Catalogue.UNITS:
            if values["kilograms"] and values["litres"]:
                raise CatalogueValueInvalid("litres")
            after = Row(self.catalogue, self.key, values)
            if before is not None and any(before.number(n) != after.number(n) for n in _WORTH):
                raise UnitWorthFixed("kilograms")
        if self.catalogue is Catalogue.REQUIRED and (
            values["field"] not in known_fields(values["record"])
        ):
            raise CatalogueValueInvalid("field")
        if self.catalogue is Catalogue.STEPS:
            known = before.values.get("like", "") if before is not None else values["like"]
            if values["like"] != known or bool(known) == (self.key in BASE_STEPS):
                raise CatalogueValueInvalid("like")

    def decided(self, *, approved: bool, by: Author, reason: str, now: datetime) -> "Change":
        """Approved or rejected by a second person; nothing holds before it was approved."""
        if self.state is not ChangeState.PROPOSED:
            raise ChangeDecided()
        if by.account_id == self.proposed_by.account_id:
            raise OwnProposal()
        if not approved and not reason:
            raise ReasonMissing("reason")
        return replace(
            self,
            state=ChangeState.APPROVED if approved else ChangeState.REJECTED,
            valid_from=max(self.valid_from, local_day(now)) if approved else self.valid_from,
            decided_by=by,
            decided_at=now,
            decision_reason=reason,
        )

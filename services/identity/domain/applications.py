"""Applications for an account (bản đăng ký cấp, cấp lại tài khoản, QĐ 575/QĐ-SNN&MT; R5)."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from shared.auth import Scope
from shared.contracts.identity import ApplicationPublished
from shared.errors import Kind, Refusal

# How long a decided application is kept: what the form promises (Law 91/2025/QH15: no longer
# than its purpose needs; a year is what a complaint about the decision may need).
KEPT_AFTER_DECISION = timedelta(days=365)

# Who keeps sending is heard once and joined; beyond this somebody is playing.
MOST_SUBMISSIONS: Final = 10

SECTORS: Final = ("agriculture", "health", "industry_trade")
KINDS: Final = (
    "grower",
    "livestock",
    "aquaculture",
    "catch",
    "collector",
    "slaughter",
    "pre_processing",
    "processing",
    "packing",
    "storage",
    "transport",
    "shop",
    "supermarket",
    "market",
)
_PERSONAL = re.compile(r"(?:0(?!00)[0-9]{2}|[1-9][0-9]{2})[0-9]{9}")


class TaxNumberInvalid(Refusal):
    code = "tax_number_invalid"
    kind = Kind.INVALID
    message = (
        "Mã số thuế chưa đúng. Hãy nhập 10 chữ số (thêm 3 chữ số nếu là chi nhánh) "
        "hoặc 12 chữ số định danh cá nhân của chủ hộ."
    )


class CommuneNotServed(Refusal):
    code = "commune_not_served"
    kind = Kind.INVALID
    message = "Chưa có đơn vị nào tiếp nhận đăng ký ở địa bàn này. Hãy chọn lại trong danh sách."


class ConsentNeeded(Refusal):
    code = "consent_needed"
    kind = Kind.INVALID
    message = (
        "Cần có sự đồng ý của bạn để xử lý thông tin trong bản đăng ký. "
        "Hãy đọc phần thông báo rồi đánh dấu vào ô đồng ý."
    )


class FacilityCodeNeeded(Refusal):
    code = "facility_code_needed"
    kind = Kind.INVALID
    message = (
        "Để cấp lại tài khoản, hãy nhập mã cơ sở (in trên tem hoặc trang của cơ sở), "
        "ví dụ VN-22-000123."
    )


class TooManySubmissions(Refusal):
    code = "too_many_submissions"
    kind = Kind.LIMIT
    message = (
        "Cơ sở này đã nộp đăng ký nhiều lần và đang chờ giải quyết. "
        "Hãy liên hệ trực tiếp đơn vị tiếp nhận ở địa bàn của bạn."
    )


class ApplicationDecided(Refusal):
    code = "application_decided"
    message = "Bản đăng ký này đã được giải quyết. Hãy tải lại trang để xem kết quả."


class NothingAsked(Refusal):
    code = "nothing_asked"
    message = "Bản đăng ký này hiện không chờ bổ sung. Hãy tải lại trang để xem tình trạng."


class Wish(StrEnum):
    NEW = "new"
    REISSUE = "reissue"


class State(StrEnum):
    WAITING = "waiting"
    MORE_ASKED = "more_asked"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def open(self) -> bool:
        return self in (State.WAITING, State.MORE_ASKED)


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was filled in. `facility_code` is the facility's code if it has one."""

    wish: Wish
    facility_name: str
    tax_number: str
    address: str
    commune: str
    sector: str
    kinds: tuple[str, ...]
    representative: str
    position: str
    phone: str
    email: str
    facility_code: str
    note: str

    def checked(self) -> "Filled":
        """The same with numbers in their canonical spelling; raises what is wrong with it."""
        if self.wish is Wish.REISSUE and not self.facility_code:
            raise FacilityCodeNeeded("facility_code")
        return replace(
            self,
            tax_number=checked_tax_number(self.tax_number) if self.tax_number else "",
            facility_code=self.facility_code.upper(),
            kinds=tuple(kind for kind in KINDS if kind in self.kinds),
        )

    @property
    def key(self) -> str:
        """What tells one facility's application from another's: tax number, else name and place."""
        who = self.tax_number or f"{_folded(self.facility_name)}@{self.commune}"
        return f"{self.wish}:{who}"


@dataclass(frozen=True, slots=True)
class Submission:
    """One sending of the form; `code` is the fingerprint of the tracking code it was given."""

    at: datetime
    code: bytes
    filled: Filled


@dataclass(frozen=True, slots=True)
class Application:
    """All submissions of one facility's wish, oldest first, and what became of them.

    The newest does not replace the older ones: anybody may know a tax number, so the officer
    sees all that was sent in its name and asks.
    """

    id: str
    version: int
    submissions: tuple[Submission, ...]
    state: State
    answer: str = ""
    replies: tuple[tuple[datetime, str], ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    account_id: str = ""

    @property
    def first(self) -> Filled:
        return self.submissions[0].filled

    @property
    def newest(self) -> Filled:
        return self.submissions[-1].filled

    @property
    def submitted_at(self) -> datetime:
        return self.submissions[0].at

    @property
    def scope(self) -> Scope:
        """Where the first submission puts it: a later one cannot move it to another desk."""
        return Scope(None, self.first.commune, self.first.sector)

    def join(self, submission: Submission) -> "Application":
        """The same facility has sent the form again."""
        self._require_open()
        if len(self.submissions) >= MOST_SUBMISSIONS:
            raise TooManySubmissions()
        submissions = (*self.submissions, submission)
        return replace(self, version=self.version + 1, submissions=submissions, state=State.WAITING)

    def ask(self, what: str, *, by: str, now: datetime) -> "Application":
        """More is needed; the holder of a tracking code reads what."""
        self._require_open()
        return replace(
            self,
            version=self.version + 1,
            state=State.MORE_ASKED,
            answer=what,
            decided_by=by,
            decided_at=now,
        )

    def reply(self, text: str, now: datetime) -> "Application":
        """The applicant's answer to what was asked."""
        if self.state is not State.MORE_ASKED:
            raise NothingAsked()
        replies = (*self.replies, (now, text))[-MOST_SUBMISSIONS:]
        return replace(self, version=self.version + 1, state=State.WAITING, replies=replies)

    def reject(self, reason: str, *, by: str, now: datetime) -> "Application":
        self._require_open()
        return replace(
            self,
            version=self.version + 1,
            state=State.REJECTED,
            answer=reason,
            decided_by=by,
            decided_at=now,
        )

    def accept(self, account_id: str, *, by: str, now: datetime) -> "Application":
        """An account was issued, or issued anew, for it."""
        self._require_open()
        return replace(
            self,
            version=self.version + 1,
            state=State.ACCEPTED,
            answer="",
            decided_by=by,
            decided_at=now,
            account_id=account_id,
        )

    def _require_open(self) -> None:
        if not self.state.open:
            raise ApplicationDecided()

    def published(self, now: datetime) -> ApplicationPublished:
        """What others may know of it: nothing personal."""
        return ApplicationPublished(
            subject=self.id,
            version=self.version,
            time=now,
            wish=self.first.wish.value,
            commune=self.first.commune,
            sector=self.first.sector,
            state=self.state.value,
            submitted_at=self.submitted_at,
        )


def checked_tax_number(text: str) -> str:
    """A tax number (MST) of 10 or 13 digits, or a personal number of 12 (Circular 59/2021/TT-BCA).

    The rules are those of the facility record, so that the number can be taken over as it is.
    """
    digits = re.sub(r"[\s.-]", "", text)
    if len(digits) == 12:
        if _PERSONAL.fullmatch(digits):
            return digits
        raise TaxNumberInvalid("tax_number")
    try:
        return str(mst.validate(digits))
    except ValidationError:
        raise TaxNumberInvalid("tax_number") from None


def is_personal_number(tax_number: str) -> bool:
    """Whether a tax number is a person's own: such is personal data and goes into no address."""
    return _PERSONAL.fullmatch(tax_number) is not None


def _folded(text: str) -> str:
    spread = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    kept = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(re.findall(r"[0-9a-z]+", kept))

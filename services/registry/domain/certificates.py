"""Certificates (giấy chứng nhận, cam kết) of a facility: how long they hold, what follows (R13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shared.errors import Kind, Refusal

CERTIFICATE_KINDS: Final = (
    "attp",
    "commitment",
    "vietgap",
    "globalgap",
    "gmp",
    "haccp",
    "iso22000",
    "fssc22000",
    "ifs",
    "brc",
    "tccs",
    "organic",
    "halal",
    "ocop",
    "other",
)
# Decree 15/2018, Art. 12: who holds one of these needs no separate food-safety certificate.
FOOD_SAFETY_KINDS: Final = frozenset(
    {"attp", "gmp", "haccp", "iso22000", "fssc22000", "ifs", "brc", "globalgap"}
)
# Law 55/2010/QH12, Art. 37: such a certificate holds for three years, so that each has an end.
ENDING_KINDS: Final = frozenset({"attp"})
ENDING_YEARS: Final = 3
# The province's plan of 2026: a facility is told 30 days ahead.
NOTICE_DAYS: Final = 30


class Standing(StrEnum):
    """What a certificate is worth on a day; `replaced` by another of its kind that ends later,
    `unended` while it holds by law but its end was never written down.
    """

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REPLACED = "replaced"
    UNENDED = "unended"


class CertificateDates(Refusal):
    code = "certificate_dates_wrong"
    kind = Kind.INVALID
    message = "Ngày của giấy chứng nhận {number} chưa hợp lý: hãy xem lại ngày cấp và ngày hết hạn."


class CertificateEndMissing(Refusal):
    code = "certificate_end_missing"
    kind = Kind.INVALID
    message = (
        "Hãy ghi ngày hết hạn của giấy {number}: giấy chứng nhận đủ điều kiện an toàn thực phẩm có "
        "hiệu lực 3 năm kể từ ngày cấp."
    )


class CertificateTitleMissing(Refusal):
    code = "certificate_title_missing"
    kind = Kind.INVALID
    message = "Hãy ghi tên của giấy {number}, vì giấy này không thuộc loại nào trong danh sách."


class CertificateGone(Refusal):
    code = "certificate_gone"
    message = "Giấy này không còn trong bản đang soạn. Hãy mở lại trang giấy tờ của cơ sở."


class TooManyCertificates(Refusal):
    code = "too_many_certificates"
    kind = Kind.LIMIT
    message = "Mỗi cơ sở ghi tối đa {limit} giấy. Hãy bỏ bớt giấy đã hết hạn rồi thêm lại."


@dataclass(frozen=True, slots=True)
class Certificate:
    """`title` is what a paper of none of the kinds is called, `scope` what it was given for.

    `scan` is the id of its scanned document; `publish_scan` asks that consumers may see it.
    """

    kind: str
    number: str
    issuer: str
    issued_on: date
    expires_on: date | None = None
    scan: str = ""
    publish_scan: bool = False
    title: str = ""
    scope: str = ""

    @property
    def key(self) -> str:
        """What tells it from the facility's other papers."""
        return f"{self.kind}/{self.number}"

    @property
    def end_missing(self) -> bool:
        """Whether it must have an end and none is recorded: it came before that was asked for."""
        return self.expires_on is None and self.kind in ENDING_KINDS

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, as recorded, else as the law says; None: without end."""
        return _years_after(self.issued_on, ENDING_YEARS) if self.end_missing else self.expires_on

    def valid_on(self, day: date) -> bool:
        return self.last_day is None or day <= self.last_day

    def check(self, index: int, today: date) -> None:
        """Raise what is wrong with it, at the field of its place in its facility."""
        if self.kind == "other" and not self.title:
            raise CertificateTitleMissing(f"certificates.{index}.title", number=self.number)
        if self.issued_on > today:
            raise CertificateDates(f"certificates.{index}.issued_on", number=self.number)
        if self.expires_on is not None and self.expires_on < self.issued_on:
            raise CertificateDates(f"certificates.{index}.expires_on", number=self.number)
        if self.end_missing:
            raise CertificateEndMissing(f"certificates.{index}.expires_on", number=self.number)


def _years_after(day: date, years: int) -> date:
    """The same day of a later year; of the 29th of February the day before its end."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def serves_food_safety(kind: str, facility_class: str) -> bool:
    """Whether a paper of this kind is the food-safety paper of a facility of this class."""
    return kind in FOOD_SAFETY_KINDS or (kind == "commitment" and facility_class == "commitment")


def unreplaced(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Those without another of their kind that ends later: what a renewal leaves to be watched."""
    known = tuple(certificates)

    def outlasted(one: Certificate) -> bool:
        return one.last_day is not None and any(
            other.kind == one.kind and (other.last_day is None or other.last_day > one.last_day)
            for other in known
        )

    return tuple(one for one in known if not outlasted(one))


def standings(certificates: Iterable[Certificate], today: date) -> tuple[Standing, ...]:
    """What each certificate is worth today, in their order."""
    known = tuple(certificates)
    left = unreplaced(known)
    return tuple(
        _standing(one, today) if one in left or one.valid_on(today) else Standing.REPLACED
        for one in known
    )


def _standing(one: Certificate, today: date) -> Standing:
    found = standing_on(one.last_day, today)
    return Standing.UNENDED if one.end_missing and found is not Standing.EXPIRED else found


def standing_on(last_day: date | None, today: date) -> Standing:
    """Of a certificate that none replaces, by the last day on which it holds."""
    if last_day is None or last_day > today + timedelta(days=NOTICE_DAYS):
        return Standing.VALID
    return Standing.EXPIRING if today <= last_day else Standing.EXPIRED

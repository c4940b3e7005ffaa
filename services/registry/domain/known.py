"""Facilities the authorities know of that do not take part (yet): what the targets count against.

Known → invited → registering → participating (R57, R58). They are no public records: nothing of
them is published, and only authorities see them.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from services.registry.domain.certificates import Certificate
from services.registry.domain.facility import Facility
from shared.auth import Scope
from shared.contracts.registry import FacilityKnown
from shared.errors import EditConflict, Refusal


class KnownStatus(StrEnum):
    """`registering`: its record is entered and under review; `closed`: it never will take part."""

    KNOWN = "known"
    INVITED = "invited"
    REGISTERING = "registering"
    PARTICIPATING = "participating"
    CLOSED = "closed"


class NotInvitable(Refusal):
    code = "not_invitable"
    message = "Cơ sở này đã được mời, đang đăng ký hoặc đã đóng. Hãy tải lại trang để xem."


class AlreadyRegistering(Refusal):
    code = "already_registering"
    message = "Cơ sở này đã có hồ sơ đăng ký. Hãy mở hồ sơ đó thay vì lập hồ sơ mới."


class TaxNumberKnown(Refusal):
    code = "tax_number_known"
    message = "Mã số thuế này đã có ở cơ sở {name}. Hãy mở cơ sở đó thay vì nhập thêm."


class KnownEnteredMeanwhile(Refusal):
    code = "known_entered_meanwhile"
    message = (
        "Sau khi kiểm tra tệp, đã có người ghi {name} cùng địa chỉ vào danh sách. "
        "Hãy tải tệp lên lại để so sánh."
    )


class NotClosed(Refusal):
    code = "known_not_closed"
    message = "Cơ sở này không ở tình trạng đã đóng. Hãy tải lại trang để xem."


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of it: what the province's plan of 2026 (V.1.2, V.3) wants lists to hold.

    `source` says from where (a survey, a licence list). Everything else means what it means in a
    facility's record, whose first draft it becomes.
    """

    name: str
    address: str
    commune: str
    sector: str
    facility_class: str
    kinds: tuple[str, ...]
    tax_number: str = ""
    representative: str = ""
    phone: str = ""
    source: str = ""
    email: str = ""
    registration_number: str = ""
    registration_date: date | None = None
    marks: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()

    @classmethod
    def of(cls, it: Facility, source: str) -> Self:
        """What this list keeps of a facility's fields."""
        return cls(**{name: getattr(it, name) for name in SHARED}, source=source)

    def checked(self, today: date) -> "Particulars":
        """The same in canonical spelling; raises what is wrong, as the record's own form does."""
        return Particulars.of(self.as_facility().checked(today), self.source)

    def as_facility(self) -> Facility:
        """The same as a facility's fields: the first draft of its record, once it is checked."""
        return Facility(**{name: getattr(self, name) for name in SHARED})


# The fields that this list has in common with a facility's record.
SHARED: Final = tuple(one.name for one in fields(Particulars) if one.name != "source")


@dataclass(frozen=True, slots=True)
class Known:
    """`facility_id` is its record once one was entered; `note` the reason of the last step."""

    id: str
    it: Particulars
    status: KnownStatus
    version: int
    entered_by: str
    created_at: datetime
    updated_at: datetime
    facility_id: str = ""
    note: str = ""

    @property
    def closed(self) -> bool:
        return self.status is KnownStatus.CLOSED

    def scope(self) -> Scope:
        return Scope(None, self.it.commune, self.it.sector)

    def edit(self, it: Particulars, *, version: int, now: datetime) -> Self:
        self._expect(version)
        self._must_be_without_record()
        return self if it == self.it else self._step(now, it=it)

    def invite(self, *, note: str, version: int, now: datetime) -> Self:
        self._expect(version)
        if self.status is not KnownStatus.KNOWN:
            raise NotInvitable()
        return self._step(now, status=KnownStatus.INVITED, note=note)

    def close(self, *, note: str, version: int, now: datetime) -> Self:
        """It ceased, or was entered by mistake: it counts no more."""
        self._expect(version)
        self._must_be_without_record()
        return self._step(now, status=KnownStatus.CLOSED, note=note)

    def reopen(self, *, note: str, version: int, now: datetime) -> Self:
        """It was closed by mistake, or works again: it counts as known of once more."""
        self._expect(version)
        if self.status is not KnownStatus.CLOSED:
            raise NotClosed()
        return self._step(now, status=KnownStatus.KNOWN, note=note)

    def register(self, facility_id: str, *, version: int, now: datetime) -> Self:
        """Its record was entered; the review of that decides whether it takes part."""
        self._expect(version)
        self._must_be_without_record()
        return self._step(now, status=KnownStatus.REGISTERING, facility_id=facility_id)

    def participate(self, *, now: datetime) -> Self:
        """Its record was published. Publishing it again changes nothing."""
        if self.status is KnownStatus.PARTICIPATING:
            return self
        return self._step(now, status=KnownStatus.PARTICIPATING)

    def resettled(self, commune: str, *, now: datetime) -> Self:
        """Its commune was merged into this one."""
        return self._step(now, it=replace(self.it, commune=commune))

    def told(self) -> FacilityKnown:
        return FacilityKnown(
            subject=self.id,
            version=self.version,
            time=self.updated_at,
            commune=self.it.commune,
            sector=self.it.sector,
            facility_class=self.it.facility_class,
            status=self.status.value,
            facility_id=self.facility_id,
            marks=self.it.marks,
        )

    def _must_be_without_record(self) -> None:
        if self.status in (KnownStatus.REGISTERING, KnownStatus.PARTICIPATING):
            raise AlreadyRegistering()

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(self, now: datetime, **changes: object) -> Self:
        stepped: Self = replace(
            self,
            version=self.version + 1,
            updated_at=now,
            **changes,  # type: ignore[arg-type]
        )
        return stepped

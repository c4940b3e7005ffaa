"""Facilities the authorities know of that do not take part (yet): what the targets count against.

Known → invited → registering → participating (R57, R58). They are no public records: nothing of
them is published, and only authorities see them.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from services.registry.domain.communes import communes
from services.registry.domain.facility import (
    KINDS,
    CommuneUnknown,
    Facility,
)
from shared.auth import Scope
from shared.contracts.registry import FacilityKnown
from shared.errors import EditConflict, Refusal
from shared.tax_number import checked_tax_number


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


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of it; `source` says from where (a survey, a licence list)."""

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

    def checked(self) -> "Particulars":
        """The same in canonical spelling; raises CommuneUnknown, TaxNumberInvalid."""
        if self.commune not in communes():
            raise CommuneUnknown("commune", commune=self.commune)
        return replace(
            self,
            kinds=tuple(kind for kind in KINDS if kind in self.kinds),
            tax_number=checked_tax_number(self.tax_number) if self.tax_number else "",
        )

    def as_facility(self, today: date) -> Facility:
        """The first draft of its record."""
        return Facility(
            name=self.name,
            address=self.address,
            commune=self.commune,
            sector=self.sector,
            facility_class=self.facility_class,
            kinds=self.kinds,
            tax_number=self.tax_number,
            representative=self.representative,
            phone=self.phone,
        ).checked(today)


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

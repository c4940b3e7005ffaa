"""Facilities that may be one and the same: by their tax number, or named alike in one place."""

from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.likeness import alike, known
from services.registry.domain.records import Aggregate, Record, State
from services.registry.store import matching
from shared.auth import Principal
from shared.mongo import Database
from shared.web.i18n import N_

SAME_NUMBER: Final = N_("Trùng mã số thuế")
ELSEWHERE: Final = N_("Trùng mã số thuế, ngoài địa bàn hoặc ngành của bạn")
SIMILAR: Final = N_("Tên và địa chỉ gần giống")


@dataclass(frozen=True, slots=True)
class Double:
    """A facility on record that another may be; `why` is a msgid. `public`: it lies beyond the
    asker's scope, who reads what everybody reads of it."""

    id: str
    code: str
    name: str
    address: str
    why: str
    public: bool = False

    @property
    def page(self) -> str:
        return f"{'' if self.public else '/console/registry'}/facilities/{self.id}"


async def found(
    db: Database, who: Principal, *, name: str, address: str, commune: str, tax_number: str
) -> list[Double]:
    """Facilities that this one may be, the surest first: those in the asker's scope and, for
    officials, published ones beyond it that show the same tax number."""
    doubles: dict[str, Double] = {}
    if tax_number:
        for one in await matching.with_tax_number(db, who, tax_number):
            it = one.content
            doubles[one.id] = Double(one.id, one.code, it.name, it.address, SAME_NUMBER)
    if tax_number and who.facility_id is None:
        for far in (await matching.public_elsewhere(db, who, [tax_number])).values():
            it = far.shown
            doubles[far.id] = Double(far.id, far.code, it.name, it.address, ELSEWHERE, public=True)
    among = await matching.facilities_in(db, who, commune) if commune and name else []
    for near, _ in alike(known("", "", name, address), among):
        double = Double(near.id, near.code, near.name, near.address, SIMILAR)
        doubles.setdefault(near.id, double)
    return list(doubles.values())


async def of_record(db: Database, who: Principal, record: Record[Any]) -> list[Double]:
    """Whom a facility's record may repeat. Its name is compared while it is under review."""
    if record.aggregate is not Aggregate.FACILITY:
        return []
    it = record.content
    settled = record.state is State.PUBLISHED
    doubles = await found(
        db,
        who,
        name=it.name,
        address=it.address,
        commune="" if settled else it.commune,
        tax_number=it.tax_number,
    )
    return [one for one in doubles if one.id != record.id]

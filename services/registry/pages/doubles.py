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
SIMILAR: Final = N_("Tên và địa chỉ gần giống")


@dataclass(frozen=True, slots=True)
class Double:
    """A facility on record that another may be; `why` is a msgid."""

    id: str
    code: str
    name: str
    address: str
    why: str


async def found(
    db: Database, who: Principal, *, name: str, address: str, commune: str, tax_number: str
) -> list[Double]:
    """Facilities in the asker's scope that this one may be, the surest first."""
    doubles: dict[str, Double] = {}
    if tax_number:
        for one in await matching.with_tax_number(db, who, tax_number):
            it = one.content
            doubles[one.id] = Double(one.id, one.code, it.name, it.address, SAME_NUMBER)
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

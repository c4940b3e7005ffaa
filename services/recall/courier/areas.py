"""Which places of cases concern whoever keeps an address."""

from services.recall.domain.contact import Owner
from services.recall.store import unit_areas
from services.recall.store.newest import Reader
from shared.mongo import Document


async def of(reader: Reader, owner: Owner) -> Document | None:
    """The fields that such a place has ({} = any), to which it is one of the values; None of a unit
    that is not there or not active."""
    if owner.kind == "facility":
        return {"facility_id": [owner.id]}
    found = await unit_areas.of_units(reader, [owner.id])
    if owner.id not in found:
        return None
    communes, sector = found[owner.id]
    area: Document = {} if "*" in communes else {"commune": sorted(communes)}
    return area if sector == "*" else {**area, "sector": [sector]}

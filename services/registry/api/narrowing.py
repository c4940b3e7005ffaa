"""How lists and exports are narrowed for programs, as the console's lists are (R33, R57)."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from services.registry.api.views import Kind
from services.registry.domain.communes import commune_of_today
from services.registry.facility_inputs import FacilityClass, FacilityKind, FacilityMark, Sector
from shared.errors import Kind as Wrong
from shared.errors import Refusal
from shared.mongo import Document

Commune = Annotated[str | None, Query(pattern=r"^[0-9]{5}$")]


class FacilitiesNarrowed(Refusal):
    code = "facilities_narrowed"
    kind = Wrong.INVALID
    message = "Chỉ danh sách cơ sở lọc được theo điều kiện này. Hãy bỏ điều kiện rồi gửi lại."


async def narrowed(
    kind: Kind,
    commune: Commune = None,
    sector: Annotated[Sector | None, Query()] = None,
    facility_class: Annotated[FacilityClass | None, Query()] = None,
    facility_kind: Annotated[FacilityKind | None, Query()] = None,
    mark: Annotated[FacilityMark | None, Query()] = None,
    paper: Literal["recorded", "none"] | None = None,
    status: Literal["active", "stopped"] | None = None,
) -> Document:
    """By commune any kind; by sector, class, kind, mark, food-safety paper and standing facilities
    alone, else FacilitiesNarrowed."""
    asked = {
        "sector": ("owner.sector", sector),
        "facility_class": ("derived.facility.class", facility_class),
        "facility_kind": ("derived.facility.kinds", facility_kind),
        "mark": ("derived.facility.marks", mark),
        "paper": ("derived.facility.paper", paper),
        "status": ("status", status),
    }
    found: Document = {"owner.commune": commune_of_today(commune)} if commune else {}
    for name, (field, value) in asked.items():
        if value is None:
            continue
        if kind != "facilities":
            raise FacilitiesNarrowed(name)
        found[field] = value
    return found


Narrowed = Annotated[Document, Depends(narrowed)]

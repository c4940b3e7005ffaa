"""What a list, and the file of the same list, are narrowed to: one reading of both addresses."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from services.registry.domain.communes import commune_of_today
from services.registry.inspection_list import RESULTS, VIOLATIONS
from services.registry.sheets.known_rows import STATUSES
from services.registry.store import inspections
from shared.days import local_day
from shared.ids import now
from shared.mongo import Document

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True, slots=True)
class KnownFilter:
    """Known facilities with these words, of a status, a commune, a class; "" is any."""

    q: Asked = ""
    status: Word = ""
    commune: Word = ""
    facility_class: Word = ""

    def wanted(self) -> Document:
        """The filter without the words, which are searched for; an unknown status is any."""
        found: Document = {"status": self.status} if self.status in STATUSES else {}
        found |= {"it.commune": commune_of_today(self.commune)} if self.commune else {}
        return found | ({"it.facility_class": self.facility_class} if self.facility_class else {})


@dataclass(frozen=True, slots=True)
class InspectionFilter:
    """Inspections with a result and with violations that stand so, or are overdue; "" is any."""

    result: Word = ""
    violation: Word = ""

    def wanted(self, facility_id: str) -> Document:
        """The filter, of one facility if named; what is no such word is any."""
        known = {state.value for state in VIOLATIONS} | {"overdue"}
        return inspections.wanted(
            facility_id=facility_id,
            result=self.result if self.result in RESULTS else "",
            violation=self.violation if self.violation in known else "",
            today=local_day(now()),
        )


KnownAsked = Annotated[KnownFilter, Depends()]
InspectionsAsked = Annotated[InspectionFilter, Depends()]

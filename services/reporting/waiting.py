"""What waits for an account in the field, and how many facilities take part (R13, R57, R58)."""

from dataclasses import dataclass
from datetime import datetime

from services.reporting.store import waiting as store
from services.reporting.store.statistics import VIETNAM
from shared.auth import Principal, require
from shared.mongo import Database

# As long before its end a certificate is told of (R13).
NOTICE_DAYS = 30
CLASSES = ("certificate", "commitment")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Known facilities by how far they are, and certificates that ended or are about to."""

    known: int
    invited: int
    registering: int
    expired: int
    expiring: int


@dataclass(frozen=True, slots=True)
class Share:
    """Facilities of a class in the asker's area, by how far they are."""

    facility_class: str
    known: int
    invited: int
    registering: int
    participating: int

    @property
    def total(self) -> int:
        return self.known + self.invited + self.registering + self.participating

    @property
    def share(self) -> float | None:
        """Who takes part, of all that are known of; None where there are none."""
        return self.participating / self.total if self.total else None


async def waiting_for(who: Principal, *, db: Database, now: datetime) -> Waiting:
    require(who, "statistics.read")
    found = await store.outstanding(db, who) if who.may("known_facility.read") else {}
    by_status = dict.fromkeys(("known", "invited", "registering"), 0)
    for (_, status), number in found.items():
        by_status[status] += number
    today = (now + VIETNAM).date()
    expired, expiring = await store.certificates(db, who, today, NOTICE_DAYS)
    return Waiting(**by_status, expired=expired, expiring=expiring)


async def participation(who: Principal, *, db: Database) -> list[Share]:
    """By class, in the asker's area; a facility's account gets none."""
    require(who, "statistics.read")
    if who.facility_id is not None or not who.may("known_facility.read"):
        return []
    found = {**await store.outstanding(db, who), **await store.participating(db, who)}
    return [
        Share(
            one,
            **{
                status: found.get((one, status), 0)
                for status in ("known", "invited", "registering", "participating")
            },
        )
        for one in CLASSES
    ]

"""What waits for an account in the field, and how many facilities take part (R13, R57, R58)."""

from dataclasses import dataclass
from datetime import datetime

from services.reporting.store import areas, drills, field, recalls
from services.reporting.store import waiting as store
from services.reporting.store.standing import BY_CLASS
from shared.auth import Principal, area_filter, require
from shared.days import local_day
from shared.mongo import Database

# As long before its end a certificate is told of (R13).
NOTICE_DAYS = 30
# And the acceptance of a code abroad, as in registry's list of them: renewing it takes longer.
MARKET_NOTICE_DAYS = 60
CLASSES = ("certificate", "commitment")
RESULTS = ("passed", "conditional", "failed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Known facilities by how far they are, and certificates that ended or are about to."""

    known: int
    invited: int
    registering: int
    expired: int
    expiring: int
    codes_expired: int = 0
    codes_expiring: int = 0
    violations_open: int = 0
    inspections_overdue: int = 0
    # Of recalls: deadlines that the account's tier owes or was told of, and cases that some scan
    # replica has not confirmed.
    deadlines_overdue: int = 0
    deadlines_running: int = 0
    unconfirmed: tuple[str, ...] = ()
    # Signals of early warning that wait for an official.
    signals: int = 0
    # Drills that ask the facility, or run in the official's area; who of there has rehearsed.
    drills: int = 0
    rehearsed: int = 0


@dataclass(frozen=True, slots=True)
class Inspected:
    """Inspections of this year by result; violations found in them; what is open of any year."""

    passed: int
    conditional: int
    failed: int
    violations: int
    open: int
    overdue: int

    @property
    def total(self) -> int:
        return self.passed + self.conditional + self.failed


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
    today = local_day(now)
    expired, expiring = await store.certificates(db, who, today, NOTICE_DAYS)
    codes_expired, codes_expiring = await field.market_ends(db, who, today, MARKET_NOTICE_DAYS)
    inspected = await inspections_for(who, db=db, now=now)
    sees = who.may("recall.read")
    overdue, running = await recalls.deadlines(db, who, now) if sees else (0, 0)
    alarmed = who.facility_id is None and (who.may("recall.order") or "system" in who.kinds)
    warned = who.facility_id is None and who.may("signal.read")
    return Waiting(
        **by_status,
        signals=await recalls.signals(db, who) if warned else 0,
        drills=await drills.running(db, who, now) if sees else 0,
        rehearsed=await drills.rehearsed(db, who, now) if sees and who.facility_id is None else 0,
        expired=expired,
        expiring=expiring,
        codes_expired=codes_expired,
        codes_expiring=codes_expiring,
        violations_open=inspected.open if inspected else 0,
        inspections_overdue=inspected.overdue if inspected else 0,
        deadlines_overdue=overdue,
        deadlines_running=running,
        unconfirmed=tuple(await recalls.unconfirmed(db, who)) if alarmed else (),
    )


async def inspections_for(who: Principal, *, db: Database, now: datetime) -> Inspected | None:
    """Of the asker's area, or of the own facility; None for who may not read inspections (R35)."""
    require(who, "statistics.read")
    if not who.may("inspection.read"):
        return None
    today = local_day(now)
    found = await field.inspections(db, who, today.year, today)
    results = {
        name: found["by_result"].get(name, 0) for name in ("passed", "conditional", "failed")
    }
    return Inspected(**results, **{n: found[n] for n in ("violations", "open", "overdue")})


async def participation(who: Principal, *, db: Database) -> list[Share]:
    """By class, in the asker's area; a facility's account gets none."""
    require(who, "statistics.read")
    if who.facility_id is not None or not who.may("known_facility.read"):
        return []
    found = await store.outstanding(db, who)
    for by_class, number in await areas.by_key(db, area_filter(who), BY_CLASS):
        found[by_class, "participating"] = number
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

"""What pages and the API read: figures within the asker's sight, and the ledger."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.reporting.domain.personal import joined
from services.reporting.sight import Sight, sight_of
from services.reporting.store import areas, ledger, people, statistics, worklist
from services.reporting.store.standing import BY_CLASS, BY_COMMUNE, BY_KIND
from shared.auth import Principal, require
from shared.contracts.scan import VERDICTS
from shared.errors import NotFound
from shared.mongo import Database

DAYS_SHOWN = 14
METRICS = (
    "stamps_issued",
    "stamps_activated",
    "stamps_revoke",
    "batches_issued",
    "requests_approved",
    "requests_rejected",
    "scans",
)
SCANS_OF_FACILITIES = "scans_by_facility"
# Of the whole province they were counted before it was known for which facility.
UNPLACED = ("batches_issued", "requests_approved", "requests_rejected")
LARGEST = 100


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of the asker's area, of one facility for its own accounts, else of the province.

    `active_notices`, `recalls` and `scans_by_verdict` are the whole province's for everybody:
    a notice warns all, and verdicts are not counted by facility.
    """

    facilities: int
    products: int
    lots: int
    accounts: int
    active_notices: int
    recalls: int
    totals: dict[str, int]
    scans_by_verdict: dict[str, int]


async def statistics_for(who: Principal, *, db: Database) -> Statistics:
    require(who, "statistics.read")
    sight = sight_of(who)
    verdicts = await statistics.by_verdict(db)
    counted = await _counted(sight, db=db)
    if sight.whole:
        counted |= await statistics.totals(db, UNPLACED)
    # A scan of an unknown code is one of the province, but of no facility.
    scans = sum(verdicts.values()) if sight.whole else counted.get(SCANS_OF_FACILITIES, 0)
    return Statistics(
        facilities=counted.get("facilities", 0),
        products=counted.get("products", 0),
        lots=counted.get("lots", 0),
        accounts=counted.get("accounts", 0),
        active_notices=await statistics.count(db, "notices", {"active": True}),
        recalls=await statistics.count(db, "recalls", {}),
        totals={**{metric: counted.get(metric, 0) for metric in METRICS}, "scans": scans},
        scans_by_verdict={v: verdicts[v] for v in VERDICTS if v in verdicts},
    )


async def _counted(sight: Sight, *, db: Database) -> dict[str, int]:
    """By metric. Of a facility also itself, stopped or not: it is there for its own accounts."""
    if sight.facility is None:
        of_records = ("facilities", "products", "lots", "accounts", SCANS_OF_FACILITIES)
        return await areas.totals(db, sight.area, (*of_records, *METRICS))
    own = await statistics.count(db, "facilities", {"_id": sight.facility})
    return {**await areas.of_facility(db, sight.facility), "facilities": own}


@dataclass(frozen=True, slots=True)
class Days:
    """Figures per day of the last two weeks, a value for each day."""

    days: list[str]
    scans: list[int]
    issued: list[int]
    activated: list[int]


async def last_days(who: Principal, *, db: Database, now: datetime) -> Days:
    require(who, "statistics.read")
    days = [statistics.day_of(now - timedelta(days=back)) for back in range(DAYS_SHOWN - 1, -1, -1)]
    sight = sight_of(who)
    scanned = statistics.SCANS if sight.whole else SCANS_OF_FACILITIES
    scans, issued, activated = [
        await _by_day(sight, metric, days[0], db=db)
        for metric in (scanned, "stamps_issued", "stamps_activated")
    ]
    return Days(
        days=days,
        scans=[scans.get(day, 0) for day in days],
        issued=[issued.get(day, 0) for day in days],
        activated=[activated.get(day, 0) for day in days],
    )


async def _by_day(sight: Sight, metric: str, since: str, *, db: Database) -> dict[str, int]:
    if sight.facility is not None or metric == statistics.SCANS:
        return await statistics.by_day(db, metric, since, facility=sight.facility)
    return await areas.by_day(db, sight.area, metric, since)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Facilities by place, sector, class and kind; stamps and scans by facility."""

    communes: list[tuple[str, int]]
    sectors: list[tuple[str, int]]
    classes: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    by_facility: list[dict[str, Any]]


async def breakdown_for(who: Principal, *, db: Database) -> Breakdown:
    require(who, "statistics.read")
    sight = sight_of(who)
    if sight.facility is None:
        area = sight.area
        by = [await areas.by_key(db, area, metric) for metric in (BY_COMMUNE, BY_CLASS, BY_KIND)]
        sectors = await areas.by_sector(db, area, "facilities")
    else:
        fields = ("commune_name", "facility_class", "kinds", "sector")
        own = {"_id": sight.facility}
        *by, sectors = [await statistics.facilities_by(db, field, own) for field in fields]
    return Breakdown(by[0], sectors, by[1], by[2], await _by_facility(db, sight))


async def _by_facility(db: Database, sight: Sight) -> list[dict[str, Any]]:
    """Stamps issued and activated and scans of each facility, most issued first."""
    wanted = sight.area if sight.facility is None else {"_id": sight.facility}
    found = await areas.largest(db, wanted, LARGEST)
    names = await statistics.names(db, "facilities", [facility for facility, _ in found])
    return [
        {
            "name": names.get(facility, facility),
            "issued": of["stamps_issued"],
            "activated": of.get("stamps_activated", 0),
            "scans": of.get(SCANS_OF_FACILITIES, 0),
        }
        for facility, of in found
    ]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    action: str = ""
    outcome: str = ""
    subject: str = ""
    account_id: str = ""
    type: str = ""
    acts: bool = False

    def wanted(self) -> dict[str, Any]:
        names = {
            "action": "act.action",
            "outcome": "act.outcome",
            "subject": "subject",
            "account_id": "act.account_id",
            "type": "type",
        }
        found: dict[str, Any] = {
            field: value for name, field in names.items() if (value := getattr(self, name))
        }
        if self.outcome == "refused":  # Any refusal; each has a code of its own.
            found["act.outcome"] = {"$nin": [None, "accepted"]}
        if self.acts and not self.action:
            # Whatever it says: an event that is no act has none.
            found.setdefault("act.account_id", {"$gte": ""})
        return found


async def audit_page(
    who: Principal, chosen: AuditFilter, *, db: Database, page: int
) -> tuple[list[dict[str, Any]], int]:
    require(who, "audit.read")
    rows, total = await ledger.find(db, chosen.wanted(), page=page)
    return await named(db, rows), total


async def audit_link(who: Principal, seq: int, *, db: Database) -> dict[str, Any]:
    require(who, "audit.read")
    found = await ledger.get(db, seq)
    if found is None:
        raise NotFound()
    (row,) = await named(db, [found])
    row["erased"] = row.get("names", "") is None or bool(row.get("stale"))
    if row.get("names"):
        whole = joined(json.loads(row["body"]), json.loads(row["names"]))
        row["body"] = json.dumps(whole, ensure_ascii=False)
    return row


async def named(db: Database, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Acts with the name of who did them, looked up by the account's id."""
    acts = [row["act"] for row in rows if row.get("act")]
    known = await people.names(db, (act["account_id"] for act in acts))
    for act in acts:
        act["who"] = known.get(act["account_id"], act["who"] or act["account_id"])
    return rows


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for the account: records it may check or publish, or has to mend; receipts of its
    goods that it has to answer; applications it may decide, the first one since when; of stamps
    that the authority prints, batches to print and to hand over, hand-overs to receive and to
    answer, None where these could not be counted in time."""

    to_check: int = 0
    to_publish: int = 0
    sent_back: int = 0
    to_answer: int = 0
    applications: int = 0
    applications_since: datetime | None = None
    stamps_to_print: int | None = 0
    stamps_to_hand_over: int | None = 0
    stamps_to_receive: int | None = 0
    stamps_to_answer: int | None = 0


async def work_for(who: Principal, *, db: Database) -> Work:
    """Counts of nothing for who may not decide."""
    found = await worklist.reviews(db, who)
    counts = (found["submitted"], found["checked"], found["sent_back"], found["to_answer"])
    applications: tuple[int, datetime | None] = (0, None)
    if who.may("application.decide"):
        applications = await worklist.waiting(db, who)
    stamps = await worklist.stamps(db, who)
    if stamps is None:
        return Work(*counts, *applications, None, None, None, None)
    given = (stamps["to_print"], stamps["to_hand_over"], stamps["to_receive"], stamps["to_answer"])
    return Work(*counts, *applications, *given)


@dataclass(frozen=True, slots=True)
class LedgerState:
    links: int
    checkpoint: dict[str, Any] | None
    verification: dict[str, Any] | None


async def ledger_state(who: Principal, *, db: Database) -> LedgerState:
    require(who, "audit.read")
    seq, _ = await ledger.head(db)
    return LedgerState(
        links=seq,
        checkpoint=await ledger.last_checkpoint(db),
        verification=await ledger.last_verification(db),
    )

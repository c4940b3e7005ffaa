"""What pages and the API read: figures within the asker's sight, and the ledger."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.reporting.domain.personal import joined
from services.reporting.sight import Sight, sight_of
from services.reporting.store import ledger, people, statistics, worklist
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
# Of these it is known whose they are.
OF_FACILITIES = ("stamps_issued", "stamps_activated", "stamps_revoke", "scans_by_facility")


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
    sight = await sight_of(who, db=db)
    facilities = sight.area if who.facility_id else {**sight.area, "status": "active"}
    verdicts = dict(await statistics.by_label(db, "scans", "verdict"))
    return Statistics(
        facilities=await statistics.count(db, "facilities", facilities),
        products=await statistics.count(db, "products", {"active": True, **sight.of()}),
        lots=await statistics.count(db, "lots", sight.of()),
        accounts=await statistics.count(db, "accounts", {"status": "active", **sight.of()}),
        active_notices=await statistics.count(db, "notices", {"active": True}),
        recalls=await statistics.count(db, "recalls", {}),
        totals=await _totals(sight, db=db),
        scans_by_verdict={v: verdicts[v] for v in VERDICTS if v in verdicts},
    )


async def _totals(sight: Sight, *, db: Database) -> dict[str, int]:
    """Without all facilities in sight only what is counted by facility: the rest would be 0."""
    if sight.whole:
        return await statistics.totals(db, METRICS)
    found = await statistics.totals(db, OF_FACILITIES, facilities=sight.facilities)
    found["scans"] = found.pop("scans_by_facility")
    return found


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
    sight = await sight_of(who, db=db)
    scanned = "scans" if sight.whole else "scans_by_facility"
    scans, issued, activated = [
        await statistics.by_day(db, metric, days[0], facilities=sight.facilities)
        for metric in (scanned, "stamps_issued", "stamps_activated")
    ]
    return Days(
        days=days,
        scans=[scans.get(day, 0) for day in days],
        issued=[issued.get(day, 0) for day in days],
        activated=[activated.get(day, 0) for day in days],
    )


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
    sight = await sight_of(who, db=db)
    wanted = sight.area if who.facility_id else {**sight.area, "status": "active"}
    return Breakdown(
        communes=await statistics.facilities_by(db, "commune_name", wanted),
        sectors=await statistics.facilities_by(db, "sector", wanted),
        classes=await statistics.facilities_by(db, "facility_class", wanted),
        kinds=await statistics.facilities_by(db, "kinds", wanted),
        by_facility=await _by_facility(db, sight),
    )


async def _by_facility(db: Database, sight: Sight) -> list[dict[str, Any]]:
    """Stamps issued and activated and scans of each facility, most issued first."""
    only = sight.facilities
    issued = await statistics.by_label(db, "stamps_issued", "facility", limit=100, facilities=only)
    shown = [facility for facility, _ in issued]
    activated, scans = [
        dict(await statistics.by_label(db, metric, "facility", limit=100, facilities=shown))
        for metric in ("stamps_activated", "scans_by_facility")
    ]
    names = await statistics.names(db, "facilities", shown)
    return [
        {
            "name": names.get(facility, facility),
            "issued": n,
            "activated": activated.get(facility, 0),
            "scans": scans.get(facility, 0),
        }
        for facility, n in issued
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
    """What waits for the account: records it may check or publish, or has to mend; applications it
    may decide, the first one since when."""

    to_check: int = 0
    to_publish: int = 0
    sent_back: int = 0
    applications: int = 0
    applications_since: datetime | None = None


async def work_for(who: Principal, *, db: Database) -> Work:
    """Counts of nothing for who may not decide."""
    found = await worklist.reviews(db, who)
    counts = (found["submitted"], found["checked"], found["sent_back"])
    if not who.may("application.decide"):
        return Work(*counts)
    return Work(*counts, *await worklist.waiting(db, who))


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

"""Where accounts stand, and with that who reads their acts: the twin of identity's scope (ADR 17).

Facilities' accounts lie where their facility lies; officials' accounts in their unit, which belongs
to its own system accounts and to those of the units above.
"""

from collections.abc import Collection
from dataclasses import dataclass

from services.reporting.store import statistics
from services.reporting.store.field import INSPECTIONS, MARKETS
from services.reporting.store.newest import keep_newest
from services.reporting.store.worklist import APPLICATIONS
from shared.auth import Principal, Scope, area_filter
from shared.contracts.identity import UnitPublished
from shared.mongo import Database, Document, Tx

ACCOUNTS = "accounts"
FACILITIES = "facilities"
UNIT_PATHS = "unit_paths"
# What belongs to a facility; `markets` has the growing areas.
BELONGING = ("products", "lots", MARKETS, INSPECTIONS)


@dataclass(frozen=True, slots=True)
class Standing:
    """`place` of a facility's account, else None; `unit_path` of an official's: root to unit."""

    place: Scope | None
    unit_path: tuple[str, ...] = ()

    def within(self, who: Principal) -> bool:
        if self.place is not None:
            return who.reaches(self.place)
        return who.facility_id is None and who.unit_id in self.unit_path


async def prepare(db: Database) -> None:
    await db.collection(UNIT_PATHS).create_index("path")
    await db.collection(ACCOUNTS).create_index("facility_id")
    await db.collection(ACCOUNTS).create_index("unit_id")


async def note_unit(tx: Tx, event: UnitPublished) -> None:
    await keep_newest(tx, UNIT_PATHS, event.subject, event.version, {"path": list(event.path)})


async def standing(db: Database, account_id: str) -> Standing | None:
    """None of an account that identity has not told of."""
    account = await db.collection(ACCOUNTS).find_one({"_id": account_id})
    if account is None:
        return None
    if facility_id := account.get("facility_id"):
        facility = await db.collection(FACILITIES).find_one({"_id": facility_id})
        # Until the facility is published its account says where it is to lie.
        told = facility or account
        return Standing(Scope(facility_id, told.get("commune"), told.get("sector")))
    unit = await db.collection(UNIT_PATHS).find_one({"_id": account["unit_id"]})
    return Standing(None, tuple(unit["path"]) if unit else (account["unit_id"],))


async def standing_of_record(db: Database, record_id: str) -> Standing | None:
    """Where a facility, or what belongs to one, an application or an account stands; None of what
    is not kept here.

    Before a facility is published its accounts say where it is to lie, and of its inspections they
    themselves.
    """
    if row := await db.collection(APPLICATIONS).find_one({"_id": record_id}):
        return Standing(Scope(None, row["commune"], row["sector"]))
    facility_id, belonging = record_id, None
    for kept in BELONGING:
        if row := await db.collection(kept).find_one({"_id": record_id}):
            facility_id, belonging = row.get("facility_id", ""), row
    told = await db.collection(FACILITIES).find_one({"_id": facility_id})
    told = told or await db.collection(ACCOUNTS).find_one({"facility_id": facility_id})
    if told is None and belonging is not None and "commune" in belonging:
        told = belonging
    if told is not None:
        return Standing(Scope(facility_id, told.get("commune"), told.get("sector")))
    return await standing(db, record_id)


async def accounts_within(db: Database, who: Principal) -> list[str]:
    """Ids of all accounts whose `standing` is within the asker's scope."""
    if who.facility_id is not None:
        return await statistics.ids(db, ACCOUNTS, {"facility_id": who.facility_id})
    units = [who.unit_id, *await statistics.ids(db, UNIT_PATHS, {"path": who.unit_id})]
    officials: Document = {"facility_id": None, "unit_id": {"$in": units}}
    if not (area := area_filter(who, facility="_id")):
        wanted: Document = {"$or": [officials, {"facility_id": {"$ne": None}}]}
        return await statistics.ids(db, ACCOUNTS, wanted)
    facilities = await statistics.ids(db, FACILITIES, area)
    published: Document = {"facility_id": {"$in": facilities}}
    found = await statistics.ids(db, ACCOUNTS, {"$or": [officials, published]})
    return found + await _unpublished(db, who)


async def _unpublished(db: Database, who: Principal) -> list[str]:
    """Accounts of the area whose facility is not published yet."""
    wanted: Document = {"facility_id": {"$ne": None}, **area_filter(who)}
    cursor = db.collection(ACCOUNTS).find(wanted, {"facility_id": 1})
    facility_of = {row["_id"]: row["facility_id"] async for row in cursor}
    asked: Document = {"_id": {"$in": sorted(set(facility_of.values()))}}
    known = set(await statistics.ids(db, FACILITIES, asked))
    return [account for account, facility in facility_of.items() if facility not in known]


async def beyond(db: Database, who: Principal, ids: Collection[str]) -> frozenset[str]:
    """Which of these facilities, products, lots, applications and accounts the asker may not know
    of.

    Ids of what is not kept here are none of them: there is no name to tell.
    """
    asked: Document = {"_id": {"$in": sorted(ids)}}
    facility_of = {one: one for one in await statistics.ids(db, FACILITIES, asked)}
    for kept in ("products", "lots"):
        async for row in db.collection(kept).find(asked, {"facility_id": 1}):
            facility_of[row["_id"]] = row.get("facility_id", "")
    near: Document = {"_id": {"$in": sorted(set(facility_of.values()))}}
    reached = set(
        await statistics.ids(db, FACILITIES, {"$and": [near, area_filter(who, facility="_id")]})
    )
    hidden = {one for one, facility in facility_of.items() if facility not in reached}
    for account in await statistics.ids(db, ACCOUNTS, asked):
        stands = await standing(db, account)
        if account != who.account_id and not (stands and stands.within(who)):
            hidden.add(account)
    async for row in db.collection(APPLICATIONS).find(asked, {"commune": 1, "sector": 1}):
        if not who.reaches(Scope(None, row["commune"], row["sector"])):
            hidden.add(row["_id"])
    return frozenset(hidden)

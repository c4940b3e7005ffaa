"""Who read a record, and who tried to (R10, ADR 18): the question asked afterwards."""

from dataclasses import dataclass, replace

from services.reporting.acts import Act, Found, Sought
from services.reporting.queries import named
from services.reporting.reading import NAMED, read
from services.reporting.store import acts, reads, scope, statistics
from shared.auth import Principal
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database, Document

READ = "act.read"
WHOLE = "audit.read"


@dataclass(frozen=True, slots=True)
class Readers:
    """`name` of the record, "" where none is known."""

    found: Found
    name: str


async def of_record(
    who: Principal, record_id: str, sought: Sought, *, db: Database, page: int = 1
) -> Readers:
    """Newest first. Whoever reads the whole ledger asks about any record, system accounts about
    facilities, products, lots, growing areas, inspections, applications and accounts of their
    scope; raises Forbidden, OutOfReach, NotFound.

    A facility is told of its own accounts only: that an officer has just looked at its papers may
    announce an inspection.
    """
    if who.may(WHOLE):
        await _require_known(db, record_id)
    else:
        await _require_seen(db, who, record_id)
    wanted: Document = {**reads.of_record(record_id), **sought.query()}
    if who.facility_id is not None:
        wanted[acts.ACCOUNT] = {"$in": await scope.accounts_within(db, who)}
    rows = await acts.page(db, wanted, page)
    unnamed = frozenset() if who.may(WHOLE) else await _strangers(db, who, rows)
    told = await read(db, who, await named(db, rows))
    shown = [
        _unnamed(Act(row, words)) if row["act"]["account_id"] in unnamed else Act(row, words)
        for row, words in zip(rows, told, strict=True)
    ]
    return Readers(Found(shown, await acts.count(db, wanted), page), await _name(db, record_id))


async def _require_known(db: Database, record_id: str) -> None:
    """What is not kept here there is as far as anybody read it."""
    known = await scope.standing_of_record(db, record_id) is not None
    if not known and not await reads.told_of(db, record_id):
        raise NotFound()


async def _require_seen(db: Database, who: Principal, record_id: str) -> None:
    if not who.may(READ):
        raise Forbidden()
    stands = await scope.standing_of_record(db, record_id)
    if stands is None:
        raise NotFound()
    if not stands.within(who):
        raise OutOfReach()


async def _strangers(db: Database, who: Principal, rows: list[Document]) -> frozenset[str]:
    """Accounts that the asker does not manage: of these it is told the unit, not the person."""
    found = set()
    for account in {row["act"]["account_id"] for row in rows} - {who.account_id}:
        stands = await scope.standing(db, account)
        if not (stands and stands.within(who)):
            found.add(account)
    return frozenset(found)


def _unnamed(act: Act) -> Act:
    row = {**act.row, "act": {**act.row["act"], "account_id": "", "who": ""}}
    return Act(row, replace(act.told, who=""))


async def _name(db: Database, record_id: str) -> str:
    for kept in NAMED:
        if name := (await statistics.names(db, kept, [record_id])).get(record_id):
            return name
    return ""

"""Who read a record, and who tried to (R10, ADR 18): the question asked afterwards."""

from dataclasses import dataclass

from services.reporting.acts import Act, Found, Sought
from services.reporting.queries import named
from services.reporting.reading import NAMED, applied, read
from services.reporting.store import acts, reads, scope, statistics
from shared.auth import Principal
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database, Document

READ = "act.read"
WHOLE = "audit.read"


@dataclass(frozen=True, slots=True)
class Readers:
    """`name` of the record, "" where none is known; `at_most`: the links whose `times` count reads
    of other records too, so that of this one there were no more than that."""

    found: Found
    name: str
    at_most: frozenset[int]


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
    at_most = await _counting_others(db, record_id, rows)
    if not who.may(WHOLE):
        strangers = await _strangers(db, who, rows)
        rows = [_alone(row, record_id, row["act"]["account_id"] in strangers) for row in rows]
    told = await read(db, who, await named(db, rows))
    shown = [Act(row, words) for row, words in zip(rows, told, strict=True)]
    found = Found(shown, await acts.count(db, wanted), page)
    return Readers(found, await _name(db, record_id), at_most)


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


async def _counting_others(db: Database, record_id: str, rows: list[Document]) -> frozenset[int]:
    """A read names the facility too whose record it was, which is no other record; and whatever a
    facility has is its own."""
    ids = {one for row in rows for one in row.get(reads.RECORDS, ())}
    known: Document = {"_id": {"$in": sorted(ids)}}
    facilities = set(await statistics.ids(db, scope.FACILITIES, known))

    def others(row: Document) -> set[str]:
        opened = set(row.get(reads.RECORDS, ())) - {record_id}
        return opened & facilities if record_id in facilities else opened - facilities

    return frozenset(row["_id"] for row in rows if others(row))


def _alone(row: Document, record_id: str, stranger: bool) -> Document:
    """The link as it tells of this record: what else was opened with it may lie beyond the asker's
    scope, and who opened it may be none of its accounts."""
    act = {**row["act"], "account_id": "", "who": ""} if stranger else row["act"]
    return {**row, "subject": record_id, reads.RECORDS: [record_id], "act": act}


async def _name(db: Database, record_id: str) -> str:
    for kept in NAMED:
        if name := (await statistics.names(db, kept, [record_id])).get(record_id):
            return name
    return (await applied(db, [record_id])).get(record_id, "")

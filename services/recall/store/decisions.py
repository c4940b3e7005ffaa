"""Decisions behind cases, every version of each; their files apart."""

from dataclasses import asdict, fields
from datetime import date

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.decision import Decision, Given, Paper
from services.recall.store.documents import official_document, official_of
from services.recall.store.newest import Reader
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

DECISIONS, PAPERS = "decisions", "decision_papers"
_NAMES = frozenset(one.name for one in fields(Paper))
_SINCE = ("version", "digest")


async def prepare(db: Database) -> None:
    await db.collection(DECISIONS).create_index(
        [("case", ASCENDING), ("version", DESCENDING)], unique=True
    )
    await db.collection(PAPERS).create_index([("case", ASCENDING), ("version", DESCENDING)])


async def add(tx: Tx, one: Decision, data: bytes | None = None) -> None:
    """The next version, with its file where one came; raises EditConflict where another was
    faster."""
    key = f"{one.case_id}/{one.version}"
    document = {
        "_id": key,
        "case": one.case_id,
        "version": one.version,
        "number": one.given.number,
        "day": one.given.day.isoformat(),
        "issued_by": one.given.issued_by,
        "by": official_document(one.by),
        "at": one.at,
        **_paper_kept(one.paper),
    }
    try:
        await tx.collection(DECISIONS).insert_one(document)
    except DuplicateKeyError as error:
        raise EditConflict() from error
    if data is not None:
        paper = {"_id": key, "case": one.case_id, "version": one.version, "data": data}
        await tx.collection(PAPERS).insert_one(paper)


async def of_case(reader: Reader, case_id: str) -> Decision | None:
    """The newest version."""
    found = await versions(reader, case_id, limit=1)
    return found[0] if found else None


async def versions(reader: Reader, case_id: str, limit: int = 0) -> list[Decision]:
    """The newest first; all of them without a limit."""
    rows = reader.collection(DECISIONS).find({"case": case_id}).sort("version", DESCENDING)
    return [_decision(row) async for row in rows.limit(limit)]


async def paper_of(db: Database, case_id: str) -> tuple[Paper, bytes]:
    """The file of the newest version; raises NotFound."""
    decision = await of_case(db, case_id)
    if decision is None or decision.paper is None:
        raise NotFound()
    paper = decision.paper
    # Of decisions from before the file's version was kept it is the newest up to theirs.
    wanted = {"version": paper.version or {"$lte": decision.version}, "case": case_id}
    rows = db.collection(PAPERS).find(wanted).sort("version", DESCENDING).limit(1)
    async for row in rows:
        return paper, bytes(row["data"])
    raise NotFound()


def _decision(row: Document) -> Decision:
    return Decision(
        case_id=row["case"],
        version=row["version"],
        given=Given(row["number"], date.fromisoformat(row["day"]), row["issued_by"]),
        by=official_of(row["by"]),
        at=row["at"],
        paper=_paper(row) if row["paper"] else None,
    )


def _paper_kept(paper: Paper | None) -> Document:
    """Programs of before read all that is in `paper` by its name, and know of no more than it had
    then: what came since stands beside it."""
    kept = asdict(paper) if paper else {}
    beside = {f"paper_{name}": kept.pop(name) for name in _SINCE if name in kept}
    return {"paper": kept or None, **beside}


def _paper(row: Document) -> Paper:
    beside = {name: row[f"paper_{name}"] for name in _SINCE if f"paper_{name}" in row}
    kept = {name: value for name, value in row["paper"].items() if name in _NAMES}
    return Paper(**{**kept, **beside})

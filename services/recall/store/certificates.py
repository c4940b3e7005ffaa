"""Certificates that facilities claim or claimed, whatever order their versions come in."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from typing import Any, Final

from services.recall.domain.certificate import Certificate, claimed_to
from services.recall.domain.used import folded_number
from services.recall.store.newest import Wanted, by_id
from shared.contracts.registry import Certificate as Told
from shared.contracts.registry import FacilityPublished
from shared.days import local_day
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

CERTIFICATES = "certificates"
# Of so many versions of a facility it is known when they came: enough for the claims of long ago.
TELLINGS: Final = 200


async def prepare(db: Database) -> None:
    await db.collection(CERTIFICATES).create_index("numbers")


async def note_certificates(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    """One document a facility: each certificate as the highest version that names it tells it.

    Events that come twice or late change nothing that a higher version said.
    """
    known = await by_id(tx, CERTIFICATES, {event.subject for event in events})
    for event in events:
        known[event.subject] = _with(known.get(event.subject), event)
    for facility_id, document in known.items():
        body = {key: value for key, value in document.items() if key != "_id"}
        await tx.collection(CERTIFICATES).replace_one({"_id": facility_id}, body, upsert=True)


def _with(known: Document | None, event: FacilityPublished) -> Document:
    before = known or {"_id": event.subject, "tellings": [], "certificates": []}
    tellings = dict(before["tellings"])
    tellings[event.version] = local_day(event.time).isoformat()
    rows: dict[str, Document] = {row["key"]: row for row in before["certificates"]}
    for told in event.certificates:
        row = _row(told, event.version)
        if row["key"]:
            rows[row["key"]] = _later(rows.get(row["key"]), row)
    ordered = [rows[key] for key in sorted(rows)]
    return {
        "_id": event.subject,
        "tellings": [list(pair) for pair in sorted(tellings.items())][-TELLINGS:],
        "certificates": ordered,
        "numbers": [row["key"] for row in ordered],
        "search": fold(*(text for row in ordered for text in (row["number"], row["title"]))),
    }


def _row(told: Told, version: int) -> Document:
    ends_on = told.holds_until or told.expires_on
    return {
        "key": folded_number(told.number),
        "version": version,
        "number": told.number,
        "kind": told.kind,
        "title": told.title,
        "issuer": told.issuer,
        "issued_on": told.issued_on.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
        "first_issued_on": told.issued_on.isoformat(),
    }


def _later(known: Document | None, row: Document) -> Document:
    """What the higher version says, with the earliest day that either gave."""
    if known is None:
        return row
    first = min(known["first_issued_on"], row["first_issued_on"])
    if row["version"] != known["version"]:
        later = row if row["version"] > known["version"] else known
        return {**later, "first_issued_on": first}
    # Two papers of one number, of different kinds: the days of both.
    ends = (known["ends_on"], row["ends_on"])
    issued_on = min(known["issued_on"], row["issued_on"])
    ends_on = None if None in ends else max(ends)
    return {**known, "issued_on": issued_on, "ends_on": ends_on, "first_issued_on": first}


def of_facility(facility_id: str) -> Wanted:
    """What is known of a facility's certificates. See `numbered`."""
    return CERTIFICATES, [{"$match": {"_id": facility_id}}]


def numbered(found: Sequence[Document], number: str) -> Certificate | None:
    """The certificate of that number, however it is written."""
    wanted = folded_number(number)
    return next((one for one in _all_of(found) if folded_number(one.number) == wanted), None)


async def search(db: Database, wanted: Document, limit: int) -> AsyncIterator[Certificate]:
    """All certificates of the facilities of which one fits."""
    cursor = db.collection(CERTIFICATES).find(wanted).sort("_id", 1).limit(limit)
    async for document in cursor:
        for one in _all_of([document]):
            yield one


def _all_of(found: Iterable[Document]) -> list[Certificate]:
    return [_certificate(document, row) for document in found for row in document["certificates"]]


def _certificate(document: Document, row: dict[str, Any]) -> Certificate:
    tellings = [(version, date.fromisoformat(day)) for version, day in document["tellings"]]
    return Certificate(
        facility_id=document["_id"],
        number=row["number"],
        kind=row["kind"],
        title=row["title"],
        issuer=row["issuer"],
        issued_on=date.fromisoformat(row["issued_on"]),
        ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
        first_issued_on=date.fromisoformat(row["first_issued_on"]),
        claimed_to=claimed_to(row["version"], tellings),
        version=row["version"],
    )

"""Accounts in MongoDB, without their credentials."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.identity.domain.accounts import (
    Account,
    Assignment,
    Hold,
    UsernameTaken,
)
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx, containing

ACCOUNTS = "accounts"


async def prepare(db: Database) -> None:
    accounts = db.collection(ACCOUNTS)
    await accounts.create_index("username", unique=True)
    await accounts.create_index([("unit_path", ASCENDING), ("username", ASCENDING)])
    await accounts.create_index([("commune", ASCENDING), ("username", ASCENDING)])
    await accounts.create_index("facility_id")
    await accounts.create_index([("issued_at", DESCENDING)])


async def get(source: Database | Tx, account_id: str) -> Account:
    """Raises NotFound."""
    account = await find(source, account_id)
    if account is None:
        raise NotFound()
    return account


async def find(source: Database | Tx, account_id: str) -> Account | None:
    document = await source.collection(ACCOUNTS).find_one({"_id": account_id})
    return _account(document) if document else None


async def by_username(source: Database | Tx, username: str) -> Account | None:
    document = await source.collection(ACCOUNTS).find_one({"username": username})
    return _account(document) if document else None


async def insert(tx: Tx, account: Account) -> None:
    """Raises UsernameTaken."""
    try:
        await tx.collection(ACCOUNTS).insert_one(
            {"_id": account.id, **_fields(account), "last_sign_in_at": None, "last_seen_at": None}
        )
    except DuplicateKeyError as error:
        raise UsernameTaken("username") from error


async def put(tx: Tx, account: Account) -> None:
    """Replace the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": account.id, "version": account.version - 1}
    result = await tx.collection(ACCOUNTS).update_one(before, {"$set": _fields(account)})
    if not result.matched_count:
        raise EditConflict()


async def seen(tx: Tx, account_id: str, now: datetime, *, signed_in: bool = False) -> None:
    """Note activity (R3). The write also makes a suspension at the same moment conflict."""
    noted = {"last_seen_at": now, **({"last_sign_in_at": now} if signed_in else {})}
    await tx.collection(ACCOUNTS).update_one({"_id": account_id}, {"$set": noted})


async def of_facility(tx: Database | Tx, facility_id: str) -> list[Account]:
    cursor = tx.collection(ACCOUNTS).find({"facility_id": facility_id})
    return [_account(document) async for document in cursor]


async def of_unit(tx: Database | Tx, unit_id: str) -> list[Account]:
    cursor = tx.collection(ACCOUNTS).find({"unit_id": unit_id})
    return [_account(document) async for document in cursor]


async def note_facility(tx: Tx, facility_id: str, commune: str, sector: str) -> None:
    """Move a facility's accounts to where the facility lies now."""
    await tx.collection(ACCOUNTS).update_many(
        {"facility_id": facility_id}, {"$set": {"commune": commune, "sector": sector}}
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of accounts is narrowed to."""

    text: str = ""
    status: str = ""
    tier: str = ""
    unit_id: str = ""
    never: bool = False
    idle_days: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in a list, with its activity."""

    account: Account
    last_sign_in_at: datetime | None
    last_seen_at: datetime | None


def in_scope(who: Principal) -> dict[str, Any]:
    """The accounts a system account may see, as a filter; the twin of domain.require_seen."""
    if who.facility_id is not None:
        return {"facility_id": who.facility_id}
    facilities = {"facility_id": {"$ne": None}, **area_filter(who)}
    return {"$or": [{"facility_id": None, "unit_path": who.unit_id}, facilities]}


async def count(db: Database, who: Principal, wanted: Wanted, now: datetime) -> int:
    return await db.collection(ACCOUNTS).count_documents(_query(who, wanted, now))


async def page(
    db: Database, who: Principal, wanted: Wanted, now: datetime, *, skip: int, limit: int
) -> list[Listed]:
    cursor = (
        db.collection(ACCOUNTS)
        .find(_query(who, wanted, now))
        .sort([("username", ASCENDING)])
        .skip(skip)
        .limit(limit)
    )
    return [listed_of(document) async for document in cursor]


async def listed(db: Database, account_id: str) -> Listed:
    """Raises NotFound."""
    document = await db.collection(ACCOUNTS).find_one({"_id": account_id})
    if document is None:
        raise NotFound()
    return listed_of(document)


async def names(db: Database, ids: set[str]) -> dict[str, str]:
    """Names of accounts by id, for showing who did something."""
    cursor = db.collection(ACCOUNTS).find({"_id": {"$in": list(ids)}}, {"name": 1})
    return {document["_id"]: document["name"] async for document in cursor}


def _query(who: Principal, wanted: Wanted, now: datetime) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [in_scope(who)]
    if wanted.text:
        pattern = containing(wanted.text, any_case=True)
        parts.append({"$or": [{"username": pattern}, {"name": pattern}]})
    if wanted.status:
        parts.append({"status": wanted.status})
    if wanted.tier:
        parts.append({"tier": wanted.tier})
    if wanted.unit_id:
        parts.append({"unit_path": wanted.unit_id})
    if wanted.never:
        parts.append({"last_sign_in_at": None})
    if wanted.idle_days is not None:
        parts.append({"last_seen_at": {"$lt": now - timedelta(days=wanted.idle_days)}})
    return {"$and": parts}


def _fields(account: Account) -> Document:
    assignment = account.assignment
    return {
        "version": account.version,
        "username": account.username,
        "name": account.name,
        "position": account.position,
        "tier": account.tier,
        "kinds": sorted(account.kinds),
        "unit_id": account.unit_id,
        "unit_path": list(account.unit_path),
        "facility_id": account.facility_id,
        "commune": account.commune,
        "sector": account.sector,
        "assignment": {"number": assignment.number, "date": assignment.date.isoformat()}
        if assignment
        else None,
        "holds": sorted(account.holds),
        "revoked": account.revoked,
        "status": account.status,
        "issued_at": account.issued_at,
        "issued_by": account.issued_by,
        "void_before": account.void_before,
        "phone": account.phone,
        "email": account.email,
        "revoked_at": account.revoked_at,
        "erased": account.erased,
    }


def _account(document: Document) -> Account:
    assignment = document["assignment"]
    return Account(
        id=document["_id"],
        version=document["version"],
        username=document["username"],
        name=document["name"],
        position=document["position"],
        tier=document["tier"],
        kinds=frozenset(document["kinds"]),
        unit_id=document["unit_id"],
        unit_path=tuple(document["unit_path"]),
        facility_id=document["facility_id"],
        commune=document["commune"],
        sector=document["sector"],
        assignment=Assignment(assignment["number"], date.fromisoformat(assignment["date"]))
        if assignment
        else None,
        holds=frozenset(Hold(hold) for hold in document["holds"]),
        revoked=document["revoked"],
        issued_at=document["issued_at"],
        issued_by=document["issued_by"],
        void_before=document["void_before"],
        phone=document.get("phone", ""),
        email=document.get("email", ""),
        revoked_at=document.get("revoked_at"),
        erased=document.get("erased", False),
    )


def listed_of(document: Document) -> Listed:
    return Listed(_account(document), document["last_sign_in_at"], document["last_seen_at"])

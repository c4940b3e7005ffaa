"""Claims of accounts in MongoDB; they go by themselves when their time is over."""

from pymongo import ASCENDING

from services.identity.domain.claims import Claim
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

CLAIMS = "claims"


async def prepare(db: Database) -> None:
    await db.collection(CLAIMS).create_index("expires_at", expireAfterSeconds=0)
    await db.collection(CLAIMS).create_index([("word", ASCENDING), ("username", ASCENDING)])
    await db.collection(CLAIMS).create_index(
        [("account_id", ASCENDING)], partialFilterExpression={"account_id": {"$gt": ""}}
    )


async def insert(db: Database, claim: Claim) -> None:
    await db.collection(CLAIMS).insert_one(_document(claim))


async def find(source: Database | Tx, claim_id: str) -> Claim | None:
    document = await source.collection(CLAIMS).find_one({"_id": claim_id})
    return _claim(document) if document else None


async def by_word(tx: Tx, word: str, username: str) -> Claim | None:
    """The claim that shows this word for this user name."""
    document = await tx.collection(CLAIMS).find_one({"word": word, "username": username})
    return _claim(document) if document else None


async def confirmed(db: Database, account_id: str) -> Claim | None:
    """The device whose word was confirmed for this account, if it has not set a password yet."""
    document = await db.collection(CLAIMS).find_one({"account_id": account_id})
    return _claim(document) if document else None


async def confirm(tx: Tx, claim: Claim) -> None:
    """Keep it as confirmed, and let no other device of this account go on."""
    await forget(tx, claim.account_id)
    before = {"_id": claim.id, "account_id": ""}
    result = await tx.collection(CLAIMS).replace_one(before, _document(claim))
    if not result.matched_count:
        raise EditConflict()


async def use_up(tx: Tx, claim_id: str) -> bool:
    """Whether it was still there: of two at once, one finds it."""
    result = await tx.collection(CLAIMS).delete_one({"_id": claim_id})
    return bool(result.deleted_count)


async def forget(tx: Tx, account_id: str) -> None:
    """What was confirmed for this account is void."""
    await tx.collection(CLAIMS).delete_many({"account_id": account_id})


def _document(claim: Claim) -> Document:
    return {
        "_id": claim.id,
        "username": claim.username,
        "word": claim.word,
        "place": claim.place,
        "device": claim.device,
        "at": claim.at,
        "expires_at": claim.expires_at,
        "account_id": claim.account_id,
        "known_device": claim.known_device,
        "network": claim.network,
    }


def _claim(document: Document) -> Claim:
    return Claim(
        id=document["_id"],
        username=document["username"],
        word=document["word"],
        place=document["place"],
        device=document["device"],
        at=document["at"],
        expires_at=document["expires_at"],
        account_id=document["account_id"],
        known_device=document.get("known_device", ""),
        network=document.get("network", ""),
    )

"""Tickets between two steps of a sign-in, by the fingerprint of the secret their holder has."""

from services.identity.domain.tickets import Purpose, Ticket
from shared.mongo import Database, Document, Tx

TICKETS = "tickets"


async def prepare(db: Database) -> None:
    await db.collection(TICKETS).create_index("expires_at", expireAfterSeconds=0)


async def insert(target: Database | Tx, ticket: Ticket) -> None:
    await target.collection(TICKETS).insert_one(
        {
            "_id": ticket.id,
            "account_id": ticket.account_id,
            "username": ticket.username,
            "purpose": ticket.purpose.value,
            "password": ticket.password,
            "expires_at": ticket.expires_at,
            "sealed": ticket.sealed,
            "session_id": ticket.session_id,
            "wrong": ticket.wrong,
        }
    )


async def find(source: Database | Tx, ticket_id: str) -> Ticket | None:
    document = await source.collection(TICKETS).find_one({"_id": ticket_id})
    return _ticket(document) if document else None


async def use_up(tx: Tx, ticket_id: str) -> bool:
    """Whether it was still there: of two at once, one finds it."""
    result = await tx.collection(TICKETS).delete_one({"_id": ticket_id})
    return bool(result.deleted_count)


async def count_wrong(db: Database, ticket_id: str) -> None:
    await db.collection(TICKETS).update_one({"_id": ticket_id}, {"$inc": {"wrong": 1}})


def _ticket(document: Document) -> Ticket:
    sealed = document["sealed"]
    return Ticket(
        id=document["_id"],
        account_id=document["account_id"],
        username=document["username"],
        purpose=Purpose(document["purpose"]),
        password=bytes(document["password"]),
        expires_at=document["expires_at"],
        sealed=None if sealed is None else bytes(sealed),
        session_id=document["session_id"],
        wrong=document["wrong"],
    )

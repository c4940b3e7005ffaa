"""What the ledger is told of an account's refused reads (ADR 14)."""

from shared.folding import ACTION
from shared.mongo import Database


async def refused_addresses(db: Database, account: str) -> list[str]:
    """The addresses, as templates, in the order in which they were recorded first."""
    wanted = {"body.data.action": ACTION, "body.data.actor.account_id": account}
    rows = db.collection("outbox").find(wanted).sort("_id", 1)
    return [row["body"]["data"]["facts"]["address"] async for row in rows]

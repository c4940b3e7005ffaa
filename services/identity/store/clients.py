"""Programs of partner systems in MongoDB."""

from datetime import datetime
from typing import Any

from services.identity.domain.clients import Client, Secret
from shared.auth import Principal
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

CLIENTS = "clients"


async def prepare(db: Database) -> None:
    await db.collection(CLIENTS).create_index([("unit_path", 1), ("name", 1)])


async def find(source: Database | Tx, client_id: str) -> Client | None:
    document = await source.collection(CLIENTS).find_one({"_id": client_id})
    return _client(document) if document else None


async def get(source: Database | Tx, client_id: str, who: Principal) -> Client:
    """One kept by the asker's unit or one below it; raises NotFound."""
    query = {"_id": client_id, "unit_path": who.unit_id}
    document = await source.collection(CLIENTS).find_one(query)
    if document is None:
        raise NotFound()
    return _client(document)


async def below(db: Database, who: Principal) -> list[Client]:
    cursor = db.collection(CLIENTS).find({"unit_path": who.unit_id}).sort("name", 1)
    return [_client(document) async for document in cursor]


async def of_unit(tx: Tx, unit_id: str) -> list[Client]:
    """Those a unit keeps that are not revoked."""
    cursor = tx.collection(CLIENTS).find({"unit_id": unit_id, "revoked_at": None})
    return [_client(document) async for document in cursor]


async def used(tx: Tx, client_id: str, now: datetime) -> None:
    """Note that it was given a token."""
    await tx.collection(CLIENTS).update_one({"_id": client_id}, {"$set": {"last_used_at": now}})


async def insert(tx: Tx, client: Client) -> None:
    await tx.collection(CLIENTS).insert_one(_document(client))


async def put(tx: Tx, client: Client) -> None:
    """Replace the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": client.id, "version": client.version - 1}
    result = await tx.collection(CLIENTS).replace_one(before, _document(client))
    if not result.matched_count:
        raise EditConflict()


def _document(client: Client) -> Document:
    plain = {name: getattr(client, name) for name in Client.__slots__ if name != "id"}
    return {
        "_id": client.id,
        **plain,
        "unit_path": list(client.unit_path),
        "actions": list(client.actions),
        "secrets": [
            {"fingerprint": one.fingerprint, "made_at": one.made_at, "until": one.until}
            for one in client.secrets
        ],
    }


def _client(document: Document) -> Client:
    told: dict[str, Any] = {n: document.get(n) for n in Client.__slots__ if n != "id"}
    told["unit_path"] = tuple(document["unit_path"])
    told["actions"] = tuple(document["actions"])
    told["secrets"] = tuple(
        Secret(bytes(one["fingerprint"]), one["made_at"], one["until"])
        for one in document["secrets"]
    )
    return Client(id=document["_id"], **told)

"""Who was told of a case, or is to be told: by the messages that are kept of it."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.recall.domain.contact import Contact
from services.recall.domain.delivery import Message, delivery_id
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.newest import Reader, chunks
from shared.mongo import Document

_OWNERS_AT_ONCE: Final = 2_000


async def owners_among(reader: Reader, case_id: str, owners: Iterable[str]) -> set[str]:
    """Those of the owners to which anything about the case was ever to be told."""
    found: set[str] = set()
    for some in chunks(sorted(set(owners)), _OWNERS_AT_ONCE):
        pipeline: list[Document] = [
            {"$match": {"case_id": case_id, "owner_id": {"$in": some}}},
            {"$group": {"_id": "$owner_id"}},
        ]
        rows = await reader.collection(DELIVERIES).aggregate(pipeline)
        found |= {row["_id"] async for row in rows}
    return found


async def cases_of(reader: Reader, contact: Contact, cases: Sequence[str]) -> set[str]:
    """Those of the cases of which the contact was, or is to be, told that they were ordered."""
    wanted = {
        "case_id": {"$in": list(cases)},
        "owner_id": contact.owner.id,
        "contact_id": contact.id,
        "message": str(Message.ORDERED),
    }
    rows = reader.collection(DELIVERIES).find(wanted, {"case_id": 1})
    return {row["case_id"] async for row in rows}


async def contacts_among(reader: Reader, event_id: str, ids: Iterable[str]) -> set[str]:
    """Those of the contacts that have a message of this event."""
    wanted = {"_id": {"$in": [delivery_id(event_id, one) for one in ids]}}
    rows = reader.collection(DELIVERIES).find(wanted, {"contact_id": 1})
    return {row["contact_id"] async for row in rows}

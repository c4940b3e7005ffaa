"""Which SSCC is whose, and how far each company prefix is used up."""

from datetime import datetime
from typing import Final

from pymongo import ReturnDocument

from services.registry.domain.logistic_units import SsccTaken
from shared.mongo import Tx

# One document per SSCC that was ever given, kept for good; one per prefix.
UNITS, SERIALS = "logistic_units", "sscc_serials"
_BY_ID: Final = "_id"


async def take(tx: Tx, sscc: str, shipment_id: str, now: datetime) -> None:
    """Raises SsccTaken, also where its unit is gone: a number is never given twice."""
    units = tx.collection(UNITS)
    if await units.find_one({_BY_ID: sscc}):
        raise SsccTaken("sscc", sscc=sscc)
    await units.insert_one({_BY_ID: sscc, "shipment": shipment_id, "at": now})


async def is_taken(tx: Tx, sscc: str) -> bool:
    return await tx.collection(UNITS).find_one({_BY_ID: sscc}) is not None


async def next_serial(tx: Tx, prefix: str) -> int:
    """From 1 on; two acts at once conflict, and one of them runs again."""
    found = await tx.collection(SERIALS).find_one_and_update(
        {_BY_ID: prefix},
        {"$inc": {"n": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert found is not None
    return int(found["n"])

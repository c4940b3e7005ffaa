"""Stamps of the demo province: asked for, approved, and used as the data files say."""

from collections.abc import Awaitable, Callable

from deploy.demo.client import STAMPS, Account
from deploy.demo.client import when_known as when_told
from deploy.demo.lots import StampBatch, StampInterval

# Events that tell stamps of registry's facts may still be on their way.
NO_PRODUCT_YET = ("not_found", "product_not_published", "facility_not_active")
NO_LOT_YET = ("lot_not_usable",)

LotId = Callable[[str], Awaitable[str]]


async def issued(
    one: StampBatch,
    product_id: str,
    *,
    asks: Account,
    decides: Account,
    lot_id: LotId,
    resumed: bool,
) -> int:
    """The number of the issued batch. `resumed`: an earlier run may have used some of it."""
    body = {"product_id": product_id, "quantity": one.quantity, "purpose": one.reason}
    key = f"demo-stamps-{one.key}"
    request = await when_told(
        lambda: asks.post(f"{STAMPS}/requests", body, key=key), NO_PRODUCT_YET
    )
    decided = await decides.post(
        f"{STAMPS}/requests/{request['id']}/decision", {"decision": "approve"}, key=key
    )
    number = int(decided["batch"])
    untouched = await _untouched(asks, number) if resumed else None
    for interval in one.intervals:
        if untouched is None or interval.first in untouched:
            await _use(asks, number, interval, lot_id)
    return number


async def _untouched(asks: Account, number: int) -> set[int]:
    """Serials with which nothing has been done since they were issued."""
    known = await asks.get(f"{STAMPS}/batches/{number}")
    spans = [(i["first"], i["last"]) for i in known["intervals"] if i["state"] == "issued"]
    return {serial for first, last in spans for serial in range(first, last + 1)}


async def _use(asks: Account, number: int, one: StampInterval, lot_id: LotId) -> None:
    path, serials = f"{STAMPS}/batches/{number}", {"first": one.first, "last": one.last}
    if one.lot is None:
        await asks.post(f"{path}/changes", {**serials, "change": one.state, "reason": one.reason})
        return
    body = {**serials, "lot_id": await lot_id(one.lot)}
    await when_told(lambda: asks.post(f"{path}/activations", body), NO_LOT_YET)

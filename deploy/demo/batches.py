"""Stamps of the demo province: asked for, approved, and used as the data files say."""

from collections.abc import Awaitable, Callable

from deploy.demo.client import STAMPS, Account
from deploy.demo.client import when_known as when_told
from deploy.demo.lots import StampBatch, StampInterval

# Events that tell stamps of registry's facts may still be on their way.
NO_PRODUCT_YET = ("not_found", "product_not_published", "facility_not_active")
NO_LOT_YET = ("lot_not_usable",)
ISSUED, SUSPENDED = "issued", "suspended"

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
    states = await _states(asks, number) if resumed else {}
    for interval in one.intervals:
        state = states.get(interval.first, ISSUED)
        await _use(asks, number, interval, lot_id, state)
        if interval.state == SUSPENDED and state != SUSPENDED:
            await _suspend(decides, number, interval)
    return number


async def _states(asks: Account, number: int) -> dict[int, str]:
    """What the stamps are by now, by serial."""
    known = await asks.get(f"{STAMPS}/batches/{number}")
    spans = [(i["first"], i["last"], i["state"]) for i in known["intervals"]]
    return {serial: state for first, last, state in spans for serial in range(first, last + 1)}


async def _use(asks: Account, number: int, one: StampInterval, lot_id: LotId, state: str) -> None:
    """What their facility does with them, unless it has done it already."""
    if state != ISSUED:
        return
    path, serials = f"{STAMPS}/batches/{number}", {"first": one.first, "last": one.last}
    if one.lot is None:
        await asks.post(f"{path}/changes", {**serials, "change": one.state, "reason": one.reason})
        return
    body = {**serials, "lot_id": await lot_id(one.lot)}
    await when_told(lambda: asks.post(f"{path}/activations", body), NO_LOT_YET)


async def _suspend(decides: Account, number: int, one: StampInterval) -> None:
    body = {
        "first": one.first,
        "last": one.last,
        "change": "suspend",
        "reason": one.reason,
        "public_reason": one.public_reason or "",
    }
    await decides.post(f"{STAMPS}/batches/{number}/changes", body)

"""What recall itself tells of a case starts and stops its clocks.

Whatever the event, the case as it stands decides, so they may come twice, late and in any order.
"""

from collections.abc import Sequence
from datetime import datetime

from services.recall.actions import clocks, owner_requests
from services.recall.actions.orders import ORDER
from services.recall.domain.case import Case
from services.recall.domain.terms import Kind, LegalBasis, State
from services.recall.store import clocks as kept
from services.recall.store import corrections
from services.recall.store.cases import CASES
from services.recall.store.documents import case_of
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import (
    RecallAcknowledged,
    RecallClosed,
    RecallCorrected,
    RecallLifted,
    RecallOrdered,
)
from shared.mongo import Tx

# What the order's act says where a second person must confirm it; RecallOrdered tells the others.
ASKED = "asked"
ACTS = frozenset((ORDER, "recall.decline"))


async def follow_acts(tx: Tx, events: Sequence[RecallActRecorded]) -> None:
    """Orders that wait for a second person, and those that came to nothing, are told by no event
    of their own."""
    for event in events:
        waits = event.action != ORDER or event.facts.get("act", ASKED) == ASKED
        if waits and event.action in ACTS and event.outcome == "accepted":
            await _follow(tx, event.subject, event.time, tier=event.actor.tier)


async def follow(
    tx: Tx, events: Sequence[RecallOrdered | RecallLifted | RecallClosed | RecallCorrected]
) -> None:
    for event in events:
        await _follow(tx, event.subject, event.time)


async def follow_acknowledged(tx: Tx, events: Sequence[RecallAcknowledged]) -> None:
    """The owner says that it was told, and with that tells on. Its answer may come before the
    order is heard of: the clock then never runs."""
    for event in events:
        row = await tx.collection(CASES).find_one({"_id": event.case_id})
        if row is not None and case_of(row, []).owner.facility_id == event.facility_id:
            await clocks.stop(tx, "notify", event.case_id, event.time)


async def _follow(tx: Tx, case_id: str, told_at: datetime, *, tier: str = "") -> None:
    since = await kept.kept_since(tx)
    if since is not None and told_at < since:
        return
    row = await tx.collection(CASES).find_one({"_id": case_id})
    if row is None:
        return
    case = case_of(row, [])
    if case.state is State.AWAITING:
        await clocks.start(tx, "decide", case.id, case.owner, case.asked_at, tier=tier)
        return
    if case.ordered_at is None or case.ordered_at > case.asked_at:
        await _decided(tx, case, tier)
    if case.state is State.ORDERED and case.kind is not Kind.WARNING:
        await _ordered(tx, case)
    elif case.state is State.ORDERED:
        # A warning asks nothing of the owner, nor does what was a recall before.
        await _end(tx, case, case.corrected_at or case.changed_at)
    else:
        await _end(tx, case, case.closing.at if case.closing else case.changed_at)


async def _decided(tx: Tx, case: Case, tier: str) -> None:
    await clocks.start(tx, "decide", case.id, case.owner, case.asked_at, tier=tier)
    await clocks.stop(tx, "decide", case.id, case.ordered_at or case.changed_at)


async def _ordered(tx: Tx, case: Case) -> None:
    begun, anew = await _asks_since(tx, case)
    await clocks.start(tx, "notify", case.id, case.owner, begun, anew=anew)
    if case.legal_basis is LegalBasis.COMPULSORY:
        # What an authority orders at once rests on a decision that follows, which it owes itself.
        tier = case.ordering.tier
        await clocks.start(
            tx, "decision_document", case.id, case.owner, begun, tier=tier, anew=anew
        )


async def _asks_since(tx: Tx, case: Case) -> tuple[datetime, bool]:
    """Since when it has asked something of its owner, and whether by a correction: a warning that
    became a recall asks from then on, a recall that was a warning in between asks again."""
    assert case.ordered_at is not None
    made = await corrections.of_case(tx, case.id) if case.revision else []
    turned = [
        one.at
        for one in made
        if one.before.kind is Kind.WARNING and one.after.kind is not Kind.WARNING
    ]
    if not turned:
        return case.ordered_at, False
    in_force = await kept.kept_since(tx, kept.LATER)
    return max(turned[-1], in_force) if in_force else turned[-1], True


async def _end(tx: Tx, case: Case, at: datetime) -> None:
    """Nothing is waited for any more: what runs ends, and what the owner asked is not answered."""
    await owner_requests.end(tx, case.id, at)
    await clocks.stop_all(tx, case.id, at)

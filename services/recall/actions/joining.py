"""Joining reports of one event, so that they are answered once, and parting them again (R53)."""

from datetime import datetime

from services.recall.actions.complaints import read_for
from services.recall.domain import joining
from services.recall.domain.complaint import Complaint
from services.recall.store import complaint_areas, complaints
from shared import audit
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

JOIN = "complaint.join"


async def join(
    head_id: str, other_id: str, *, who: Principal, db: Database, at: datetime
) -> Complaint:
    """The group of the other report joins that of the head. Raises NotSameGoods, AlreadyJoined,
    ComplaintClosed, GroupTooLarge."""

    async def work(tx: Tx) -> Complaint:
        head = await read_for(tx, head_id, JOIN, who, at)
        other = await read_for(tx, other_id, JOIN, who, at)
        joining.must_fit(head, other)
        both = {
            one.id: one
            for label in (head.group, other.group)
            for one in await complaints.members(tx, label, at)
        }
        if len(await complaint_areas.covered(tx, both.values(), JOIN, who)) < len(both):
            # Of what somebody may not answer they decide neither with whom it is answered.
            raise joining.NotSameGoods()
        changes = joining.joined({id_: one.group for id_, one in both.items()}, head.id, other.id)
        # The head is written too: it may not be answered while others join it.
        after = head.regrouped(head.group, by=who.name, now=at, act="joined", text=other.number)
        await complaints.put(tx, head, after)
        for id_, label in changes.items():
            before = both[id_]
            moved = before.regrouped(
                label, by=who.name, now=at, act="joined", text=head.number, like=head
            )
            await complaints.put(tx, before, moved)
            if moved.state != before.state:
                await outbox.append(tx, moved.told())
        await audit.accepted(tx, who, JOIN, head_id, other=other_id, facility=head.facility_id)
        return after

    async with audit.attempt(db, who, JOIN, head_id):
        return await transact(db, work)


async def part(complaint_id: str, *, who: Principal, db: Database, at: datetime) -> Complaint:
    """The report is one by itself again. Raises NotJoined, ComplaintClosed."""

    async def work(tx: Tx) -> Complaint:
        one = await read_for(tx, complaint_id, JOIN, who, at)
        group = {each.id: each for each in await complaints.members(tx, one.group, at)}
        changes = joining.parted({id_: each.group for id_, each in group.items()}, one.id)
        after = one.regrouped(changes.get(one.id, one.id), by=who.name, now=at, act="parted")
        await complaints.put(tx, one, after)
        for id_, label in changes.items():
            if id_ != one.id:
                await complaints.relabel(tx, id_, label)
        await audit.accepted(tx, who, JOIN, complaint_id, parted="yes", facility=one.facility_id)
        return after

    async with audit.attempt(db, who, JOIN, complaint_id):
        return await transact(db, work)

"""What bears a signal out and was reported by people belongs to the case that came of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.complaint import Complaint
from services.recall.domain.signals.signal import Signal
from services.recall.domain.suspicion import led_to
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import OPEN
from services.recall.store import complaints
from services.recall.store.recoveries import hold
from services.recall.store.suspicions import link
from shared.mongo import Tx

_REPORT: Final = "complaint:"
CLOSED: Final = "closed"


def is_reported(signal: Signal) -> bool:
    return any(id_.startswith(_REPORT) for id_ in signal.ids)


async def link_reports(tx: Tx, signal: Signal, case: Case, *, by: str, at: datetime) -> None:
    """Its reports of goods that the case reaches, with the open ones that are joined to these:
    they are answered together. Whoever ordered: as with a suspicion, each official reads and
    answers those of their own area. Done again, nothing changes."""
    ids = [id_.removeprefix(_REPORT) for id_ in signal.ids if id_.startswith(_REPORT)]
    lots = frozenset(case.lots)
    some = await complaints.some(tx, ids, at) if ids else []
    found = [one for one in some if _is_of(one, case, lots)]
    if not found:
        return
    known = {one.id for one in found}
    joined = await complaints.of_groups(tx, sorted({one.group for one in found}), at)
    found += [one for one in joined if one.id not in known and one.state != CLOSED]
    # Not while the case comes to its end: what is linked then would never be let go.
    await hold(tx, case.id)
    await link(tx, case.id, found, by=by, ended_at=None if case.state in OPEN else case.changed_at)


def _is_of(one: Complaint, case: Case, lots: Collection[str]) -> bool:
    """A signal may be of more goods than the case: of several lots, of all of a commune's."""
    return one.lot_id in lots or any(led_to(goods, case.target) for goods in _goods(one))


def _goods(one: Complaint) -> list[Target]:
    found = [Target(TargetKind.FACILITY, one.facility_id)] if one.facility_id else []
    if one.product_id:
        found.append(Target(TargetKind.PRODUCT, one.product_id))
    if one.batch:
        found.append(Target(TargetKind.STAMPS, str(one.batch), one.serial, one.serial))
    return found

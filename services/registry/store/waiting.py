"""What waits for decisions, kept in memory: counted once, then kept up with what is written (R17).

To count over the records again and again costs the more the more waits. So each process reads what
waits once at its start, and afterwards only what the database's change stream tells of.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from services.registry.domain.awaited import DECIDED_ON, SENT_BACK, Awaited, Kind
from services.registry.domain.records import Aggregate, State
from services.registry.store.codec import COLLECTIONS
from services.registry.store.following import Following
from services.registry.store.shipments import SHIPMENTS, UNANSWERED
from shared.mongo import Database, Document

_KIND_OF: Final = {name: kind for kind, name in COLLECTIONS.items()}
_WAITS: Final[Document] = {
    "$or": [
        {"state": {"$in": [state.value for state in DECIDED_ON]}},
        {"state": State.DRAFT.value, "reason": {"$ne": ""}},
    ]
}
_FIELDS: Final[Document] = {
    **dict.fromkeys(("state", "reason", "owner.commune", "owner.sector", "owner.facility_id"), 1),
    **dict.fromkeys(("editors.account_id", "editors.facility_id"), 1),
    **dict.fromkeys(("checked_by.account_id", "checked_by.facility_id"), 1),
}
# Receipts wait for their sender's word: no records, yet counted along.
ANSWER: Final = "answer"
_RECEIPT_FIELDS: Final[Document] = {
    **dict.fromkeys(("declared", "disowned", "acknowledged_at"), 1),
    **dict.fromkeys(("sender.commune", "sender.sector", "sender.facility_id"), 1),
}
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Waits:
    """One record: where, in which state, and by whom (officials, or the facility of a draft).

    A receipt has no kind, and the facility that it waits for."""

    place: str
    kind: Aggregate | None
    state: str
    by: tuple[str, ...]


@dataclass(slots=True)
class _Count:
    number: int = 0
    by: Counter[str] = field(default_factory=Counter)


class Waiting:
    """All that waits, by `<commune>/<sector>`. `due`: places that may have changed since they were
    told of; whoever told of them clears it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._following = Following(db, *_KIND_OF, SHIPMENTS)
        self._rows: dict[str, _Waits] = {}
        self._counts: dict[str, dict[tuple[Aggregate | None, str], _Count]] = defaultdict(dict)
        self._is_loaded = False
        self.due: set[str] = set()

    async def catch_up(self) -> None:
        """As it is now, whoever wrote. After an error the next call reads everything anew."""
        try:
            if self._is_loaded:
                await self._following.listen()
            else:
                await self._load()
            for name, ids in self._following.written.items():
                await self._read_again(name, ids)
                ids.clear()
        except BaseException:
            self._is_loaded = False
            raise

    async def close(self) -> None:
        await self._following.close()

    def counted(self, places: Iterable[str]) -> dict[str, Awaited]:
        """What waits in these places; one where nothing waits any more is told so."""
        return {place: self._awaited(place) for place in places}

    def _awaited(self, place: str) -> Awaited:
        commune, _, sector = place.partition("/")
        kinds: list[Kind] = []
        answers: tuple[tuple[str, int], ...] = ()
        for (aggregate, state), count in self._counts.get(place, {}).items():
            by = tuple(sorted(count.by.items()))
            if aggregate is None:
                answers = by
                continue
            sent_back = state == SENT_BACK
            makers, facilities = ((), by) if sent_back else (by, ())
            kinds.append(Kind(aggregate, state, count.number, makers, facilities))
        kinds.sort(key=lambda one: (one.aggregate.value, one.state))
        return Awaited(commune, sector, tuple(kinds), answers=answers)

    async def _load(self) -> None:
        await self._following.begin()
        self.due |= set(self._counts)
        self._rows.clear()
        self._counts.clear()
        for name in _KIND_OF:
            rows = self._db.collection(name).find(_WAITS, _FIELDS)
            async for row in rows.batch_size(_BATCH):
                self._put(name, row["_id"], _waits(name, row))
        receipts = self._db.collection(SHIPMENTS).find(UNANSWERED, _RECEIPT_FIELDS)
        async for row in receipts.batch_size(_BATCH):
            self._put(SHIPMENTS, row["_id"], _waits(SHIPMENTS, row))
        await self._following.listen()
        self._is_loaded = True

    async def _read_again(self, name: str, ids: set[str]) -> None:
        wanted, left = sorted(ids), set(ids)
        for start in range(0, len(wanted), _BATCH):
            part = {"_id": {"$in": wanted[start : start + _BATCH]}}
            fields = _RECEIPT_FIELDS if name == SHIPMENTS else _FIELDS
            async for row in self._db.collection(name).find(part, fields):
                self._put(name, row["_id"], _waits(name, row))
                left.discard(row["_id"])
        for gone in left:
            self._put(name, gone, None)

    def _put(self, name: str, record_id: str, now: _Waits | None) -> None:
        """How the record waits from now on; None where it does not."""
        key = f"{name}/{record_id}"
        before = self._rows.get(key)
        if before == now:
            return
        if before is not None:
            self._add(before, -1)
            del self._rows[key]
        if now is not None:
            self._add(now, 1)
            self._rows[key] = now

    def _add(self, one: _Waits, number: int) -> None:
        self.due.add(one.place)
        counts = self._counts[one.place]
        count = counts.setdefault((one.kind, one.state), _Count())
        count.number += number
        for who in one.by:
            count.by[who] += number
            if not count.by[who]:
                del count.by[who]
        if not count.number:
            del counts[one.kind, one.state]


def _waits(name: str, row: Document) -> _Waits | None:
    if name == SHIPMENTS:
        return _asked(row)
    kind = _KIND_OF[name]
    owner = row["owner"]
    place = f"{owner['commune']}/{owner['sector']}"
    if row["state"] == State.DRAFT.value:
        if not row.get("reason"):
            return None
        return _Waits(place, kind, SENT_BACK, (owner["facility_id"],))
    if row["state"] not in {state.value for state in DECIDED_ON}:
        return None
    people: list[Any] = list(row.get("editors", []))
    if row["state"] == State.CHECKED.value and row.get("checked_by"):
        people.append(row["checked_by"])
    officials = dict.fromkeys(one["account_id"] for one in people if not one["facility_id"])
    return _Waits(place, kind, row["state"], tuple(officials))


def _asked(row: Document) -> _Waits | None:
    """What UNANSWERED asks for, of one shipment."""
    if not row.get("declared") or row.get("disowned") or row.get("acknowledged_at") is not None:
        return None
    sender = row["sender"]
    place = f"{sender['commune']}/{sender['sector']}"
    return _Waits(place, None, ANSWER, (sender["facility_id"],))

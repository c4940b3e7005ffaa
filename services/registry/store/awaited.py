"""What waits for a decision: counted over the records, and as it was told last (R17)."""

from collections import defaultdict
from typing import Any, Final

from pydantic import TypeAdapter

from services.registry.domain.awaited import DECIDED_ON, SENT_BACK, Awaited, Kind
from services.registry.domain.records import State
from services.registry.store.codec import COLLECTIONS, plain
from services.registry.store.shipments import SHIPMENTS, UNANSWERED
from shared.mongo import Database, Document, Tx, Unasked

# It follows the records by some seconds, whoever changed them.
TOLD: Final = Unasked("awaited")
_awaited = TypeAdapter(Awaited)
_Place = tuple[str, str]


async def counted(db: Database) -> dict[str, Awaited]:
    """All that waits now, by `<commune>/<sector>`."""
    found: dict[_Place, list[Kind]] = defaultdict(list)
    for aggregate, name in COLLECTIONS.items():
        makers = await _by(db, name, _MAKERS)
        for key, number in (await _by(db, name, [_WAITING, _grouped()])).items():
            by = tuple(sorted(makers.get(key, {}).items()))
            found[key[:2]].append(Kind(aggregate, key[2], number[""], by))
        for key, whose in (await _by(db, name, _BACK)).items():
            parts = tuple(sorted(whose.items()))
            kind = Kind(aggregate, key[2], sum(whose.values()), facilities=parts)
            found[key[:2]].append(kind)
    answers = await _by(db, SHIPMENTS, _ANSWERS)
    asked = {key[:2]: tuple(sorted(whose.items())) for key, whose in answers.items()}
    return {
        f"{place[0]}/{place[1]}": _sorted(place, found[place], asked.get(place, ()))
        for place in {*found, *asked}
    }


def _sorted(place: _Place, kinds: list[Kind], answers: tuple[tuple[str, int], ...]) -> Awaited:
    kinds.sort(key=lambda one: (one.aggregate.value, one.state))
    return Awaited(*place, tuple(kinds), answers=answers)


async def told(source: Database | Tx, *keys: str) -> dict[str, Awaited]:
    """As it was told last: of all places, or of these."""
    cursor = source.collection(TOLD).find({"_id": {"$in": sorted(keys)}} if keys else {})
    return {
        row["_id"]: _awaited.validate_python({k: v for k, v in row.items() if k != "_id"})
        async for row in cursor
    }


async def keep(tx: Tx, one: Awaited) -> None:
    await tx.collection(TOLD).replace_one(
        {"_id": one.key}, {"_id": one.key, **plain(one)}, upsert=True
    )


def _grouped(by: str = "", state: Any = "$state") -> Document:
    """A group for each place, state and, where asked for, value of a field."""
    place = {"commune": "$owner.commune", "sector": "$owner.sector", "state": state}
    return {"$group": {"_id": {**place, "by": by}, "n": {"$sum": 1}}}


_WAITING: Document = {"$match": {"state": {"$in": [state.value for state in DECIDED_ON]}}}
# Who may not decide: the officials among its editors, and who checked it.
_MAKERS: list[Document] = [
    _WAITING,
    {
        "$project": {
            "owner": 1,
            "state": 1,
            "who": {
                "$cond": [
                    {"$eq": ["$state", State.SUBMITTED.value]},
                    "$editors",
                    {"$concatArrays": ["$editors", ["$checked_by"]]},
                ]
            },
        }
    },
    {"$unwind": "$who"},
    {"$match": {"who.facility_id": ""}},
    _grouped("$who.account_id"),
]
_BACK: list[Document] = [
    {"$match": {"state": State.DRAFT.value, "reason": {"$ne": ""}}},
    _grouped("$owner.facility_id", {"$literal": SENT_BACK}),
]
_ANSWERS: list[Document] = [
    {"$match": UNANSWERED},
    {"$project": {"owner": "$sender"}},
    _grouped("$owner.facility_id", {"$literal": "answer"}),
]


async def _by(
    db: Database, name: str, pipeline: list[Document]
) -> dict[tuple[str, str, str], dict[str, int]]:
    """By commune, sector and state, and within that by what the pipeline groups by."""
    found: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    async for row in await db.collection(name).aggregate(pipeline):
        key = row["_id"]
        found[key["commune"], key["sector"], key["state"]][key["by"]] = row["n"]
    return found

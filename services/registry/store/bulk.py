"""Many records written in one transaction with few calls; what `records` does for one."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pymongo import ReplaceOne

from services.registry.domain.codes import NUMBERS, generated
from services.registry.domain.records import Aggregate, Author
from services.registry.domain.words import fold
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document, to_document
from services.registry.store.records import VERSIONS, version_row
from shared.errors import EditConflict
from shared.mongo import Tx


@dataclass(frozen=True, slots=True)
class Written:
    """The states a record went through, each with the act that led there; the last one stays.

    `before` is the version that must still be there; 0 for a record that is new.
    """

    steps: tuple[tuple[AnyRecord, str], ...]
    before: int = 0

    @property
    def record(self) -> AnyRecord:
        return self.steps[-1][0]


async def write_all(
    tx: Tx, aggregate: Aggregate, written: Sequence[Written], *, by: Author
) -> None:
    """Insert and replace records with all their versions; raises EditConflict."""
    if not written:
        return
    rows = tx.collection(COLLECTIONS[aggregate])
    added = [to_document(one.record) for one in written if not one.before]
    if added:
        await rows.insert_many(added, ordered=False)
    changed = [
        ReplaceOne({"_id": one.record.id, "version": one.before}, to_document(one.record))
        for one in written
        if one.before
    ]
    if changed:
        result = await rows.bulk_write(changed, ordered=False)
        if result.matched_count != len(changed):
            raise EditConflict()
    await tx.collection(VERSIONS).insert_many(
        [
            version_row(record, act=act, by=by, reason="")
            for one in written
            for record, act in one.steps
        ],
        ordered=False,
    )


async def free_codes(tx: Tx, aggregate: Aggregate, prefix: str, count: int) -> list[str]:
    """Drawn identification codes that no record has; the unique index is the last judge."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {generated(prefix, secrets.randbelow(NUMBERS)) for _ in range(count - len(found))}
        cursor = tx.collection(COLLECTIONS[aggregate]).find(
            {"code": {"$in": list(drawn)}}, {"code": 1}
        )
        found |= drawn - {row["code"] async for row in cursor}
    return list(found)


async def named(tx: Tx, aggregate: Aggregate, names: Iterable[str]) -> list[AnyRecord]:
    """Records whose name is one of these but for capitals and accents."""
    folded = list({fold(name) for name in names})
    cursor = tx.collection(COLLECTIONS[aggregate]).find({"derived.name": {"$in": folded}})
    return [from_document(aggregate, row) async for row in cursor]

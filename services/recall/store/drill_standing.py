"""The figures of drills as they were last counted: all that pages read of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pymongo.errors import DuplicateKeyError

from services.recall.domain.drill_standing import Standing
from services.recall.store.newest import Reader
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

FIGURES: Final = "drill_figures"


async def keep(tx: Tx, drill_id: str, one: Standing) -> None:
    """Raises EditConflict where the first are kept by two at once."""
    kept: Document = {
        "at": one.at,
        "answers": one.answers,
        "took": one.took,
        "figures": one.figures,
        "minutes": list(one.minutes),
        "lots": list(one.lots),
    }
    try:
        await tx.collection(FIGURES).replace_one({"_id": drill_id}, kept, upsert=True)
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def of(reader: Reader, drill_id: str) -> Standing | None:
    """None where nobody has counted yet."""
    row = await reader.collection(FIGURES).find_one({"_id": drill_id})
    if row is None:
        return None
    same = {name: row[name] for name in ("at", "answers", "took", "figures")}
    return Standing(minutes=tuple(row["minutes"]), lots=tuple(row["lots"]), **same)


async def counted(db: Database, ids: Iterable[str]) -> dict[str, tuple[datetime, int, float]]:
    """When, with how many answers, and within how many seconds each was last counted."""
    wanted = {"_id": {"$in": list(ids)}}
    rows = db.collection(FIGURES).find(wanted, {"at": 1, "answers": 1, "took": 1})
    return {row["_id"]: (row["at"], row["answers"], row["took"]) async for row in rows}

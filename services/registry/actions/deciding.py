"""Many records checked or approved by one order: each its own transaction, refusals reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.registry.actions import review
from services.registry.actions.rights import RIGHTS
from services.registry.domain.imports import Import, Stage
from services.registry.domain.records import Aggregate, Record, State
from services.registry.sheets.contents import remark
from services.registry.store import records
from services.registry.store.codec import plain
from services.registry.store.imports import Row
from shared import audit
from shared.auth import Principal
from shared.errors import EditConflict, Forbidden, Kind, NotFound, Refusal
from shared.ids import now as present
from shared.mongo import Database, Document

# So many are chosen at once; more than can be looked at with care need several turns.
MAX_AT_ONCE: Final = 50


class TooManyChosen(Refusal):
    code = "too_many_chosen"
    kind = Kind.LIMIT
    message = "Mỗi lần chỉ quyết định tối đa {limit} bản ghi. Hãy bỏ chọn bớt."


class NothingChosen(Refusal):
    code = "nothing_chosen"
    kind = Kind.INVALID
    message = "Hãy chọn ít nhất một bản ghi."


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one of many: its new state, or why it was refused."""

    record_id: str
    record: Record[Any] | None = None
    refusal: Refusal | None = None


async def decide_many(
    aggregate: Aggregate,
    chosen: Sequence[tuple[str, int]],
    decision: str,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> list[Decided]:
    """Accept or publish records as they were seen, by (id, version); in the order given.

    Raises Forbidden for an account that may decide none of them, wherever they lie.
    """
    try:
        require_any(who, aggregate, decision)
    except Refusal as refusal:
        await audit.refused(db, who, f"{aggregate}.{decision}", "-", refusal)
        raise
    if not chosen:
        raise NothingChosen("chosen")
    if len(chosen) > MAX_AT_ONCE:
        too_many = TooManyChosen("chosen", limit=MAX_AT_ONCE)
        await audit.refused(db, who, f"{aggregate}.{decision}", "-", too_many)
        raise too_many
    act = review.accept if decision == "accept" else review.publish
    found = []
    for record_id, version in dict(chosen).items():
        try:
            record = await act(aggregate, record_id, version=version, who=who, now=now, db=db)
            found.append(Decided(record_id, record=record))
        except Refusal as refusal:
            found.append(Decided(record_id, refusal=refusal))
    return found


def require_any(who: Principal, aggregate: Aggregate, decision: str) -> None:
    """Raise NotFound for a decision that the kind does not have, Forbidden without the right."""
    rights = RIGHTS[aggregate]
    right = rights.check if decision == "accept" else rights.publish
    if not right:
        raise NotFound()
    if not who.may(right):
        raise Forbidden()


async def decide_row(db: Database, one: Import, row: Row) -> Document:
    """Check or publish what a row of an import wrote, unless it was changed since."""
    publishing = one.stage is Stage.PUBLISHING
    word = "published" if publishing else "accepted"
    try:
        record = await records.get(db, one.aggregate, row.record_id)
        if plain(record.content) != row.content:
            raise EditConflict()
        if _is_done(record, one, publishing=publishing):
            return {"decided": word, "refusal": None}
        act = review.publish if publishing else review.accept
        await act(
            one.aggregate,
            record.id,
            version=record.version,
            who=one.actor,
            now=present(),
            db=db,
        )
    except Refusal as refusal:
        said = remark("", refusal.code, refusal.message, **refusal.params)
        return {
            "decided": "refused",
            "refusal": {"column": "", "code": said.code, "text": dict(said.text)},
        }
    return {"decided": word, "refusal": None}


def _is_done(record: Record[Any], one: Import, *, publishing: bool) -> bool:
    """Done by this very order before the worker was interrupted."""
    if publishing:
        return record.state is State.PUBLISHED
    by = record.checked_by
    return (
        record.state is State.CHECKED and by is not None and by.account_id == one.actor.account_id
    )

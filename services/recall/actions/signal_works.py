"""A large maker's lots are judged anew page by page, each in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.recall.actions import signal_goods, signal_papers
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.store import signal_facts
from services.recall.store import signal_goods as goods
from services.recall.store import signal_works as store
from services.recall.store.signal_works import Work
from shared.mongo import Database, Tx, transact

AT_ONCE: Final = 10
# Of one work in a round; the others have their turn then.
PAGES: Final = 5


async def sweep(db: Database, turn: Turn | None = None) -> int:
    """How many works there were to go on with."""
    turn = turn or Turn()
    works = await store.some(db, AT_ONCE, turn.after)
    turn.took([one.id for one in works], AT_ONCE)
    await each_by_itself([_work_off(db, one) for one in works])
    return len(works)


async def _work_off(db: Database, one: Work) -> None:
    for _ in range(PAGES):
        after = await transact(db, lambda tx, one=one: _page(tx, one))  # type: ignore[misc]
        if not after:
            return
        one = replace(one, after=after)


async def _page(tx: Tx, one: Work) -> str:
    """Up to which id it is done; "" where nothing is left, or somebody else goes on with it."""
    ids = await _judged(tx, one)
    after = ids[-1] if ids else ""
    return after if await store.go_on(tx, one, after) else ""


async def _judged(tx: Tx, one: Work) -> Sequence[str]:
    size = signal_goods.PAGE
    if one.kind == "product":
        lots = await goods.lots_of(tx, [one.subject], after=one.after, most=size)
        await signal_goods.judge(tx, lots)
        return lots
    if one.kind == "moved":
        facts = await signal_facts.keys_after(tx, one.subject, one.after, most=size)
        await signal_facts.mark(tx, {key for keys in facts.values() for key in keys})
        return list(facts)
    if one.kind == "made":
        rows = await signal_facts.lots_from(tx, one.subject, one.first, after=one.after, most=size)
        await signal_facts.meet(tx, {one.subject, *(row["_id"] for row in rows)})
        await signal_papers.judge_made(tx, rows)
        return [row["_id"] for row in rows]
    stamped = await goods.lots_stamped(tx, one.subject, one.first, after=one.after, most=size)
    await signal_facts.meet(tx, {one.subject, *stamped})
    wanted = {**goods.of_lots(stamped), **goods.from_day(one.subject, one.first)}
    await signal_papers.hear_stamped(tx, await goods.days_stamped(tx, wanted))
    return stamped

"""Lots that were made while no food-safety paper of their facility held, as facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from services.recall.domain.signals.fact import Fact
from services.recall.domain.signals.papers import Paper, run_out
from services.recall.domain.signals.rules import LONGEST_DAYS
from services.recall.store import signal_facts as store
from services.recall.store import signal_goods, signal_works
from shared.contracts.registry import FacilityPublished
from shared.days import local_midnight, today
from shared.ids import now
from shared.mongo import Document, Tx


def told(event: FacilityPublished) -> list[Document]:
    """The food-safety papers of a passport, as they are kept."""
    return [
        {
            "number": one.number,
            "since": one.issued_on.isoformat(),
            "until": end.isoformat() if (end := one.holds_until or one.expires_on) else None,
        }
        for one in event.certificates
        if one.food_safety
    ]


# So many lots are judged in one transaction; a sweep goes on with more (actions/signal_works.py).
PAGE = 200


async def hear_lots(tx: Tx, lots: Sequence[Document]) -> None:
    """Newly told lots, by the papers of their facilities as far as these are known."""
    await judge_made(tx, lots)
    ids = [row["_id"] for row in lots]
    await hear_stamped(tx, await signal_goods.days_stamped(tx, signal_goods.of_lots(ids)))


async def judge_made(tx: Tx, lots: Sequence[Document]) -> None:
    """Lots by the day on which they were made."""
    known = await store.facilities(tx, {row["facility_id"] for row in lots})
    await _note(tx, lots, known)


async def hear_stamped(tx: Tx, days: Sequence[Document]) -> None:
    """Lots by the days on which stamps were activated for them."""
    known = await store.facilities(tx, {row["facility_id"] for row in days})
    lots = await store.lots(tx, {row["_id"] for row in days})
    told = ("version", "withdrawn")
    as_told = [{**row, **{n: lots.get(row["_id"], row).get(n, 0) for n in told}} for row in days]
    await _note(tx, as_told, known, stamped=True)


async def hear_facilities(
    tx: Tx, facilities: Iterable[Document], before: Mapping[str, Document]
) -> None:
    """Newly told papers, where they are others than before: of the lots that say something yet,
    those made after the first that came, went or changed."""
    oldest, room = (today() - timedelta(days=LONGEST_DAYS)).isoformat(), PAGE
    for row in facilities:
        old, new = before.get(row["_id"], {}).get("papers", []), row["papers"]
        begun = [one["since"] for one in (*old, *new) if one not in old or one not in new]
        ends = [one["until"] for one in (*old, *new) if one["until"]]
        if begun and ends:
            # Before any of them ran out there was nothing to tell.
            first = max(min(begun), min(ends), oldest)
            room -= await _anew(tx, row["_id"], first, room)


async def _anew(tx: Tx, facility_id: str, first: str, room: int) -> int:
    """Judge the facility's lots, or leave them to the sweep where there are more than that; how
    many were judged."""
    made = await store.number_from(tx, facility_id, first, most=room + 1)
    stamped = await signal_goods.number_stamped(tx, facility_id, first, most=room + 1)
    if made + stamped > room:
        await signal_works.add(tx, "made", facility_id, first)
        await signal_works.add(tx, "stamped", facility_id, first)
        return 0
    if made:
        await judge_made(tx, await store.lots_from(tx, facility_id, first, most=made))
    if stamped:
        wanted = signal_goods.from_day(facility_id, first)
        await hear_stamped(tx, await signal_goods.days_stamped(tx, wanted))
    return made + stamped


async def _note(
    tx: Tx,
    lots: Sequence[Document],
    facilities: Mapping[str, Document],
    *,
    stamped: bool = False,
) -> None:
    """A fact's version grows with either of what it follows from."""
    facts = [
        _fact(lot, facilities[lot["facility_id"]], stamped=stamped)
        for lot in lots
        if lot["facility_id"] in facilities
    ]
    await store.note_true(tx, facts, now=now())


def _fact(lot: Document, facility: Document, *, stamped: bool) -> Fact:
    """What was entered by mistake and taken back was never made."""
    day = date.fromisoformat(lot["produced_on"])
    paper = run_out([_paper(one) for one in facility.get("papers", ())], day)
    return Fact(
        id=f"activated:{lot['_id']}/{day}" if stamped else f"expired:{lot['_id']}",
        version=lot["version"] + facility["version"],
        kind="expired",
        at=local_midnight(day),
        event_id=lot["event_id"],
        active=paper is not None and not lot.get("withdrawn"),
        facility_id=lot["facility_id"],
        product_id=lot["product_id"],
        lot_id=lot["_id"],
        what="stamped" if stamped else "made",
        label=paper.number if paper else "",
        source=lot["_id"],
        over=(day - paper.until).days if paper and paper.until else 0,
    )


def _paper(row: Document) -> Paper:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    return Paper(row["number"], date.fromisoformat(row["since"]), until)

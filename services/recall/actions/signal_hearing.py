"""What others tell becomes facts of early warning, in whatever order and however often it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.recall.actions import signal_papers
from services.recall.domain.complaint import told_at
from services.recall.domain.signals.fact import Fact, suspects
from services.recall.domain.used import InputUse
from services.recall.store import complaints, signal_works, signals
from services.recall.store import signal_facts as store
from shared.contracts.recall import ComplaintAnswered
from shared.contracts.registry import FacilityPublished, InputUsed, LotPublished, LotTested
from shared.contracts.scan import ComplaintFiled, SuspicionPublished
from shared.days import local_day, local_midnight
from shared.ids import now
from shared.mongo import Document, Tx
from shared.spelling import fold

# A failed result counts while it waits for an official and once it is confirmed; not if allowed.
COUNTED = ("waiting", "confirmed")
UNFOUNDED = ("unfounded", "spam")
COPIED = ("suspected", "confirmed")


async def hear_tests(tx: Tx, events: Sequence[LotTested]) -> None:
    await store.meet(tx, {event.lot_id for event in events})
    known = await store.lots(tx, {event.lot_id for event in events})
    facts = [
        Fact(
            id=f"test:{event.subject}",
            version=event.version,
            kind="test",
            # The day of the sample is the same in every telling of the result.
            at=local_midnight(event.sampled_on),
            event_id=event.id,
            active=event.verdict == "failed" and event.decision in COUNTED,
            facility_id=event.facility_id,
            product_id=known.get(event.lot_id, {}).get("product_id", ""),
            lot_id=event.lot_id,
            what=" ".join(fold(event.parameter).split()),
            label=event.parameter,
            source=event.lot_id,
            inputs=_inputs(known.get(event.lot_id)),
        )
        for event in events
    ]
    await store.note(tx, facts, now=now())


async def hear_complaints(tx: Tx, events: Sequence[ComplaintFiled]) -> None:
    """Each by itself is kept no longer than the report that it tells of. What an official entered
    happened when they were told it, as its day to answer runs from then."""
    at = now()
    ids = {event.subject for event in events}
    await store.meet(tx, ids)
    nothing = await _unfounded(tx, ids, at)
    for event in events:
        if event.kept_until <= at:
            continue
        fact = Fact(
            id=f"complaint:{event.subject}",
            version=event.version,
            kind="complaint",
            at=told_at(event.filed_at, event.heard_on),
            event_id=event.id,
            active=event.subject not in nothing,
            facility_id=event.facility_id,
            product_id=event.product_id,
            lot_id=event.lot_id,
            commune=event.commune,
            what=event.kind,
            label=event.kind,
            stamp=_thing(event),
            source=event.subject,
            clerk=event.clerk,
        )
        await store.note(tx, [fact], now=at, until=event.kept_until)


async def hear_answers(tx: Tx, events: Sequence[ComplaintAnswered]) -> None:
    """What an official closed as unfounded or as no report at all tells of nothing."""
    ids = {event.subject for event in events if event.state == "closed"}
    await store.meet(tx, ids)
    nothing = await _unfounded(tx, ids, now())
    await store.take_back(tx, [f"complaint:{one}" for one in nothing])


async def _unfounded(tx: Tx, ids: Iterable[str], at: datetime) -> set[str]:
    found = await complaints.some(tx, sorted(ids), at)
    return {one.id for one in found if one.state == "closed" and one.outcome in UNFOUNDED}


def _thing(event: ComplaintFiled) -> str:
    """However many write about one stamp: it is one thing that went wrong. What nobody scanned is
    named by who reports alone, goods, lot and place: whatever they name, a day's reports are one.
    What an official was told and entered stands for itself, but for what else they entered."""
    if event.batch:
        return f"{event.batch}/{event.serial}"
    return "" if event.origin == "official" else f"none/{local_day(event.filed_at)}"


async def hear_copies(tx: Tx, events: Sequence[SuspicionPublished]) -> None:
    """What is held back counts for nothing: rules doubt it themselves (scan's ADR 21)."""
    facts = [
        Fact(
            id=f"copy:{event.subject}",
            version=event.version,
            kind="copy",
            at=local_midnight(date.fromisoformat(event.day)),
            event_id=event.id,
            active=event.state in COPIED,
            facility_id=event.facility_id,
            product_id=event.product_id,
            lot_id=event.lot_id,
            what=event.state,
            label=event.state,
            stamp=event.subject,
            source=event.subject,
        )
        for event in events
    ]
    await store.note(tx, facts, now=now())


async def hear_lots(tx: Tx, events: Sequence[LotPublished]) -> None:
    """What was used on a lot tells what its results may have in common with others'."""
    await store.meet(tx, {id_ for one in events for id_ in (one.subject, one.facility_id)})
    newer = await store.put_lots(tx, [_lot(event) for event in events])
    await signal_papers.hear_lots(tx, newer)
    known = {row["_id"]: row for row in newer}
    facts = await store.of_lots(tx, known)
    await store.note_again(
        tx,
        [_of_lot(one, known[one.lot_id]) for one in facts if one.kind == "test"],
    )


async def hear_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    """Where a facility lies says who sees its signals."""
    await store.meet(tx, {event.subject for event in events})
    before = await store.facilities(tx, {event.subject for event in events})
    newer = await store.put_places(tx, [_place(event) for event in events])
    moved = [row for row in newer if _where(row) != _where(before.get(row["_id"], {}))]
    for row in moved:
        await _mark_facts(tx, row["_id"])
        await signals.move(tx, row["_id"], row["commune"], row["sector"])
    await signal_papers.hear_facilities(tx, newer, before)


async def _mark_facts(tx: Tx, facility_id: str) -> None:
    facts = await store.keys_after(tx, facility_id, most=signal_papers.PAGE + 1)
    if len(facts) > signal_papers.PAGE:
        await signal_works.add(tx, "moved", facility_id)
        return
    await store.mark(tx, {key for keys in facts.values() for key in keys})


def _of_lot(fact: Fact, lot: Document) -> Fact:
    return replace(fact, inputs=_inputs(lot), product_id=lot["product_id"])


def _inputs(lot: Document | None) -> tuple[str, ...]:
    return tuple(lot["suspects"]) if lot else ()


def _where(row: Document) -> tuple[object, object]:
    return row.get("commune"), row.get("sector")


def _lot(event: LotPublished) -> Document:
    return {
        "_id": event.subject,
        "version": event.version,
        "facility_id": event.facility_id,
        "product_id": event.product_id,
        "event_id": event.id,
        "produced_on": event.produced_on.isoformat(),
        "withdrawn": event.status == "withdrawn",
        "suspects": sorted({name for used in event.used for name in _names(used)}),
    }


def _names(used: InputUsed) -> Iterable[str]:
    use = InputUse(
        key=used.key,
        kind=used.kind,
        name=used.name,
        active_substance=used.active_substance,
        lot_number=used.lot_number,
        first=used.first,
        last=used.last,
    )
    return suspects(use.names)


def _place(event: FacilityPublished) -> Document:
    return {
        "_id": event.subject,
        "version": event.version,
        "commune": event.commune,
        "sector": event.sector,
        "papers": signal_papers.told(event),
    }

"""How much was made, sent off and stamped of each lot, and at what temperature it was kept, as
facts of early warning; in whatever order it is told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from services.recall.actions import signal_papers
from services.recall.domain.amounts import Made
from services.recall.domain.signals.balance import Excess, excess
from services.recall.domain.signals.fact import SHIPMENTS, Fact
from services.recall.store import signal_facts, signal_works
from services.recall.store import signal_goods as store
from shared.contracts.registry import (
    LotPublished,
    ProductPublished,
    ShipmentPublished,
    TemperatureMeasured,
)
from shared.contracts.stamps import IntervalsChanged
from shared.days import local_day
from shared.ids import now
from shared.mongo import Document, Tx

# These moved nothing.
IDLE = ("planned", "cancelled")
ACTIVATE = "activate"
# So many lots are judged in one transaction; a sweep goes on with more (actions/signal_works.py).
PAGE = 200


async def hear_lots(tx: Tx, events: Sequence[LotPublished]) -> None:
    rows = [
        {
            "_id": event.subject,
            "version": event.version,
            "facility_id": event.facility_id,
            "product_id": event.product_id,
            "quantity": str(event.quantity),
            "unit": event.unit_name or event.unit,
            "kilograms": None if event.kilograms is None else str(event.kilograms),
            "withdrawn": event.status == "withdrawn",
            "kept_until": store.gone_after(event.produced_on),
        }
        for event in events
    ]
    await signal_facts.meet(tx, {event.product_id for event in events})
    await judge(tx, {row["_id"] for row in await store.put(tx, store.MADE, rows)})


async def hear_products(tx: Tx, events: Sequence[ProductPublished]) -> None:
    """What one package holds says how many stamps a lot that is weighed can take. Stamps are on
    packages of before, too: the lightest that a product ever had counts."""
    ids = {event.subject for event in events}
    await signal_facts.meet(tx, ids)
    before = await store.contents(tx, ids)
    for event in events:
        await store.note_content(tx, event.subject, event.version, event.content_kilograms)
    after = await store.contents(tx, ids)
    other = [id_ for id_ in ids if _lightest(after.get(id_)) != _lightest(before.get(id_))]
    lots = await store.lots_of(tx, other, most=PAGE + 1)
    if len(lots) <= PAGE:
        await judge(tx, lots)
        return
    for id_ in other:
        await signal_works.add(tx, "product", id_)


def _lightest(content: Document | None) -> Decimal | None:
    return min(map(Decimal, content["held"]), default=None) if content else None


async def hear_shipments(tx: Tx, events: Sequence[ShipmentPublished]) -> None:
    """A lot that was taken out of a shipment is judged anew as well."""
    rows = [_sent(event) for event in events]
    lots = await store.lots_sent(tx, [row["_id"] for row in rows])
    lots |= {id_ for row in rows for id_ in row["lot_ids"]}
    await signal_facts.meet(tx, lots)
    await store.put(tx, store.SENT, rows)
    await judge(tx, lots)


async def hear_stamps(tx: Tx, events: Sequence[IntervalsChanged]) -> None:
    """Stamps that were activated: how many for each lot, and whether a paper held on that day."""
    told = [event for event in events if event.change == ACTIVATE and event.lot]
    newer = await store.put(tx, store.STAMPED, [_stamped(event) for event in told])
    lots = {row["lot_id"] for row in newer}
    await signal_facts.meet(tx, lots | {row["facility_id"] for row in newer})
    await judge(tx, lots)
    await signal_papers.hear_stamped(tx, await store.days_stamped(tx, store.of_lots(lots)))


async def hear_temperatures(tx: Tx, events: Sequence[TemperatureMeasured]) -> None:
    """Of what lies within bounds, or has none, nothing is kept."""
    await signal_facts.note_true(tx, [_measured(event) for event in events], now=now())


async def judge(tx: Tx, lots: Iterable[str]) -> None:
    """The balances of these lots, by all that is told of them."""
    ids = set(lots)
    await signal_facts.meet(tx, ids)
    made = await store.made(tx, ids)
    held = await store.contents(tx, {row["product_id"] for row in made.values()})
    sent, stamped = await store.sent(tx, made), await store.stamped(tx, made)
    facts = []
    for lot in made.values():
        moves = [
            (row, line)
            for row in sent
            for line in row["lots"]
            if line["lot_id"] == lot["_id"] and row["from"] == lot["facility_id"]
        ]
        content = held.get(lot["product_id"], {})
        facts.append(_balance(lot, moves, stamped.get(lot["_id"], {}), content))
    await signal_facts.note_now(tx, facts, now=now())


def _balance(
    lot: Document, moves: Sequence[tuple[Document, Document]], stamped: Document, content: Document
) -> Fact:
    weight = lot["kilograms"]
    made = Made(
        lot["_id"], Decimal(lot["quantity"]), lot["unit"], Decimal(weight) if weight else None
    )
    gone = [(_left(line), line["unit"]) for row, line in moves if row["status"] not in IDLE]
    found = excess(made, gone, stamped.get("count", 0), _lightest(content))
    latest = max(
        [(row["at"], row["event_id"]) for row, _ in moves]
        + ([(stamped["at"], stamped["event_id"])] if stamped else []),
        default=(lot["kept_until"] - store.KEPT, ""),
    )
    return Fact(
        id=f"balance:{lot['_id']}",
        version=1,
        kind="balance",
        at=latest[0],
        event_id=latest[1],
        active=found is not None and not lot["withdrawn"],
        facility_id=lot["facility_id"],
        product_id=lot["product_id"],
        lot_id=lot["_id"],
        what=found.what if found else "",
        label=_said(found) if found else "",
        source=lot["_id"],
        over=found.percent if found else 0,
    )


def _said(found: Excess) -> str:
    return f"{found.said.normalize():f} / {found.made.normalize():f} {found.unit}"


def _left(line: Document) -> Decimal:
    return Decimal(line["quantity"]) - Decimal(line["returned"])


def _sent(event: ShipmentPublished) -> Document:
    at: datetime = event.sent_at or event.received_at or event.time
    return {
        "_id": event.subject,
        "version": event.version,
        "event_id": event.id,
        "from": event.from_facility_id,
        "status": event.status,
        "at": at,
        "lot_ids": sorted({lot.lot_id for lot in event.lots}),
        "lots": [
            {
                "lot_id": lot.lot_id,
                "quantity": str(lot.quantity),
                "unit": lot.unit_name or lot.unit,
                "returned": str(lot.returned),
            }
            for lot in event.lots
        ],
        "kept_until": store.kept_until(at),
    }


def _stamped(event: IntervalsChanged) -> Document:
    return {
        "_id": f"{event.batch}/{event.version}",
        "version": 1,
        "event_id": event.id,
        "lot_id": event.lot,
        "facility_id": event.facility_id,
        "product_id": event.product_id,
        "day": local_day(event.time).isoformat(),
        "at": event.time,
        "count": event.count,
        "kept_until": store.kept_until(event.time),
    }


def _measured(event: TemperatureMeasured) -> Fact:
    low, high, found = event.lowest, event.highest, event.celsius
    under = low - found if low is not None else Decimal(0)
    above = found - high if high is not None else Decimal(0)
    over = max(under, above, Decimal(0))
    place = f"stock/{event.lot_id}?facility_id={event.facility_id}"
    return Fact(
        id=f"temperature:{event.subject}",
        version=event.version,
        kind="temperature",
        at=event.at,
        event_id=event.id,
        active=over > 0 and not event.struck,
        facility_id=event.facility_id,
        product_id=event.product_id,
        lot_id=event.lot_id,
        what=event.step,
        label=f"{found:f} °C ({_bounds(low, high)})",
        source=f"{SHIPMENTS}{event.shipment_id}" if event.shipment_id else place,
        over=float(over),
    )


def _bounds(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return "" if high is None else f"≤ {high:f} °C"
    return f"≥ {low:f} °C" if high is None else f"{low:f}–{high:f} °C"

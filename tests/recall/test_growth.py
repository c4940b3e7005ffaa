"""Cases grow to exactly what a fresh trace would reach, for every kind of target and any order."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.recall import store
from services.recall.actions import growth, orders
from services.recall.actions.orders import Asked
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Cap, Kind
from services.recall.graph.graph import Graph
from services.recall.graph.links import Walk
from services.recall.store import (
    areas,
    cases,
    certificates,
    facts,
    genealogy,
    kept,
    tracing,
)
from services.recall.store.newest import Reader
from shared.auth import Principal
from shared.contracts.event import Event
from shared.contracts.registry import (
    Certificate,
    FacilityPublished,
    GrowingAreaPublished,
    InputUsed,
    LotPublished,
)
from shared.errors import Refusal
from shared.ids import now
from shared.messaging import consumer
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.recall import builders

FACILITIES = ("f0", "f1", "f2", "f3")
PLACES = (("07001", "agriculture"), ("07002", "agriculture"), ("07001", "health"))
START = date(2025, 9, 1)
# Names as people mean them, and what each is on a lot: key, substance, number of the package.
USES = (
    ("abamectin-1-8ec", "Abamectin", "A1"),
    ("abamectin-1-8ec", "Abamectin", "A2"),
    ("thuoc la", "Đồng + Abamectin", ""),
    ("cam tom", "", "A1"),
)
INPUTS = (
    ("abamectin-1-8ec", ""),
    ("abamectin-1-8ec", "a 1"),
    ("substance:abamectin", ""),
    ("substance:dong", ""),
    ("cam tom", ""),
)
NO_CAP = Cap(10**9, 10**9)


def day(number: int) -> date:
    return START + timedelta(days=number)


def official(**where: Any) -> Principal:
    tier, kinds = where.pop("tier", "department"), where.pop("kinds", {"approve"})
    given = {"communes": ("*",), "sector": "*", "fresh_until": 2**40, **where}
    return Principal("a", "A", tier, frozenset(kinds), "u", "s", **given)


PROVINCE = official()
ASKERS = (
    PROVINCE,
    official(sector="agriculture"),
    official(communes=("07001",), tier="commune"),
    official(communes=("07002",), tier="commune", sector="agriculture"),
    official(facility_id="f0", communes=(), tier="facility", kinds={"system"}),
)


def facility(chance: Random, name: str, version: int) -> FacilityPublished:
    commune, sector = chance.choice(PLACES)
    paper = Certificate(
        kind="vietgap", number="VG-01/25", issuer="C", issued_on=day(5), expires_on=day(20)
    )
    return builders.facility(
        name, commune=commune, sector=sector, version=version, certificates=(paper,)
    )


def used(chance: Random) -> tuple[InputUsed, ...]:
    found = []
    for key, substance, number in chance.sample(USES, chance.choice((0, 0, 1, 2))):
        first = chance.randint(0, 25)
        found.append(
            InputUsed(
                key=key,
                kind="pesticide",
                name=key,
                active_substance=substance,
                lot_number=number,
                first=day(first),
                last=day(first + chance.choice((0, 0, 6))),
            )
        )
    return tuple(found)


def lot(chance: Random, number: int, version: int) -> LotPublished:
    """Made from any others, itself among them: what people write down may be a circle."""
    names = [f"l{one}" for one in range(10)]
    return builders.lot(
        f"l{number}",
        FACILITIES[number % 4],
        chance.choice(("p0", "p1")),
        inputs=tuple(chance.sample(names, chance.choice((0, 0, 1, 1, 2)))),
        produced_on=day(chance.randint(0, 29)),
        version=version,
        growing_area_id=chance.choice(("", "a0", "a1")),
        used=used(chance),
    )


def target(chance: Random) -> Target:
    kind = chance.choice([one for one in TargetKind if one not in ("batch", "stamps")])
    since = day(chance.randint(0, 15)) if chance.random() < 0.5 else None
    until = day(chance.randint(15, 29)) if chance.random() < 0.5 else None
    match kind:
        case TargetKind.LOT:
            return Target(kind, f"l{chance.randint(0, 9)}")
        case TargetKind.PRODUCT:
            return Target(kind, chance.choice(("p0", "p1")), since=since, until=until)
        case TargetKind.AREA:
            return Target(kind, chance.choice(("a0", "a1")), since=since, until=until)
        case TargetKind.INPUT:
            name, number = chance.choice(INPUTS)
            return Target(kind, name, since=since, until=until, number=number)
        case TargetKind.CERTIFICATE:
            return Target(kind, "f1", since=since, until=until, number="vg-01/25")
        case _:
            return Target(kind, chance.choice(FACILITIES[:3]), since=since, until=until)


@dataclass
class Model:
    """What was told, the newest of each, and a plain search over it."""

    lots: dict[str, LotPublished] = field(default_factory=dict)
    facilities: dict[str, FacilityPublished] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        for event in events:
            known: dict[str, Any] = (
                self.lots if isinstance(event, LotPublished) else self.facilities
            )
            if event.subject not in known or known[event.subject].version < event.version:
                known[event.subject] = event

    def named(self, aim: Target, who: Principal) -> set[str]:
        return {id_ for id_, lot in self.lots.items() if self._is_meant(lot, aim, who)}

    def reached(self, start: Iterable[str]) -> set[str]:
        found = set(start)
        while True:
            more = {id_ for id_, lot in self.lots.items() if found.intersection(lot.inputs)} - found
            if not more:
                return found
            found |= more

    def _is_meant(self, lot: LotPublished, aim: Target, who: Principal) -> bool:
        since, until = aim.since or date.min, aim.until or date.max
        made = since <= lot.produced_on <= until
        match aim.kind:
            case TargetKind.LOT:
                return lot.subject == aim.id
            case TargetKind.PRODUCT:
                return made and lot.product_id == aim.id
            case TargetKind.FACILITY:
                return made and lot.facility_id == aim.id
            case TargetKind.AREA:
                return made and lot.growing_area_id == aim.id
            case TargetKind.CERTIFICATE:
                first, last = aim.since or day(5), aim.until or day(20)
                return lot.facility_id == aim.id and max(first, day(5)) <= lot.produced_on <= last
            case _:
                return self._lies_with(lot, who) and any(
                    self._means(one, aim) and one.first <= until and since <= one.last
                    for one in lot.used
                )

    @staticmethod
    def _means(use: InputUsed, aim: Target) -> bool:
        if aim.number and use.lot_number != "A1":
            return False
        if not aim.id.startswith("substance:"):
            return use.key == aim.id
        word = {"substance:abamectin": "Abamectin", "substance:dong": "Đồng"}[aim.id]
        return word in use.active_substance

    def _lies_with(self, lot: LotPublished, who: Principal) -> bool:
        if who.facility_id:
            return lot.facility_id == who.facility_id
        at = self.facilities.get(lot.facility_id)
        if at is None:
            return who is PROVINCE
        return ("*" in who.communes or at.commune in who.communes) and (
            who.sector in ("*", at.sector)
        )


@pytest.fixture(scope="module")
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of recall looks after."""
    found = Database(settings.mongo_url, settings.database("growth"), "recall")
    await consumer.prepare(found)
    await store.prepare(found)
    yield found
    await found.close()


async def take(db: Database, events: Sequence[Event]) -> None:
    """As recall's queues do."""

    async def work(tx: Tx) -> None:
        if places := [one for one in events if isinstance(one, FacilityPublished)]:
            await growth.take_in_facilities(tx, places)
            await certificates.note_certificates(tx, places)
        if lots := [one for one in events if isinstance(one, LotPublished)]:
            await growth.take_in(tx, lots)

    await transact(db, work)


async def known_from_the_start(db: Database, chance: Random, model: Model) -> None:
    for name in await db.handle.list_collection_names():
        await db.collection(name).delete_many({})
    products = [builders.product(name, "f0") for name in ("p0", "p1")]
    grown = [
        GrowingAreaPublished(
            subject=name, version=1, time=builders.AT, facility_id="f0", code=name.upper(),
            name=f"Vùng {name}", crop="Vải", commune="07001", commune_name="Phường 1",
        )
        for name in ("a0", "a1")
    ]  # fmt: skip

    async def work(tx: Tx) -> None:
        await facts.note_products(tx, products)
        await areas.note_areas(tx, grown)

    await transact(db, work)
    first = [facility(chance, name, 1) for name in FACILITIES[:3]]
    await take(db, first)
    model.take(first)


async def ordered(db: Database, aim: Target, who: Principal) -> str | None:
    """The id of a new case; "" where the target has one, None where there is nothing to order."""
    asked = Asked(Kind.RECALL, aim, "Lý do", "Việc cần làm")
    nothing = (
        *("target_not_found", "target_empty", "target_without_lots"),
        "certificate_without_lots",
    )
    try:
        case = await orders.order_recall(asked, who=who, cap=NO_CAP, key=None, db=db, at=now())
    except Refusal as refusal:
        if refusal.code not in (*nothing, "target_already_recalled"):
            raise
        return None if refusal.code in nothing else ""
    return case.id


@effort(max_examples=25)
@example(228)
@given(st.integers(0, 2**32))
async def test_a_case_holds_what_a_fresh_trace_would_reach_whatever_came_when(
    db: Database, seed: int
) -> None:
    """Lots and facilities come in any order and more than once, in several versions; orders come in
    between. What a fresh trace reaches is in, and what was in stays."""
    chance, model = Random(seed), Model()
    await known_from_the_start(db, chance, model)
    told: list[Event] = [
        lot(chance, n, v) for n in range(10) for v in range(1, chance.randint(2, 4))
    ]
    told += [facility(chance, name, v) for name in FACILITIES for v in (2, 3)]
    told += chance.sample(told, len(told) // 3)
    chance.shuffle(told)
    standing: dict[str, tuple[Target, Principal, set[str]]] = {}
    meant: set[tuple[str, Principal]] = set()
    while told:
        if chance.random() < 0.4:
            aim = target(chance)
            who = chance.choice(ASKERS) if aim.kind is TargetKind.INPUT else PROVINCE
            if (aim.key, who) not in meant:
                named = model.named(aim, who)
                case_id = await ordered(db, aim, who)
                by_lots = aim.is_by_lots or aim.has_period or aim.kind is TargetKind.LOT
                assert (case_id is not None) == (bool(named) or not by_lots), (aim, who, named)
                if case_id:
                    meant.add((aim.key, who))
                    standing[case_id] = (aim, who, model.reached(named))
        batch = [told.pop() for _ in range(min(len(told), chance.randint(1, 3)))]
        await take(db, batch)
        # Facilities come first, as in recall's queue: a lot may lie in the area for a moment only.
        for kind in (FacilityPublished, LotPublished):
            model.take(one for one in batch if isinstance(one, kind))
            for case_id, (aim, who, before) in standing.items():
                expected = model.reached(before | model.named(aim, who))
                standing[case_id] = (aim, who, expected)
        for case_id, (aim, who, expected) in standing.items():
            assert set((await cases.get(db, case_id)).lots) == expected, (aim, who)


async def test_a_case_grows_again_and_again_by_the_area_that_it_is_about(db: Database) -> None:
    chance, model = Random(1), Model()
    await known_from_the_start(db, chance, model)
    await take(db, [builders.lot("x0", "f0", "p0", growing_area_id="a0", produced_on=day(3))])
    case_id = await ordered(db, Target(TargetKind.AREA, "a0", since=day(1)), PROVINCE)
    assert case_id is not None
    for number in range(1, 4):
        one = builders.lot(
            f"x{number}", "f0", "p0", growing_area_id="a0", produced_on=day(number + 3)
        )
        await take(db, [one])
    case = await cases.get(db, case_id)
    assert set(case.lots) == {"x0", "x1", "x2", "x3"}
    assert case.version == 4, "each growth is a version of its own"


async def test_a_lot_told_anew_is_not_traced_again_for_the_case_that_it_is_in(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, model = Random(1), Model()
    await known_from_the_start(db, chance, model)
    await take(db, [builders.lot("x0", "f0", "p0"), builders.lot("x1", inputs=("x0",))])
    case_id = await ordered(db, Target(TargetKind.LOT, "x0"), PROVINCE)
    assert case_id is not None
    traced: list[set[str]] = []
    downstream = tracing.downstream

    async def watched(reader: Reader, roots: Iterable[Lot]) -> tracing.Trace:
        named = list(roots)
        traced.append({lot.id for lot in named})
        return await downstream(reader, named)

    monkeypatch.setattr(tracing, "downstream", watched)
    await take(db, [builders.lot("x0", "f0", "p0", version=2)])
    await take(db, [builders.lot("x1", inputs=("x0",), version=2)])
    assert traced == []
    await take(db, [builders.lot("x2", inputs=("x1",)), builders.lot("x0", "f0", version=3)])
    assert traced == [{"x2"}]
    assert set((await cases.get(db, case_id)).lots) == {"x0", "x1", "x2"}


async def test_memory_is_not_walked_for_a_transaction_that_sees_more_than_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(db, [builders.lot("m0", "f0", "p0"), builders.lot("m1", inputs=("m0",))])
    memory = kept.of(db)
    await memory._load()
    monkeypatch.setattr(tracing, "LARGE", 0)
    walked: list[int] = []
    down = Graph.down

    def watched(graph: Graph, roots: Iterable[int], most: int = 0) -> Walk:
        if not most:
            walked.append(1)
        return down(graph, roots, most)

    monkeypatch.setattr(Graph, "down", watched)

    async def arriving(tx: Tx) -> set[str]:
        await genealogy.arrive(tx)
        roots = (await genealogy.lots(tx, ["m0"])).values()
        return set((await tracing.downstream(tx, roots)).steps)

    assert await transact(db, arriving) == {"m0", "m1"}
    assert walked == []

    async def deciding(tx: Tx) -> set[str]:
        roots = (await genealogy.lots(tx, ["m0"])).values()
        return set((await tracing.downstream(tx, roots)).steps)

    assert await transact(db, deciding) == {"m0", "m1"}
    assert walked == [1], "at the turn that it stands at, memory answers"

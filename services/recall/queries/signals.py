"""Signals of early warning with the names of what they are about, for officials in scope."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.recall.actions.signals import DECIDE, READ, is_about_area, seen_by, sees
from services.recall.domain.signals.fact import part_of, shipment_of
from services.recall.domain.signals.rules import SEVERITIES, Rule, rules
from services.recall.domain.signals.signal import DECIDED, STATES, Signal
from services.recall.domain.target import Lot
from services.recall.domain.used import called
from services.recall.store import facts as names_of
from services.recall.store import genealogy, shipments, signal_facts
from services.recall.store import signals as store
from shared.auth import Principal, Scope, require
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database, Document

ON_TOP: Final = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What facilities, products, lots, communes and shipments are called, by id; unknown ones are
    left out."""

    facilities: dict[str, str]
    products: dict[str, str]
    lots: dict[str, str]
    communes: dict[str, str]
    shipments: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A signal with its facts in the asker's area; `elsewhere` counts those that are not, `whole`
    says that there are no places beyond it. `input` is what the input is called; `reach` are the
    facilities in the asker's area, whose reports and lots are theirs to open."""

    signal: Signal
    names: Names
    input: str
    whole: bool
    elsewhere: int = 0
    reach: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to; "" is any. Words that say nothing narrow nothing."""

    state: str = ""
    rule: str = ""
    severity: str = ""
    commune: str = ""

    def wanted(self) -> list[Document]:
        parts: list[Document] = []
        if self.rule in rules():
            parts.append({"rule": self.rule})
        if self.severity in SEVERITIES:
            parts.append({"severity": self.severity})
        return parts


@dataclass(frozen=True, slots=True)
class Used:
    """A rule with what became of its signals in the asker's area. `dismissed` of `decided` were
    for nothing; one that fell away by itself is in neither."""

    rule: Rule
    raised: int
    open: int
    decided: int
    dismissed: int
    subsided: int

    @property
    def precision(self) -> float | None:
        """The share of the decided ones that were not dismissed; None before any was decided."""
        return (self.decided - self.dismissed) / self.decided if self.decided else None


async def listed(
    who: Principal, asked: Narrowed, *, db: Database, page: int, size: int = store.PAGE_SIZE
) -> tuple[list[Row], dict[str, int], int]:
    """A page, what happened last first; how many in each state; how many in this."""
    own = {"$and": [_own(who, asked.commune), *asked.wanted()]}
    counted = await store.numbers(db, own)
    numbers = dict.fromkeys(map(str, STATES), 0)
    for (_, state), number in counted.items():
        numbers[state] += number
    known = asked.state in STATES
    wanted = {"$and": [own, {"state": asked.state}]} if known else own
    found = await store.listed(db, wanted, page, size)
    total = numbers[asked.state] if known else sum(numbers.values())
    return await _rows(who, found, db), numbers, total


async def open_on_top(who: Principal, *, db: Database) -> tuple[list[Row], int]:
    """The first few that wait for a decision, and how many there are; none for whoever may not
    read them."""
    if who.facility_id is not None or not who.may(READ):
        return [], 0
    rows, _, total = await listed(who, Narrowed(state="open"), db=db, page=1, size=ON_TOP)
    return rows, total


async def communes(who: Principal, *, db: Database) -> list[tuple[str, str]]:
    """Codes and names of those in the asker's area that some signal touches, by name."""
    found = {
        code
        for code in await store.communes(db, _own(who))
        if "*" in who.communes or code in who.communes
    }
    known = await names_of.commune_names(db, found)
    return sorted(((code, known.get(code, code)) for code in found), key=lambda one: one[1])


async def one(who: Principal, signal_id: str, *, db: Database) -> Row:
    """Raises NotFound, also for what touches nothing in the asker's area."""
    require(who, READ)
    found = await store.get(db, signal_id)
    for place in seen_by(who, found):
        if place.facility_id and sees(who, place):
            require(who, READ, Scope(place.facility_id, place.commune, place.sector))
    [row] = await _rows(who, [found], db)
    return row


async def by_rule(who: Principal, *, db: Database) -> list[Used]:
    """Every rule, in the order of the file, with how often it was right."""
    counted = await store.numbers(db, _own(who))
    found = []
    for rule in rules().values():
        by = {state: counted.get((rule.key, state), 0) for state in STATES}
        found.append(
            Used(
                rule,
                raised=sum(by.values()),
                open=by["open"],
                decided=sum(by[state] for state in DECIDED),
                dismissed=by["dismissed"],
                subsided=by["subsided"],
            )
        )
    return found


async def since(db: Database) -> datetime:
    return await signal_facts.watched_since(db)


async def words_for_order(who: Principal, signal_id: str, *, db: Database) -> str:
    """What an order that comes of it begins with; "" where there is no such signal to see."""
    try:
        row = await one(who, signal_id, db=db) if signal_id else None
    except (NotFound, Forbidden):
        return ""
    return begun(row) if row else ""


def begun(row: Row) -> str:
    """What is suspected, in the words of the rule: a beginning for what the official writes, in
    Vietnamese as all that is on record."""
    rule, signal = row.signal.rule, row.signal
    about = ", ".join(part for part in (signal.label, row.input) if part)
    name = rule.name.vi if rule else signal.rule_key
    return f"{name}{': ' + about if about else ''}."


def may_decide(who: Principal, row: Row) -> bool:
    rule = row.signal.rule
    its_tier = rule is None or who.tier in rule.tiers
    return who.may(DECIDE) and row.whole and its_tier and row.signal.is_open


def _own(who: Principal, commune: str = "") -> Document:
    require(who, READ)
    if who.facility_id is not None:
        raise OutOfReach()
    return store.visible_to(who, commune)


async def _rows(who: Principal, signals: Sequence[Signal], db: Database) -> list[Row]:
    """With the names of all of them, asked for together."""
    parts = [_part(who, one) for one in signals]
    lots = await genealogy.lots(db, sorted(_lots(signals)))
    names = await _names(db, signals, parts, lots)
    return [
        Row(
            part,
            names,
            _input(signal, lots),
            whole=len(part.places) == len(signal.places),
            elsewhere=len(signal.facts) - len(part.facts),
            reach=frozenset(one.facility_id for one in part.places if sees(who, one)),
        )
        for signal, part in zip(signals, parts, strict=True)
    ]


def _part(who: Principal, signal: Signal) -> Signal:
    """Its facts and places in the asker's area; all of them where it is about that area."""
    if is_about_area(who, signal):
        return signal
    here = tuple(place for place in signal.places if sees(who, place))
    mine = {(place.facility_id, "" if place.facility_id else place.commune) for place in here}
    facts = tuple(
        fact
        for fact in signal.facts
        if (fact.facility_id, "" if fact.facility_id else fact.commune) in mine
    )
    return replace(signal, facts=facts, places=here)


def _lots(signals: Sequence[Signal]) -> set[str]:
    """Lots that are named, and some that tell what an input is called."""
    found = {part_of(one.key, "lot_id") for one in signals}
    return (found | {fact.lot_id for one in signals for fact in one.facts}) - {""}


async def _names(
    db: Database, signals: Sequence[Signal], parts: Sequence[Signal], lots: dict[str, Lot]
) -> Names:
    facts = [fact for one in parts for fact in one.facts]
    places = [place for one in parts for place in one.places]

    def named(part: str) -> set[str]:
        return {part_of(one.key, part) for one in signals}

    facility_ids = {place.facility_id for place in places} | named("facility_id")
    product_ids = {lot.product_id for lot in lots.values()} | named("product_id")
    product_ids |= {fact.product_id for fact in facts}
    communes = {place.commune for place in places} | {fact.commune for fact in facts}
    communes |= named("commune")
    facilities = await names_of.facilities(db, facility_ids - {""})
    products = await names_of.products(db, product_ids - {""})
    return Names(
        {id_: one.name for id_, one in facilities.items()},
        {id_: one.name for id_, one in products.items()},
        {id_: one.code for id_, one in lots.items()},
        await names_of.commune_names(db, communes - {""}),
        await shipments.codes(db, {shipment_of(fact) for fact in facts} - {""}),
    )


def _input(signal: Signal, lots: dict[str, Lot]) -> str:
    """What its input is called by most who used it on the lots that are asked for."""
    name = part_of(signal.key, "input")
    if not name:
        return ""
    asked = {fact.lot_id for fact in signal.facts} & lots.keys()
    return called(name, [use for id_ in sorted(asked) for use in lots[id_].used])

"""Events in any order, repeated at will, come to the same: in memory and in the read models."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain import aggregates
from services.scan.domain.aggregates import (
    HOLDS,
    NOTICES,
    PARTS,
    PUBLISHERS,
    stop_reason,
    withdrawal,
)
from services.scan.domain.verdict import NO_LINK, same_case
from services.scan.hearing.envelope import Envelope, open_one
from services.scan.hearing.feeds import Feeds
from services.scan.hearing.projection import apply
from services.scan.knowing.confirm import Confirmer
from services.scan.knowing.lookup import Lookup
from services.scan.knowing.memory import Memory
from services.scan.knowing.scanner import Scanner
from services.scan.settings import ScanSettings
from services.scan.store import models
from shared.contracts.event import Event, encode
from shared.contracts.registry import FacilityResumed, FacilityStopped, ProductWithdrawn
from shared.ids import now
from shared.mongo import Database
from tests.scan.world import World, facility, hold, lot, notice, product, segment

SETTINGS = ScanSettings()
# Nothing here reads of it.
DATABASE = Database("mongodb://127.0.0.1:1", "unread", "scan")


def history() -> list[Event]:
    """A made-up past in which everything changes several times; versions ascend per subject."""
    events: list[Event] = []
    for version in range(1, 9, 3):
        events += [
            facility("f", version, name=f"Cơ sở {version}"),
            FacilityStopped(subject="f", version=version + 1, time=now(), reason="Ngừng"),
            FacilityResumed(subject="f", version=version + 2, time=now()),
        ]
    for version in range(1, 5):
        events.append(lot("l", "p", "f", version, code=f"L{version}"))
        events.append(segment(7, "f", "p", [(0, 9, "l", "active")], version))
        events.append(hold("h", "facility", "f", version, active=version % 2 == 1))
        # Recall, lift, recall, lift.
        events.append(notice("c", version, active=version % 2 == 1, lots=("l", f"x{version}")))
    events.append(product("p", "f", 1))
    events.append(
        ProductWithdrawn(subject="p", version=2, time=now(), facility_id="f", reason="Sai nhãn")
    )
    events.append(product("p", "f", 3))
    return events


def numbered(events: list[Event]) -> list[Envelope]:
    """As they come from the three feeds, each with its own numbers."""
    heads: dict[str, int] = {}
    envelopes = []
    for event in events:
        heads[event.publisher] = heads.get(event.publisher, 0) + 1
        body = encode(event.model_copy(update={"number": heads[event.publisher]}))
        envelopes.append(open_one(body))
    return envelopes


HISTORY = numbered(history())
# Urgent ones are sent ahead of their numbers as well; whatever comes so changes nothing twice.
AHEAD = [msgspec.structs.replace(envelope, number=0) for envelope in HISTORY]


def remembering(order: list[Envelope]) -> Memory:
    """A replica that had everything in its first version, and then heard `order`."""
    memory = Memory(SETTINGS)
    for envelope in HISTORY:
        part = PARTS[envelope.type]
        cached = part.name == "published" and part.collection not in (HOLDS, NOTICES)
        if cached and envelope.version == 1:
            document = {"published": aggregates.to_document(envelope.event())}
            memory.admit(part.collection, envelope.subject, document)
    for envelope in order:
        memory.apply(envelope, "bus")
    return memory


def state(memory: Memory) -> dict[str, Any]:
    passports = {
        (collection, key): {name: part.version for name, part in (cache.get(key) or {}).items()}
        for collection, cache in memory.passports.items()
        for key in list(cache)
    }
    segments = {
        key: found.version for key in memory.segments if (found := memory.segments.get(key))
    }
    facility_now = memory.passports["facilities"].get("f") or {}
    product_now = memory.passports["products"].get("p") or {}
    return {
        "passports": passports,
        "segments": segments,
        "standing": sorted(memory.board.standing()),
        "versions": memory.board.versions(),
        "taken": {publisher: taken.ranges for publisher, taken in memory.taken.items()},
        "stopped": stop_reason(facility_now),
        "withdrawn": withdrawal(product_now),
        "told": {key: told.version for key, told in memory.told.items()},
    }


IN_ORDER = state(remembering(HISTORY))


@given(st.randoms(use_true_random=False), st.integers(0, 20))
def test_memory_ends_alike_in_any_order_and_with_any_repeats(
    dice: random.Random, repeats: int
) -> None:
    order = HISTORY + dice.choices(HISTORY + AHEAD, k=repeats)
    dice.shuffle(order)
    assert state(remembering(order)) == IN_ORDER


def test_a_notice_sent_ahead_of_its_number_is_shown_but_not_ticked_off() -> None:
    told: list[str] = []
    memory = Memory(SETTINGS, lambda notice, by: told.append(by))
    recall = next(e for e in HISTORY if e.subject == "c/1" and e.version == 1)
    memory.apply(msgspec.structs.replace(recall, number=0), "bus")
    assert len(memory.board.standing()) == 1
    assert memory.taken["recall"].highest == 0
    memory.apply(recall, "feed")
    assert memory.taken["recall"].highest == recall.number
    assert told == ["bus"]


def test_only_what_stands_against_stamps_is_heeded_ahead_of_its_number() -> None:
    memory = remembering([e for e in AHEAD if PARTS[e.type].collection not in (HOLDS, NOTICES)])
    assert state(memory) == state(remembering([]))


@given(st.randoms(use_true_random=False))
def test_what_is_kept_of_a_stamp_is_what_would_be_made_of_it_anew(dice: random.Random) -> None:
    memory = remembering([])
    confirmer = Confirmer(memory, Feeds(dict.fromkeys(PUBLISHERS, "http://127.0.0.1:1")))
    lookup = Lookup(memory, confirmer, DATABASE)
    kept = Scanner(memory, confirmer, lookup)
    for envelope in dice.choices(HISTORY + AHEAD, k=25):
        memory.apply(envelope, "bus")
        if dice.random() < 0.2:
            confirmer.genealogy_to += 1
            memory.generation += 1
        fresh = Scanner(memory, confirmer, lookup)
        for serial in (0, 9, 10):
            found = kept.peek(7, serial) or kept._know(7, serial, NO_LINK)
            anew = fresh._know(7, serial, NO_LINK)
            assert (found.confirmed, found.unconfirmed) == (anew.confirmed, anew.unconfirmed)
            if found.case is None or anew.case is None:
                assert found.case is anew.case
            else:
                assert same_case(found.case, anew.case)


def test_what_was_made_of_a_stamp_outlives_changes_that_do_not_concern_it() -> None:
    memory = remembering(HISTORY)
    confirmer = Confirmer(memory, Feeds(dict.fromkeys(PUBLISHERS, "http://127.0.0.1:1")))
    scanner = Scanner(memory, confirmer, Lookup(memory, confirmer, DATABASE))
    known = scanner._know(7, 3, NO_LINK)
    elsewhere, here = notice("d", lots=("another",)), notice("e", lots=("l",))
    for number, event in enumerate((elsewhere, here), HISTORY[-1].number + 1):
        memory.apply(open_one(encode(event.model_copy(update={"number": number}))), "bus")
        found = scanner.peek(7, 3)
        assert (found is known) == (event is elsewhere)


def test_in_order_the_past_above_ends_with_everything_lifted() -> None:
    assert IN_ORDER["standing"] == []
    assert IN_ORDER["stopped"] is None
    assert IN_ORDER["withdrawn"] is None
    assert IN_ORDER["segments"] == {"7/0": 4}


@pytest.mark.parametrize("seed", range(8))
async def test_read_models_end_alike_in_any_order_and_with_any_repeats(
    world: World, seed: int
) -> None:
    db = Database(world.settings.mongo_url, f"{world.settings.db_prefix}_scan_order_{seed}", "scan")
    dice = random.Random(seed)
    order = HISTORY + dice.choices(HISTORY, k=10)
    dice.shuffle(order)
    while order:
        batch, order = order[:7], order[7:]
        await apply(db, batch)
    newest: dict[tuple[str, str, str], int] = {}
    for envelope in HISTORY:
        part = PARTS[envelope.type]
        key = (part.collection, envelope.subject, part.name)
        newest[key] = max(newest.get(key, 0), envelope.version)
    for (collection, subject, name), version in newest.items():
        document = await models.find(db, collection, subject)
        assert document is not None
        assert document[name]["version"] == version
    assert await models.projected(db) == {"registry": 16, "stamps": 8, "recall": 4}
    await db.close()


def test_a_repeat_after_months_does_not_bring_a_lifted_recall_back() -> None:
    memory = Memory(SETTINGS)
    recall, lift = (e for e in HISTORY if e.subject == "c/1" and e.version in (1, 2))
    for envelope in (recall, lift, recall):
        memory.apply(envelope, "bus")
    assert memory.board.standing() == {}


def test_what_cannot_be_read_is_not_ticked_off() -> None:
    memory = Memory(SETTINGS)
    broken = msgspec.structs.replace(HISTORY[-1], type="recall.notice_published.v1")
    with pytest.raises(ValueError, match="title"):
        memory.apply(broken, "feed")
    assert memory.taken["recall"].highest == 0

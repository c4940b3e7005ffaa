"""A chain is open as far as whoever gave the goods said so, link by link back to the maker."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.word_given import Link, chain_of, holders
from tests.answers import ok, refused
from tests.registry.conftest import Registry
from tests.registry.test_received import delivered

C = "/console/registry"


class Word(StrEnum):
    """What the sender of a receipt has said."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    DISOWNED = "disowned"


@dataclass(frozen=True)
class Way:
    """One link: the word of its sender, and whether its receiver made another lot of the goods or
    passed the same ones on."""

    word: Word
    makes: bool


def read_by_the_last(ways: list[Way]) -> tuple[set[int], set[int]]:
    """Facilities 0, 1, 2 … of a chain: whose lots the last one reads, and whose it may read."""
    lots = [0]
    links = {"0": Link("0", ())}
    moves: dict[str, list[tuple[str, str]]] = {"0": []}
    for index, way in enumerate(ways):
        if way.word is Word.CONFIRMED:
            moves[str(lots[-1])].append((str(index), str(index + 1)))
        if way.makes:
            links[str(index + 1)] = Link(str(index + 1), (str(lots[-1]),))
            moves[str(index + 1)] = []
            lots.append(index + 1)
    confirmed = {
        (key, one) for key, link in links.items() for one in holders(link.facility_id, moves[key])
    }
    last, holder = lots[-1], len(ways)
    root_open = (str(last), str(holder)) in confirmed
    found = chain_of(str(last), links, confirmed)
    seen = {int(key) for key in found.steps} | {last} if root_open else set()
    allowed = {
        maker
        for maker in lots
        if all(way.word is Word.CONFIRMED for way in ways[maker:])
    }  # fmt: skip
    return seen, allowed


@pytest.mark.parametrize("facilities", [3, 4])
def test_the_last_of_every_chain_reads_back_to_the_first_word_that_is_missing(
    facilities: int,
) -> None:
    links = [Way(word, makes) for word in Word for makes in (True, False)]
    tried = 0
    for ways in product(links, repeat=facilities - 1):
        seen, allowed = read_by_the_last(list(ways))
        assert seen == allowed, ways
        tried += 1
    assert tried == 6 ** (facilities - 1)


@given(
    words=st.lists(st.sampled_from(Word), min_size=1, max_size=9),
    extra=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12),
)
def test_no_lot_is_open_unless_a_way_of_confirmed_links_leads_to_it(
    words: list[Word], extra: set[tuple[int, int]]
) -> None:
    """Facility n makes lot n of what came from n - 1, and by further ways from others."""
    count = len(words) + 1
    ways = {(n, n + 1) for n in range(len(words))} | {
        (low, high) for low, high in extra if low < high < count
    }
    confirmed = {(str(low), str(high)) for low, high in ways if words[high - 1] is Word.CONFIRMED}
    links = {
        str(n): Link(str(n), tuple(str(low) for low, high in sorted(ways) if high == n))
        for n in range(count)
    }
    found = chain_of(str(count - 1), links, confirmed, reader=str(count - 1))
    reached, new = {str(count - 1)}, {str(count - 1)}
    while new:
        new = {low for low, high in confirmed if high in new} - reached
        reached |= new
    assert set(found.steps) == reached - {str(count - 1)}
    named = {str(low) for low, high in ways if high == count - 1}
    assert set(found.leaves) == named - set(found.steps)
    assert found.gaps == {
        str(high) for low, high in ways
        if str(high) in reached and (str(low), str(high)) not in confirmed
    }  # fmt: skip


def test_goods_are_confirmed_only_back_to_whoever_made_them() -> None:
    assert holders("a", [("b", "c"), ("a", "b")]) == {"a", "b", "c"}
    assert holders("a", [("b", "c"), ("c", "b")]) == {"a"}, "two that vouch for each other"


@pytest.fixture(scope="module")
async def grower(registry: Registry) -> dict[str, Any]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    source = await registry.a_lot(facility["id"], product["id"])
    lot = await registry.a_lot(facility["id"], product["id"], inputs=[source["id"]])
    return {"id": facility["id"], "source": source, "lot": lot}


async def receipt_of(registry: Registry, lot_id: str, receiver: str) -> str:
    body = {"lot": lot_id, "quantity": "30", "unit": "kg", "at": "2026-08-22T08:00:00+07:00",
            "place": "Cửa hàng"}  # fmt: skip
    return str(ok(await registry.post("/receipts", body, registry.operator(receiver)), 201)["id"])


async def test_what_was_made_of_an_unconfirmed_receipt_opens_nothing_to_the_next_receiver(
    registry: Registry, grower: dict[str, Any]
) -> None:
    packer = await registry.a_facility(kinds=["packing"])
    receipt = await receipt_of(registry, grower["lot"]["id"], packer["id"])
    product = await registry.a_product(packer["id"])
    made = await registry.a_lot(packer["id"], product["id"], inputs=[grower["lot"]["id"]])
    shop = await registry.a_facility(kinds=["shop"])
    await delivered(registry, made, packer["id"], shop)
    buyer, browser = registry.operator(shop["id"]), registry.browser(registry.operator(shop["id"]))
    hidden = [grower[which][key] for which in ("lot", "source") for key in ("id", "code")]
    addresses = (f"/received/{made['id']}", f"/lots/{made['id']}/genealogy")
    texts = [(await registry.get(path, buyer)).text for path in addresses]
    texts += [(await browser.get(f"{C}{path}")).text for path in addresses]
    texts.append((await registry.get(f"/received/{made['id']}/events", buyer)).text)
    texts.append((await browser.get(f"{C}/lots/{made['id']}/epcis.json")).text)
    for text in texts:
        assert not [word for word in hidden if word in text]
    found = ok(await registry.get(f"/received/{made['id']}", buyer))
    assert (found["told"], found["lot"]["unconfirmed"], found["before"]) == (True, True, 0)
    assert found["lot"]["stages"], "its own maker's diary is open"
    for page in texts[2:4]:
        assert "Bước trước chưa được xác nhận" in page
    # The packer knows what it named, and nothing beyond; officials know all.
    own = ok(await registry.get(f"/lots/{made['id']}/genealogy", registry.operator(packer["id"])))
    assert [one["id"] for one in own["items"] if one["step"] < 0] == [grower["lot"]["id"]]
    whole = ok(await registry.get(f"/lots/{made['id']}/genealogy", registry.checker()))
    assert whole["before"] == 2
    sender = registry.operator(grower["id"])
    ok(await registry.post(f"/shipments/{receipt}/acknowledge", {}, sender))
    found = ok(await registry.get(f"/received/{made['id']}", buyer))
    assert (found["before"], found["lot"]["unconfirmed"]) == (2, False)
    assert grower["source"]["code"] in (await browser.get(f"{C}/received/{made['id']}")).text


async def test_goods_of_an_unconfirmed_receipt_that_are_passed_on_open_no_diary(
    registry: Registry, grower: dict[str, Any]
) -> None:
    lot = grower["lot"]["id"]
    agent = await registry.a_facility(kinds=["shop"])
    receipt = await receipt_of(registry, lot, agent["id"])
    shop = await registry.a_facility(kinds=["shop"])
    buyer = registry.operator(shop["id"])
    await delivered(registry, grower["lot"], agent["id"], shop)
    for reader in (buyer, registry.operator(agent["id"])):
        found = ok(await registry.get(f"/received/{lot}", reader))
        assert (found["told"], found["before"], found["lot"]["stages"]) == (False, 0, [])
        events = ok(await registry.get(f"/received/{lot}/events", reader))
        steps = {one["bizStep"] for one in events["epcisBody"]["eventList"]}
        assert "commissioning" not in steps, "the maker's diary"
    page = (await registry.browser(buyer).get(f"{C}/received/{lot}")).text
    assert "hàng này đến từ bên giao cho bạn" in page
    assert grower["source"]["code"] not in page
    sender = registry.operator(grower["id"])
    why = {"reason": "Chưa từng giao cho đại lý này"}
    ok(await registry.post(f"/shipments/{receipt}/disown", why, sender))
    refused(
        await registry.get(f"/received/{lot}", registry.operator(agent["id"])), 404, "not_found"
    )
    found = ok(await registry.get(f"/received/{lot}", buyer))
    assert (found["told"], found["lot"]["stages"]) == (False, [])
    await delivered(registry, grower["lot"], grower["id"], shop)
    found = ok(await registry.get(f"/received/{lot}", buyer))
    assert (found["told"], found["before"]) == (True, 1), "by a way that is whole"

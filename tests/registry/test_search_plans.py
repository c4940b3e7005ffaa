"""No list and no search reads a whole collection: the server itself says by which index it went."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.registry.store import markets, trace_events
from services.registry.store.codec import COLLECTIONS
from services.registry.store.shipments import SHIPMENTS, UNANSWERED
from services.registry.store.trace_events import Wanted
from services.registry.store.transformations import TRANSFORMATIONS
from shared.auth import Principal
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.test_transformations import body, used
from tests.registry.test_transformations import made as output
from tests.tokens import bearer

PUBLIC = (
    "/", "/products", "/products?q=na", "/products?q=Na+Đông+Triều", "/products?category=lychee",
    "/products?group=fruit", "/products?ocop=4", "/products?ocop=any", "/products?key=1",
    "/products?sort=new", "/products?sort=stars&group=fruit", "/products?q=fruit&sort=new", "/news",
    f"/products?commune={builders.COMMUNE}", "/products?q=na&ocop=any&page=2", "/products/groups",
    f"{API}/published/products?q=na&sort=new", f"{API}/published/facilities?kind=packing",
    f"{API}/published/growing-areas?kind=growing", f"{API}/published/lots",
    "/facilities", "/facilities?q=doi+nang", "/facilities?kind=packing",
    f"/facilities?commune={builders.COMMUNE}", "/facilities?sector=agriculture&q=htx",
)  # fmt: skip
CONSOLE = (
    "", "/{word}", "/{word}?q=na", "/{word}?q=Đồi Nắng", "/{word}?state=submitted",
    "/{word}?waiting=check", "/{word}?waiting=publish", "/{word}?waiting=back",
    "/{word}?waiting=draft", "/{word}?quality=worst", "/{word}?quality=low",
    "/{word}?facility_id={facility}", "/products/new?q=doi",
)  # fmt: skip
WORDS = ("facilities", "products", "growing-areas", "lots")


@pytest.fixture(scope="module")
async def facility(registry: Registry) -> str:
    """Something of every kind, of more than one facility."""
    made = [await registry.a_facility() for _ in range(2)]
    for one in made:
        product = await registry.a_product(one["id"])
        await registry.published("growing-areas", builders.growing_area(facility_id=one["id"]))
        lot = await registry.a_lot(one["id"], product["id"])
        split = body("split", [used(lot["id"], "2")], [output("1"), output("1")])
        ok(await registry.post("/transformations", split, registry.operator(one["id"])), 201)
    await registry.entered("products", builders.product(facility_id=made[0]["id"]),
                           registry.clerk())  # fmt: skip
    return str(made[0]["id"])


async def scans(registry: Registry, addresses: list[tuple[str, str]]) -> dict[str, list[str]]:
    """For each address, the collections that were read as a whole for it."""
    handle = registry.db.handle
    found: dict[str, list[str]] = {}
    looked_at = 0
    for address, token in addresses:
        await handle.command("profile", 2)
        async with registry.browser(token) as browser:
            headers = bearer(token) if token else {}
            answer = await browser.get(address, headers=headers)
        assert answer.status_code == 200, (address, answer.status_code)
        await handle.command("profile", 0)
        rows: list[dict[str, Any]] = await handle["system.profile"].find({}).to_list(None)
        await handle.drop_collection("system.profile")
        looked_at += len(rows)
        names = (*COLLECTIONS.values(), TRANSFORMATIONS)
        kept = {f"{handle.name}.{name}" for name in names}
        for row in rows:
            if row["ns"] in kept and "COLLSCAN" in row.get("planSummary", ""):
                found.setdefault(address, []).append(f"{row['ns']} {row.get('command')}"[:300])
    assert looked_at > len(addresses), "the profiler saw nothing"
    return found


async def test_no_public_list_reads_a_whole_collection(registry: Registry, facility: str) -> None:
    assert await scans(registry, [(address, "") for address in PUBLIC]) == {}


async def test_no_list_of_the_console_or_the_api_reads_a_whole_collection(
    registry: Registry, facility: str
) -> None:
    people = (
        registry.operator(facility),
        registry.checker(),
        registry.approver(),
        registry.token("department", "approve", sector="agriculture"),
    )
    asked = []
    days = "since=2026-08-01&until=2026-08-31"
    of_all = ("/awaiting", "/transformations", "/transformations?kind=split")
    own = (
        f"/transformations?{days}",
        f"/transformations?facility_id={facility}",
        f"/gatherings?facility_id={facility}",
    )
    for token in people:
        asked += [(f"{API}{path}", token) for path in (*of_all, *own)]
        for word in WORDS:
            for path in CONSOLE:
                address = "/console/registry" + path.format(word=word, facility=facility)
                if "new?q" not in address or token in people[2:]:
                    asked.append((address, token))
            asked.append((f"{API}/{word}?q=na", token))
            asked.append((f"{API}/{word}?state=draft&page=1", token))
    assert await scans(registry, list(dict.fromkeys(asked))) == {}


async def test_a_page_of_a_list_is_read_from_its_index_and_not_sorted(
    registry: Registry, facility: str
) -> None:
    products = registry.db.collection("products")
    listed = {"derived.listed": True, "owner.active": True}
    orders: tuple[tuple[dict[str, Any], list[tuple[str, int]]], ...] = (
        (listed, [("derived.public_name", 1), ("_id", 1)]),
        ({}, [("updated_at", -1), ("_id", -1)]),
        ({"owner.facility_id": facility}, [("updated_at", -1), ("_id", -1)]),
        ({"state": "submitted"}, [("updated_at", 1), ("_id", 1)]),
        ({"owner.commune": builders.COMMUNE}, [("updated_at", -1), ("_id", -1)]),
    )
    for wanted, order in orders:
        plan = await products.find(wanted).sort(order).limit(20).explain()
        assert '"SORT"' not in str(plan["queryPlanner"]["winningPlan"]).replace("'", '"'), wanted


async def test_receipts_without_an_answer_are_found_without_reading_every_shipment(
    registry: Registry, facility: str
) -> None:
    plan = await registry.db.collection(SHIPMENTS).find(UNANSWERED).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


PLACES, EVENTS = 20, 4_000


@pytest.fixture(scope="module")
async def events(registry: Registry) -> str:
    """Trace events of many communes: every third of a drug, every seventh in a hamlet."""
    rows = []
    for number in range(EVENTS):
        words = ["xa", f"lo{number}"]
        words += ["thuoc"] if number % 3 == 0 else []
        words += ["doi"] if number % 7 == 0 else []
        rows.append(
            {
                "_id": f"plan-{number}/e",
                **dict.fromkeys(("source", "kind", "facility", "place", "code", "name"), "x"),
                **dict.fromkeys(("quantity", "unit"), ""),
                "of": f"plan-{number}",
                "step": "input" if number % 3 == 0 else "harvesting",
                "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
                "facility_id": f"plan-facility-{number % 400}",
                "commune": f"plan-{number % PLACES}",
                "sector": "agriculture",
                "words": words,
            }
        )
    await registry.db.collection(trace_events.TRACE).insert_many(rows)
    return "plan-3"


def official(*communes: str) -> Principal:
    return Principal(
        account_id="a", name="A", tier="province", kinds=frozenset({"check"}), unit_id="u",
        session_id="s", communes=communes,
    )  # fmt: skip


async def read_for(registry: Registry, who: Principal, wanted: Wanted) -> tuple[int, int, bool]:
    """How many events were found on the first page, read for it, and whether they were sorted."""
    handle = registry.db.handle
    await handle.command("profile", 2)
    found, _ = await trace_events.search(registry.db, who, wanted)
    await handle.command("profile", 0)
    name = f"{handle.name}.{trace_events.TRACE}"
    rows = handle["system.profile"].find({"ns": name, "op": "query"})
    told: list[dict[str, Any]] = await rows.to_list(None)
    await handle.drop_collection("system.profile")
    assert told, "the profiler saw nothing"
    return (
        len(found),
        sum(row["docsExamined"] for row in told),
        any(row.get("hasSortStage", False) for row in told),
    )


# In one commune 200 events, 66 of them of the drug, 10 of those in the hamlet.
NARROWED = (
    (("plan-3",), Wanted(text="thuốc Đồi"), 70),
    (("plan-3", "plan-4"), Wanted(text="thuốc Đồi"), 140),
    (("plan-3",), Wanted(text="thuốc Đồi", step="input"), 70),
    (("plan-3",), Wanted(text="thuốc Đồi", step="harvesting"), 20),
    (("*",), Wanted(text="thuốc Đồi", step="harvesting"), 390),
    (("*",), Wanted(text="thuốc Đồi"), 26 * 7),
    (("*",), Wanted(text="lo17"), 1),
    (("*",), Wanted(text="xã Đồi", facility_id="plan-facility-7"), 10),
    (
        ("*",),
        Wanted(
            text="thuốc Đồi",
            since=datetime(2026, 1, 2, tzinfo=UTC),
            until=datetime(2026, 1, 2, 3, tzinfo=UTC),
        ),
        60,
    ),
)


@pytest.mark.parametrize(("communes", "wanted", "most"), NARROWED)
async def test_a_search_of_trace_events_reads_little_more_than_it_finds(
    registry: Registry, events: str, communes: tuple[str, ...], wanted: Wanted, most: int
) -> None:
    found, read, is_sorted = await read_for(registry, official(*communes), wanted)
    assert read <= most, (found, read)
    assert not is_sorted
    # The drug is never used at a harvest: nothing is found, and of 571 in hamlets 381 are harvests.
    assert (found > 0) is (wanted.step != "harvesting")


async def test_counting_what_ends_reads_no_record_without_an_acceptance(
    registry: Registry, facility: str
) -> None:
    handle = registry.db.handle
    await handle.command("profile", 2)
    await markets.counts(registry.db, official("*"), date(2026, 9, 1))
    await handle.command("profile", 0)
    names = [f"{handle.name}.{name}" for name in markets.HOLDERS.values()]
    told = await handle["system.profile"].find({"ns": {"$in": names}}).to_list(None)
    await handle.drop_collection("system.profile")
    accepted = 0
    for name in markets.HOLDERS.values():
        accepted += await handle[name].count_documents({"published.markets.0": {"$exists": True}})
    assert told
    assert all(row["docsExamined"] <= accepted for row in told), told

"""Trace events are found by word, step, facility and day, in scope, and without sorting."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.registry.store import trace_events
from services.registry.store.trace_events import TRACE, Wanted
from services.registry.workers import trace_fill
from shared.auth import Principal
from shared.ids import new_id
from tests.answers import ok, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


async def found(registry: Registry, token: str, **asked: Any) -> list[dict[str, Any]]:
    """All pages of a search."""
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        query = "&".join(f"{key}={value}" for key, value in {**asked, "after": after}.items())
        page = ok(await registry.get(f"/events?{query}", token))
        rows += page["items"]
        after = page["next"]
        if not after:
            return rows


async def test_a_published_diary_is_found_by_its_words_and_a_draft_is_not(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    number = f"VS{new_id()[-8:]}"
    sprayed = {**builders.pesticide("2026-07-01"), "lot_number": number}
    code = new_id()[-12:]
    entries = [sprayed, builders.entry("harvesting", "2026-08-20", quantity="1200", unit="kg")]
    body = builders.lot(farm["product"], code=code, entries=entries)
    lot = await registry.entered("lots", body, operator)
    assert await found(registry, operator, q=number) == []
    await registry.carried_through("lots", lot["id"], operator)
    [event] = await found(registry, operator, q=f"abamectin {number}")
    assert (event["step"], event["kind"], event["code"]) == ("input", "pesticide", code)
    assert (event["source"], event["of"]) == ("lot", lot["id"])
    assert await found(registry, operator, q=f"emamectin {number}") == []
    [harvest] = await found(registry, operator, q=code, step="harvesting")
    assert harvest["quantity"] == "1200"
    days = {"since": "2026-08-20", "until": "2026-08-20"}
    assert [e["step"] for e in await found(registry, operator, q=code, **days)] == ["harvesting"]


async def test_events_are_seen_in_scope_only(registry: Registry, farm: dict[str, str]) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    code = lot["code"]
    assert await found(registry, registry.checker(), q=code)
    assert await found(registry, registry.checker(builders.OTHER_COMMUNE), q=code) == []
    assert await found(registry, registry.operator(new_id()), q=code) == []


async def test_an_entry_that_is_gone_is_found_no_more(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    before = await found(registry, operator, q=lot["code"])
    assert [event["step"] for event in before].count("packing") == 1
    record = await registry.record("lots", lot["id"])
    packing = next(e for e in record["published"]["entries"] if e["step"] == "packing")
    gone = f"/lots/{lot['id']}/entries/{packing['id']}/remove"
    ok(await registry.post(gone, {"version": record["version"]}, operator))
    await registry.carried_through("lots", lot["id"], operator)
    after = await found(registry, operator, q=lot["code"])
    assert [event["step"] for event in after].count("packing") == 0
    assert len(after) == len(before) - 1


async def test_transformations_and_sales_are_events_and_a_cancelled_act_is_none(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    lot = await registry.a_lot(farm["id"], farm["product"])
    codes = [new_id()[-12:] for _ in range(2)]
    split = {
        "kind": "split",
        "at": "2026-08-22T08:00:00+07:00",
        "place": "Kho Đồi Nắng",
        "given": [{"lot": lot["id"], "quantity": "10", "unit": "kg"}],
        "made": [{"code": code, "quantity": "5", "unit": "kg"} for code in codes],
    }
    act = ok(await registry.post("/transformations", split, operator), 201)
    lines = [{"lot": lot["id"], "quantity": "5", "unit": "kg"}]
    sale = {"end": "sale", "place": "Sạp số 5", "lines": lines}
    ok(await registry.post("/shipments", sale, operator), 201)
    assert [e["of"] for e in await found(registry, operator, q=codes[1])] == [act["id"]]
    steps = {event["step"] for event in await found(registry, operator, q=lot["code"])}
    assert {"split", "sale", "harvesting"} <= steps
    english = registry.browser(operator, **{"Accept-Language": "en"})
    page = (await english.get(f"/console/registry/events?q={codes[1]}")).text
    assert "Split" in page
    assert "Chia lô" not in page
    ok(await registry.post(f"/transformations/{act['id']}/cancel", {"reason": "Nhầm"}, operator))
    assert await found(registry, operator, q=codes[1]) == []


async def test_pages_follow_one_another_without_gap_or_double(
    registry: Registry, farm: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_events, "PAGE_SIZE", 3)
    place = f"Bãi{new_id()[-8:]}"
    entries = [builders.entry("storing", "2026-08-20", place=f"Kho {place}") for _ in range(8)]
    entries.append(builders.entry("harvesting", "2026-08-20", place=f"Vườn {place}"))
    await registry.a_lot(farm["id"], farm["product"], entries=entries)
    rows = await found(registry, registry.operator(farm["id"]), q=place)
    assert len(rows) == len({row["id"] for row in rows}) == 9
    assert rows == sorted(rows, key=lambda row: (row["at"], row["id"]), reverse=True)


async def test_what_was_recorded_before_there_were_rows_is_written_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    rows = registry.db.collection(TRACE)
    known = [row async for row in rows.find({"of": lot["id"]}).sort("_id", 1)]
    assert len(known) == 4
    await rows.delete_many({"of": lot["id"]})
    await registry.db.collection("locks").delete_many({"_id": {"$regex": "^trace_fill"}})
    for source, (collection, follow) in trace_fill.SOURCES.items():
        await trace_fill._fill(registry.db, source, collection, follow)
    assert [row async for row in rows.find({"of": lot["id"]}).sort("_id", 1)] == known


def stages_of(plan: dict[str, Any]) -> Iterator[str]:
    """Every stage of a query's plan."""
    if "stage" in plan:
        yield plan["stage"]
    for value in plan.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from stages_of(one)


SHAPES: dict[str, tuple[dict[str, Any], Wanted]] = {
    "everything": ({}, Wanted()),
    "a facility": ({"facility": "f-1"}, Wanted()),
    "a commune": ({"communes": [builders.COMMUNE]}, Wanted()),
    "a commune's harvests": ({"communes": [builders.COMMUNE]}, Wanted(step="harvesting")),
    "a step": ({}, Wanted(step="input")),
    "a word": ({}, Wanted(text="abamectin")),
    "two words of a commune": ({"communes": [builders.COMMUNE]}, Wanted(text="abamectin doi")),
    "a facility's days": (
        {},
        Wanted(facility_id="f-1", since=datetime(2026, 8, 1, tzinfo=UTC)),
    ),
}


@pytest.mark.parametrize("shape", list(SHAPES))
async def test_no_search_reads_all_or_sorts(
    registry: Registry, farm: dict[str, str], shape: str
) -> None:
    await registry.a_lot(farm["id"], farm["product"])
    claims, wanted = SHAPES[shape]
    token = (
        registry.operator("f-1")
        if "facility" in claims
        else registry.checker(*claims.get("communes", ["*"]))
    )
    who: Principal = await registry.app.state.verifier.verify(token)
    mark = trace_events._mark({"at": datetime(2026, 8, 20, tzinfo=UTC), "_id": "x"})
    for after in ("", mark):
        query = await trace_events.query(registry.db, who, wanted, after=after)
        cursor = registry.db.collection(TRACE).find(query).sort([("at", -1), ("_id", -1)])
        plan = (await cursor.limit(51).explain())["queryPlanner"]["winningPlan"]
        assert not {"COLLSCAN", "SORT"} & set(stages_of(plan)), plan


async def test_the_page_finds_and_says_which_day_it_could_not_read(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    browser = registry.browser(registry.operator(farm["id"]))
    page = await browser.get(f"/console/registry/events?q={lot['code']}&since=hôm%20qua")
    assert page.status_code == 200
    assert token_in(page.text)
    assert f"/console/registry/lots/{lot['id']}" in page.text
    assert "Không đọc được ngày “hôm qua”" in page.text
    empty = await browser.get("/console/registry/events?q=khongcogi")
    assert "Không có sự kiện nào như vậy" in empty.text

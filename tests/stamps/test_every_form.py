"""No form of stamps loses what was typed, whoever sends it and however."""

import httpx2
import pytest

from tests.answers import ok
from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.stamps import test_stock as stock
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_holds import hold
from tests.stamps.test_printing_jobs import done, order

ACTS = ("activate", "change", "changes/2/undo", "hold", "print", "sold", "sales/3/take-back")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
async def browsers(stamps: Stamps, farm: Farm) -> dict[str, httpx2.AsyncClient]:
    people = {
        "operator": stamps.operator(farm.facility),
        "approver": stamps.approver(),
        "officer": stock.officer(stamps),
    }
    return {name: stamps.browser(token) for name, token in people.items()}


@pytest.fixture(scope="module")
async def walk(stamps: Stamps, farm: Farm, browsers: dict[str, httpx2.AsyncClient]) -> Walk:
    number = await stamps.a_batch(farm)
    held = await hold(stamps, number)
    request = await stamps.ask(farm)
    who = stamps.operator(farm.facility)
    job = await done(stamps, (await order(stamps, number, who))["id"], who)
    look = {"size": "20mm", "pattern": "waves", "tint": "green", "ink": "black"}
    drafted = ok(await stamps.post("/designs", {"name": "Một", **look}, who), 201)["id"]
    waiting = ok(await stamps.post("/designs", {"name": "Hai", **look}, who), 201)["id"]
    ok(await stamps.post(f"/designs/{waiting}/submission", {}, who))
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    ok(await stamps.change(number, 10, 19, "revoke", who))
    central = await stock.central(stamps, farm)
    stored = await stock.in_stock(stamps, central, 0, 19)
    printed = ok(await stock.print_(stamps, central, 20, 29), 202)["id"]
    await done(stamps, printed, stock.officer(stamps))
    given = await stock.handed(stamps, central, "0-9")
    differs = await stock.handed(stamps, central, "10-14")
    ok(await stock.receive(stamps, differs, who, missing="14", text="Thiếu"))
    ok(await stamps.post(f"/batches/{number}/sales", {"first": 0, "last": 1}, who))
    seeds = [
        f"{CONSOLE}/print-jobs/{printed}/stock",
        f"{CONSOLE}/print-jobs/{stored}",
        f"{CONSOLE}/print-jobs/{printed}/cancel",
        f"{CONSOLE}/batches/{central}/hand-over",
        f"{CONSOLE}/batches/{central}/stock",
        f"{CONSOLE}/handovers/{given}/receive",
        f"{CONSOLE}/handovers/{given}/withdraw",
        f"{CONSOLE}/handovers/{differs}/answer",
        f"{CONSOLE}/designs/new",
        f"{CONSOLE}/designs/{drafted}",
        f"{CONSOLE}/designs/{drafted}/edit",
        f"{CONSOLE}/designs/{waiting}",
        f"{CONSOLE}/requests/new",
        f"{CONSOLE}/codes",
        f"{CONSOLE}/quotas/{farm.facility}",
        f"{CONSOLE}/requests/{request['id']}",
        f"{CONSOLE}/requests/{request['id']}/printing",
        f"{CONSOLE}/requests/{request['id']}/withdraw",
        f"{CONSOLE}/batches/{number}",
        f"{CONSOLE}/print-jobs/{job['id']}",
        f"{CONSOLE}/batches/{number}/holds/{held['id']}/lift",
        *(f"{CONSOLE}/batches/{number}/{act}" for act in ACTS),
    ]
    return await walked(stamps.app, browsers, seeds)


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(
    stamps: Stamps, browsers: dict[str, httpx2.AsyncClient], walk: Walk
) -> None:
    stranger, origin = stamps.browser(), stamps.settings.public_origin
    wrong = await complaints(walk, browsers, stranger, origin)
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_form_was_left_out(stamps: Stamps, walk: Walk) -> None:
    left = posted_to(stamps.app) - {kind[0] for kind in walk}
    assert sorted(left) == []

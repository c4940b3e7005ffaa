"""No form of stamps loses what was typed, whoever sends it and however."""

import httpx2
import pytest

from tests.answers import ok
from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_holds import hold

ACTS = ("activate", "change", "changes/2/undo", "hold", "print", "sold")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
async def browsers(stamps: Stamps, farm: Farm) -> dict[str, httpx2.AsyncClient]:
    people = {"operator": stamps.operator(farm.facility), "approver": stamps.approver()}
    return {name: stamps.browser(token) for name, token in people.items()}


@pytest.fixture(scope="module")
async def walk(stamps: Stamps, farm: Farm, browsers: dict[str, httpx2.AsyncClient]) -> Walk:
    number = await stamps.a_batch(farm)
    held = await hold(stamps, number)
    request = await stamps.ask(farm)
    operator = stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 9, farm.lot, operator))
    ok(await stamps.change(number, 10, 19, "revoke", operator))
    seeds = [
        f"{CONSOLE}/requests/new",
        f"{CONSOLE}/codes",
        f"{CONSOLE}/requests/{request['id']}",
        f"{CONSOLE}/batches/{number}",
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

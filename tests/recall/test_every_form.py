"""No form of recall loses what was typed, whoever sends it and however."""

import httpx2
import pytest

from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, filed, taken_in
from tests.recall.test_endings import REASON

pytestmark = pytest.mark.timeout(900)
HOME = "/console/recall"


@pytest.fixture(scope="module")
async def browsers(recall: Recall) -> dict[str, httpx2.AsyncClient]:
    return {"second": recall.browser(recall.token(name="Người thứ hai"))}


@pytest.fixture(scope="module")
async def walk(province: Recall, browsers: dict[str, httpx2.AsyncClient]) -> Walk:
    await province.know(lot("every1"), lot("every2"), lot("every3"))
    await province.know(batch(990, 6_000), segment(990, (0, 5_999, "every3", "active")))
    standing, lifting, waiting = [
        (await province.order(name))["id"] for name in ("every1", "every2", "every3")
    ]
    asked = await province.post(f"/recalls/{lifting}/lift", REASON)
    assert asked.status_code == 200, asked.text
    await taken_in(province, filed("every"))
    seeds = [
        f"{LIST}/every",
        f"{HOME}/radius?target_kind=lot&target=every1",
        *(f"{HOME}/{case_id}" for case_id in (standing, lifting, waiting)),
    ]
    # Three cases in three states: more of one kind of page than is looked at by itself.
    return await walked(province.app, browsers, seeds, most=len(seeds))


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(
    province: Recall, browsers: dict[str, httpx2.AsyncClient], walk: Walk
) -> None:
    stranger, origin = province.browser(), province.settings.public_origin
    wrong = await complaints(walk, browsers, stranger, origin)
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_form_was_left_out(province: Recall, walk: Walk) -> None:
    left = posted_to(province.app) - {kind[0] for kind in walk}
    assert sorted(left) == []

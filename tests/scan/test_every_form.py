"""No form of the desk loses what was typed, whoever sends it and however."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.scan.desk.main import build
from shared.settings import Settings
from tests import in_process
from tests.every_form import complaints
from tests.form_pages import posted_to, walked
from tests.scan.desk import CONSOLE, Desk
from tests.scan.reports import REPORT, code_of
from tests.scan.test_desk import desk_settings

pytestmark = pytest.mark.timeout(900)


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(desk: Desk) -> None:
    goods = await desk.goods()
    await desk.suspects(goods, 1)
    browsers = {"approver": desk.browser(desk.approver())}
    seeds = [
        f"{CONSOLE}/suspicions/{goods.batch}/1",
        f"{REPORT}/{code_of(desk, goods, 1)}",
        REPORT,
        f"{CONSOLE}/complaints/new",
        f"{REPORT}/khong-tem",
        f"{REPORT}/tra-loi",
        "/pin",
    ]
    walk = await walked(desk.app, browsers, seeds)
    wrong = await complaints(walk, browsers, desk.browser(), desk.settings.public_origin)
    assert not wrong, "\n" + "\n".join(wrong)
    assert sorted(posted_to(desk.app) - {kind[0] for kind in walk}) == []

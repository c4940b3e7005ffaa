"""One running town for all journeys, and the story as it was played there."""

from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys import founding
from tests.journeys.playing import Played, play
from tests.journeys.town import Town
from tests.patience import mark_all_below

town = founding.town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_all_below(Path(__file__).parent, items, founding.SECONDS)


@pytest_asyncio.fixture(scope="package")
async def story(town: Town) -> Played:
    return await play(town)

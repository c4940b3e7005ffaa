"""A world of real publishers for each module; replicas are the tests' own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Settings
from tests.scan.world import Scans, World


@pytest.fixture(scope="module")
async def world(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Publishers that run, without projection or replicas."""
    folder: Path = tmp_path_factory.mktemp("spools")
    made = World(settings, folder)
    async with made.publishing():
        yield made


@pytest.fixture(scope="module")
async def heard(world: World) -> AsyncIterator[list[dict[str, Any]]]:
    """What scan has told on the bus."""
    async with world.hearing() as told:
        yield told


@pytest.fixture(scope="module")
async def scans(world: World, heard: list[dict[str, Any]]) -> AsyncIterator[Scans]:
    """One replica beside a running projection and recorder, for tests that break nothing."""
    async with world.projecting(), world.recording(), world.replica() as made:
        yield made

"""Which tests one process runs together, and which begin first."""

from collections import Counter
from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling

# Folders whose files take place in one running system, which is started once for all of them.
ONE_WORLD: Final = ("tests/journeys/", "tests/browser/")
# What takes longest for its number of tests begins first: nobody shall wait for it at the end. Two
# whole systems are not started at the same moment.
LONGEST: Final = (
    "tests/journeys/",
    "tests/messaging/",
    "tests/browser/",
    "tests/deploy/",
    "tests/web/test_wrong_input.py",
)


def world_of(nodeid: str) -> str:
    """The file, or the folder whose files belong together."""
    file = nodeid.split("::", 1)[0]
    return next((folder for folder in ONE_WORLD if file.startswith(folder)), file)


def put_in_order(items: list[pytest.Item]) -> None:
    """The longest first, then the files with many tests; within a file as they stand there."""
    tests = Counter(world_of(item.nodeid) for item in items)

    def turn(item: pytest.Item) -> tuple[int, int]:
        world = world_of(item.nodeid)
        slow = next((n for n, name in enumerate(LONGEST) if world.startswith(name)), len(LONGEST))
        return slow, -tests[world]

    items.sort(key=lambda item: (*turn(item), world_of(item.nodeid)))


class ByWorld(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests stay in one process, and so do those of all files that share a system."""

    def _split_scope(self, nodeid: str) -> str:
        return world_of(nodeid)

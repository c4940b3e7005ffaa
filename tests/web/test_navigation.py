"""Which link of the console's menu is marked as where the reader is."""

import pytest

from shared.web.navigation import SECTIONS, current


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/console", "/console"),
        ("/console/scan", "/console/scan"),
        ("/console/scan/suspicions/7/1", "/console/scan"),
        ("/console/scan/complaints/new", "/console/recall/complaints"),
        ("/console/recall/complaints/c1", "/console/recall/complaints"),
        ("/console/recall/0198", "/console/recall"),
        ("/console/nowhere", ""),
    ],
)
def test_the_link_that_a_page_lies_under_is_marked(path: str, marked: str) -> None:
    assert current(path, list(SECTIONS)) == marked

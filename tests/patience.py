"""Marks for a whole folder of tests: more time than others have, or a run of their own."""

from pathlib import Path

import pytest


def mark_all_below(
    folder: Path, items: list[pytest.Item], seconds: int, *marks: pytest.MarkDecorator
) -> None:
    """Give every test of the folder so much time, and these marks."""
    for item in items:
        if folder in item.path.parents:
            for mark in (pytest.mark.timeout(seconds), *marks):
                item.add_marker(mark)

"""What the tests of messaging share."""

import pytest

from shared.messaging import consumer


@pytest.fixture
def quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consumers look for lost events several times a second."""
    monkeypatch.setattr(consumer, "WATCH_SECONDS", 0.3)

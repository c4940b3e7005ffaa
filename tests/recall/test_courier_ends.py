"""A courier that is asked to end does so at once, whatever it is at."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.recall.courier import rounds
from services.recall.domain.contact import Channel
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.facts import FACILITIES
from services.recall.store.tellings import PAGES
from shared.tasks import end
from tests.polling import eventually
from tests.recall.conftest import Recall
from tests.recall.telling import Inbox, courier, forget, hearing, smtp, unit
from tests.recall.test_telling import process_environment
from tests.recall.test_telling_pages import UNITS, many, order_of_many

# A container that has not ended ten seconds after it was asked to is killed.
SECONDS = 6.0


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    units = [unit(f"u-page{n}", "09001") for n in range(UNITS)]
    async with hearing(province, *units, spreading=False):
        yield province
    await forget(province)
    await province.db.collection(FACILITIES).delete_many({"commune": "09001"})


class Slow(Inbox):
    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(0.2)
        return await super().handle_DATA(server, session, envelope)


async def test_it_ends_though_lanes_forget_that_they_were_cancelled(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As asyncio.wait_for in Python 3.11, and a driver that takes it for a lost connection."""
    one = courier(told, 1)
    forgot: list[Channel] = []

    async def drain(channel: Channel, **_: Any) -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if len(forgot) == 3:
                raise
            forgot.append(channel)
        return 0

    monkeypatch.setattr(one, "drain", drain)
    monkeypatch.setattr(rounds, "IDLE_SECONDS", 0.01)
    task = asyncio.create_task(one.run())
    await asyncio.wait([task], timeout=0.2)
    ended = asyncio.create_task(end(task))
    await asyncio.wait([ended], timeout=SECONDS)
    assert len(forgot) == 3
    assert ended.done()


@pytest.mark.parametrize("at", ["telling", "sending"])
async def test_a_program_that_has_much_to_tell_ends_soon(told: Recall, at: str) -> None:
    ids = await many(told, 6_000)
    await order_of_many(told, f"ce-{at}", ids)
    deliveries, pages = told.db.collection(DELIVERIES), told.db.collection(PAGES)

    async def is_at_it() -> bool:
        if at == "telling":
            return await deliveries.count_documents({}, limit=1) > 0
        return await deliveries.count_documents({"state": "sent"}, limit=9) == 9

    with smtp(Slow()) as port:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.recall.courier.worker"),
            env=process_environment(told, port),
        )
        try:
            await eventually(is_at_it, 100)
            if at == "telling":
                assert await pages.count_documents({}), "it is in the midst of it"
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    took = timedelta(seconds=time.monotonic() - asked)
    assert process.returncode in (0, -signal.SIGTERM), took
    await forget(told)
    await told.db.collection(FACILITIES).delete_many({"commune": "09001"})

"""Nothing good is said later than five seconds after the last confirmation, whatever is cut off."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing.envelope import FeedAnswer
from services.scan.hearing.feeds import Feeds
from services.scan.knowing.confirm import Confirmer
from shared.ids import now
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, free_port, name, notice


class Hands:
    """A clock that can be turned forward."""

    def __init__(self) -> None:
        self.turned = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.turned


@pytest.fixture(scope="module")
async def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
async def scans(world: World, hands: Hands) -> AsyncIterator[Scans]:
    async with world.projecting(), world.replica(clock=hands) as made:
        yield made


@contextmanager
def unreachable(scans: Scans, publisher: str) -> Iterator[None]:
    """One feed's address leads nowhere; the bus goes on."""
    urls = scans.replica.feeds.urls
    before = urls[publisher]
    urls[publisher] = f"http://127.0.0.1:{free_port()}"
    try:
        yield
    finally:
        urls[publisher] = before


@pytest.mark.parametrize("publisher", PUBLISHERS)
async def test_one_silent_feed_ends_genuine_five_seconds_after_its_last_question(
    world: World, scans: Scans, hands: Hands, publisher: str
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    genuine = await becomes(scans, goods.batch, 7, "genuine")
    with unreachable(scans, publisher):
        # A last answer may still be under way; after it, no confirmation comes.
        asked = scans.replica.confirmer.asked[publisher]
        hands.turned += 2.5
        assert (await scans.verdict(goods.batch, 7))["verdict"] == "genuine"
        hands.turned += 3.5
        # The two others confirm anew, and that is not enough.
        since, others = hands(), set(PUBLISHERS) - {publisher}
        confirmed = scans.replica.confirmer.asked
        await eventually(lambda: all(confirmed[other] >= since for other in others))
        told = await scans.verdict(goods.batch, 7)
        assert confirmed[publisher] - asked < 2
        assert told["verdict"] == "unconfirmed"
        assert told["because"] == "not_confirmed"
        assert not told["confirmed"]
        assert told["as_of"] >= genuine["as_of"]
        assert told["product"]["name"] == "Na dai Đông Triều"
        page = await scans.page(goods.batch, 7)
        assert "Chưa xác nhận được" in page
        assert "Tem hợp lệ" not in page
    await becomes(scans, goods.batch, 7, "genuine")


async def test_an_answer_that_was_long_under_way_confirms_from_its_question_on(
    scans: Scans, hands: Hands
) -> None:
    class Slow(Feeds):
        async def ask(self, publisher: str, after: int) -> FeedAnswer:
            answer = await super().ask(publisher, after)
            hands.turned += 100
            return answer

    feeds = Slow(scans.replica.feeds.urls, "slow")
    confirmer = Confirmer(scans.replica.memory, feeds, hands)
    for publisher in PUBLISHERS:
        began = hands()
        await confirmer.ask(publisher)
        assert confirmer.asked[publisher] < began + 50
    assert not confirmer.confirmed
    await feeds.close()


async def test_bad_verdicts_stay_bad_and_mild_ones_are_withheld_while_unconfirmed(
    world: World, scans: Scans, hands: Hands
) -> None:
    bad, revoked, expired = Goods(), Goods(), Goods(expires_on=date(2020, 1, 1))
    await world.tell(*bad.events(), *expired.events())
    await world.tell(*revoked.passports(), revoked.segment(state="revoked"))
    await world.tell(notice(name("case"), lots=(bad.lot,)))
    await becomes(scans, bad.batch, 1, "recalled")
    await becomes(scans, bad.batch, 501, "not_activated")
    await becomes(scans, revoked.batch, 1, "revoked")
    await becomes(scans, expired.batch, 1, "expired")
    with unreachable(scans, "recall"):
        hands.turned += 6
        assert (await scans.verdict(bad.batch, 1))["verdict"] == "recalled"
        assert (await scans.verdict(revoked.batch, 1))["verdict"] == "revoked"
        assert (await scans.verdict(expired.batch, 1))["verdict"] == "unconfirmed"
        assert (await scans.verdict(bad.batch, 501))["verdict"] == "unconfirmed"
        code = scans.code(bad.batch, 1)
        forged = code[:-1] + ("0" if code[-1] != "0" else "1")
        answer = await scans.http.get(f"/v1/verdicts/{forged}")
        assert answer.json()["verdict"] == "unknown"


async def test_a_recall_comes_by_the_bus_though_its_feed_is_away(
    world: World, scans: Scans, hands: Hands
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    with unreachable(scans, "recall"):
        await world.tell(notice(name("case"), lots=(goods.lot,)))
        await becomes(scans, goods.batch, 7, "recalled")


async def test_a_feed_that_knows_less_than_we_hold_is_not_believed(
    world: World, scans: Scans, hands: Hands
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    taken = scans.replica.memory.taken["stamps"]
    before = [list(pair) for pair in taken.ranges]
    taken.fill_to(taken.complete_to + 1_000)
    hands.turned += 6

    async def doubted() -> bool:
        return bool((await scans.verdict(goods.batch, 7))["verdict"] == "unconfirmed")

    await eventually(doubted)
    taken.ranges = before
    await becomes(scans, goods.batch, 7, "genuine")


async def test_as_of_is_the_oldest_of_the_three_confirmations(scans: Scans) -> None:
    confirmer = scans.replica.confirmer
    assert confirmer.as_of == min(confirmer.asked_at.values())


async def test_lots_expire_at_midnight_in_vietnam(world: World, hands: Hands) -> None:
    days = [date(2026, 11, 22)]
    goods = Goods(expires_on=date(2026, 11, 22))
    await world.tell(*goods.events())
    async with world.projecting(), world.replica(today=lambda: days[0]) as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        days[0] += timedelta(days=1)
        await becomes(scans, goods.batch, 7, "expired")


async def test_a_certificate_is_marked_from_the_day_after_its_last_one(
    world: World, hands: Hands
) -> None:
    days = [date(2028, 4, 1)]
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica(today=lambda: days[0]) as scans:
        told = await becomes(scans, goods.batch, 7, "genuine")
        assert told["facility"]["certificates"][0]["expired"] is False
        page = await scans.page(goods.batch, 7, **{"accept-language": "vi"})
        assert "Hiệu lực đến 01/04/2028" in page
        assert "Đã hết hạn" not in page
        days[0] += timedelta(days=1)

        async def marked() -> bool:
            told = await scans.verdict(goods.batch, 7)
            return bool(told["facility"]["certificates"][0]["expired"])

        await eventually(marked)
        page = await scans.page(goods.batch, 7, **{"accept-language": "vi"})
        assert "Đã hết hạn ngày 01/04/2028" in page
        assert "Hiệu lực đến" not in page
        assert "Expired on Apr 1, 2028" in await scans.page(
            goods.batch, 8, **{"accept-language": "en"}
        )


async def test_before_everything_is_here_nothing_is_confirmed(world: World) -> None:
    """The database is away at the start: alive and honest, and never ready."""
    goods = Goods()
    await world.tell(*goods.events())
    nowhere = f"mongodb://127.0.0.1:{free_port()}/?directConnection=true"
    async with world.replica(mongo_url=nowhere) as scans:
        told = await scans.verdict(goods.batch, 7)
        assert told["verdict"] == "unconfirmed"
        assert told["as_of"] is None
        assert not (await scans.replica.dependencies())["loaded"]


async def test_without_a_broker_the_feeds_carry_everything(world: World) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    nowhere = f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    async with world.projecting(), world.replica(amqp_url=nowhere) as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        await world.tell(notice(name("case"), lots=(goods.lot,)))
        told_at = now()
        await becomes(scans, goods.batch, 7, "recalled")
        assert now() - told_at < timedelta(seconds=5)


async def test_a_queue_deleted_under_the_replica_is_replaced(world: World) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    async with world.projecting(), world.replica() as scans:
        await becomes(scans, goods.batch, 7, "genuine")
        live = scans.replica.live
        assert live.queue is not None
        deleted = live.queue.name
        await live.queue.delete(if_unused=False, if_empty=False)
        await world.tell(notice(name("case"), lots=(goods.lot,)))
        await becomes(scans, goods.batch, 7, "recalled")

        async def replaced() -> bool:
            return live.connected and live.queue is not None and live.queue.name != deleted

        await eventually(replaced)

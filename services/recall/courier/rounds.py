"""The rounds of a courier: take what is due, send it, keep how that ended.

Several couriers may run: a row is leased to one of them. If one dies between sending and keeping
it, the row is sent once more after the lease, under the same id.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from services.recall.courier import drilled, forgetting, knowing, measuring, standing
from services.recall.courier.keys import CourierKeys
from services.recall.courier.letters import Known
from services.recall.courier.measuring import LOOK_SECONDS, attempts
from services.recall.domain.contact import Channel, Contact
from services.recall.domain.contact import State as ContactState
from services.recall.domain.delivery import (
    FINAL,
    OUR_OWN,
    QUESTIONS,
    Delivery,
    Message,
    SendingFailed,
    State,
    channel_pause,
    is_over,
    pause,
)
from services.recall.store import contacts, deliveries, held
from shared import audit
from shared.crashpoints import crash_point
from shared.ids import new_id, now
from shared.mongo import Database, Tx, is_outage, transact
from shared.tasks import end

log = structlog.get_logger()

ACT: Final = "recall.contacts"
# How many are under way at once; mail and webhooks do not wait for one another.
LANES: Final = {Channel.MAIL: 4, Channel.WEBHOOK: 8}
# Of a channel's lanes one owner has so many, however many addresses it has.
LANES_OF_AN_OWNER: Final = 2
IDLE_SECONDS: Final = 1.0


class Sender(Protocol):
    """A mail server, a webhook. `send` raises SendingFailed; `rest`: nothing is due for now."""

    async def send(self, known: Known) -> None: ...

    async def rest(self) -> None: ...


class Courier:
    """Works off the queue with these senders; a channel without one waits."""

    def __init__(
        self, db: Database, keys: CourierKeys, origin: str, senders: dict[Channel, Sender]
    ) -> None:
        self._db = db
        self._keys = keys
        self._origin = origin.rstrip("/")
        self._senders = senders
        self._busy: set[str] = set()
        self._lanes_of: Counter[tuple[Channel, str]] = Counter()
        # How often in a row a channel itself failed, whoever was to be told by it.
        self._away: Counter[Channel] = Counter()

    async def run(self) -> None:
        """Until cancelled."""
        lanes = [self._lane(channel) for channel in self._senders for _ in range(LANES[channel])]
        tasks = [asyncio.create_task(one) for one in (self._look(), *lanes)]
        # No TaskGroup: it cancels each once, and waits for ever for one that forgot that.
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for one in done:
                one.result()
        finally:
            await end(*tasks)

    async def drain(self, channel: Channel, *, at: datetime | None = None) -> int:
        """Try everything of a channel that is due, while it works; how many."""
        done = 0
        while await self._one(channel, at or now()):
            done += 1
            if self._away[channel]:
                break
        await self._senders[channel].rest()
        return done

    async def _lane(self, channel: Channel) -> None:
        while True:
            try:
                await self.drain(channel)
            except Exception as error:
                if not is_outage(error):
                    log.exception("a round of the courier failed")
            away = self._away[channel]
            await asyncio.sleep(channel_pause(away).total_seconds() if away else IDLE_SECONDS)

    async def _one(self, channel: Channel, at: datetime) -> bool:
        lease = new_id()
        found = await deliveries.claim(
            self._db, channel, lease=lease, busy=self._busy, at=at, owners=self._served(channel)
        )
        if found is None:
            return False
        owner = (channel, found.owner_id)
        if found.contact_id in self._busy or self._lanes_of[owner] >= LANES_OF_AN_OWNER:
            # Two lanes asked at the same moment; the other goes first.
            await self._put_back(found, at)
            return True
        self._busy.add(found.contact_id)
        self._lanes_of[owner] += 1
        try:
            await self._attend(found, at)
        finally:
            self._busy.discard(found.contact_id)
            self._lanes_of[owner] -= 1
        return True

    def _served(self, channel: Channel) -> list[str]:
        """Owners who have their share of a channel's lanes."""
        return [
            owner
            for (of, owner), lanes in self._lanes_of.items()
            if of is channel and lanes >= LANES_OF_AN_OWNER
        ]

    async def _attend(self, found: Delivery, at: datetime) -> None:
        contact = await contacts.find(self._db, found.contact_id)
        try:
            if contact is None:
                raise SendingFailed("contact_gone")
            _must_be_asked(found, contact)
            known = await knowing.of(self._db, found, contact, keys=self._keys, origin=self._origin)
            await self._senders[found.channel].send(known)
        except SendingFailed as failed:
            if failed.channel:
                await self._channel_failed(found, failed, at)
                return
            await self._failed(found, contact, failed, max(at, now()))
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a message could not be sent", delivery=found.id)
            await self._failed(found, contact, SendingFailed("unexpected"), max(at, now()))
        else:
            self._away[found.channel] = 0
            crash_point("courier.sent.before_mark")
            await self._sent(found, at)

    async def _sent(self, found: Delivery, at: datetime) -> None:
        async def work(tx: Tx) -> None:
            ended = await deliveries.end_attempt(tx, found, State.SENT, at=now(), next_at=at)
            contact = await contacts.find(tx, found.contact_id)
            if ended:
                await drilled.note_sent(tx, found, now())
            if not ended or contact is None:
                return
            if found.message in QUESTIONS:
                await self._was_asked(tx, found, contact, at)
            elif contact.failures:
                await contacts.note_failures(tx, replace(contact, failures=0, failing_since=None))
                await deliveries.hurry(tx, contact.id, at)

        await transact(self._db, work)
        attempts.labels(str(found.channel), "sent").inc()

    async def _was_asked(self, tx: Tx, found: Delivery, contact: Contact, at: datetime) -> None:
        """A webhook that answered is confirmed; a mail's link holds from now on."""
        if contact.round != found.round or contact.state is not ContactState.UNCONFIRMED:
            return
        asked = contact.was_asked(now=at)
        if found.message is Message.CONFIRM:
            await contacts.note_asked(tx, asked)
            return
        confirmed = asked.confirmed(now=at)
        await contacts.put(tx, confirmed)
        await standing.tell(tx, confirmed, now())
        await audit.accepted(tx, None, ACT, contact.id, done="confirmed")

    async def _channel_failed(self, found: Delivery, failed: SendingFailed, at: datetime) -> None:
        """No contact is at fault, so none waits longer; the channel is left alone a while."""
        self._away[found.channel] += 1
        next_at = max(at, now()) + channel_pause(self._away[found.channel])

        async def work(tx: Tx) -> None:
            await deliveries.wait_for_channel(tx, found, failed, at=at, next_at=next_at)

        await transact(self._db, work)
        attempts.labels(str(found.channel), "channel_failed").inc()
        log.warning("the mail server takes nothing", why=failed.code, detail=failed.detail)

    async def _failed(
        self, found: Delivery, contact: Contact | None, failed: SendingFailed, at: datetime
    ) -> None:
        """The contact's failures in a row set the pause, and all that waits for it waits with it:
        a receiver that is away is not called once for each message."""
        self._away[found.channel] = 0
        failures = 1 + (contact.failures if contact is not None else 0)
        next_at = at + pause(max(failures, found.attempts))
        over = is_over(found, next_at, failed.code)

        async def work(tx: Tx) -> None:
            state = State.GIVEN_UP if over else State.FAILED
            ended = await deliveries.end_attempt(
                tx, found, state, at=at, next_at=next_at, error=failed.code, detail=failed.detail
            )
            current = await contacts.find(tx, found.contact_id)
            if not ended or current is None or failed.code in OUR_OWN:
                return  # Nobody was called: that says nothing of the address.
            if over:
                current = replace(current, failures=0, failing_since=None)
            else:
                since = current.failing_since or at
                current = replace(current, failures=current.failures + 1, failing_since=since)
            await contacts.note_failures(tx, current)
            await deliveries.let_wait(tx, current.id, next_at)
            tried_long = over and failed.code not in FINAL
            if (failed.gone or tried_long) and current.state is ContactState.ACTIVE:
                await self._give_rest(tx, current)

        await transact(self._db, work)
        attempts.labels(str(found.channel), "given_up" if over else "failed").inc()
        log.info("a message was not sent", delivery=found.id, why=failed.code, over=over)

    async def _give_rest(self, tx: Tx, contact: Contact) -> None:
        """What has not worked for days is left alone until somebody resumes it."""
        await contacts.put(tx, contact.paused("failing"))
        await held.hold(tx, contact.id)
        await audit.accepted(tx, None, ACT, contact.id, done="paused")

    async def _put_back(self, found: Delivery, at: datetime) -> None:
        async def work(tx: Tx) -> None:
            soon = at + timedelta(seconds=1)
            await deliveries.end_attempt(tx, found, State.QUEUED, at=at, next_at=soon)

        await transact(self._db, work)

    async def _look(self) -> None:
        """Say that a courier runs, and how much waits."""
        while True:
            try:
                await self._measure()
                await self.let_go()
                await forgetting.sweep(self._db, now())
            except Exception as error:
                if not is_outage(error):
                    log.exception("the courier's queue could not be measured")
            await asyncio.sleep(LOOK_SECONDS)

    async def let_go(self) -> None:
        """Free what is held for contacts that rest no longer."""
        await measuring.let_go(self._db)

    async def _measure(self) -> None:
        await measuring.measure(self._db, mail=Channel.MAIL in self._senders)


def _must_be_asked(found: Delivery, contact: Contact) -> None:
    """Raises SendingFailed for a question that its contact need not answer any more."""
    if found.message not in QUESTIONS:
        return
    if contact.round != found.round or contact.state is not ContactState.UNCONFIRMED:
        raise SendingFailed("link_over")

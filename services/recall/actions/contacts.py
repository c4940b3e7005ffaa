"""Where a facility or a unit is told: addresses added, confirmed, paused and removed by it alone.

Audit records name a contact by its id, never by its address.
"""

import hmac
from datetime import datetime

from services.recall.courier import standing
from services.recall.courier.keys import CourierKeys
from services.recall.domain.contact import (
    ADDITIONS_A_DAY,
    MOST,
    Channel,
    Contact,
    LinkOver,
    Owner,
    TooManyContacts,
    TooManyMails,
    WebhookRules,
    counted_as,
    mail_address,
)
from services.recall.domain.delivery import Delivery, Message
from services.recall.domain.new_webhook import new_webhook
from services.recall.store import contacts, deliveries, held
from shared import audit
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

CONTACTS = "recall.contacts"


def owner_of(who: Principal) -> Owner:
    """Whose addresses an account keeps: its facility's, or its unit's. Raises Forbidden."""
    require(who, CONTACTS)
    if who.facility_id is not None:
        return Owner("facility", who.facility_id)
    return Owner("unit", who.unit_id)


async def add(
    channel: Channel,
    address: str,
    language: str,
    *,
    rules: WebhookRules,
    keys: CourierKeys,
    who: Principal,
    db: Database,
    at: datetime,
) -> Contact:
    """A new address, which is asked whether it wants to be told.

    Raises InvalidAddress, InvalidWebhook, OwnWebhook, PrivateWebhook, ContactExists,
    TooManyContacts, TooManyMails.
    """
    contact_id = new_id()

    async def work(tx: Tx) -> Contact:
        if len(await contacts.of_owner(tx, owner)) >= MOST:
            raise TooManyContacts(most=MOST)
        made = Contact.added(
            contact_id, owner, channel, cleaned, language, now=at, key=keys.current
        )
        await contacts.add(tx, made)
        await deliveries.add(tx, [_question(made, at)])
        await audit.accepted(tx, who, CONTACTS, made.id, done="added", channel=str(channel))
        return made

    async with audit.attempt(db, who, CONTACTS, contact_id):
        owner = owner_of(who)
        cleaned = mail_address(address) if channel is Channel.MAIL else new_webhook(address, rules)
        await _not_too_often(db, owner, cleaned, keys, at)
        return await transact(db, work)


async def ask_again(
    contact_id: str, *, keys: CourierKeys, who: Principal, db: Database, at: datetime
) -> Contact:
    """Another mail or challenge; the link of the one before no longer holds."""

    async def work(tx: Tx) -> Contact:
        made = (await _own(tx, contact_id, who)).asked_again(now=at)
        await contacts.put(tx, made)
        await deliveries.drop(tx, made.id)
        await deliveries.add(tx, [_question(made, at)])
        await audit.accepted(tx, who, CONTACTS, made.id, done="asked_again")
        return made

    async with audit.attempt(db, who, CONTACTS, contact_id):
        contact = await _own(db, contact_id, who)
        await _not_too_often(db, contact.owner, contact.address, keys, at)
        return await transact(db, work)


async def pause(contact_id: str, *, who: Principal, db: Database) -> Contact:
    """What is told from now on waits for `resume`."""

    async def work(tx: Tx) -> Contact:
        made = (await _own(tx, contact_id, who)).paused("owner")
        await contacts.put(tx, made)
        await held.hold(tx, made.id)
        await audit.accepted(tx, who, CONTACTS, made.id, done="paused")
        return made

    async with audit.attempt(db, who, CONTACTS, contact_id):
        return await transact(db, work)


async def resume(contact_id: str, *, who: Principal, db: Database, at: datetime) -> Contact:
    """What waited is sent now."""

    async def work(tx: Tx) -> Contact:
        made = (await _own(tx, contact_id, who)).resumed()
        await contacts.put(tx, made)
        await held.release(tx, made.id, at)
        await audit.accepted(tx, who, CONTACTS, made.id, done="resumed")
        return made

    async with audit.attempt(db, who, CONTACTS, contact_id):
        return await transact(db, work)


async def remove(contact_id: str, *, who: Principal, db: Database) -> None:
    """The address is gone, with what was not told to it yet."""

    async def work(tx: Tx) -> None:
        await _own(tx, contact_id, who)
        await _remove(tx, contact_id)
        await audit.accepted(tx, who, CONTACTS, contact_id, done="removed")

    async with audit.attempt(db, who, CONTACTS, contact_id):
        await transact(db, work)


async def to_confirm(
    contact_id: str, token: str, *, keys: CourierKeys, db: Database, at: datetime
) -> Contact:
    """The contact that a link may confirm. Raises LinkOver."""
    return await _linked(db, contact_id, token, keys, at)


async def confirm(
    contact_id: str, token: str, *, keys: CourierKeys, db: Database, at: datetime
) -> Contact:
    """By whoever reads the mail. The link holds once. Raises LinkOver."""

    async def work(tx: Tx) -> Contact:
        made = (await _linked(tx, contact_id, token, keys, at)).confirmed(now=at)
        await contacts.put(tx, made)
        await standing.tell(tx, made, at)
        await audit.accepted(tx, None, CONTACTS, made.id, done="confirmed")
        return made

    return await transact(db, work)


async def to_stop(
    contact_id: str, token: str, *, keys: CourierKeys, db: Database, at: datetime
) -> Contact:
    """The contact that a mail's last link may stop. Raises LinkOver."""
    found = await _stoppable(db, contact_id, token, keys)
    found.stopped(now=at)
    return found


async def stop(
    contact_id: str, token: str, *, keys: CourierKeys, db: Database, at: datetime
) -> Contact:
    """By whoever reads the mail: nothing more is sent there, and the address is forgotten in some
    weeks unless its owner resumes it. Raises LinkOver."""

    async def work(tx: Tx) -> Contact:
        made = (await _stoppable(tx, contact_id, token, keys)).stopped(now=at)
        await contacts.put(tx, made)
        await held.hold(tx, made.id)
        await audit.accepted(tx, None, CONTACTS, contact_id, done="stopped")
        return made

    return await transact(db, work)


async def _own(reader: Database | Tx, contact_id: str, who: Principal) -> Contact:
    """Raises Forbidden, NotFound, and OutOfReach for another's."""
    owner = owner_of(who)
    contact = await contacts.get(reader, contact_id)
    if contact.owner != owner:
        raise OutOfReach()
    return contact


async def _linked(
    reader: Database | Tx, contact_id: str, token: str, keys: CourierKeys, at: datetime
) -> Contact:
    contact = await contacts.find(reader, contact_id)
    if contact is None or contact.channel is not Channel.MAIL or not contact.is_confirmable(at):
        raise LinkOver()
    if not hmac.compare_digest(keys.link_token(contact), _ascii(token)):
        raise LinkOver()
    return contact


async def _stoppable(
    reader: Database | Tx, contact_id: str, token: str, keys: CourierKeys
) -> Contact:
    contact = await contacts.find(reader, contact_id)
    if contact is None or not hmac.compare_digest(keys.stop_token(contact), _ascii(token)):
        raise LinkOver()
    return contact


def _ascii(token: str) -> str:
    """What cannot be compared is no token."""
    return token if token.isascii() else ""


async def _remove(tx: Tx, contact_id: str) -> None:
    await contacts.remove(tx, contact_id)
    await deliveries.drop(tx, contact_id)


async def _not_too_often(
    db: Database, owner: Owner, address: str, keys: CourierKeys, at: datetime
) -> None:
    """Nobody can have strangers written to: few questions a day, by an asker, to an address."""
    asked = f"owner:{owner.kind}:{owner.id}"
    wait = await contacts.too_often(db, asked, most=ADDITIONS_A_DAY, now=at)
    for name, most in counted_as(address):
        mark = f"address:{keys.address_mark(name)}"
        wait = wait or await contacts.too_often(db, mark, most=most, now=at)
    if wait:
        raise TooManyMails("address", retry_after=wait)


def _question(contact: Contact, at: datetime) -> Delivery:
    asks = Message.CONFIRM if contact.channel is Channel.MAIL else Message.CHALLENGE
    id_ = f"{asks}:{contact.id}:{contact.round}"
    return deliveries.delivery(asks, contact, id_=id_, event_id=id_, happened_at=at, at=at)

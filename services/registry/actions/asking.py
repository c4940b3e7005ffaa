"""What those do who ask a facility, without an account: send, read, add, report, erase (R29)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from services.registry.domain.inquiry import (
    Asker,
    FacilityTakesNone,
    Inquiry,
    Message,
    State,
    code_from,
    read_code,
)
from services.registry.domain.records import Aggregate
from services.registry.store import inquiries, rates, records
from shared import audit
from shared.errors import Kind, NotFound, Refusal
from shared.mongo import Database, Tx, transact

# A network may be a whole village behind one carrier address, or somebody's program.
SENT_A_DAY = 30
OF_FACILITY_A_DAY = 300
LOOKS, LOOKS_WINDOW = 120, timedelta(minutes=10)
DAY = timedelta(days=1)


class TooOften(Refusal):
    code = "too_often"
    kind = Kind.LIMIT
    message = "Nơi bạn đang truy cập đã gửi quá nhiều lần. Hãy thử lại sau {minutes} phút."


class FacilityIsFlooded(Refusal):
    code = "facility_is_flooded"
    kind = Kind.LIMIT
    message = "Hôm nay cơ sở này nhận quá nhiều lời nhắn. Hãy gọi điện, hoặc gửi lại vào ngày mai."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody without an account: `place` is their network's address, never kept in the clear.

    `key` is a secret of the installation.
    """

    place: str
    key: bytes

    def mark(self, purpose: str) -> str:
        return self.mac(purpose, self.place)[:32]

    def mac(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"registry.{purpose}:{text}".encode(), sha256).hexdigest()


def network_of(address: str) -> str:
    """What counts as one address for limits: an IPv6 user owns a /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return found.packed[:8].hex()
    return str(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know of a facility, and perhaps of a product of its."""

    facility_id: str
    product_id: str
    topic: str
    quantity: str
    asker: Asker
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """An inquiry with its asker's code, which is kept nowhere."""

    inquiry: Inquiry
    code: str


async def send(
    asked: Asked, *, form: str, inquiry_id: str, visitor: Visitor, now: datetime, db: Database
) -> Sent:
    """Hand it to the facility; the same form sent twice is one inquiry with one code.

    Raises NotFound, FacilityTakesNone, TooOften and FacilityIsFlooded.
    """
    code = code_from(bytes.fromhex(visitor.mac("inquiry-code", f"{form}\n{asked!r}")))
    fingerprint = _fingerprint(code)
    known = await inquiries.find_by_fingerprint(db, fingerprint)
    if known is not None:
        return Sent(known, code)
    async with audit.attempt(db, None, "inquiry.send", asked.facility_id):
        await _limit(f"send:{visitor.mark('inquiry')}", SENT_A_DAY, DAY, now, db)
        if await rates.count(db, f"to:{asked.facility_id}", OF_FACILITY_A_DAY, DAY, now):
            raise FacilityIsFlooded()

        async def work(tx: Tx) -> Inquiry:
            inquiry = await _made(tx, asked, inquiry_id, fingerprint, now)
            await inquiries.insert(tx, inquiry)
            await audit.accepted(tx, None, "inquiry.send", inquiry_id, facility=asked.facility_id)
            return inquiry

        return Sent(await transact(db, work), code)


async def track(code: str, *, visitor: Visitor, now: datetime, db: Database) -> Inquiry:
    """The asker's own inquiry; raises InquiryUnknown, TooOften."""
    await _limit(f"look:{visitor.mark('inquiry')}", LOOKS, LOOKS_WINDOW, now, db)
    return await inquiries.by_fingerprint(db, _fingerprint(code), now)


async def ask_again(
    code: str, text: str, *, visitor: Visitor, now: datetime, db: Database
) -> Inquiry:
    await _limit(f"send:{visitor.mark('inquiry')}", SENT_A_DAY, DAY, now, db)
    return await _by_asker(
        code,
        "inquiry.ask_again",
        lambda before: before.ask_again(text, now=now),
        visitor=visitor,
        now=now,
        db=db,
    )


async def report_by_asker(
    code: str, reason: str, *, visitor: Visitor, now: datetime, db: Database
) -> Inquiry:
    """The facility's answer is abusive, or a fraud."""
    return await _by_asker(
        code,
        "inquiry.report",
        lambda before: before.told_on(reason, by_asker=True, now=now),
        visitor=visitor,
        now=now,
        db=db,
    )


async def erase_by_asker(code: str, *, visitor: Visitor, now: datetime, db: Database) -> None:
    """Who wrote it may take it back with everything in it (Law 91/2025)."""
    found = await track(code, visitor=visitor, now=now, db=db)

    async def work(tx: Tx) -> None:
        await inquiries.erase(tx, found.id)
        await audit.accepted(tx, None, "inquiry.erase", found.id, facility=found.facility_id)

    await transact(db, work)


async def _made(tx: Tx, asked: Asked, inquiry_id: str, fingerprint: str, now: datetime) -> Inquiry:
    facility = await records.find(tx, Aggregate.FACILITY, asked.facility_id)
    if facility is None or facility.published is None:
        raise NotFound()
    if not facility.is_public:
        raise FacilityTakesNone()
    product_name = ""
    if asked.product_id:
        product = await records.find(tx, Aggregate.PRODUCT, asked.product_id)
        if product is None or product.owner.facility_id != facility.id or not product.is_public:
            raise NotFound()
        product_name = product.shown.name
    return Inquiry(
        id=inquiry_id,
        version=1,
        facility_id=facility.id,
        facility_name=facility.shown.name,
        commune=facility.owner.commune,
        sector=facility.owner.sector,
        product_id=asked.product_id,
        product_name=product_name,
        topic=asked.topic,
        quantity=asked.quantity,
        asker=asked.asker,
        messages=(Message(now, asked.text),),
        fingerprint=fingerprint,
        state=State.NEW,
        created_at=now,
        updated_at=now,
    )


async def _by_asker(
    code: str,
    action: str,
    change: Callable[[Inquiry], Inquiry],
    *,
    visitor: Visitor,
    now: datetime,
    db: Database,
) -> Inquiry:
    found = await track(code, visitor=visitor, now=now, db=db)

    async def work(tx: Tx) -> Inquiry:
        before = await inquiries.get(tx, found.id)
        after = change(before)
        await inquiries.put(tx, before, after)
        await audit.accepted(tx, None, action, found.id, facility=found.facility_id)
        return after

    async with audit.attempt(db, None, action, found.id):
        return await transact(db, work)


async def _limit(key: str, most: int, window: timedelta, now: datetime, db: Database) -> None:
    wait = await rates.count(db, key, most, window, now)
    if wait:
        raise TooOften(retry_after=wait, minutes=ceil(wait / 60))


def _fingerprint(code: str) -> str:
    return sha256(read_code(code).encode()).hexdigest()

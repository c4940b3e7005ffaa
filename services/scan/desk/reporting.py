"""What those do who report a problem with a stamp, without an account (R36)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from services.scan.domain import complaint as told_by
from services.scan.domain.addresses import prefix_of
from services.scan.domain.complaint import (
    About,
    Complaint,
    ComplaintUnknown,
    Told,
    TooManyReports,
)
from services.scan.domain.tally import day_of
from services.scan.settings import ScanSettings
from services.scan.store import complaints, facilities
from shared import audit
from shared.auth import Principal, Scope, require
from shared.errors import NotFound, Refusal
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.pictures import images

READ: Final = "complaint.read"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Of one neighbourhood of addresses, which may be a village or somebody's program.
SENT_AN_HOUR: Final = 10
SENT_A_DAY: Final = 40
LOOKS, LOOKS_WINDOW = 60, timedelta(minutes=10)
# And of one number, wherever they come from: a code of 60 bits is not found so.
LOOKS_OF_NUMBER: Final = 20
# Decoding takes a core: more at once would only take it from those who read.
_decoding = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody without an account; `key` is a secret of the installation."""

    address: str
    key: bytes

    @property
    def source(self) -> str:
        return told_by.source_mark(self.key, prefix_of(self.address.encode()))


@dataclass(frozen=True, slots=True)
class Filed:
    """A report with its reporter's code, which is kept nowhere."""

    complaint: Complaint
    code: str


def photo_address(complaint_id: str) -> str:
    return f"/console/scan/complaints/{complaint_id}/photo"


def new_token(reporter: Reporter, about: About, now: datetime) -> str:
    return told_by.form_token(reporter.key, about.key, new_id(), now)


async def admitted(
    reporter: Reporter, about: About, token: str, *, now: datetime, db: Database
) -> None:
    """Before any picture is decoded. Raises FormTooQuick, FormTooOld, TooManyReports."""
    async with audit.attempt(db, None, "complaint.file", about.subject):
        told_by.check_token(reporter.key, about.key, token, now)
        for window, most in ((HOUR, SENT_AN_HOUR), (DAY, SENT_A_DAY)):
            key = f"file:{int(window.total_seconds())}:{reporter.source}"
            await _limit(key, most, window, now, db)


async def drawn_anew(photo: bytes) -> bytes:
    """The photo as it is kept; raises what a picture is refused for, at its field."""
    try:
        async with _decoding:
            return await asyncio.to_thread(images.photo, photo)
    except Refusal as refusal:
        refusal.field = "photo"
        raise


async def file(
    told: Told,
    about: About,
    token: str,
    *,
    reporter: Reporter,
    settings: ScanSettings,
    now: datetime,
    db: Database,
) -> Filed:
    """Keep it and tell recall. The same words of one source about one stamp are one report."""
    fold = told_by.fold_of(reporter.source, about.subject, told, day_of(now))
    batch, serial = (about.stamp.batch, about.stamp.serial) if about.stamp else (0, 0)
    belongs = await complaints.belonging(db, batch, serial)

    async def work(tx: Tx) -> Filed:
        code = told_by.code_from(reporter.key, token, fold)
        print_of_code = told_by.fingerprint(code)
        before = await complaints.folded(tx, fold, print_of_code)
        if before is not None:
            return Filed(before, code)
        made_id = new_id()
        made = Complaint(
            id=made_id,
            number=told_by.number_from(reporter.key, made_id),
            batch=batch,
            serial=serial,
            facility_id=belongs[0],
            product_id=belongs[1],
            lot_id=belongs[2],
            kind=told.kind,
            words=told.words,
            commune=told.commune,
            place=told.place,
            verdict=told.verdict,
            has_photo=told.photo is not None,
            has_phone=bool(told.phone),
            filed_at=now,
            private_until=now + timedelta(days=settings.complaint_private_days),
            kept_until=now + timedelta(days=settings.complaint_days),
            fold=fold,
            fingerprints=(print_of_code,),
            typed=about.typed,
        )
        await complaints.insert(tx, made, told)
        await outbox.append(tx, made.told(photo_address(made.id)))
        await audit.accepted(tx, None, "complaint.file", made.id, facility=made.facility_id)
        return Filed(made, code)

    return await transact(db, work)


async def track(
    number: str, code: str, *, reporter: Reporter, now: datetime, db: Database
) -> Complaint:
    """The reporter's own; raises ComplaintUnknown, TooManyReports."""
    await _limit(f"look:{reporter.source}", LOOKS, LOOKS_WINDOW, now, db)
    await _limit(f"number:{number}", LOOKS_OF_NUMBER, LOOKS_WINDOW, now, db)
    found = await complaints.by_number(db, number, now)
    if found is None or not found.opens_with(code):
        raise ComplaintUnknown("code")
    return found


async def private_of(
    who: Principal, complaint_id: str, *, now: datetime, db: Database
) -> tuple[Complaint, str, bytes | None]:
    """The report with its phone number and photo, for officials of the area it concerns."""
    require(who, READ)
    found = await complaints.get(db, complaint_id, now)
    scope = await facilities.scope_of(db, found.facility_id)
    if not found.facility_id:
        # Nobody's goods have no sector: it is for all who answer for the place where it was seen.
        scope = Scope(commune=found.commune or None, sector=who.sector)
    if who.facility_id is not None:
        raise NotFound()
    require(who, READ, scope)
    phone, photo = await complaints.private(db, complaint_id, now)
    return found, phone, photo


async def _limit(key: str, most: int, window: timedelta, now: datetime, db: Database) -> None:
    wait = await complaints.wait_for(db, key, most, window, now)
    if wait:
        raise TooManyReports(retry_after=wait, minutes=ceil(wait / 60))

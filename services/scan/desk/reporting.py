"""What those do who report a problem with a stamp, or with goods without one, without an account
(R36, R53)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from fastapi import UploadFile

from services.scan.domain import complaint as told_by
from services.scan.domain.addresses import prefix_of
from services.scan.domain.complaint import (
    About,
    Complaint,
    ComplaintUnknown,
    FormTooOld,
    FormTooQuick,
    Goods,
    Taken,
    Told,
    TooManyReports,
)
from services.scan.domain.tally import Belongs, day_of
from services.scan.settings import ScanSettings
from services.scan.store import complaints, facilities, sought
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
SEARCHES, SEARCHES_WINDOW = 60, timedelta(minutes=10)
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


def label_address(complaint_id: str) -> str:
    return f"/console/scan/complaints/{complaint_id}/photos/{complaints.LABEL}"


def new_token(reporter: Reporter, about: About, now: datetime) -> str:
    return told_by.form_token(reporter.key, about.key, new_id(), now)


def token_moved(reporter: Reporter, before: About, after: About, token: str, now: datetime) -> str:
    """The token of a form that is about other goods now, as old as it was: who chooses them has
    not begun anew. A new one where there was none of ours."""
    try:
        told_by.check_token(reporter.key, before.key, token, now)
    except FormTooQuick:
        pass
    except FormTooOld:
        return new_token(reporter, after, now)
    seconds = int(token.partition(".")[0])
    return new_token(reporter, after, datetime.fromtimestamp(seconds, tz=now.tzinfo))


async def admitted(
    reporter: Reporter, about: About, token: str, *, now: datetime, db: Database
) -> None:
    """Before any picture is decoded. Raises FormTooQuick, FormTooOld, TooManyReports."""
    async with audit.attempt(db, None, "complaint.file", about.subject):
        told_by.check_token(reporter.key, about.key, token, now)
        for window, most in ((HOUR, SENT_AN_HOUR), (DAY, SENT_A_DAY)):
            key = f"file:{int(window.total_seconds())}:{reporter.source}"
            await limited(key, most, window, now, db)


async def drawn_anew(photo: bytes, field: str = "photo") -> bytes:
    """The photo as it is kept; raises what a picture is refused for, at its field."""
    try:
        async with _decoding:
            return await asyncio.to_thread(images.photo, photo)
    except Refusal as refusal:
        refusal.field = field
        raise


async def drawn_photos(
    photo: UploadFile | None, label: UploadFile | None
) -> tuple[bytes | None, bytes | None]:
    """Both as they are kept, None where none was sent."""
    made: list[bytes | None] = []
    for field, sent in (("photo", photo), ("label", label)):
        data = await sent.read() if sent is not None else b""
        made.append(await drawn_anew(data, field) if data else None)
    return made[0], made[1]


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
    """Keep it and tell recall. The same words of one source about one stamp, or about the same
    goods without one, are one report."""
    fold = told_by.fold_of(reporter.source, about, told, day_of(now))
    belongs = await belonging(about, db=db)

    async def work(tx: Tx) -> Filed:
        code = told_by.code_from(reporter.key, token, fold)
        print_of_code = told_by.fingerprint(code)
        before = await complaints.folded(tx, fold, print_of_code)
        if before is not None:
            return Filed(before, code)
        made = made_of(
            told,
            about,
            belongs,
            key=reporter.key,
            fold=fold,
            opens=print_of_code,
            settings=settings,
            now=now,
        )
        await complaints.insert(tx, made, told)
        await outbox.append(tx, made.told(photo_address(made.id), label_address(made.id)))
        await audit.accepted(tx, None, "complaint.file", made.id, facility=made.facility_id)
        return Filed(made, code)

    return await transact(db, work)


async def belonging(about: About, *, db: Database) -> Belongs:
    """Facility, product and lot of what is reported, "" where they are not known."""
    if about.goods is not None:
        return about.goods.facility_id, about.goods.product_id, about.goods.lot_id
    batch, serial = (about.stamp.batch, about.stamp.serial) if about.stamp else (0, 0)
    return await complaints.belonging(db, batch, serial)


def made_of(
    told: Told,
    about: About,
    belongs: Belongs,
    *,
    key: bytes,
    fold: str,
    opens: str,
    settings: ScanSettings,
    now: datetime,
    taken: Taken | None = None,
) -> Complaint:
    """The report as it is kept; `opens` is the fingerprint of its code, `taken` how an official
    was told it."""
    made_id = new_id()
    batch, serial = (about.stamp.batch, about.stamp.serial) if about.stamp else (0, 0)
    return Complaint(
        id=made_id,
        number=told_by.number_from(key, made_id),
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
        has_phone=bool(told.phone or told.name),
        filed_at=now,
        private_until=now + timedelta(days=settings.complaint_private_days),
        kept_until=now + timedelta(days=settings.complaint_days),
        fold=fold,
        fingerprints=(opens,),
        typed=about.typed,
        origin="official" if taken else "no_stamp" if about.goods is not None else "stamp",
        goods=told.goods,
        channel=taken.channel if taken else "",
        heard_on=taken.heard_on.isoformat() if taken else "",
        entered_by=taken.unit_id if taken else "",
        has_label=told.label is not None,
    )


async def sought_goods(
    text: str, *, reporter: Reporter, now: datetime, db: Database
) -> list[Goods]:
    """What anybody may find by the words on a label; raises TooManyReports."""
    await limited(f"seek:{reporter.source}", SEARCHES, SEARCHES_WINDOW, now, db)
    return await sought.find(db, text)


async def track(
    number: str, code: str, *, reporter: Reporter, now: datetime, db: Database
) -> Complaint:
    """The reporter's own; raises ComplaintUnknown, TooManyReports."""
    await limited(f"look:{reporter.source}", LOOKS, LOOKS_WINDOW, now, db)
    await limited(f"number:{number}", LOOKS_OF_NUMBER, LOOKS_WINDOW, now, db)
    found = await complaints.by_number(db, number, now)
    if found is None or not found.opens_with(code):
        raise ComplaintUnknown("code")
    return found


async def private_of(
    who: Principal, complaint_id: str, *, now: datetime, db: Database
) -> tuple[Complaint, complaints.Private]:
    """The report with its phone number and photo, for officials of the area it concerns: where
    the facility lies, or, where no stamp bears that out, the place where it was seen, for those of
    the facility's sector there."""
    require(who, READ)
    found = await complaints.get(db, complaint_id, now)
    scope = await facilities.scope_of(db, found.facility_id)
    # Nobody's goods have no sector: they are for all who answer for the place.
    sector = scope.sector if found.facility_id else who.sector
    place = Scope(commune=found.commune or None, sector=sector)
    by_words = found.is_by_words and bool(found.commune)
    if not found.facility_id or (by_words and not who.reaches(scope)):
        scope = place
    if who.facility_id is not None:
        raise NotFound()
    require(who, READ, scope)
    return found, await complaints.private(db, complaint_id, now)


async def photo_of(
    who: Principal, complaint_id: str, name: str, *, now: datetime, db: Database
) -> bytes:
    """A photo of the report, "" for the first, else by its name; raises NotFound."""
    found, first = await private_of(who, complaint_id, now=now, db=db)
    private = await complaints.private(db, f"{found.id}/{name}", now) if name else first
    if private.photo is None:
        raise NotFound()
    return private.photo


async def limited(key: str, most: int, window: timedelta, now: datetime, db: Database) -> None:
    wait = await complaints.wait_for(db, key, most, window, now)
    if wait:
        raise TooManyReports(retry_after=wait, minutes=ceil(wait / 60))

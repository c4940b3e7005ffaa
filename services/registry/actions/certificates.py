"""One certificate added to a facility's draft, renewed or taken off, with its scan (R13)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry.actions import documents
from services.registry.actions.entering import edit
from services.registry.actions.facilities import must_have_scans
from services.registry.actions.rights import require_for
from services.registry.domain.certificates import (
    Certificate,
    CertificateGone,
    TooManyCertificates,
)
from services.registry.domain.documents import Document
from services.registry.domain.facility import MAX_CERTIFICATES, Facility
from services.registry.domain.records import Aggregate, Record
from services.registry.store import records
from shared import audit
from shared.auth import Principal
from shared.days import local_day
from shared.mongo import Database, Tx


async def keep_certificate(
    record_id: str,
    certificate: Certificate,
    *,
    place: int | None,
    data: bytes | None,
    version: int,
    was: str = "",
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """Add it (`place` None) or put it in the place of one, with the scan in `data` if given.

    The draft then waits to be submitted like any other change: consumers and stamps go by what
    was approved. Without new data the scan of the certificate in that place stays. One more takes
    nothing of another's away, whatever was changed meanwhile; `was` is the key of the one that is
    changed, so that nobody's is overwritten where places have shifted.
    """
    expected = version if place is not None else None
    if data is None:
        return await _keep(
            record_id, certificate, None, place, expected, was, who=who, now=now, db=db
        )
    async with audit.attempt(db, who, "facility.enter", record_id):
        facility = await records.get(db, Aggregate.FACILITY, record_id)
        require_for(who, "facility.enter", facility)
    async with documents.stored(
        data,
        facility_id=record_id,
        kind="certificate",
        title=certificate.number,
        who=who,
        now=now,
        db=db,
    ) as scan:
        return await _keep(
            record_id, certificate, scan, place, expected, was, who=who, now=now, db=db
        )


async def remove_certificate(
    record_id: str, *, place: int, version: int, who: Principal, now: datetime, db: Database
) -> Record[Any]:
    """Off the draft; what is published stays until that draft is approved."""

    async def change(_: Tx, before: Record[Any]) -> Facility:
        it: Facility = before.content
        _at(it, place)
        left = (*it.certificates[:place], *it.certificates[place + 1 :])
        return replace(it, certificates=left)

    return await edit(
        Aggregate.FACILITY, record_id, change, version=version, who=who, now=now, db=db
    )


async def _keep(
    record_id: str,
    certificate: Certificate,
    scan: Document | None,
    place: int | None,
    version: int | None,
    was: str,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    async def change(tx: Tx, before: Record[Any]) -> Facility:
        it: Facility = before.content
        fresh = certificate
        if place is not None:
            old = _at(it, place)
            if was and was != old.key:
                raise CertificateGone()
            fresh = replace(fresh, scan=old.scan)
        elif len(it.certificates) >= MAX_CERTIFICATES:
            raise TooManyCertificates("number", limit=MAX_CERTIFICATES)
        if scan is not None:
            await documents.add(tx, scan)
            fresh = replace(fresh, scan=scan.id)
        kept = list(it.certificates)
        if place is None:
            kept.append(fresh)
        else:
            kept[place] = fresh
        after = replace(it, certificates=tuple(kept)).checked(local_day(now))
        await must_have_scans(tx, after, record_id)
        return after

    return await edit(
        Aggregate.FACILITY, record_id, change, version=version, who=who, now=now, db=db
    )


def _at(it: Facility, place: int) -> Certificate:
    if not 0 <= place < len(it.certificates):
        raise CertificateGone()
    return it.certificates[place]

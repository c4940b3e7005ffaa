"""The chain of a product: facilities named by code or id are looked up, outsiders must be told."""

from collections.abc import Sequence

from services.registry.domain.chain import (
    Party,
    PartyIncomplete,
    PartyStopped,
    PartyUnknown,
)
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.records import Aggregate
from services.registry.domain.words import fold
from services.registry.store import records
from shared.mongo import Database, Tx


async def resolved(source: Database | Tx, parties: Sequence[Party]) -> tuple[Party, ...]:
    """With name, code and address as published; raises PartyUnknown or PartyIncomplete.

    Any published facility may be named, whoever answers for it: its name and code are public.
    """
    ids = tuple(one.facility_id for one in parties if one.facility_id)
    known = {
        one.id: one for one in (await records.find_many(source, Aggregate.FACILITY, ids)).values()
    }
    found = []
    for index, one in enumerate(parties):
        if one.is_outside:
            if len(one.name) < 2 or len(one.address) < 2:
                missing = "name" if len(one.name) < 2 else "address"
                raise PartyIncomplete(f"chain.{index}.{missing}")
            found.append(one)
            continue
        record = known.get(one.facility_id)
        # The code is what people type; it wins where a form still carries the id of another.
        if one.code and (record is None or record.code != one.code.upper()):
            record = await records.by_code(source, Aggregate.FACILITY, one.code.upper())
        if record is None or record.published is None:
            raise PartyUnknown(f"chain.{index}.code", party=one.code or one.facility_id)
        found.append(_named(one.role, record.id, record.code, record.published))
    return tuple(found)


def _named(role: str, facility_id: str, code: str, it: Facility) -> Party:
    commune = commune_name(it.commune)
    whole = it.address if fold(commune) in fold(it.address) else f"{it.address}, {commune}"
    return Party(role, facility_id, code, it.name, whole)


async def must_be_in_use(tx: Tx, parties: Sequence[Party]) -> None:
    """Raise PartyStopped for a facility that stopped since it was named."""
    ids = tuple(one.facility_id for one in parties if one.facility_id)
    if not ids:
        return
    known = await records.find_many(tx, Aggregate.FACILITY, ids)
    for index, one in enumerate(parties):
        record = known.get(one.facility_id)
        if one.facility_id and (record is None or not record.is_public):
            raise PartyStopped(f"chain.{index}.code", name=one.name)

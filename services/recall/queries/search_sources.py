"""Finding where goods come from or what was used on them: areas, certificates, inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.recall.domain.certificate import Certificate
from services.recall.domain.target import TargetKind
from services.recall.domain.used import SUBSTANCE, folded_number, substances_in
from services.recall.queries.radius import PREVIEW
from services.recall.store import areas, certificates, facts, inputs
from services.recall.store.facts import Facility
from services.recall.store.inputs import KnownInput
from shared.auth import Principal, area_filter, require
from shared.mongo import Database, containing
from shared.spelling import fold

SHOWN = 10
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Source:
    """A possible target; `lots` and `facilities` of an input, as far as the asker may know."""

    kind: TargetKind
    id: str
    name: str
    facility: str = ""
    number: str = ""
    lots: int | None = None
    facilities: int = 0
    # As of the targets that have them.
    first: int | None = None
    last: int | None = None


async def sources(text: str, within: Sequence[str] | None, *, db: Database) -> list[Source]:
    """What the text may mean among the facilities given, None for all: a name, a code, an active
    substance, the number of a certificate or of a package."""
    return [
        *await _areas(db, text, within),
        *await _inputs(db, text, within),
        *await _certificates(db, text, within),
    ]


async def known_inputs(
    who: Principal, text: str = "", *, skip: int = 0, size: int = PAGE_SIZE, db: Database
) -> tuple[list[KnownInput], int]:
    """Inputs that were used within the account's scope, those of the most facilities first."""
    require(who, PREVIEW)
    wanted = {"search": containing(fold(text))} if text else {}
    return await inputs.listed(db, wanted, await facilities_of(who, db), skip=skip, size=size)


async def facilities_of(who: Principal, db: Database) -> list[str] | None:
    """Ids of the facilities in scope; None for the whole province."""
    area = area_filter(who, facility="_id")
    return await facts.facilities_within(db, area) if area else None


async def _areas(db: Database, text: str, within: Sequence[str] | None) -> list[Source]:
    wanted = {"search": containing(fold(text)), **_limit("facility_id", within)}
    found = await areas.search(db, wanted, SHOWN)
    names = await facts.facilities(db, {one.facility_id for one in found})
    return [
        Source(TargetKind.AREA, one.id, f"{one.name} · {one.code}", _name(names, one.facility_id))
        for one in found
    ]


async def _inputs(db: Database, text: str, within: Sequence[str] | None) -> list[Source]:
    """Each input that fits, the active substance that they have in common, and a package's own."""
    pattern = containing(fold(text))
    found, _ = await inputs.listed(db, {"search": pattern}, within, skip=0, size=SHOWN)
    rows = [
        Source(TargetKind.INPUT, one.key, one.name, lots=one.lots, facilities=one.facilities)
        for one in found
        if one.lots
    ]
    folded = fold(text)
    substances = {
        part: None
        for one in found
        for part in substances_in(one.active_substance)
        if folded in part
    }
    rows += [Source(TargetKind.INPUT, SUBSTANCE + part, part) for part in substances]
    for key, name in await inputs.with_number(db, folded_number(text), within, SHOWN):
        rows.append(Source(TargetKind.INPUT, key, name, number=text.strip()))
    return rows


async def _certificates(db: Database, text: str, within: Sequence[str] | None) -> list[Source]:
    wanted = {"search": containing(fold(text)), **_limit("_id", within)}
    folded = fold(text)
    found = [
        one
        async for one in certificates.search(db, wanted, SHOWN)
        if folded in fold(one.number, one.title)
    ]
    names = await facts.facilities(db, {one.facility_id for one in found})
    return [_of_certificate(one, names) for one in found[:SHOWN]]


def _of_certificate(one: Certificate, names: dict[str, Facility]) -> Source:
    name = f"{one.number} · {one.title}" if one.title else one.number
    return Source(
        TargetKind.CERTIFICATE, one.facility_id, name, _name(names, one.facility_id), one.number
    )


def _name(names: dict[str, Facility], facility_id: str) -> str:
    return names[facility_id].name if facility_id in names else ""


def _limit(field: str, within: Sequence[str] | None) -> dict[str, Any]:
    return {} if within is None else {field: {"$in": [*within]}}

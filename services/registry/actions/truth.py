"""Truth checks of a lot: shown before the decision, binding at it, kept with it."""

from datetime import datetime
from typing import Any

from services.registry.actions.rights import author, require_for
from services.registry.domain.finding import Finding
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.truth import Facts, examine
from services.registry.store import area_diaries, lot_checks, records, shipments, transformations
from shared import audit
from shared.auth import Principal
from shared.errors import Phrase, Refusal
from shared.mongo import Database, Tx


class TruthChecksBlock(Refusal):
    code = "truth_checks_block"
    message = (
        "Lô chưa đăng được: {problem} Hãy trả lại cho người nhập sửa, hoặc người có quyền "
        "ghi lý do để vẫn đăng."
    )


async def findings(source: Database | Tx, record: Record[Any], now: datetime) -> list[Finding]:
    """What is amiss with a lot as it stands."""
    lot: Lot = record.content
    area, diary_now = None, lot.area_entries
    season_lots: tuple[Lot, ...] = ()
    if lot.growing_area_id:
        found = await records.find(source, Aggregate.GROWING_AREA, lot.growing_area_id)
        area = found.published if found is not None else None
    if isinstance(area, GrowingArea):
        diary = await area_diaries.get(source, lot.growing_area_id)
        diary_now = diary.taken_over(area, lot.produced_on)
        season = area.season_of(lot.produced_on)
        first = season.starts_on if season else lot.produced_on.replace(month=1, day=1)
        last = season.ends_on if season else lot.produced_on.replace(month=12, day=31)
        season_lots = await lot_checks.of_season(
            source, record, first.isoformat(), last.isoformat()
        )
    entries = (*lot.area_entries, *lot.entries)
    made = {one.product_id for one in (lot, *season_lots)}
    came_from = {*lot.inputs, *(e.supply_lot for e in entries if e.supply_lot)}
    owner = record.owner.facility_id
    disowned = {
        *await shipments.disowned(source, owner, came_from),
        *await transformations.denied(source, owner, came_from),
    }
    facts = Facts(
        alike=await lot_checks.alike(source, record),
        contents=await lot_checks.net_contents(source, made),
        area=area,
        diary_now=diary_now,
        others=await lot_checks.others_of(source, record),
        season_lots=season_lots,
        names=await _names(source, came_from),
        disowned=tuple(sorted(disowned)),
        strangers=await lot_checks.strangers(source, entries, owner),
    )
    return examine(lot, facts, now)


async def _names(source: Database | Tx, lots: set[str]) -> dict[str, str]:
    """Lots as people write them: facility code, slash, lot code."""
    found = await records.find_many(source, Aggregate.LOT, tuple(lots)) if lots else {}
    return {key: f"{one.owner.code}/{one.code}" for key, one in found.items()}


async def judge(
    tx: Tx, record: Record[Any], *, override: str, who: Principal, now: datetime
) -> None:
    """Keep what was found with the decision; raise TruthChecksBlock unless it is overridden.

    To override is a right of its own, needs a reason, and is audited.
    """
    found = await findings(tx, record, now)
    blocking = [one for one in found if one.blocks]
    if blocking and not override:
        first = blocking[0]
        raise TruthChecksBlock("override", problem=Phrase(first.message, first.params))
    if blocking:
        require_for(who, "lot.override", record)
        checks = ", ".join(sorted({one.check for one in blocking}))
        await audit.accepted(tx, who, "lot.override", record.id, override, checks=checks)
    await lot_checks.keep(tx, record, found, by=author(who), override=override if blocking else "")

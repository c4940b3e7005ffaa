"""The unit tree by API."""

from fastapi import APIRouter

from services.identity.actions import reshaping
from services.identity.actions import units as actions
from services.identity.api.views import UnitsView, UnitView
from services.identity.domain.units import require_seen
from services.identity.fields.units import EditUnit, FoundUnit, MergeUnits, MoveUnit
from services.identity.request import Db, Id
from services.identity.store import units as store
from shared.auth import require
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/units", tags=["units"])


@router.get("")
async def list_units(who: ApiPrincipal, db: Db) -> UnitsView:
    """One's own unit and all below it, a parent before its children."""
    require(who, "unit.read")
    return UnitsView(items=[UnitView.of(unit) for unit in await store.below(db, who)])


@router.post("", status_code=201)
async def found_unit(
    given: FoundUnit, who: ApiPrincipal, db: Db, key: IdempotencyKey = None
) -> UnitView:
    """A new unit below one's own."""
    unit = await actions.found_unit(
        given.name,
        given.tier,
        given.parent_id,
        given.reach(),
        who=who,
        db=db,
        now=now(),
        repeat_key=key,
    )
    return UnitView.of(unit)


@router.get("/{unit_id}")
async def one_unit(unit_id: Id, who: ApiPrincipal, db: Db) -> UnitView:
    unit = await store.get(db, unit_id)
    require_seen(who, unit)
    require(who, "unit.read")
    return UnitView.of(unit)


@router.put("/{unit_id}")
async def edit_unit(unit_id: Id, given: EditUnit, who: ApiPrincipal, db: Db) -> UnitView:
    """Rename a unit, change what it answers for, close or reopen it."""
    unit = await actions.edit_unit(unit_id, given.edit(), who=who, db=db, now=now())
    return UnitView.of(unit)


@router.post("/{unit_id}/move")
async def move_unit(unit_id: Id, given: MoveUnit, who: ApiPrincipal, db: Db) -> UnitView:
    """Put a unit, with all below it, under another parent."""
    unit = await reshaping.move_unit(
        unit_id, given.parent_id, given.version, given.reason, who=who, db=db, now=now()
    )
    return UnitView.of(unit)


@router.post("/{unit_id}/merge")
async def merge_units(unit_id: Id, given: MergeUnits, who: ApiPrincipal, db: Db) -> UnitView:
    """Merge other units into this one; their accounts and units follow."""
    unit = await reshaping.merge_units(
        unit_id,
        tuple(given.merged),
        given.name,
        given.version,
        given.reason,
        who=who,
        db=db,
        now=now(),
    )
    return UnitView.of(unit)

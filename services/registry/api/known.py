"""Known facilities: the list that authorities keep of who does not take part yet."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import known
from services.registry.api.views import EnteredView, RecordId
from services.registry.domain.known import Known
from services.registry.fields.known import KnownFields
from services.registry.inputs import Reason, Version
from services.registry.store import known as store
from shared.auth import Principal, require
from shared.errors import Forbidden
from shared.ids import new_id, now
from shared.once import once
from shared.web.fields import Input
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/known-facilities")
STEPS = {"invite": known.invite, "close": known.close, "reopen": known.reopen}
Status = Literal["", "known", "invited", "registering", "participating", "closed"]


class KnownView(BaseModel):
    id: str
    version: int
    status: str
    facility_id: str
    note: str
    created_at: datetime
    updated_at: datetime
    particulars: dict[str, Any]

    @classmethod
    def of(cls, one: Known) -> "KnownView":
        return cls(
            id=one.id,
            version=one.version,
            status=one.status.value,
            facility_id=one.facility_id,
            note=one.note,
            created_at=one.created_at,
            updated_at=one.updated_at,
            particulars={name: getattr(one.it, name) for name in type(one.it).__slots__},
        )


class KnownList(BaseModel):
    items: list[KnownView]
    total: int


class CountView(BaseModel):
    commune: str
    facility_class: str
    status: str
    number: int


class EditKnown(KnownFields):
    version: Version


class KnownStep(Input):
    """`note` says why or how: it is kept with the step."""

    step: Literal["invite", "close", "reopen"]
    version: Version
    note: Reason


class Convert(Input):
    version: Version


def _officials_only(who: Principal) -> None:
    """The list is the authorities': a facility's account is not one of them."""
    if who.facility_id is not None:
        raise Forbidden()
    require(who, "known_facility.read")


@router.get("")
async def listed(
    who: ApiPrincipal,
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Status = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> KnownList:
    _officials_only(who)
    wanted = {"status": status} if status else {}
    rows, total = await store.listed(request.app.state.db, who, wanted, q, page)
    return KnownList(items=[KnownView.of(one) for one in rows], total=total)


@router.get("/counts")
async def counts(who: ApiPrincipal, request: Request) -> list[CountView]:
    """By commune, class and standing; `participating` counts the published records."""
    _officials_only(who)
    found = await store.counts(request.app.state.db, who)
    return [
        CountView(commune=commune, facility_class=by_class, status=status, number=number)
        for (commune, by_class, status), number in sorted(found.items())
    ]


@router.post("", status_code=201)
async def enter(
    body: KnownFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> KnownView:
    one = await known.enter_known(
        body.to_domain(),
        known_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "known", body),
    )
    return KnownView.of(one)


@router.get("/{known_id}")
async def read(known_id: RecordId, who: ApiPrincipal, request: Request) -> KnownView:
    one = await store.get(request.app.state.db, known_id)
    require(who, "known_facility.read", one.scope())
    return KnownView.of(one)


@router.put("/{known_id}")
async def edit(
    known_id: RecordId, body: EditKnown, who: ApiPrincipal, request: Request
) -> KnownView:
    one = await known.edit_known(
        known_id,
        body.to_domain(),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return KnownView.of(one)


@router.post("/{known_id}/steps")
async def step(
    known_id: RecordId, body: KnownStep, who: ApiPrincipal, request: Request
) -> KnownView:
    one = await STEPS[body.step](
        known_id,
        note=body.note,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return KnownView.of(one)


@router.post("/{known_id}/conversion", status_code=201)
async def convert(
    known_id: RecordId, body: Convert, who: ApiPrincipal, request: Request
) -> EnteredView:
    """Enters its record as a draft, to be completed, submitted and reviewed."""
    made = await known.convert(
        known_id,
        record_id=new_id(),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return EnteredView(id=made.id, version=made.version, state=made.state, code=made.code)

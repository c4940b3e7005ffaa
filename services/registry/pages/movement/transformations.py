"""The book of what was collected, split, merged and processed: a list, and as a file (R20, R23)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.registry.actions import transforming
from services.registry.domain.transformation import Kind
from services.registry.pages.showing import show
from services.registry.store import transformations as store
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.search.seen import Seen
from services.registry.store.transformations import MOST, Wanted
from services.registry.transformation_list import KINDS, headers, known, rows
from shared.auth import require
from shared.days import day_begins
from shared.web.i18n import translate
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(prefix="/console/registry/transformations", include_in_schema=False)
Word = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Asked:
    """As it was typed; a day or a kind that cannot be read narrows nothing and is shown again."""

    facility: Word = ""
    product: Word = ""
    kind: Word = ""
    since: Word = ""
    until: Word = ""

    def wanted(self) -> Wanted:
        return Wanted(
            facility=self.facility.strip(),
            product=self.product.strip(),
            kind=Kind(self.kind) if self.kind in Kind.__members__.values() else None,
            since=day_begins(_day(self.since)),
            until=day_begins(_day(self.until), later=1),
        )

    @property
    def unread(self) -> list[str]:
        return [text for text in (self.since, self.until) if text and _day(text) is None]


What = Annotated[Asked, Depends()]


@router.get("")
async def listed(request: Request, who: PagePrincipal, asked: What) -> Response:
    """The latest first, cancelled ones too."""
    require(who, "lot.read")
    state, wanted = request.app.state, asked.wanted()
    seen = await Seen.now(state.catalogue)
    asked_for = Paging.of(request, MOST, size=PAGE_SIZE).number
    found, total = await store.in_scope(state.db, seen, who, wanted, asked_for)
    paging = Paging.of(request, total, size=PAGE_SIZE, most=MOST)
    if paging.number != asked_for:
        found, total = await store.in_scope(state.db, seen, who, wanted, paging.number)
    return show(
        request,
        "console/transformations.html",
        rows=found,
        names=await known(state.db, found),
        kinds=KINDS,
        kind_options=[(kind.value, translate(label)) for kind, label in KINDS.items()],
        asked=asked,
        narrowed=wanted != Wanted(),
        paging=paging,
        reads=who.facility_id,
        may_enter=who.may("lot.enter"),
    )


@router.get(".csv")
@router.get(".xlsx")
async def exported(request: Request, who: PagePrincipal, asked: What) -> Response:
    """With the filters of the list: everything there is, the latest first."""
    db = request.app.state.db
    await transforming.note_export(who, db=db)
    seen = await Seen.now(request.app.state.catalogue)
    found = store.every(db, seen, who, asked.wanted())
    return table_file(request, "thu-mua-che-bien", headers(), rows(found, db))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None

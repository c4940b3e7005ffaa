"""The page that lists known facilities: narrowed, and counted by commune and class."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import known as acts
from services.registry.domain.communes import commune_name, commune_of_today
from services.registry.domain.known import KnownStatus
from services.registry.pages.list_filters import KnownAsked
from services.registry.pages.showing import show
from services.registry.sheets.known_rows import STATUSES
from services.registry.store import known as store
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, require
from shared.errors import Forbidden
from shared.web.i18n import translate
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/known-facilities", include_in_schema=False)
TONES: Final = {
    KnownStatus.KNOWN: "neutral",
    KnownStatus.INVITED: "info",
    KnownStatus.REGISTERING: "caution",
    KnownStatus.PARTICIPATING: "good",
    KnownStatus.CLOSED: "unknown",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A commune and a class with how many stand where."""

    commune: str
    facility_class: str
    outside: int
    invited: int
    participating: int

    @property
    def total(self) -> int:
        return self.outside + self.invited + self.participating


@router.get("")
async def listed(request: Request, who: PagePrincipal, chosen: KnownAsked) -> Response:
    officials_only(who)
    db = request.app.state.db
    number = Paging.of(request, 10**9, size=PAGE_SIZE).number
    rows, total = await store.listed(db, who, chosen.wanted(), chosen.q, number)
    return show(
        request,
        "console/known_list.html",
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        counts=_table(await store.counts(db, who)),
        may_enter=who.may(acts.ENTER),
        may_import=who.may(acts.ENTER) and who.may("import.enter"),
        q=chosen.q,
        chosen=chosen.status,
        commune=commune_of_today(chosen.commune),
        facility_class=chosen.facility_class,
        **words(),
    )


def officials_only(who: Principal) -> None:
    """Raise Forbidden for a facility's account: the list is the authorities'."""
    if who.facility_id is not None:
        raise Forbidden()
    require(who, "known_facility.read")


def words() -> dict[str, Any]:
    """The names of choices that every page about the list shows."""
    return {
        "statuses": STATUSES,
        "tones": TONES,
        "status_options": [(key.value, translate(label)) for key, label in STATUSES.items()],
        "class_options": [(key, translate(label)) for key, label in catalogue.CLASSES.items()],
        "sector_options": [(key, translate(label)) for key, label in catalogue.SECTORS.items()],
        "kind_options": [(key, translate(label)) for key, label in catalogue.KINDS.items()],
        "mark_options": [(key, translate(label)) for key, label in catalogue.MARKS.items()],
        "paper_options": [(key, translate(label)) for key, label in catalogue.CERTIFICATES.items()],
    }


def _table(counts: dict[tuple[str, str, str], int]) -> list[Row]:
    """One row for each commune and class, by name of the commune."""
    keys = sorted({(c, k) for c, k, _ in counts}, key=lambda key: (commune_name(key[0]), key[1]))

    def number(commune: str, by_class: str, statuses: Iterable[KnownStatus]) -> int:
        return sum(counts.get((commune, by_class, one), 0) for one in statuses)

    invited = (KnownStatus.INVITED, KnownStatus.REGISTERING)
    return [
        Row(
            commune,
            by_class,
            number(commune, by_class, (KnownStatus.KNOWN,)),
            number(commune, by_class, invited),
            number(commune, by_class, (KnownStatus.PARTICIPATING,)),
        )
        for commune, by_class in keys
    ]

"""Statistics of scans for programs."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.scan.desk import figures
from services.scan.domain.figures import Period
from shared.days import local_day
from shared.ids import now
from shared.web.fields import Day
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/scan/v1/figures", tags=["scan"])
By = Literal["product", "lot", "facility", "commune", "day", "hour"]


class FigureQuery(BaseModel):
    """`from` and `to` are days in Vietnam, both counted: the last thirty unless told otherwise,
    at most 366."""

    model_config = ConfigDict(extra="forbid")

    by: By = "product"
    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
    facility: str = Field("", max_length=64)
    product: str = Field("", max_length=64)
    page: int = Field(1, ge=1, le=10_000)


class ScanLine(BaseModel):
    """`key`: an id, a commune's code, a day, or an hour of the day (0 to 23); "" where it is not
    known. `users` counts each person once a day, where they scanned first, so lines add up.
    `people` counts the different people of each day who scanned it, summed over the days, whatever
    else they scanned: by product and facility, and of one of these by day; else null, as where they
    were not counted yet. Beyond 200 people of a thing a day it is an estimate (standard error
    2.3 %)."""

    key: str
    name: str
    scans: int
    users: int
    people: int | None
    verdicts: dict[str, int]


class ScanFigures(BaseModel):
    """A page of 50 lines of `total`; sums of the whole period beside them. `hours` has a number
    for each hour of the day in Vietnam. `people` are the different people of each day of one
    facility or product, whatever the lines are; null of more than one, and where the period begins
    before `people_since`: the first day of which all people were counted, null where they always
    were."""

    model_config = ConfigDict(serialize_by_alias=True)

    by: By
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    scans: int
    users: int
    people: int | None
    people_since: date | None
    verdicts: dict[str, int]
    days: dict[str, int]
    hours: list[int]
    items: list[ScanLine]
    total: int


@router.get("")
async def scan_figures(
    request: Request, who: ApiPrincipal, asked: Annotated[FigureQuery, Query()]
) -> ScanFigures:
    """How often what lies in the asker's scope was scanned, by product, lot, facility, commune
    of the scan, day or hour of the day; a facility's account gets its own."""
    period = Period.of(asked.first, asked.last, local_day(now()))
    found = await figures.read(
        who,
        figures.Asked(period, asked.by, asked.facility, asked.product),
        page=asked.page,
        db=request.app.state.db,
    )
    sums = found.totals
    return ScanFigures(
        by=asked.by,
        first=period.first,
        last=period.last,
        scans=sums.scans,
        users=sums.users,
        people=found.people,
        people_since=found.people_since,
        verdicts=dict(sums.verdicts),
        days=dict(sorted(sums.days.items())),
        hours=list(sums.hours),
        items=[
            ScanLine(
                key=one.line.key,
                name=one.name,
                scans=one.line.scans,
                users=one.line.users,
                people=one.people,
                verdicts=dict(one.line.verdicts),
            )
            for one in found.rows
        ],
        total=found.total,
    )

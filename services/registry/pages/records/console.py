"""The console: what waits for me, and the lists of records."""

from dataclasses import fields
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry import catalogue, work_list
from services.registry.actions.rights import RIGHTS
from services.registry.domain.quality import judged
from services.registry.domain.records import Aggregate
from services.registry.pages.records import detail, narrowing, quality_filter
from services.registry.pages.showing import WORDS, show
from services.registry.store import console_lists, lists
from services.registry.store.search.seen import Seen
from shared.auth import Principal, require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
AGGREGATES = {word: aggregate for aggregate, word in WORDS.items()}


@router.get("")
@router.get("/review")
async def waiting(request: Request, who: PagePrincipal) -> Response:
    """What waits for this account, with counts and the oldest of each."""
    db: Database = request.app.state.db
    seen = await Seen.if_loaded(request.app.state.catalogue)
    found = await work_list.of(db, seen, who, local_day(now()))
    return show(
        request,
        "console/work.html",
        **{part.name: getattr(found, part.name) for part in fields(found)},
        may_enter=[a for a in Aggregate if who.may(RIGHTS[a].enter)],
    )


@router.get("/{word}")
async def list_records(
    request: Request,
    who: PagePrincipal,
    word: str,
    q: Asked = "",
    state: Word = "",
    waiting: Word = "",
    facility_id: Word = "",
    quality: Word = "",
) -> Response:
    aggregate = aggregate_of(word)
    require(who, RIGHTS[aggregate].read)
    db: Database = request.app.state.db
    ways = narrowing.of(request, aggregate, who)
    asked: dict[str, Any] = {
        "q": q,
        "state": state if state in catalogue.STATES else "",
        "facility_id": facility_id,
        "wanted": {
            **work_list.filter_of(waiting, who),
            **quality_filter.filter_of(quality),
            **narrowing.wanted(ways),
        },
    }
    seen = await Seen.now(request.app.state.catalogue)
    worst = quality == "worst"
    listed = await console_lists.find(db, seen, aggregate, who, worst_first=worst, **asked)
    paging = Paging.of(request, listed.total, size=lists.PAGE_SIZE, most=listed.most)
    found = await listed.page(paging.number)
    return show(
        request,
        "console/list.html",
        quality=quality,
        ways=ways,
        export_query=_export_query(request),
        judged=lambda content: judged(content, local_day(now())),
        quality_options=quality_filter.options(),
        aggregate=aggregate,
        word=word,
        records=found,
        paging=paging,
        recalled=await detail.recalled(db, aggregate, found),
        may_enter=who.may(RIGHTS[aggregate].enter) and not _is_own_facility(aggregate, who),
        names=await detail.names_of_lots(db, found),
        q=q,
        state=state,
        waiting=waiting,
        facility_id=facility_id,
        state_options=detail.state_options(),
    )


def _export_query(request: Request) -> str:
    """The filters of the list for the file of it: everything but the page."""
    kept = [(k, v) for k, v in request.query_params.items() if v and k != "page"]
    return f"?{urlencode(kept)}" if kept else ""


def aggregate_of(word: str) -> Aggregate:
    """The kind of record that a word of an address names; raises NotFound."""
    if word not in AGGREGATES:
        raise NotFound()
    return AGGREGATES[word]


def _is_own_facility(aggregate: Aggregate, who: Principal) -> bool:
    """A facility's account has its facility already and enters no other."""
    return aggregate is Aggregate.FACILITY and who.facility_id is not None

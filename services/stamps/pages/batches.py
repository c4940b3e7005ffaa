"""Batches of stamps: the list, and all about one."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, stock_queries, tracing
from services.stamps.domain.deciding import FREE, Decided
from services.stamps.domain.life import Changed
from services.stamps.domain.requests import Batch
from services.stamps.domain.selling import TAKE_BACK_WITHIN
from services.stamps.domain.touched import recalled
from services.stamps.domain.undoing import UNDO_WITHIN
from services.stamps.inputs import BatchNumber
from services.stamps.pages.log_words import NOTICES
from services.stamps.pages.shown import Told, listed, told_apart, translated
from services.stamps.pages.stock_shown import move_events, newest_first
from services.stamps.pages.stock_words import PLACES
from services.stamps.pages.words import CHANGES, PRINT_STATES, STAMP_STATES
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.tiers import AUTHORITIES
from shared.web.filters import show_number
from shared.web.i18n import N_, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter()
INTERVALS_SHOWN = 100


@router.get("/batches")
async def list_batches(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    rows, paging = await listed(
        request, lambda page: queries.batches_seen_by(who, db=db, page=page)
    )
    return render(
        request,
        "batches.html",
        rows=rows,
        names=await queries.names_for(rows, db=db),
        noticed=await queries.notices_among(rows, db=db),
        notice_names=translated(NOTICES),
        paging=paging,
    )


@router.get("/batches/{number}")
async def show_batch(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    db = request.app.state.db
    batch = await queries.batch_seen_by(who, number, db=db)
    life = await queries.life_of(batch, db=db)
    history = await queries.history_of(batch, db=db)
    stock = await stock_queries.stock_of(batch, db=db)
    moves = await stock_queries.moves_of(number, db=db) if stock else []
    right = "stamps.print_centrally" if stock else "stamps.print"
    paging = Paging.of(request, len(life.intervals), size=INTERVALS_SHOWN)
    intervals = life.intervals[paging.skip : paging.skip + paging.size]
    decided = await queries.decided_on(batch, intervals, db=db)
    noticed = await queries.notices_on(batch, life.intervals, db=db)
    lots = {interval.lot for interval in intervals} | {one.lot for one in history}
    lot_codes = await queries.lot_codes(lots, db=db)
    return render(
        request,
        "batch.html",
        batch=batch,
        counts=life.counts,
        intervals=intervals,
        paging=paging,
        lot_codes=lot_codes,
        holds=await queries.holds_on(batch, db=db),
        noticed=noticed,
        notice_names=translated(NOTICES),
        recalled=recalled(noticed),
        jobs=await queries.jobs_of(batch, db=db) if who.may(right) else [],
        may_print=who.may(right) and (stock is None or "ordered" in stock.counts),
        stock=stock,
        places=translated(PLACES),
        usable=stock_queries.next_usable(life, stock),
        job_states=translated(PRINT_STATES),
        history=newest_first(_time_line(history, lot_codes), move_events(moves, who)),
        undoable=tracing.undoable(history, who=who, now=now()),
        undo_within=UNDO_WITHIN,
        retractable=tracing.retractable(history, who=who, now=now()),
        take_back_within=TAKE_BACK_WITHIN,
        names=await queries.names_for([batch], db=db),
        above=_told_above(who, decided),
        changeable=await _changeable(who, batch, life, db),
        authorities=AUTHORITIES,
        state_names=translated(STAMP_STATES),
    )


def _told_above(who: Principal, decided: Sequence[Decided]) -> list[Told]:
    """What a tier above decided, for who would change it otherwise."""
    if not who.may("stamps.revoke"):
        return []
    return told_apart((one for one in decided if one.above(who.tier)), len(decided))


async def _changeable(who: Principal, batch: Batch, life: queries.Life, db: Database) -> bool:
    """Whether there is a serial that the asker can change the state of."""
    if not FREE.isdisjoint(life.counts):
        return True
    return bool((await queries.changes_offered(who, batch, life, db=db)).changes)


def _time_line(history: Sequence[Changed], lot_codes: dict[str, str]) -> list[dict[str, Any]]:
    words = translated(CHANGES)
    return [
        {
            "title": translate(
                N_("{change}: tem {first}–{last}"),
                change=words[one.change],
                first=show_number(one.first),
                last=show_number(one.last),
            ),
            "time": one.at,
            "who": one.by_name,
            "text": _text(one) or lot_codes.get(one.lot, one.lot),
        }
        for one in history
    ]


def _text(one: Changed) -> str:
    if not one.public_reason:
        return one.reason
    said = translate(N_("Nói với người quét tem: {text}"), text=one.public_reason)
    return f"{one.reason} · {said}"

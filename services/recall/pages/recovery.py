"""Pages of carrying out a recall: who was told, the sums by lot, and the rows of one lot."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import recoveries as acts
from services.recall.domain.case import Case
from services.recall.domain.explaining import Explanation
from services.recall.domain.owner_request import OwnerRequest
from services.recall.domain.recovery import Row
from services.recall.domain.recovery_refusals import RowUnknown
from services.recall.domain.target import Lot
from services.recall.domain.terms import Kind, State
from services.recall.pages import labels, recovery_labels, requests
from services.recall.pages.console import HOME
from services.recall.queries import cases, recovery, spots
from services.recall.queries.balances import balances_of
from services.recall.queries.requests import read_by
from services.recall.recovery_inputs import ExplainForm, RowForm
from services.recall.store import evidence, explanations, facts, owner_requests, recoveries
from services.recall.store.cases import scope_of
from shared.auth import Principal
from shared.commune_places import names
from shared.days import today
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment

router = APIRouter(include_in_schema=False)
PATH = HOME + "/{case_id}/recovery"
LOTS_A_PAGE = 20


@router.post(HOME + "/{case_id}/acknowledge")
async def acknowledge(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: Input) -> Response:
        db = request.app.state.db
        is_new = await acts.acknowledge(case_id, who=who, db=db, at=now())
        own = (await cases.seen_by(who, case_id, db=db)).announced_by(who.facility_id)
        received = N_("Đã ghi: cơ sở đã nhận thông báo.")
        said = N_("Đã ghi: cơ sở đã báo các nơi mua hàng.") if own else received
        again = N_("Cơ sở đã xác nhận từ trước; lần xác nhận đầu được giữ.")
        return redirect(request, f"{HOME}/{case_id}/recovery", said if is_new else again)

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: overview(request, who, case_id, form, status),
    )


@router.get(PATH)
async def show(case_id: str, request: Request, who: PagePrincipal) -> Response:
    return await overview(request, who, case_id)


@router.get(PATH + "/lots/{lot_id}")
async def show_lot(case_id: str, lot_id: str, request: Request, who: PagePrincipal) -> Response:
    form = new_form(RowForm, lot_id=lot_id, key=new_id(), day=today())
    if corrected := request.query_params.get("corrects", "")[:64]:
        form = await _correcting(request.app.state.db, who, case_id, corrected)
    return await _lot_page(request, who, case_id, lot_id, form)


@router.post(PATH + "/lots/{lot_id}")
async def report(
    case_id: str, lot_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: RowForm) -> Response:
        one = await sent.report()
        one = replace(one, stated=replace(one.stated, lot_id=lot_id))
        db = request.app.state.db
        await acts.report(case_id, [one], who=who, key=sent.key, db=db, at=now())
        return redirect(request, f"{HOME}/{case_id}/recovery/lots/{lot_id}", N_("Đã ghi số lượng."))

    return await answered(
        await read_form(request, RowForm),
        perform,
        lambda form, status: _lot_page(request, who, case_id, lot_id, form, status),
    )


@router.get(PATH + "/files/{file_id}")
async def read_file(case_id: str, file_id: str, request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    kept, data = await recovery.file_seen_by(db, case, who, file_id)
    ending = "pdf" if kept.media_type.endswith("pdf") else "jpg"
    headers = {**attachment(f"{kept.id}.{ending}"), "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=kept.media_type, headers=headers)


async def _correcting(db: Database, who: Principal, case_id: str, row_id: str) -> Form[RowForm]:
    """The form filled with the row that it corrects; what others have counted is theirs."""
    case = await cases.seen_by(who, case_id, db=db)
    row = await recoveries.get(db, case_id, row_id)
    stated = row.stated
    lot = recovery.lot_in(await recovery.lots_of(db, case, who, [stated.lot_id]), stated.lot_id)
    if not await spots.may_correct(db, case, lot, row, who):
        raise RowUnknown("corrects")
    return new_form(
        RowForm,
        lot_id=stated.lot_id,
        fate=stated.fate,
        handling=stated.handling,
        quantity=stated.quantity,
        unit=stated.unit,
        day=stated.day,
        facility_id=stated.spot.facility_id,
        commune=stated.spot.commune,
        where=stated.spot.words,
        words=stated.words,
        corrects=row.id,
        key=new_id(),
    )


async def overview(
    request: Request,
    who: Principal,
    case_id: str,
    moot: Form[Any] | None = None,
    status: int = 200,
    forms: dict[str, Form[Any]] | None = None,
) -> Response:
    """The case's goods as they stand; `forms` are those that come back with what was typed."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    mine = await recovery.ids_of(db, case, who)
    owner = who.facility_id is not None and who.facility_id == case.owner.facility_id
    paging = Paging.of(request, len(mine), size=LOTS_A_PAGE)
    shown = mine[paging.skip : paging.skip + paging.size]
    told = [
        one for one in await recovery.told(db, case) if who.facility_id in (None, one.facility_id)
    ]
    given = await explanations.of_case(db, case.id) if who.facility_id is None else []
    return render(
        request,
        "recovery.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        told=told,
        missing=[one for one in told if one.acknowledged is None],
        sums=await recovery.sums_for(db, case, who),
        balances=await balances_of(db, case, shown) if shown else [],
        paging=paging,
        mine=who.facility_id,
        moot=moot,
        explanations=given,
        explained=await _explained(db, given),
        # The owner's words are for the authority, as the report is: they tell of other facilities.
        asked=await _asked(db, case) if read_by(who, case) else None,
        requests=requests,
        owner=owner,
        forms={
            "explain": new_form(ExplainForm, key=new_id()),
            **(forms or {}),
        },
        may=may(
            who,
            case,
            bool(told) and told[0].acknowledged is None,
            lots=bool(await recovery.open_lots(db, case)),
        ),
        loose=await recovery.loose(db, case) if who.facility_id is None or owner else 0,
        labels=labels,
        fates=recovery_labels,
    )


async def _explained(db: Database, given: Sequence[Explanation]) -> dict[str, str]:
    """The codes of the lots that each is about, by its id; "" where they are too many to name."""
    few = {
        one.id: list(one.amounts) for one in given if len(one.amounts) <= recovery_labels.MOST_NAMED
    }
    wanted = {lot_id for ids in few.values() for lot_id in ids}
    codes = {row.lot.id: row.lot.code for row in await cases.lots_of(db, sorted(wanted))}
    return {
        id_: ", ".join(codes[lot_id] for lot_id in ids if lot_id in codes)
        for id_, ids in few.items()
    }


async def _asked(db: Database, case: Case) -> list[OwnerRequest]:
    """The latest of each kind."""
    return list({one.about: one for one in await owner_requests.of_case(db, case.id)}.values())


def may(who: Principal, case: Case, waits: bool, *, lots: bool) -> dict[str, bool]:
    """What this person is offered; each act asks again itself. `lots` is whether the case has any
    that rows could be of now: one of stamps that stand on no lot has none."""
    own = who.facility_id is not None
    return {
        "acknowledge": own and waits and case.is_standing and who.may(acts.ACKNOWLEDGE),
        "report": lots and who.may(acts.REPORT),
        "ask": carried_out(case) and who.may(acts.REPORT),
        "close": carried_out(case)
        and who.may("recall.close")
        and who.covers("recall.close", scope_of(case.owner)),
    }


def carried_out(case: Case) -> bool:
    return case.kind is not Kind.WARNING and case.state is State.ORDERED


async def _lot_page(
    request: Request,
    who: Principal,
    case_id: str,
    lot_id: str,
    form: Form[RowForm],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    lot = recovery.lot_in(await recovery.lots_of(db, case, who, [lot_id]), lot_id)
    [balance] = await balances_of(db, case, [lot.id])
    size = recovery.ROWS_A_PAGE
    skip = Paging.of(request, 10**9, size=size).skip
    rows, total = await recovery.rows(db, case, who, lot_id=lot.id, skip=skip, size=size)
    files = await evidence.named(db, [id_ for row in rows for id_ in row.evidence])
    own = {row.id for row in rows if await spots.may_correct(db, case, lot, row, who)}
    return render(
        request,
        "recovery_lot.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        balance=balance,
        lot=lot,
        rows=rows,
        reasons=await _reasons(db, rows),
        files=files,
        paging=Paging.of(request, total, size=size),
        hints=await recovery.hints(db, lot, who),
        whole=who.facility_id in (None, lot.facility_id),
        form=form,
        unit_choices=[(unit, translate(unit, count="2")) for unit in balance.made.units],
        may=may(who, case, waits=False, lots=lot.id in await recovery.open_lots(db, case)),
        may_correct=lambda row: row.id in own,
        **await _choices(db, case, who, lot, rows),
        labels=labels,
        fates=recovery_labels,
    )


async def _reasons(db: Database, rows: list[Row]) -> dict[str, str]:
    """Why rows were corrected, by the row that took their place."""
    known = await recoveries.by_ids(db, [row.corrected_by for row in rows if row.corrected_by])
    return {id_: row.stated.reason for id_, row in known.items()}


async def _choices(
    db: Database, case: Case, who: Principal, lot: Lot, rows: list[Row]
) -> dict[str, Any]:
    """Where the goods may be: facilities of the case, those that rows name, and the communes of its
    province."""
    known = await spots.offered_to(db, case, who, [lot], await recovery.facilities_of(db, case))
    shown = {row.stated.spot.facility_id for row in rows} - {"", *known}
    named = known | await facts.facilities(db, shown)
    if who.facility_id in (None, lot.facility_id):
        known = named
    _, _, province = names().get(case.owner.commune, "").rpartition(", ")
    near = {
        code: name.removesuffix(f", {province}")
        for code, name in names().items()
        if not province or name.endswith(f", {province}")
    }
    return {
        "places": sorted(((id_, one.name) for id_, one in known.items()), key=lambda it: it[1]),
        "place_names": {id_: one.name for id_, one in named.items()},
        "communes": sorted(near.items(), key=lambda it: it[1]),
        "commune_names": names(),
    }

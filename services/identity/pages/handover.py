"""Minutes of handing accounts over, to be printed: of a unit's accounts, or of one (R8)."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.identity import labels
from services.identity.domain.accounts import Account
from services.identity.domain.management import require_seen
from services.identity.domain.units import require_below
from services.identity.handover import Line, Minute, draw
from services.identity.pages.places import places_of
from services.identity.request import Db, Id
from services.identity.store import accounts, units
from shared.auth import Principal, require
from shared.days import local_day
from shared.errors import Kind, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity")


class NothingToHandOver(Refusal):
    code = "nothing_to_hand_over"
    kind = Kind.NOT_FOUND
    message = "Đơn vị này chưa có tài khoản nào để bàn giao. Hãy cấp tài khoản trước."


@router.get("/units/{unit_id}/handover.pdf")
async def of_unit(unit_id: Id, who: PagePrincipal, db: Db) -> Response:
    unit = await units.get(db, unit_id)
    require_below(who, unit)
    require(who, "account.issue")
    found = [one for one in await accounts.of_unit(db, unit_id) if one.facility_id is None]
    handed = sorted((one for one in found if not one.revoked), key=lambda one: one.username)
    if not handed:
        raise NothingToHandOver()
    return await _pdf(who, db, unit.name, handed)


@router.get("/accounts/{account_id}/handover.pdf")
async def of_account(account_id: Id, who: PagePrincipal, db: Db) -> Response:
    account = await accounts.get(db, account_id)
    require_seen(who, "account.issue", account)
    if account.revoked:
        raise NothingToHandOver()
    places = await places_of(db, [account])
    return await _pdf(who, db, places.of(account), [account])


async def _pdf(who: Principal, db: Database, taker: str, handed: Sequence[Account]) -> Response:
    names = await units.names(db, {who.unit_id})
    minute = Minute(
        giver=names.get(who.unit_id, who.unit_id),
        giver_officer=who.name,
        taker=taker,
        lines=[_line(one) for one in handed],
        day=local_day(now()),
    )
    headers = {"Content-Disposition": 'attachment; filename="bien-ban-ban-giao.pdf"'}
    # Drawing takes tens of milliseconds of CPU: others are answered meanwhile.
    file = await asyncio.to_thread(draw, minute)
    return Response(file, media_type="application/pdf", headers=headers)


def _line(account: Account) -> Line:
    given = account.assignment
    return Line(
        username=account.username,
        officer=account.name,
        position=account.position,
        # The minute is a Vietnamese paper, so the words stay as they are written in the code.
        kinds=", ".join(labels.KINDS[kind] for kind in sorted(account.kinds)),
        document=f"{given.number} ngày {given.date:%d/%m/%Y}" if given else "",
        status=labels.STATUSES[account.status][0],
    )

"""What somebody told officials by telephone or brought to their office, entered by them (R53)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.scan.desk import queries
from services.scan.desk.reporting import (
    Filed,
    belonging,
    label_address,
    made_of,
    photo_address,
)
from services.scan.domain import complaint as told_by
from services.scan.domain.complaint import About, Goods, Taken, Told
from services.scan.settings import ScanSettings
from services.scan.store import complaints, facilities, sought
from shared import audit
from shared.auth import Principal, Scope, require
from shared.days import local_day
from shared.errors import Kind, Refusal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ENTER: Final = "complaint.enter"
OLDEST_DAYS: Final = 365


class HeardInFuture(Refusal):
    code = "heard_in_future"
    kind = Kind.INVALID
    message = "Ngày nhận phản ánh nằm trong tương lai hoặc đã quá một năm. Hãy xem lại."


class NowhereNamed(Refusal):
    code = "complaint_nowhere"
    kind = Kind.INVALID
    message = (
        "Chưa biết hàng của cơ sở nào thì cần chọn xã, phường thuộc địa bàn của bạn, nơi mua hoặc "
        "thấy hàng: nhờ đó phản ánh tới đúng người xử lý."
    )


class EnteredBefore(Refusal):
    code = "complaint_entered_before"
    kind = Kind.CONFLICT
    message = (
        "Phiếu này đã lưu thành phản ánh số {number}; điều vừa sửa chưa được lưu. Mở «Nhập phản "
        "ánh» để nhập thành phản ánh khác, và báo người xử lý phản ánh {number} nếu nó sai."
    )


async def found(who: Principal, text: str, *, db: Database) -> list[Goods]:
    """Goods in the asker's area by the words on a label or the code of a lot."""
    require(who, ENTER)
    return await sought.find(db, text, await queries.own_filter(who, db))


async def may_enter(who: Principal, about: About, *, db: Database) -> None:
    """Raises Forbidden, and OutOfReach for goods that are chosen outside the asker's area: those
    of a stamp may be anybody's, as every reader may report any stamp."""
    require(who, ENTER)
    if about.goods is not None and about.goods.facility_id:
        require(who, ENTER, await facilities.scope_of(db, about.goods.facility_id))


async def admitted(who: Principal, about: About, *, db: Database) -> None:
    """Before any picture is decoded; what is refused is on record."""
    async with audit.attempt(db, who, ENTER, about.subject):
        await may_enter(who, about, db=db)


async def enter(
    told: Told,
    about: About,
    taken: Taken,
    *,
    key: str,
    who: Principal,
    secret: bytes,
    settings: ScanSettings,
    now: datetime,
    db: Database,
) -> Filed:
    """Keep it and tell recall, as what people report themselves; the code is for the reporter.

    The same form sent again is the same report with the same code; with anything changed in it,
    EnteredBefore is raised, for a slip was handed out already. Who reads it follows from the
    goods, not from who entered it. Raises HeardInFuture, NowhereNamed, too.
    """

    async def work(tx: Tx) -> Filed:
        code = told_by.code_from(secret, key, fold)
        opens = told_by.fingerprint(code)
        before = await complaints.folded(tx, fold, opens)
        if before is not None:
            if before.entry != entry:
                raise EnteredBefore("words", number=before.number)
            return Filed(before, code)
        made = made_of(
            told,
            about,
            belongs,
            key=secret,
            fold=fold,
            opens=opens,
            settings=settings,
            now=now,
            taken=taken,
        )
        made = replace(made, entry=entry)
        await complaints.insert(tx, made, told)
        clerk = told_by.clerk_of(secret, who.account_id)
        event = made.told(photo_address(made.id), label_address(made.id), clerk)
        await outbox.append(tx, event)
        await audit.accepted(
            tx, who, ENTER, made.id, facility=made.facility_id, channel=taken.channel
        )
        return Filed(made, code)

    async with audit.attempt(db, who, ENTER, about.subject):
        await may_enter(who, about, db=db)
        age = (local_day(now) - taken.heard_on).days
        if not 0 <= age <= OLDEST_DAYS:
            raise HeardInFuture("heard_on")
        belongs = await belonging(about, db=db)
        if not belongs[0]:
            _must_be_somewhere(who, told.commune)
        fold = told_by.fold_of_entry(who.account_id, key)
        entry = told_by.entry_of(about.subject, told, taken)
        return await transact(db, work)


def _must_be_somewhere(who: Principal, commune: str) -> None:
    """Nobody's goods are read by those of the place: else by those of the whole province alone."""
    if not who.covers(ENTER, Scope(commune=commune or None, sector=who.sector)):
        raise NowhereNamed("commune")

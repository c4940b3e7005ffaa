"""The setup code collected by the applicant, so that nobody who issues accounts ever sees it."""

from datetime import datetime

from services.identity.actions import history
from services.identity.actions.applications import LOOKS, LOOKS_WINDOW, fingerprint_of, limit
from services.identity.actions.issue import Issued
from services.identity.domain import secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.applications import Application
from services.identity.guard import Guard
from services.identity.store import accounts, credentials
from services.identity.store import applications as store
from shared import audit
from shared.errors import Refusal
from shared.mongo import Database, Tx, transact

COLLECT = "application.collect"


class NothingToCollect(Refusal):
    code = "nothing_to_collect"
    message = (
        "Không còn mã thiết lập nào để nhận ở đây: mật khẩu đã được đặt, đã quá hạn, hoặc cán bộ "
        "trao tài khoản trực tiếp. Hãy liên hệ đơn vị tiếp nhận để được trao lại."
    )


async def collectable(application: Application, code: str, *, db: Database, now: datetime) -> bool:
    """Whether there is something to collect for the holder of this tracking code."""
    if not application.collectable(fingerprint_of(code), now):
        return False
    credential = await credentials.find(db, application.account_id)
    return not credential.password_hash


async def collect(
    code: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Issued:
    """A fresh setup code; one collected before is void. Until a password is set with it.

    Raises NotFound, TooOften, NothingToCollect.
    """
    await limit("track", LOOKS, LOOKS_WINDOW, origin, db, guard, now)
    fingerprint = fingerprint_of(code)
    found = await store.by_code(db, fingerprint)
    setup = secrets.new_setup_code()
    async with audit.attempt(db, None, COLLECT, found.id):

        async def work(tx: Tx) -> Issued:
            application = await store.get(tx, found.id)
            if not application.collectable(fingerprint, now):
                raise NothingToCollect()
            account = await accounts.get(tx, application.account_id)
            # Once a password is set this page gives nothing any more.
            if account.revoked or (await credentials.find(tx, account.id)).password_hash:
                raise NothingToCollect()
            kept = secrets.fingerprint(secrets.read_setup_code(setup))
            await credentials.expect_setup(tx, account.id, kept, now)
            await history.note(tx, account.id, Did.COLLECTED, origin, now)
            await audit.accepted(tx, None, COLLECT, application.id, account=account.id)
            return Issued(account, setup)

        return await transact(db, work)

"""Taking a list away as a file: the affected lots of a target, who has rehearsed, the lots and
places of a case."""

from services.recall.domain.target import Target
from shared import audit
from shared.auth import Principal
from shared.mongo import Database, Tx, transact

EXPORT = "recall.radius.export"
DUTIES = "recall.drill_duties.export"
TEMPLATE = "recall.rows_template.export"


async def note_export(who: Principal, target: Target, *, db: Database) -> None:
    """Who took it is recorded before the first byte leaves."""

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, EXPORT, target.key)

    await transact(db, work)


async def note_duties_export(who: Principal, *, db: Database) -> None:
    """The same for the list of who has rehearsed."""

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, DUTIES, "-")

    await transact(db, work)


async def note_template(who: Principal, case_id: str, *, db: Database) -> None:
    """The same for the template of rows: it names lots, and facilities with their places."""

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, TEMPLATE, case_id)

    await transact(db, work)

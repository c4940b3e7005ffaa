"""Which facility was entered from which application for an account: one each (R18)."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from shared.errors import Refusal
from shared.mongo import Database, Tx

ENTERED = "applications_entered"


class ApplicationEntered(Refusal):
    code = "application_entered"
    message = (
        "Bản đăng ký này đã được lập hồ sơ {facility}. Hãy mở hồ sơ đó thay vì lập thêm một hồ sơ."
    )


async def note(tx: Tx, application_id: str, facility_id: str, code: str, now: datetime) -> None:
    """The application has become this facility; raises ApplicationEntered if it has become one."""
    known = await tx.collection(ENTERED).find_one({"_id": application_id})
    if known is not None:
        raise ApplicationEntered("handover", facility=known["code"])
    row = {"_id": application_id, "facility_id": facility_id, "code": code, "at": now}
    try:
        await tx.collection(ENTERED).insert_one(row)
    except DuplicateKeyError as error:
        raise ApplicationEntered("handover", facility=code) from error


async def facility_of(db: Database, application_id: str) -> tuple[str, str] | None:
    """Id and code of the facility that was entered from it."""
    row = await db.collection(ENTERED).find_one({"_id": application_id})
    return (row["facility_id"], row["code"]) if row is not None else None

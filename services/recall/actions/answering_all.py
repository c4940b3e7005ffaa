"""One answer to every reporter of a case, in short transactions; what came in unread waits."""

from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final

from services.recall.actions.complaints import ANSWER, authority_of, put_and_tell
from services.recall.actions.suspicions import case_in_reach
from services.recall.domain.complaint import Complaint
from services.recall.store import complaint_areas, complaints
from services.recall.store import suspicions as store
from services.recall.store.newest import Reader
from shared import audit
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.mongo import Database, Tx, transact

# Of reports in one transaction, which has seconds.
AT_ONCE: Final = 200
# So many are shown, and answered, at a time.
MOST_SHOWN: Final = 1000
_MARK: Final = 12


class MoreCameIn(Refusal):
    code = "reports_unread"
    message = (
        "Có phản ánh mới gắn vào vụ việc hoặc vừa thay đổi từ khi mở trang này. Lần gửi này chưa "
        "trả lời ai: hãy xem lại danh sách rồi gửi lần nữa."
    )


async def waiting(
    reader: Reader, case_id: str, action: str, who: Principal, at: datetime
) -> list[Complaint]:
    """The reports of a case, and what was joined to them since, that wait for an answer and lie
    in the asker's area, the first one first."""
    ids = [row["complaint_id"] for row in await store.links_of_case(reader, case_id)]
    found = {one.id: one for one in await complaints.some(reader, ids, at)}
    labels = {one.group for one in found.values()}
    found |= {one.id: one for one in await complaints.of_groups(reader, labels, at)}
    still_open = [one for one in found.values() if one.state != "closed"]
    theirs = await complaint_areas.covered(reader, still_open, action, who)
    return sorted(theirs, key=lambda one: (one.filed_at, one.id))


def mark(one: Complaint) -> str:
    """Stands for a report as it was shown: once it changed, for another."""
    return sha256(f"{one.id} {one.version}".encode()).hexdigest()[:_MARK]


async def answer_all(
    case_id: str,
    answer: str,
    *,
    read: frozenset[str],
    who: Principal,
    db: Database,
    at: datetime,
) -> int:
    """Answer the reports of the case that were shown, are open and in the asker's area; how many
    there were. Each reporter reads it once, by their own code. Where it ends half-way it may be
    sent again: those that were answered stay so.

    `read` are the marks of those that were shown; with MOST_SHOWN of them there may be more, which
    wait. Raises MoreCameIn.
    """

    async def work(tx: Tx, ids: list[str]) -> int:
        authority = await authority_of(tx, who)
        told = []
        for one in await complaints.some(tx, ids, at):
            if one.state == "closed" or mark(one) not in read:
                continue
            after = one.closed(
                answer, version=one.version, by=who.name, authority=authority, now=at
            )
            await put_and_tell(tx, one, after)
            told.append(one.number)
        await audit.accepted(
            tx, who, ANSWER, case_id, answer, reports=len(told), numbers=" ".join(told)
        )
        return len(told)

    async with audit.attempt(db, who, ANSWER, case_id):
        require(who, ANSWER)
        await case_in_reach(db, case_id, who)
        found = await waiting(db, case_id, ANSWER, who, at)
        ids = [one.id for one in found if mark(one) in read]
        if len(ids) < len(found) and len(read) < MOST_SHOWN:
            raise MoreCameIn()
        count = 0
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            count += await transact(db, partial(work, ids=some))
        return count

"""The work list: what waits for an account's check, approval, correction or answer (R17, R57).

The console's first page shows it and the API tells it, with the same counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.actions.rights import RIGHTS
from services.registry.domain import certificates, markets
from services.registry.domain.records import Aggregate, Record
from services.registry.store import (
    articles,
    examinations,
    expiries,
    inquiries,
    lists,
    shipments,
    testing,
)
from services.registry.store import inspections as inspection_store
from services.registry.store import markets as market_store
from services.registry.store.search.seen import OLDEST_FIRST, Seen
from services.registry.store.shipments import Waiting
from shared.auth import Principal
from shared.mongo import Database, Document
from shared.web.i18n import N_

OLDEST = 5
# What is told of certificates, and of codes that importing countries accept.
HELD = tuple(certificates.Standing(one) for one in ("expired", "expiring", "unended"))
ENDING = (markets.Standing.EXPIRED, markets.Standing.EXPIRING)


@dataclass(frozen=True, slots=True)
class Task:
    """Records of one kind that wait for one act of this account; `oldest` are shown at once."""

    waiting: str
    title: str
    aggregate: Aggregate
    count: int
    oldest: list[Record[Any]]


@dataclass(frozen=True, slots=True)
class WorkList:
    """All that waits for one account: records by act and kind, and counts of the rest.

    `ending` are certificates and `codes` those that importing countries accept, by how they stand;
    `failures` laboratory results that hold a lot back, `to_examine` lots that came of such ones.
    """

    tasks: list[Task]
    ending: Mapping[certificates.Standing, int]
    codes: Mapping[markets.Standing, int]
    failures: int
    to_examine: int
    arriving: int
    to_answer: int
    overdue: int
    unread: int
    articles: int


TITLES = {
    "check": N_("Chờ tôi kiểm tra"),
    "publish": N_("Chờ tôi duyệt đăng"),
    "back": N_("Bị trả lại, cần sửa"),
    "draft": N_("Bản nháp chưa gửi"),
}


def filter_of(waiting: str, who: Principal) -> Document:
    """The filter behind `?waiting=`; everything for a word that is none of them."""
    match waiting:
        case "check":
            return lists.waiting_to_check(who)
        case "publish":
            return lists.waiting_to_publish(who)
        case "back":
            return lists.sent_back()
        case "draft":
            return lists.unsent()
        case _:
            return {}


async def of(db: Database, seen: Seen | None, who: Principal, today: date) -> WorkList:
    """Everything that waits for this account today."""
    return WorkList(
        tasks=await tasks(db, seen, who),
        ending=await ending(db, who, today),
        codes=await codes(db, who, today),
        failures=await failures(db, who),
        to_examine=await to_examine(db, who),
        arriving=await arriving(db, who),
        to_answer=await to_answer(db, who),
        overdue=await overdue(db, who, today),
        unread=await unread(db, who),
        articles=await articles.count_waiting(db, who) if who.may("article.publish") else 0,
    )


async def tasks(db: Database, seen: Seen | None, who: Principal) -> list[Task]:
    """All that waits, by act and kind; kinds of which nothing waits are left out.

    Without what searches go by (soon after a start) the database counts, which takes longer.
    """
    found = []
    for waiting, aggregate in _mine(who):
        wanted = filter_of(waiting, who)
        if seen is None or aggregate is Aggregate.LOT:
            count, oldest = await _counted(db, aggregate, who, wanted)
        else:
            hits = seen.console(aggregate, who, wanted=wanted)
            count, oldest = hits.total, await hits.page(OLDEST_FIRST, size=OLDEST)
        if count:
            found.append(Task(waiting, TITLES[waiting], aggregate, count, oldest))
    return found


async def _counted(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document
) -> tuple[int, list[Record[Any]]]:
    """As the database counts them: lots are not kept in memory."""
    count = await lists.console_count(db, aggregate, who, wanted=wanted)
    if not count:
        return 0, []
    oldest = await lists.console_list(
        db, aggregate, who, wanted=wanted, size=OLDEST, oldest_first=True
    )
    return count, oldest


async def ending(db: Database, who: Principal, today: date) -> dict[certificates.Standing, int]:
    """Certificates of the facilities in scope; programs are told of none unless granted."""
    if not who.may("facility.read"):
        return dict.fromkeys(HELD, 0)
    return await expiries.counts(db, who, today)


async def codes(db: Database, who: Principal, today: date) -> dict[markets.Standing, int]:
    """Codes of packing houses and areas that importing countries accept no longer, or not long."""
    if not who.may("facility.read"):
        return dict.fromkeys(ENDING, 0)
    return await market_store.counts(db, who, today, of=ENDING)


async def overdue(db: Database, who: Principal, today: date) -> int:
    """Minutes with violations whose deadline is over."""
    if not who.may("inspection.read"):
        return 0
    return await inspection_store.count_overdue(db, who, today)


async def failures(db: Database, who: Principal) -> int:
    """Failed laboratory results that wait for this official's decision."""
    if not who.may("lot.check"):
        return 0
    return await testing.count(db, who, testing.waiting_failures())


async def to_examine(db: Database, who: Principal) -> int:
    """Lots in scope that came from one with a failed result and were not examined yet."""
    return await examinations.count(db, who, waiting=True) if who.may("lot.read") else 0


async def arriving(db: Database, who: Principal) -> int:
    """Shipments to this facility that it has not confirmed yet."""
    if who.facility_id is None or not who.may("lot.enter"):
        return 0
    return await shipments.count(db, who, waiting=Waiting.ARRIVING)


async def to_answer(db: Database, who: Principal) -> int:
    """Receipts that others recorded of this facility's goods, and that it has not answered."""
    if who.facility_id is None or not who.may("lot.enter"):
        return 0
    return await shipments.count(db, who, waiting=Waiting.ANSWER)


async def unread(db: Database, who: Principal) -> int:
    """What consumers and buyers wrote to this facility and nobody there has read."""
    if who.facility_id is None or not who.may("inquiry.read"):
        return 0
    return (await inquiries.counts(db, who, reported=False)).get("unread", 0)


def _mine(who: Principal) -> list[tuple[str, Aggregate]]:
    """Which acts on which kinds this account may do at all."""
    found = []
    for waiting in TITLES:
        for aggregate in Aggregate:
            rights = RIGHTS[aggregate]
            right = {"check": rights.check, "publish": rights.publish}.get(waiting, rights.enter)
            if right and who.may(right):
                found.append((waiting, aggregate))
    return found

"""Early warning is about what is news: old facts, and facts that are no facts any more."""

from datetime import timedelta

from services.recall.actions import signal_rounds
from services.recall.domain.signals.fact import Fact
from services.recall.store import signal_facts
from services.recall.store.signal_facts import FACTS
from services.recall.store.signals import SIGNALS
from shared.days import today
from shared.ids import now
from shared.mongo import Tx, transact
from tests.recall.builders import facility, lot
from tests.recall.conftest import Recall
from tests.recall.test_signals import paper, signal


async def test_what_is_told_years_late_raises_nothing(province: Recall) -> None:
    over = paper(today() - timedelta(days=705))
    await province.know(facility("fh1", certificates=(over,)))
    for name, days in (("sgh1", 700), ("sgh2", 200), ("sgh3", 5)):
        await province.know(lot(name, "fh1", "pe", produced_on=today() - timedelta(days=days)))
    found = await signal(province, key="expired_certificate|fh1")
    assert [one["lot_id"] for one in found["facts"]] == ["sgh3"]
    assert not await province.db.collection(FACTS).count_documents({"lot_id": "sgh1"})
    assert await province.db.collection(FACTS).count_documents({"lot_id": "sgh2"}) == 1


async def test_what_is_over_counts_for_nothing_whether_or_not_it_was_removed_yet(
    recall: Recall,
) -> None:
    """Whether it is raised must not hang on when the database removes what is too old."""
    long_ago, at = now() - timedelta(days=2), now()

    async def keep(tx: Tx) -> None:
        facts = [
            Fact(
                id=f"complaint:sgy-{n}",
                version=1,
                kind="complaint",
                at=long_ago,
                event_id="e",
                facility_id="f1",
                lot_id="sgy",
                stamp=str(n),
            )
            for n in range(3)
        ]
        gone = at - timedelta(hours=1)
        await signal_facts.note(tx, facts[:1], now=long_ago, until=gone)
        await signal_facts.note(tx, facts[1:], now=long_ago)
        await signal_rounds.evaluate(tx, "complaints_lot|sgy", at)

    await transact(recall.db, keep)
    assert not await recall.db.collection(SIGNALS).count_documents({"key": "complaints_lot|sgy"})


async def test_a_signal_whose_first_facts_are_too_old_by_now_stays_the_one_that_is_known(
    recall: Recall,
) -> None:
    at = now()
    facts = [
        Fact(
            id=f"complaint:sgz-{n}",
            version=1,
            kind="complaint",
            at=at - timedelta(days=9 - n),
            event_id="e",
            facility_id="f1",
            lot_id="sgz",
            stamp=str(n),
        )
        for n in range(5)
    ]

    async def keep(tx: Tx) -> None:
        await signal_facts.note(tx, facts[:1], now=at, until=at + timedelta(minutes=1))
        await signal_facts.note(tx, facts[1:], now=at)
        await signal_rounds.evaluate(tx, "complaints_lot|sgz", at)

    async def look(tx: Tx) -> None:
        await signal_rounds.evaluate(tx, "complaints_lot|sgz", at + timedelta(minutes=2))

    await transact(recall.db, keep)
    first = await signal(recall, key="complaints_lot|sgz")
    await transact(recall.db, look)
    later = await signal(recall, key="complaints_lot|sgz")
    assert (later["_id"], later["state"], later["count"]) == (first["_id"], "open", 4)


async def test_papers_and_lots_that_were_entered_by_mistake_are_no_evidence(
    province: Recall,
) -> None:
    over, made = paper(today() - timedelta(days=20)), today() - timedelta(days=5)
    for owner, name in (("fw1", "sgx1"), ("fw2", "sgx2")):
        await province.know(facility(owner, certificates=(over,)))
        await province.know(lot(name, owner, "pe", produced_on=made))
        await signal(province, key=f"expired_certificate|{owner}", state="open")
    await province.know(facility("fw1", version=2))
    await province.know(
        lot("sgx2", "fw2", "pe", produced_on=made, version=2, status="withdrawn"),
    )
    for owner in ("fw1", "fw2"):
        await signal(province, key=f"expired_certificate|{owner}", state="subsided")

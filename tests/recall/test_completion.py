"""When the report on a recall is owed: by the sums as they stand, whatever the size and order."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from services.recall.actions import completion
from services.recall.domain.case import Case
from services.recall.domain.deadlines import Clock
from services.recall.queries.balances import all_explained
from services.recall.store import clocks, completions, recoveries
from services.recall.store.newest import Reader
from shared.contracts.recall import GoodsAccounted, ScopeChanged
from shared.ids import now
from shared.mongo import transact
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_owner_requests import WORDS, answered, asked
from tests.recall.test_recoveries import a_case, reported, row

ALL: Final = {"quantity": "100", "handling": "correct"}


async def owed(recall: Recall, case_id: str, of: str = "") -> Clock | None:
    return await clocks.get(recall.db, f"{case_id}/completion_report{of}")


async def until(recall: Recall, case_id: str, *, runs: bool, of: str = "") -> Clock:
    async def found() -> Clock | None:
        known = await owed(recall, case_id, of)
        return known if known is not None and known.is_running is runs else None

    known: Clock = await eventually(found, 30)
    return known


async def looked_at(recall: Recall, case_id: str) -> None:
    """Whatever was told of the case has been followed by a look."""
    other = await a_case(recall, f"{case_id[-12:]}-later")
    await reported(recall, other, row(f"{case_id[-12:]}-later", **ALL))
    await until(recall, other, runs=True)

    async def none_waits() -> bool:
        return await completions.get(recall.db, case_id) is None

    await eventually(none_waits, 30)


async def test_who_reports_while_all_sums_are_added_up_neither_waits_nor_is_left_out(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await a_case(province, "cp1")
    corrections: list[str] = []

    async def slowly(reader: Reader, case: Case) -> bool:
        """Long enough for somebody to correct a row between the sums and what follows of them."""
        found = await all_explained(reader, case)
        if found and case.id == case_id and not corrections:
            corrections.append(row_id)
            less = {"quantity": "60", "corrects": row_id, "reason": "Cân lại"}
            await reported(province, case_id, row("cp1", **{**ALL, **less}))
        return found

    row_id = ""
    monkeypatch.setattr(completion, "all_explained", slowly)
    row_id = await reported(province, case_id, row("cp1", **ALL))
    await looked_at(province, case_id)
    assert corrections
    known = await owed(province, case_id)
    assert known is None or not known.is_running, "40 kg are accounted for by nobody"
    await reported(province, case_id, row("cp1", quantity="40", handling="correct"))
    await until(province, case_id, runs=True)


async def test_words_before_the_last_row_are_as_good_as_words_after_it(province: Recall) -> None:
    await province.know(lot("cp2"), lot("cp2b", inputs=("cp2",)))
    case_id = (await province.order("cp2"))["id"]
    given = await province.post(
        f"/recalls/{case_id}/explanations",
        {"reason": "Đã dùng hết", "lots": ["cp2"]},
        token=province.token(account="cp-anna"),
    )
    id_ = ok(given, 201)["id"]
    ok(await province.post(f"/recalls/{case_id}/explanations/{id_}/decision", {"agreed": True}))
    await looked_at(province, case_id)
    assert await owed(province, case_id) is None
    await reported(province, case_id, row("cp2b", **ALL))
    await until(province, case_id, runs=True)


async def test_goods_that_join_end_what_was_owed_until_they_are_accounted_for(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cp3")
    await reported(province, case_id, row("cp3", **ALL))
    first = await until(province, case_id, runs=True)
    await province.know(lot("cp3b", inputs=("cp3",)))
    ended = await until(province, case_id, runs=False)
    assert ended.stopped_by == "ended", "nobody reports on goods that were found just now"
    await reported(province, case_id, row("cp3b", **ALL))
    again = await until(province, case_id, runs=True)
    assert again.started_at > first.started_at  # type: ignore[operator]
    assert (again.done, again.stopped_at, again.stopped_by) == ((), None, "")
    # What told of the growth comes once more, and late.
    events = await province.events(case_id, ScopeChanged)
    assert events
    await transact(province.db, lambda tx: completion.follow_scope(tx, [*events, *events]))
    await looked_at(province, case_id)
    known = await owed(province, case_id)
    assert known is not None
    assert known.version == again.version


async def test_a_report_sent_back_is_owed_again_only_once_the_goods_are_accounted_for(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cp4")
    early = await asked(province, case_id, "closing", WORDS)
    ok(await answered(province, case_id, early, agreed=False, words="Còn ba cửa hàng"))
    await looked_at(province, case_id)
    assert await owed(province, case_id, "/2") is None, "goods are still being collected"
    await reported(province, case_id, row("cp4", **ALL))
    assert (await until(province, case_id, runs=True, of="/2")).tiers[0] == "facility"


async def test_what_was_complete_before_anybody_owed_a_report_is_not_late_at_the_upgrade(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cp5")
    await reported(province, case_id, row("cp5", **ALL))
    await until(province, case_id, runs=True)
    upgraded = now().replace(microsecond=0) + timedelta(minutes=1)
    marks = province.db.collection("migrations")
    before: Any = await marks.find_one({"_id": clocks.LATER})
    try:
        await marks.update_one({"_id": clocks.LATER}, {"$set": {"at": upgraded}})
        other = await a_case(province, "cp6")
        await reported(province, other, row("cp6", **ALL))
        assert (await until(province, other, runs=True)).started_at == upgraded
    finally:
        await marks.replace_one({"_id": clocks.LATER}, before)


async def test_a_look_at_a_case_that_is_not_there_comes_to_nothing(province: Recall) -> None:
    event = GoodsAccounted(
        subject="row",
        version=1,
        time=now(),
        case_id="cp-nowhere",
        lot_id="l",
        fate="sold",
        quantity=Decimal(1),
        unit="kg",
        day=date(2026, 11, 1),
    )
    await transact(province.db, lambda tx: completion.follow_rows(tx, [event, event]))
    await looked_at(province, "cp-nowhere")
    assert await owed(province, "cp-nowhere") is None


async def test_who_looks_in_vain_makes_nobody_else_look_again(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that add up a large case at once would else undo one another for ever."""
    case_id = await a_case(province, "cp8")
    passed: list[int] = []

    async def overtaken(reader: Reader, case: Case) -> bool:
        found = await all_explained(reader, case)
        if case.id == case_id and len(passed) < 3:
            await transact(province.db, lambda tx: recoveries.hold(tx, case_id))
            passed.append(await recoveries.turns(province.db, case_id))
        return found

    monkeypatch.setattr(completion, "all_explained", overtaken)
    await reported(province, case_id, row("cp8", **ALL))
    await until(province, case_id, runs=True)
    assert passed == [passed[0] + n for n in range(3)], "no turn but those of others"


async def test_a_corrected_quantity_starts_the_deadline_of_the_report_and_ends_it(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cp-quantity")
    await reported(province, case_id, row("cp-quantity", **{**ALL, "quantity": "60"}))
    await looked_at(province, case_id)
    assert await owed(province, case_id) is None
    await province.tell(lot("cp-quantity", version=2, quantity=Decimal(60)))
    await until(province, case_id, runs=True)
    await province.tell(lot("cp-quantity", version=3, quantity=Decimal(100)))
    await until(province, case_id, runs=False)

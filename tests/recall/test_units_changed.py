"""Registry corrects the unit of a lot that rows were reported of: no figure becomes another."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain.amounts import MASS, Made
from services.recall.domain.explaining import Explanation, explained, explained_losses
from services.recall.domain.recovery import Fate, Row, Spot, Stated, Tally
from services.recall.domain.recovery_refusals import SumsDoNotFit
from services.recall.domain.terms import Official
from services.recall.store import recoveries, recoveries_of_before
from services.recall.store.recoveries_of_before import UNITS_NAMED
from tests.answers import ok, refused
from tests.recall.builders import AT, lot
from tests.recall.conftest import Recall
from tests.recall.test_closing import CLOSE, WHY
from tests.recall.test_pages import Browser
from tests.recall.test_recoveries import a_case, of_facility, reported, row


@given(
    st.decimals("0.001", "1000", places=3),
    st.sampled_from(sorted(MASS)),
    st.sampled_from(sorted(MASS)),
)
def test_sums_told_in_another_unit_weigh_the_same(quantity: Decimal, before: str, now: str) -> None:
    tally = Tally("l", {"sold": quantity}, before)
    told = tally.told_in(Made("l", Decimal(1), now))
    assert told.unit == now
    assert abs(told.total * MASS[now] - quantity * MASS[before]) <= MASS[now] / 10**9


async def test_rows_and_words_of_kilograms_are_told_in_tonnes(province: Recall) -> None:
    case_id = await a_case(province, "uc1")
    first = await reported(province, case_id, row("uc1", quantity="60"))
    ok(await province.post(f"/recalls/{case_id}/explanations", WHY), 201)
    await province.know(lot("uc1", version=2, quantity=Decimal("0.1"), unit="tấn"))
    [sums] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    assert Decimal(sums["accounted"]["recovered.correct"]) == 60, sums
    page = (await Browser(province).get(f"/console/recall/{case_id}/recovery/lots/uc1")).text
    assert "60 kg" in page
    assert "60 tấn" not in page
    more = await province.post(f"/recalls/{case_id}/recovery", row("uc1", quantity="0.05"))
    assert "chỉ còn ghi được 0,04 tấn" in str(refused(more, 422, "more_than_made"))
    await reported(province, case_id, row("uc1", quantity="0.09", corrects=first, reason="cân lại"))
    [sums] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    assert Decimal(sums["accounted"]["recovered.correct"]) == 90


async def test_what_cannot_be_told_in_the_new_unit_counts_for_nothing_and_says_so(
    province: Recall,
) -> None:
    case_id = await a_case(province, "uc2")
    await reported(province, case_id, row("uc2", quantity="100"))
    await province.know(lot("uc2", version=2, quantity=Decimal(50), unit="hộp"))
    more = await province.post(f"/recalls/{case_id}/recovery", row("uc2", quantity="1"))
    refused(more, 409, "unit_of_the_lot_changed")
    browser, path = Browser(province), f"/console/recall/{case_id}/recovery"
    assert "Đơn vị đã đổi" in (await browser.get(path)).text
    assert "Đơn vị của lô đã đổi" in (await browser.get(f"{path}/lots/uc2")).text
    refused(await province.post(f"/recalls/{case_id}/close", CLOSE), 409, "sums_unexplained")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    path = f"/recalls/{case_id}/explanations"
    whole = ok(await province.post(path, WHY, token=anna), 201)
    assert whole["waits"], "all of it is no small difference"
    ok(await province.post(f"{path}/{whole['id']}/decision", {"agreed": True}, token=binh))
    ok(await province.post(f"/recalls/{case_id}/close", CLOSE))


async def test_rows_of_before_units_were_kept_are_named_after_their_lot_and_then_told_anew(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade finds rows and sums that name no unit; the unit is corrected afterwards."""
    case_id = await a_case(province, "uc3", sent="f2")
    receiver = of_facility(province, "f2")
    first = await reported(province, case_id, row("uc3", quantity="60"))
    spot = {"facility_id": "f2", "fate": "sold", "handling": None}
    await reported(province, case_id, row("uc3", quantity="5", **spot), token=receiver)
    of_case = {"case": case_id}
    rows, sums = province.db.collection(recoveries.ROWS), province.db.collection(recoveries.TALLIES)
    await rows.update_many(of_case, {"$unset": {"amount_unit": ""}})
    await sums.update_many(of_case, {"$unset": {"unit": ""}})
    await province.db.collection("migrations").delete_one({"_id": UNITS_NAMED})
    monkeypatch.setattr(recoveries_of_before, "IDS_AT_ONCE", 1)
    for _ in range(2):
        await recoveries_of_before.prepare(province.db)
    await province.know(lot("uc3", version=2, quantity=Decimal("0.1"), unit="tấn"))
    [told] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    assert Decimal(told["accounted"]["recovered.correct"]) == 60, told
    more = {**row("uc3", quantity="30", unit="kg"), **spot}
    await reported(province, case_id, more, token=receiver)
    await reported(province, case_id, row("uc3", quantity="0.05", corrects=first, reason="cân lại"))
    [told] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    assert Decimal(told["accounted"]["recovered.correct"]) == 50, told


async def test_rows_of_unknown_lots_are_named_once_these_are_told_and_nothing_else_is_read_again(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, marks = province.db.collection(recoveries.ROWS), province.db.collection("migrations")
    lots = ("uc6", "uc6-nowhere")
    await rows.insert_many(
        [{"_id": f"of {one}", "case": "uc6-x", "lot_id": one, "corrects": ""} for one in lots]
    )
    await marks.delete_one({"_id": UNITS_NAMED})
    await recoveries_of_before.prepare(province.db)
    done = await marks.find_one({"_id": UNITS_NAMED})
    assert done, "what could be named is named: no start reads all of them again"
    assert set(lots) <= set(done["unknown"])
    whole, read = recoveries_of_before._name_all, []

    async def name_all(*given: Any, **more: Any) -> Any:
        read.append(more.get("lots"))
        return await whole(*given, **more)

    monkeypatch.setattr(recoveries_of_before, "_name_all", name_all)
    await recoveries_of_before.prepare(province.db)
    assert read == []
    await province.know(lot("uc6"))
    await recoveries_of_before.prepare(province.db)
    assert read == [["uc6"]] * 2
    named = {row["_id"]: row.get("amount_unit") async for row in rows.find({"case": "uc6-x"})}
    assert named == {"of uc6": "kg", "of uc6-nowhere": None}
    await recoveries_of_before.prepare(province.db)
    assert len(read) == 2
    await rows.delete_many({"case": "uc6-x"})


class Many(Mapping[str, Decimal]):
    """What is said of very many lots: to go through all of it takes long."""

    def __getitem__(self, lot: str) -> Decimal:
        return Decimal(lot)

    def __contains__(self, lot: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all of it is gone through")

    def __len__(self) -> int:
        return 100_000


def test_of_an_explanation_of_many_lots_a_few_are_looked_at_alone() -> None:
    by = Official("a", "An", "")
    many = Explanation("e", "c", Many(), "ẩm", False, by, AT, lost=Many(), units={"7": "kg"})
    few = many.of(["7", "9"])
    assert {**few.amounts} == {**few.lost} == {"7": 7, "9": 9}
    assert ({**few.remaining}, {**few.units}) == ({}, {"7": "kg"})
    told = few.told_in({"7": Made("7", Decimal(1), "tấn"), "9": Made("9", Decimal(1), "kg")})
    assert told.amounts == {"7": Decimal("0.007"), "9": 9}


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.decimals("0", "9", places=1)),
    st.sets(st.sampled_from("abcdef")),
)
def test_what_is_said_of_some_lots_is_part_of_what_is_said_of_all(
    amounts: dict[str, Decimal], lots: set[str]
) -> None:
    by = Official("a", "An", "")
    whole = Explanation("e", "c", amounts, "ẩm", False, by, AT, lost=amounts)
    said = explained([whole]), explained_losses([whole])
    cut = explained([whole.of(lots)]), explained_losses([whole.of(lots)])
    assert cut == tuple({id_: part[id_] for id_ in part if id_ in lots} for part in said)


async def test_a_row_without_a_unit_is_in_that_of_the_sums_that_it_is_in(province: Recall) -> None:
    """As an older program keeps it, while the newer one runs beside it."""
    case_id = await a_case(province, "uc4")
    first = await reported(province, case_id, row("uc4", quantity="60"))
    rows = province.db.collection(recoveries.ROWS)
    await rows.update_many({"case": case_id}, {"$unset": {"amount_unit": ""}})
    await province.know(lot("uc4", version=2, quantity=Decimal("0.1"), unit="tấn"))
    await reported(province, case_id, row("uc4", quantity="0.05", corrects=first, reason="cân lại"))
    tally = await recoveries.tally(province.db, case_id, "uc4")
    assert tally.sums == {"recovered.correct": Decimal("0.05")}


def test_what_is_taken_away_by_a_correction_is_never_more_than_was_counted() -> None:
    made = Made("l", Decimal(100), "kg")
    spot = Spot("f1")

    def a_row(id_: str, quantity: str) -> Row:
        stated = Stated("l", Fate.SOLD, Decimal(quantity), "kg", AT.date(), spot)
        return Row(id_, "c", stated, Decimal(quantity), Official("a", "An", ""), AT, unit="kg")

    counted = Tally("l", {"sold": Decimal("0.06")}, "kg")
    with pytest.raises(SumsDoNotFit):
        counted.with_row(a_row("2", "50"), made, "L", a_row("1", "60"))
    lost = Tally("l", {"sold": Decimal("59.9999999")}, "kg")
    assert lost.with_row(a_row("2", "0"), made, "L", a_row("1", "60")).sums == {}

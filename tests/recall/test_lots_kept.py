"""What recall keeps of a lot: its area, its end and what was used on it, also of lots of before."""

from datetime import date

from services.recall.domain.used import substances_in
from services.recall.store import genealogy
from shared.contracts.registry import InputUsed
from tests.recall.builders import lot
from tests.recall.conftest import Recall

USE = InputUsed(
    key="abamectin-1-8ec",
    kind="pesticide",
    name="Abamectin 1.8EC",
    active_substance="Abamectin",
    lot_number="AB 17",
    first=date(2026, 9, 2),
    last=date(2026, 9, 20),
)


async def test_a_lot_is_kept_with_its_area_its_end_and_what_was_used_on_it(
    province: Recall,
) -> None:
    told = lot(
        "kept1",
        inputs=("raw",),
        supplies=("feed",),
        growing_area_id="area1",
        expires_on=date(2027, 10, 1),
        used=(USE,),
    )
    await province.know(told)
    kept = (await genealogy.lots(province.db, ["kept1"]))["kept1"]
    assert kept.inputs == ("feed", "raw"), "a recall reaches it through both"
    assert kept.supplies == ("feed",)
    assert (kept.growing_area_id, kept.expires_on) == ("area1", date(2027, 10, 1))
    (use,) = kept.used
    assert (use.key, use.lot_number, use.first, use.last) == (
        *("abamectin-1-8ec", "AB 17"),
        *(date(2026, 9, 2), date(2026, 9, 20)),
    )
    assert use.names == ("abamectin-1-8ec", "substance:abamectin")
    assert use.number == "ab17"


async def test_a_lot_taken_in_by_the_version_before_is_read_without_what_it_lacks(
    province: Recall,
) -> None:
    await province.know(lot("kept2", growing_area_id="area1", used=(USE,)))
    lacking = dict.fromkeys(("growing_area_id", "expires_on", "supplies", "used"), "")
    await province.db.collection("lots").update_one({"_id": "kept2"}, {"$unset": lacking})
    kept = (await genealogy.lots(province.db, ["kept2"]))["kept2"]
    assert (kept.growing_area_id, kept.expires_on, kept.supplies, kept.used) == ("", None, (), ())


def test_several_substances_are_each_meant() -> None:
    assert substances_in("Abamectin + Emamectin benzoate") == ("abamectin", "emamectin benzoate")
    assert substances_in("Đồng, lưu huỳnh và đồng") == ("dong", "luu huynh")
    assert substances_in("Sandalwood") == ("sandalwood",)
    assert substances_in("  ") == ()

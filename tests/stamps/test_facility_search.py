"""Facilities are found by what they are called now, whichever release was told of it."""

from typing import Any, Final

from bson import ObjectId

from services.stamps.store import facts
from shared.ids import new_id
from tests.stamps import builders
from tests.stamps.conftest import Stamps


async def found(stamps: Stamps, text: str) -> set[str]:
    """The facilities that a search for quotas finds."""
    return {one.id for one in await facts.facilities_named(stamps.db, {}, text, 50)}


async def told_as_before(stamps: Stamps, facility: str, name: str, version: int) -> None:
    """What the consumer of the release before writes: it knows of no text for searching."""
    await stamps.db.collection("facilities").update_one(
        {"_id": facility}, {"$set": {"name": name, "version": version}}, upsert=True
    )


async def test_renamed_by_a_replica_of_the_release_before_it_is_found_by_its_new_name(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm(name="Hợp tác xã Tên Cũ Đây")
    assert farm.facility in await found(stamps, "ten cu day")
    await told_as_before(stamps, farm.facility, "Hợp tác xã Mới Toanh", 9)
    # At once as it is written, in any case; and without marks once a service has begun again.
    assert farm.facility in await found(stamps, "mới toanh")
    assert farm.facility not in await found(stamps, "moi toanh")
    await facts.prepare(stamps.db)
    assert farm.facility in await found(stamps, "moi toanh")
    assert farm.facility not in await found(stamps, "ten cu day")
    page = await stamps.page("/quotas?q=Mới+Toanh", stamps.approver())
    assert f"/quotas/{farm.facility}" in page.text


async def test_told_anew_it_is_found_by_the_newest_name_alone(stamps: Stamps) -> None:
    place = builders.facility(name="Cơ sở Sóng Biển")
    told = {"id": new_id(), "version": place.version + 1, "name": "Cơ sở Gió Núi"}
    newer = place.model_copy(update=told)
    await stamps.know(place, newer)
    assert place.subject in await found(stamps, "gio nui")
    assert place.subject not in await found(stamps, "song bien")
    row = await stamps.db.collection("facilities").find_one({"_id": place.subject})
    assert row is not None
    assert row["searched_version"] == row["version"]


ODD: Final[tuple[dict[str, Any], ...]] = (
    {"name": 7, "version": 1},
    {"name": None, "version": 1},
    {"name": "Tên", "code": ["x"], "version": 1},
    {"name": {"vi": "Tên"}},
)


async def test_a_name_that_is_no_text_stops_no_start_and_keeps_nobody_from_being_found(
    stamps: Stamps,
) -> None:
    rows = stamps.db.collection("facilities")
    keys = [f"odd {number}" for number in range(len(ODD))]
    await rows.insert_many([{"_id": key, **row} for key, row in zip(keys, ODD, strict=True)])
    late = str(ObjectId())
    await told_as_before(stamps, late, "Trại Sau Cùng", 1)
    await rows.update_one({"_id": late}, {"$set": {"commune": "07090", "code": "S-1"}})
    try:
        await facts.prepare(stamps.db)
        assert late in await found(stamps, "trai sau cung")
    finally:
        await rows.delete_many({"_id": {"$in": keys}})


async def test_however_many_are_behind_they_are_made_searchable_a_part_at_a_time(
    stamps: Stamps,
) -> None:
    rows = stamps.db.collection("facilities")
    many = [
        {"_id": f"many {n}", "name": f"Trại Số {n}", "code": "", "version": 2, "search": "old"}
        for n in range(facts.AT_ONCE * 2 + 3)
    ]
    await rows.insert_many(many)
    try:
        await facts.prepare(stamps.db)
        wanted = {"_id": {"$regex": "^many "}, "search": {"$regex": "^trai so "}}
        assert await rows.count_documents(wanted) == len(many)
    finally:
        await rows.delete_many({"_id": {"$regex": "^many "}})

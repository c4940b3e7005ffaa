"""What recalls and warnings touch of a batch is shown on it, over the states of its stamps."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.stamps.domain.known import Noticed
from services.stamps.domain.touched import Naming, recalled, touched
from shared.contracts.stamps import Interval
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


async def noticed(stamps: Stamps, number: int) -> list[tuple[str, int, list[tuple[int, int]]]]:
    found = await stamps.batch(number)
    return [
        (one["kind"], one["count"], [(span["first"], span["last"]) for span in one["spans"]])
        for one in found["notices"]
    ]


async def test_a_batch_tells_which_of_its_stamps_a_recall_touches_until_the_lift(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 300), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 20, 59, farm.lot, who))
    ok(await stamps.change(number, 30, 39, "suspend", who))
    states = await stamps.intervals(number)
    told: list[tuple[dict[str, Any], int, list[tuple[int, int]]]] = [
        ({"lots": (farm.lot, "another")}, 40, [(20, 59)]),
        ({"products": (farm.product,)}, 300, [(0, 299)]),
        ({"facilities": (farm.facility,), "kind": "withdrawal"}, 300, [(0, 299)]),
        ({"batches": (number,)}, 300, [(0, 299)]),
        ({"stamps": ({"batch": number, "first": 290, "last": 900},)}, 10, [(290, 299)]),
        ({"stamps": ({"batch": number + 1, "first": 0, "last": 20},), "lots": ("z",)}, 0, []),
    ]
    for named, count, spans in told:
        notice = builders.notice(**named)
        lift = builders.notice(notice.subject, 2, active=False, **named)
        await stamps.know(notice)
        kind = named.get("kind", "recall")
        assert await noticed(stamps, number) == ([(kind, count, spans)] if count else [])
        assert (await stamps.batch(number))["recalled"] == count
        assert await stamps.intervals(number) == states, "a notice lies over the states"
        await stamps.know(lift, notice)
        assert await noticed(stamps, number) == [], "lifted, whatever comes once more"
    late = builders.notice(lots=(farm.lot,))
    await stamps.know(builders.notice(late.subject, 2, active=False, lots=(farm.lot,)), late)
    assert await noticed(stamps, number) == [], "the order came after its lift"


async def test_parts_of_a_case_are_one_and_the_gravest_stands_first(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    case = builders.notice().case_id
    ranges = [({"batch": number, "first": a, "last": b},) for a, b in ((10, 19), (5, 7))]
    await stamps.know(
        builders.notice(kind="warning", batches=(number,)),
        builders.notice(f"{case}/1", case_id=case, lots=(farm.lot,)),
        builders.notice(f"{case}/2", case_id=case, part=2, stamps=ranges[0]),
        builders.notice(f"{case}/3", case_id=case, part=3, stamps=ranges[1]),
    )
    assert await noticed(stamps, number) == [
        ("recall", 20, [(0, 19)]),
        ("warning", 100, [(0, 99)]),
    ]
    assert (await stamps.batch(number))["recalled"] == 20


async def test_pages_show_what_is_recalled_on_the_batch_and_in_the_list(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, other = await stamps.a_batch(farm, 100), await stamps.a_batch(farm, 100)
    who = stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 49, farm.lot, who))
    before = (await stamps.page(f"/batches/{number}", who)).text
    assert "Thuộc diện thu hồi" not in before
    title = "Thu hồi na dai, lô 7"
    await stamps.know(builders.notice(title=title, lots=(farm.lot,)))
    page = (await stamps.page(f"/batches/{number}", who)).text
    assert title in page
    assert "50 trên 100 tem của lô" in page
    assert "Thuộc diện thu hồi" in page
    assert "Under recall" in (await stamps.page(f"/batches/{number}", who, "en")).text
    listed = (await stamps.page("/batches", who)).text
    row, of_other = (listed.split(f'/batches/{n}"')[1].split("</tr>")[0] for n in (number, other))
    assert "Thu hồi sản phẩm" in row
    assert "Thu hồi sản phẩm" not in of_other


SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda two: (min(two), max(two)))
NAMINGS = st.lists(
    st.builds(
        Naming,
        st.builds(Noticed, st.sampled_from(["a/1", "a/2", "b/1"]), st.sampled_from(["recall"])),
        st.sampled_from([False, False, False, True]),
        st.frozensets(st.sampled_from(["l", "m"]), max_size=2),
        st.lists(SPANS, max_size=3).map(tuple),
    ),
    max_size=6,
)


@given(NAMINGS, st.integers(0, 1_000))
def test_each_stamp_is_touched_if_something_that_it_stands_on_is_named(
    namings: list[Naming], seed: int
) -> None:
    """Against a look at each serial by itself."""
    quantity, chance = 50, random.Random(seed)
    cuts = sorted({0, *chance.sample(range(1, quantity), 4)})
    intervals = [
        Interval(first, end - 1, chance.choice(["", "l", "m", "n"]), "active")
        for first, end in zip(cuts, [*cuts[1:], quantity], strict=True)
    ]
    lots = {n: lot for first, last, lot, _ in intervals for n in range(first, last + 1)}

    def is_named(serial: int, one: Naming) -> bool:
        in_range = any(first <= serial <= last for first, last in one.spans)
        return one.whole or in_range or bool(lots[serial] and lots[serial] in one.lots)

    found = touched(namings, quantity, intervals)
    for case in ("a", "b"):
        of_case = [one for one in namings if one.notice.case_id == case]
        expected = {n for n in range(quantity) if any(is_named(n, one) for one in of_case)}
        spans = [span for one in found if one.case_id == case for span in one.spans]
        assert {n for first, last in spans for n in range(first, last + 1)} == expected
        assert sum(last - first + 1 for first, last in spans) == len(expected)
    assert recalled(found) == sum(any(is_named(n, one) for one in namings) for n in range(quantity))

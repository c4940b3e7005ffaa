"""What of a centrally printed batch waits for whom is told with each act, and tells no person."""

import asyncio
from typing import Any

from shared.contracts.stamps import StockWaiting
from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_printer_chosen import FACILITY, WHY, choose, request_of
from tests.stamps.test_stock import UNIT, central, handed, in_stock, officer, receive


async def told(stamps: Stamps, number: int) -> list[StockWaiting]:
    return await stamps.events(f"{number}/waiting", StockWaiting)


async def waits(stamps: Stamps, number: int) -> dict[str, Any]:
    """What was told last, without what nothing waits of."""
    last = (await told(stamps, number))[-1]
    assert (last.commune, last.sector) == (builders.COMMUNE, "agriculture")
    names = ("to_print", "to_hand_over", "to_receive", "to_receive_by", "to_answer", "to_answer_by")
    return {name: found for name in names if (found := getattr(last, name))}


async def test_each_act_tells_whom_a_batch_waits_for(stamps: Stamps, farm: Farm) -> None:
    number, who = await central(stamps, farm), stamps.operator(farm.facility)
    assert await waits(stamps, number) == {"to_print": 100}
    await in_stock(stamps, number, 0, 49)
    assert await waits(stamps, number) == {"to_print": 50, "to_hand_over": {UNIT: 50}}
    made = await handed(stamps, number, "0-49")
    assert await waits(stamps, number) == {"to_print": 50, "to_receive": 1}
    ok(await receive(stamps, made, who, missing="9", text="Thiếu"))
    assert await waits(stamps, number) == {"to_print": 50, "to_answer_by": {UNIT: 1}}
    path = f"/handovers/{made}/answers"
    ok(await stamps.post(path, {"text": "Đã đếm đủ"}, officer(stamps)))
    assert await waits(stamps, number) == {"to_print": 50, "to_answer": 1}
    ok(await stamps.post(path, {"agrees": True}, who))
    assert await waits(stamps, number) == {"to_print": 50}
    versions = [one.version for one in await told(stamps, number)]
    assert versions == list(range(1, len(versions) + 1))
    assert not any("Hoa" in one.model_dump_json() for one in await told(stamps, number))


async def test_what_is_left_to_its_facility_waits_for_nobody(stamps: Stamps, farm: Farm) -> None:
    number = await central(stamps, farm)
    request = await request_of(stamps, number)
    ok(await choose(stamps, request, {**FACILITY, **WHY}, stamps.approver()))
    assert await waits(stamps, number) == {}


async def test_of_answers_at_once_the_last_word_tells_of_all(stamps: Stamps, farm: Farm) -> None:
    number, who = await central(stamps, farm), stamps.operator(farm.facility)
    await in_stock(stamps, number, 0, 99)
    given = [await handed(stamps, number, f"{10 * n}-{10 * n + 9}") for n in range(10)]
    for n, one in enumerate(given):
        ok(await receive(stamps, one, who, missing=str(10 * n), text="Thiếu"))
    assert await waits(stamps, number) == {"to_answer_by": {UNIT: 10}}
    agrees = {"agrees": True}
    answers = [stamps.post(f"/handovers/{one}/answers", agrees, officer(stamps)) for one in given]
    for answer in await asyncio.gather(*answers):
        ok(answer)
    assert await waits(stamps, number) == {}

"""Who activates more stamps for a lot than it has packages is asked to look again, and may."""

from decimal import Decimal

import pytest

from tests.answers import ok
from tests.stamps import builders
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_pages import came_to

WORDS = {
    "vi": "Nhiều tem hơn số gói của lô",
    "en": "More stamps than packages in the lot",
    "zh": "标签多于该批次的包装数",
}


async def a_lot(stamps: Stamps, content: str = "", **made: object) -> Farm:
    place = builders.facility()
    good = builders.product(place.subject, content_kilograms=Decimal(content) if content else None)
    lot = builders.lot(place.subject, good.subject, **made)
    await stamps.know(place, good, lot)
    return Farm(place.subject, good.subject, lot.subject)


async def of_weight(stamps: Stamps) -> Farm:
    """100 kg in packages of half a kilogram."""
    return await a_lot(stamps, "0.5", quantity=Decimal(100), kilograms=Decimal(100))


async def of_boxes(stamps: Stamps) -> Farm:
    return await a_lot(stamps, quantity=Decimal(200), unit="hộp")


@pytest.mark.parametrize("lot", [of_weight, of_boxes])
@pytest.mark.parametrize("lang", list(WORDS))
async def test_one_is_asked_to_look_again_before_anything_is_activated(
    stamps: Stamps, lot: object, lang: str
) -> None:
    farm: Farm = await lot(stamps)  # type: ignore[operator]
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path = f"/batches/{number}/activate"
    browser = stamps.browser(who, **{"Accept-Language": lang})
    ok(await stamps.activate(number, 0, 149, farm.lot, who))
    typed = {"first": "150", "last": "249", "lot_id": farm.lot}
    csrf = await stamps.csrf(path, who)
    asked = await browser.post(f"{CONSOLE}{path}", data={"csrf": csrf, **typed})
    assert asked.status_code == 200, asked.text
    shown = asked.text
    assert WORDS[lang] in shown
    for figure in ("200", "150", "100", "250"):
        assert figure in shown, figure
    assert 'value="150"' in shown, "nothing is typed twice"
    assert f'value="{farm.lot}" selected' in shown
    assert (await stamps.intervals(number))[0] == (0, 149, farm.lot, "active"), "nothing was done"
    sure = f"150-249-{farm.lot}"
    assert f'name="sure" value="{sure}"' in shown
    came_to(await stamps.send_form(path, {**typed, "sure": sure}, who))
    assert (await stamps.intervals(number))[0] == (0, 249, farm.lot, "active")


async def test_what_fits_is_done_at_once_and_being_sure_of_one_thing_is_not_of_another(
    stamps: Stamps,
) -> None:
    farm = await of_boxes(stamps)
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path = f"/batches/{number}/activate"
    fits = {"first": "0", "last": "199", "lot_id": farm.lot}
    came_to(await stamps.send_form(path, fits, who))
    other = {"first": "200", "last": "299", "lot_id": farm.lot, "sure": f"200-209-{farm.lot}"}
    assert WORDS["vi"] in (await stamps.send_form(path, other, who)).text


async def test_of_what_nobody_can_count_nothing_is_asked_and_of_others_lots_nothing_told(
    stamps: Stamps,
) -> None:
    loose = await a_lot(stamps, quantity=Decimal(1), unit="kg")
    number, who = await stamps.a_batch(loose), stamps.operator(loose.facility)
    typed = {"first": "0", "last": "499", "lot_id": loose.lot}
    came_to(await stamps.send_form(f"/batches/{number}/activate", typed, who))
    theirs = await of_boxes(stamps)
    further = {"first": "500", "last": "999", "lot_id": theirs.lot}
    answer = await stamps.send_form(f"/batches/{number}/activate", further, who)
    assert answer.status_code == 422
    assert WORDS["vi"] not in answer.text

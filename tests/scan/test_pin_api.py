"""Hidden numbers asked for by programs: the page's guard, and not one try more than the page's."""

import asyncio
from collections import Counter
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from services.scan.desk.main import build
from services.scan.domain.pin import MOST_WRONG, WRONG_OF_SOURCE
from services.scan.store import pins
from shared.ids import new_id
from shared.stampcode import encode
from shared.stamppins import PinKeys, grouped
from tests import in_process
from tests.scan.desk import Desk
from tests.scan.reports import code_of
from tests.scan.test_desk import desk_settings
from tests.scan.test_pins import (
    LOCKED,
    RIGHT,
    WRONG,
    csrf_of,
    desk,
    goods,
    number_of,
    printed,
    row_of,
    said,
    tried,
    wrong_for,
)
from tests.scan.world import Goods, World

CHECK, LOOKUP = "/api/scan/v1/pins/check", "/api/scan/v1/pins/lookup"
NAMED = {"Idempotency-Key": "a-name-for-it"}
OF_PAGE = {WRONG: "wrong", LOCKED: "locked", RIGHT: "right"}


# The fixtures are those of the page's own tests.
__all__ = ["desk", "goods"]


@pytest.fixture(scope="module")
def document(desk: Desk) -> dict[str, Any]:
    return desk.app.openapi()


async def asked(
    desk: Desk,
    code: str,
    pin: Any,
    *,
    address: str = "203.0.113.8",
    once: str = "",
    lang: str = "vi",
    **more: Any,
) -> httpx2.Response:
    headers = {"X-Real-IP": address, "Idempotency-Key": once or new_id()}
    body = {"code": code, "pin": pin, **more}
    return await desk.client.post(f"{CHECK}?lang={lang}", json=body, headers=headers)


def outcome(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcome"])


def described(document: dict[str, Any], path: str, status: str) -> jsonschema_rs.Validator:
    answers = document["paths"][path]["post"]["responses"]
    (content,) = answers[status]["content"].values()
    return jsonschema_rs.validator_for({**content["schema"], "components": document["components"]})


async def test_the_right_number_is_told_with_its_verdict_and_its_first_day(
    desk: Desk, goods: Goods, document: dict[str, Any]
) -> None:
    code, number = code_of(desk, goods, 1), number_of(desk, goods, 1)
    first = await asked(desk, code, grouped(number))
    assert first.headers["cache-control"] == "private, no-store"
    told = first.json()
    described(document, CHECK, "200").validate(told)
    assert (told["outcome"], told["tries_left"], told["right_times"]) == ("right", MOST_WRONG, 1)
    assert told["first_right_at"]
    assert told["told"] == f"{RIGHT} cho con tem này."
    again = (await asked(desk, code.lower(), f" {number[:2]} {number[2:]} ", lang="en")).json()
    assert again["right_times"] == 2
    assert again["first_right_at"] == told["first_right_at"]
    assert "was made for this stamp" in again["told"]
    assert again["headline"] != told["headline"]
    assert again["verdict"] == told["verdict"]


async def test_without_the_feeds_nothing_good_is_said(world: World) -> None:
    made = desk_settings(world.settings.model_copy(update={"feeds": {}}))
    async with in_process.running(build(made), Desk, made) as alone:
        goods = await alone.goods()
        await printed(alone, goods, 0, 9)
        told = (await asked(alone, code_of(alone, goods, 1), number_of(alone, goods, 1))).json()
    assert told["outcome"] == "right"
    assert (told["verdict"], told["because"]) == ("unconfirmed", "not_confirmed")


async def test_five_wrong_ones_lock_it_whether_they_came_by_page_or_program(
    desk: Desk, goods: Goods
) -> None:
    code, address = code_of(desk, goods, 2), "203.0.114.1"
    for n in range(1, MOST_WRONG):
        wrong = wrong_for(desk, goods, 2, n)
        if n % 2:
            told = (await asked(desk, code, wrong, address=address)).json()
            assert (told["outcome"], told["tries_left"]) == ("wrong", MOST_WRONG - n)
            # Whether somebody entered the right one is told only to whoever has it too.
            assert told["right_times"] is told["first_right_at"] is None
            assert f"Còn {MOST_WRONG - n} trong 5 lần" in told["told"]
        else:
            assert said(await tried(desk, code, wrong, address=address)) == WRONG
    fifth = await asked(desk, code, wrong_for(desk, goods, 2, 5), address=address)
    assert outcome(fifth) == "locked"
    assert fifth.json()["tries_left"] == 0
    number = number_of(desk, goods, 2)
    assert outcome(await asked(desk, code, number)) == "locked"
    assert said(await tried(desk, code, number)) == LOCKED


async def test_page_and_program_asked_at_once_judge_no_more_than_five_in_all(
    desk: Desk, goods: Goods
) -> None:
    """A hundred wrong numbers to two processes, each by page and by program."""
    code = code_of(desk, goods, 3)
    made = desk_settings(desk.settings)
    async with in_process.running(build(made), Desk, made) as other:
        both = [(one, one.browser()) for one in (desk, other)]
        csrfs = [await csrf_of(browser) for _, browser in both]

        async def one(n: int) -> str:
            to, browser = both[n % 2]
            wrong, address = wrong_for(desk, goods, 3, n), f"198.{18 + n % 2}.{n}.8"
            if n % 4 < 2:
                return outcome(await asked(to, code, wrong, address=address, once=new_id()))
            answer = await tried(
                to, code, wrong, address=address, browser=browser, csrf=csrfs[n % 2], once=new_id()
            )
            return OF_PAGE.get(said(answer), said(answer))

        outcomes = Counter(await asyncio.gather(*(one(n) for n in range(1, 101))))
    assert outcomes == {"wrong": MOST_WRONG - 1, "locked": 100 - MOST_WRONG + 1}
    row = await row_of(desk, goods, 3)
    assert (row["wrong"], len(row["forms"])) == (MOST_WRONG, MOST_WRONG)
    assert outcome(await asked(desk, code, number_of(desk, goods, 3))) == "locked"


async def test_one_neighbourhood_has_one_measure_for_page_and_program(
    desk: Desk, goods: Goods
) -> None:
    for n in range(WRONG_OF_SOURCE):
        serial, address = 20 + n // 4, f"203.0.117.{n + 1}"
        code, wrong = code_of(desk, goods, serial), wrong_for(desk, goods, serial, n % 4 + 1)
        if n % 2:
            assert outcome(await asked(desk, code, wrong, address=address)) == "wrong"
        else:
            assert said(await tried(desk, code, wrong, address=address)) == WRONG
    # Also the right one: being put off does not tell what it was.
    right = number_of(desk, goods, 31)
    put_off = await asked(desk, code_of(desk, goods, 31), right, address="203.0.117.200")
    assert (put_off.status_code, put_off.json()["code"]) == (429, "too_many_tries")
    assert int(put_off.headers["retry-after"]) > 0
    elsewhere = await asked(desk, code_of(desk, goods, 31), right, address="203.0.118.1")
    assert outcome(elsewhere) == "right"


async def test_what_is_sent_twice_with_one_key_is_one_try_and_one_try_for_each_number(
    desk: Desk, goods: Goods
) -> None:
    code, wrong, address = code_of(desk, goods, 5), wrong_for(desk, goods, 5), "203.0.115.1"
    number = number_of(desk, goods, 5)
    # A program may take for a key what it has at hand: it is not kept as it came.
    key = f"{code}-{wrong}"

    async def told(pin: str, once: str = key) -> tuple[str, int, int | None]:
        answer = (await asked(desk, code, pin, once=once, address=address)).json()
        return answer["outcome"], answer["tries_left"], answer["right_times"]

    for _ in range(3):
        assert await told(wrong) == ("wrong", 4, None)
    for _ in range(2):
        assert await told(number) == ("right", 4, 1)
    # Nor is a wrong one right because the right one came with this key before.
    for _ in range(2):
        assert await told(wrong_for(desk, goods, 5, 2)) == ("wrong", 3, None)
    assert await told(number, "another-key") == ("right", 3, 2)
    assert await told(number) == ("right", 3, 2)
    row = await row_of(desk, goods, 5)
    assert (row["wrong"], row["rights"]) == (2, 2)
    kept = [*row["forms"], *row["right_forms"], row["right_form"]]
    assert len(set(kept)) == 4
    for one in (wrong, number, key):
        assert not any(one in mark for mark in kept)


async def test_a_number_without_a_key_is_not_looked_at(
    desk: Desk, goods: Goods, document: dict[str, Any]
) -> None:
    """Sent twice, it would be two tries."""
    body = {"code": code_of(desk, goods, 12), "pin": wrong_for(desk, goods, 12)}
    for more in ({}, {"pin": "1"}):
        answer = await desk.client.post(CHECK, json={**body, **more})
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
        assert "Idempotency-Key" in answer.json()["detail"]
        described(document, CHECK, "400").validate(answer.json())
    short = await desk.client.post(CHECK, json=body, headers={"Idempotency-Key": "1234567"})
    assert short.status_code == 422
    assert short.json()["errors"][0]["code"] == "too_short"
    assert await row_of(desk, goods, 12) == {}
    (header,) = document["paths"][CHECK]["post"]["parameters"]
    assert (header["name"], header["required"]) == ("Idempotency-Key", True)
    assert "idempotency_key_missing" in str(document["paths"][CHECK]["post"]["responses"]["400"])


async def test_who_is_put_off_learns_nothing_by_the_key_of_another(
    desk: Desk, goods: Goods
) -> None:
    """Keys of programs may be guessed: by one that brought the right number, numbers could be
    tried for nothing."""
    code, number, key = code_of(desk, goods, 70), number_of(desk, goods, 70), "order-0000001"
    assert outcome(await asked(desk, code, number, once=key, address="203.0.119.1")) == "right"
    address = "203.0.125.1"
    for n in range(WRONG_OF_SOURCE):
        serial = 71 + n // 4
        wrong = wrong_for(desk, goods, serial, n % 4 + 1)
        await asked(desk, code_of(desk, goods, serial), wrong, address=address)
    for pin in (number, wrong_for(desk, goods, 70)):
        answer = await asked(desk, code, pin, once=key, address=address)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")


async def test_a_lookup_tells_whether_there_is_a_number_and_spends_nothing(
    desk: Desk, goods: Goods, document: dict[str, Any]
) -> None:
    for serial, printed_there in ((6, True), (450, False)):
        answer = await desk.client.post(LOOKUP, json={"code": code_of(desk, goods, serial)})
        assert answer.json() == {"printed": printed_there}
        described(document, LOOKUP, "200").validate(answer.json())
        assert answer.headers["cache-control"] == "private, no-store"
        assert await row_of(desk, goods, serial) == {}
    told = (await asked(desk, code_of(desk, goods, 450), number_of(desk, goods, 450))).json()
    assert told["outcome"] == "none"
    assert told["tries_left"] is told["right_times"] is told["first_right_at"] is None
    described(document, CHECK, "200").validate(told)
    assert await row_of(desk, goods, 450) == {}


async def test_forged_codes_and_codes_never_issued_are_answered_alike(
    desk: Desk, goods: Goods, document: dict[str, Any]
) -> None:
    real = code_of(desk, goods, 7)
    forged = real[:-1] + ("0" if real[-1] != "0" else "1")
    never = encode(desk.app.state.stamp_keys.ring, 999_998, 5)
    for path, body in ((CHECK, {"pin": "123456"}), (LOOKUP, {})):
        told = []
        for code in (forged, never):
            answer = await desk.client.post(path, json={"code": code, **body}, headers=NAMED)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"
            described(document, path, "404").validate(answer.json())
            told.append({**answer.json(), "request_id": ""})
        assert told[0] == told[1]
        assert told[0]["code"] == "stamp_not_found"


async def test_who_sends_too_many_codes_of_no_stamp_is_put_off_at_page_and_program(
    world: World,
) -> None:
    made = desk_settings(world.settings).model_copy(update={"scan_invalid_per_prefix": 4})
    async with in_process.running(build(made), Desk, made) as alone:
        goods = await alone.goods()
        await printed(alone, goods, 0, 9)
        forged, address = "0" * 20, "203.0.113.7"
        statuses = [
            (await tried(alone, forged, "123456", address=address)).status_code,
            (await asked(alone, forged, "123456", address=address)).status_code,
            (await tried(alone, forged, "123456", address=address)).status_code,
            (await asked(alone, forged, "123456", address=address)).status_code,
        ]
        assert statuses == [404] * 4
        over = await asked(alone, forged, "123456", address=address)
        assert (over.status_code, over.json()["code"]) == (429, "too_many_tries")
        headers = {"X-Real-IP": address}
        over = await alone.client.post(LOOKUP, json={"code": forged}, headers=headers)
        assert over.status_code == 429
        real, number = code_of(alone, goods, 1), number_of(alone, goods, 1)
        assert outcome(await asked(alone, real, number, address=address)) == "right"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"pin": "12345"}, "pin", "pin_digits"),
        ({"pin": "٣٣٣٣٣٣"}, "pin", "pin_digits"),
        ({"pin": 123456}, "pin", "not_text"),
        ({"pin": {"$ne": ""}}, "pin", "not_text"),
        ({"pin": "123456", "code": "0123"}, "code", "stamp_code"),
        ({"pin": "123456", "once": "x"}, "once", "unknown_field"),
        ({}, "pin", "missing"),
    ],
)
async def test_what_is_no_number_is_no_try(
    desk: Desk, goods: Goods, body: dict[str, Any], field: str, code: str
) -> None:
    sent = {"code": code_of(desk, goods, 8), **body}
    answer = await desk.client.post(CHECK, json=sent, headers=NAMED)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert await row_of(desk, goods, 8) == {}


async def test_a_page_elsewhere_makes_nobody_spend_a_try(desk: Desk, goods: Goods) -> None:
    """What a browser sends for a foreign page without asking first is no JSON to us, and whoever
    asks first is not told yes."""
    sent = f'{{"code": "{code_of(desk, goods, 9)}", "pin": "{wrong_for(desk, goods, 9)}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {**NAMED, "Origin": "https://elsewhere.example", "Content-Type": kind}
        answer = await desk.client.post(CHECK, content=sent, headers=headers)
        assert answer.status_code == 422
    asks = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = await desk.client.options(CHECK, headers=asks)
    assert "access-control-allow-origin" not in answer.headers
    assert await row_of(desk, goods, 9) == {}


async def test_a_slot_without_a_key_is_no_try(
    desk: Desk, goods: Goods, document: dict[str, Any]
) -> None:
    keys = desk.app.state.stamp_pins
    before, keys.ring = keys.ring, PinKeys({})
    try:
        answer = await asked(desk, code_of(desk, goods, 60), "123456", address="203.0.121.1")
        assert (answer.status_code, answer.json()["code"]) == (503, "pin_key_missing")
        described(document, CHECK, "503").validate(answer.json())
        assert await row_of(desk, goods, 60) == {}
    finally:
        keys.ring = before


async def test_only_tries_are_kept(desk: Desk, goods: Goods) -> None:
    wrong = wrong_for(desk, goods, 50)
    await asked(desk, code_of(desk, goods, 50), wrong, address="203.0.120.1", once=new_id())
    rows = [row async for row in desk.db.collection(pins.TRIES).find({"serial": 50})]
    assert rows
    assert wrong not in repr(rows)
    assert "203.0.120" not in repr(rows)

"""The catalogue as JSON needs no account, but is asked for no faster than pages are."""

import asyncio

from tests.deploy.conftest import Front

PATH = "/api/registry/v1/published/products"
# Many times what may come at once: at any speed above the rate some are put off.
AT_ONCE, MOST = 100, 4_000


async def test_a_flood_of_questions_is_slowed_with_a_word_when_to_come_back(front: Front) -> None:
    put_off = []
    for _ in range(MOST // AT_ONCE):
        answers = await asyncio.gather(*(front.client.get(PATH) for _ in range(AT_ONCE)))
        assert {answer.status_code for answer in answers} <= {200, 429}
        put_off = [answer for answer in answers if answer.status_code == 429]
        if put_off:
            break
    assert put_off
    assert put_off[0].headers["retry-after"]
    assert put_off[0].headers["content-type"] == "application/problem+json"

"""The catalogue, as JSON too, needs no account, but is asked for no faster than people read."""

import asyncio

import httpx2
import pytest

from tests.deploy.conftest import Front

PATH = "/api/registry/v1/published/products"
# Many times what may come at once: at any speed above the rate some are put off.
AT_ONCE, MOST = 100, 4_000


async def put_off_at(front: Front, path: str, method: str = "GET") -> httpx2.Response:
    """The first answer to a flood that says that it is one."""
    for _ in range(MOST // AT_ONCE):
        asked = (front.client.request(method, path) for _ in range(AT_ONCE))
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} <= {200, 429}
        for answer in answers:
            if answer.status_code == 429:
                return answer
    raise AssertionError(f"{MOST} requests were answered")


async def test_a_flood_of_questions_is_slowed_with_a_word_when_to_come_back(front: Front) -> None:
    answer = await put_off_at(front, PATH)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (429, "too_many_requests")
    assert "Hãy đợi vài giây rồi thử lại" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/products"), ("POST", "/facilities/7/inquiry"), ("POST", "/inquiries")],
)
async def test_people_are_told_so_on_a_page_in_three_languages(
    front: Front, method: str, path: str
) -> None:
    answer = await put_off_at(front, path, method)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Hãy đợi vài giây rồi thử lại" in answer.text
    assert '<div lang="en">\n<h2>Too many requests</h2>' in answer.text
    assert '<div lang="zh-Hans">\n<h2>请求过多</h2>' in answer.text

"""On the public list and page of a recall, what is in Vietnamese alone is marked so."""

import pytest

from tests.languages_of_parts import in_vietnamese, unmarked
from tests.recall.builders import lot
from tests.recall.conftest import Recall

REASON, TODO = "Phát hiện vi khuẩn vượt ngưỡng", "Không ăn; trả lại nơi bán"


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_what_is_vietnamese_alone_is_marked_so(province: Recall, lang: str) -> None:
    await province.know(lot(f"lang-{lang}", "f1", "p1", code=f"CM-{lang}"))
    case = await province.order(f"lang-{lang}")
    for path, wanted in {
        "/recalls": [REASON],
        f"/recalls/{case['id']}": [REASON, TODO, "Cơ sở chả mực Hạ Long"],
    }.items():
        page = (await province.client.get(path, headers={"Accept-Language": lang})).text
        assert unmarked(page) == [], path
        assert [words for words in wanted if words not in in_vietnamese(page)] == [], path

"""On the public list and page of a recall, what is in Vietnamese alone is marked so."""

from decimal import Decimal
from typing import Any

import pytest

from services.recall.pages.labels import amount
from services.registry.domain.catalogues import Catalogue, seed
from services.registry.naming import unit_name
from shared.web.cookies import ACCESS
from shared.web.i18n import catalogues, speak, stop_speaking
from tests.languages_of_parts import in_vietnamese, unmarked
from tests.recall.builders import lot, shipment
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


def said(lang: str, service: str, what: Any, *given: Any) -> str:
    token = speak(lang, catalogues(service))
    try:
        return str(what(*given))
    finally:
        stop_speaking(token)


@pytest.mark.parametrize("key", [*seed(Catalogue.UNITS)])
@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
def test_units_are_called_as_registry_calls_them(lang: str, key: str) -> None:
    name = said("vi", "registry", unit_name, key)
    for number in ("1.000", "650"):
        wanted = said(lang, "registry", unit_name, key, number).removesuffix(" (100 kg)")
        assert said(lang, "recall", amount, Decimal(number), name).split(" ", 1)[1] == wanted


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("vi", ["650 thùng", "40 thùng", "12 sọt"]),
        ("en", ["650 crates", "40 crates", "12 basket"]),
        ("zh", ["650 箱", "40 箱", "12 basket"]),
    ],
)
async def test_a_page_of_the_console_names_units_in_its_language(
    province: Recall, lang: str, wanted: list[str]
) -> None:
    """One unit the program came with, and one that was approved since, told with its name."""
    id_ = f"unit-{lang}"
    new: Any = {"unit": "sot", "unit_name": "sọt", "unit_name_en": "basket"}
    await province.know(
        lot(id_, quantity=Decimal(650), unit="thùng", unit_name="thùng", unit_name_en="crate"),
        lot(f"{id_}-2", inputs=(id_,), quantity=Decimal(12), **new),
        shipment(f"{id_}-s", id_, unit="thùng"),
    )
    case = await province.order(id_)
    headers = {"Cookie": f"{ACCESS}={province.token()}", "Accept-Language": lang}
    radius = f"/console/recall/radius?target_kind=lot&target={id_}"
    page = (await province.client.get(radius, headers=headers)).text
    assert [one for one in wanted if one not in page] == []
    page = (await province.client.get(f"/console/recall/{case['id']}", headers=headers)).text
    assert [one for one in (wanted[0], wanted[2]) if one not in page] == []

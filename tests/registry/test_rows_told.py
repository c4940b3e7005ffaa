"""The list of errors tells the rows of a form apart, though their inputs have the same labels."""

import re

import pytest

from tests.answers import token_in
from tests.registry.conftest import Registry

C = "/console/registry"
# A form, two rows of it that lack the same thing, and how the list of errors begins about each.
ROWS = {
    "papers of a facility": (
        "facilities/new", "clerk",
        {f"certificates.{n}.kind": "attp" for n in (0, 1)},
        ("Giấy thứ 1, Số: ", "Giấy thứ 2, Số: "),
    ),
    "seasons of an area": (
        "growing-areas/new", "operator",
        {f"seasons.{n}.name": "Vụ chính" for n in (0, 2)},
        ("Vụ thứ 1, Bắt đầu: ", "Vụ thứ 3, Bắt đầu: "),
    ),
    "households of an area": (
        "growing-areas/new", "operator",
        {f"members.{n}.area_hectares": "1" for n in (1, 3)},
        ("Hộ thứ 2, Chủ hộ: ", "Hộ thứ 4, Chủ hộ: "),
    ),
    "violations of an inspection": (
        "facilities/{id}/inspections/new", "inspector",
        {f"violations.{n}.basis": "Điều 5" for n in (0, 1)},
        ("Vi phạm thứ 1, Vi phạm: ", "Vi phạm thứ 2, Vi phạm: "),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
async def test_each_error_names_its_row(registry: Registry, case: str) -> None:
    path, who, sent, told = ROWS[case]
    facility = await registry.a_facility()
    tokens = {
        "clerk": registry.clerk(),
        "operator": registry.operator(facility["id"]),
        "inspector": registry.checker(),
    }
    browser = registry.browser(tokens[who])
    address = f"{C}/{path.format(id=facility['id'])}"
    csrf = token_in((await browser.get(address)).text)
    answer = await browser.post(address, data={"csrf": csrf, **sent})
    assert answer.status_code == 422, answer.text
    listed = re.findall(r'<li><a href="#[^"]+">([^<]+)</a>', answer.text)
    for start in told:
        assert len([line for line in listed if line.startswith(start)]) == 1, listed
    assert len(listed) == len(set(listed)), listed

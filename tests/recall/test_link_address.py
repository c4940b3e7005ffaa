"""What is typed as the address of a case that a report is linked to."""

import re

import pytest

from services.recall.store.suspicions import LINKS
from services.recall.suspicion_inputs import CaseForm
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, filed, taken_in
from tests.recall.test_suspicions import HOME, form, suspected

CASE = "019384aa-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "typed",
    [
        CASE,
        f"https://truyxuat.example/console/recall/{CASE}",
        f"https://truyxuat.example/console/recall/{CASE}/",
        f"/console/recall/{CASE}/recovery",
        f"/console/recall/{CASE}?page=2#told",
        f"https://truyxuat.example/recalls/{CASE}",
    ],
)
def test_the_address_of_any_page_of_a_case_names_it(typed: str) -> None:
    assert CaseForm(case=typed).case_id == CASE


async def test_an_address_that_names_no_case_is_told_at_its_field_with_what_to_enter(
    province: Recall,
) -> None:
    await province.know(lot("la1"), lot("la2"))
    await taken_in(province, filed("la-a", lot_id="la1"))
    suspicion = await suspected(province, "la-a")
    # Another's case and one that is not there are told alike.
    theirs = (await province.order("la2"))["id"]
    away = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    assert (await form(province, f"{LIST}/la-a/case", {"case": theirs}, away)).status_code == 404
    for path in (f"{LIST}/la-a/case", f"{HOME}/{suspicion}/case"):
        for typed in ("https://truyxuat.example/console/recall", "vụ 12", f"/recalls/{CASE}"):
            shown = await form(province, path, {"case": typed})
            assert shown.status_code == 404, (path, typed)
            assert f'value="{typed}"' in shown.text, "what was typed stays"
            wrong = re.search(r'id="f-case-error">.*?</p>', shown.text, re.S)
            assert wrong, "told at the field"
            assert "sao chép địa chỉ" in wrong[0]
            assert "Không tìm thấy. Hãy kiểm tra lại mã" not in shown.text
    assert await province.db.collection(LINKS).find_one({"complaint_id": "la-a"}) is None

"""The pages: the whole way of a stamp by form, refusals on their fields, in two languages."""

import re

import httpx2
import pytest

from services.stamps.pages.sizes import advisable, sizes_for
from services.stamps.printing.templates import TEMPLATES
from shared.ids import new_id
from tests.answers import ok
from tests.polling import eventually
from tests.stamps.conftest import CONSOLE, Farm, Stamps

LONG = (
    "Hợp tác xã Sản xuất, Chế biến và Kinh doanh Nông – Lâm – Thủy sản Công nghệ cao Quảng Ninh, "
    "chi nhánh phường An Sinh"
)


async def test_the_way_of_a_stamp_by_forms(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who, approver = stamps.operator(farm.facility), stamps.approver()
    asked = await stamps.send_form(
        "/requests/new", {"product_id": farm.product, "quantity": "1.000", "purpose": "Vụ hè"}, who
    )
    request_page = came_to(asked)
    assert "Đang chờ cơ quan quản lý quyết định" in (await stamps.page(request_page, who)).text
    assert "Ghi quyết định" not in (await stamps.page(request_page, who)).text
    came_to(await stamps.send_form(request_page, {"decision": "approve"}, approver))
    page = (await stamps.page(request_page, approver)).text
    number = int(re.findall(r"/console/stamps/batches/(\d+)", page)[0])
    path = f"/batches/{number}"
    activation = {"first": "0", "last": "499", "lot_id": farm.lot}
    assert came_to(await stamps.send_form(f"{path}/activate", activation, who)) == path
    change = {"first": "500", "last": "509", "change": "damaged", "reason": "Rách khi dán"}
    assert came_to(await stamps.send_form(f"{path}/change", change, who)) == path
    shown = (await stamps.page(path, who)).text
    assert "Báo hỏng: tem 500–509" in shown
    assert "Rách khi dán" in shown
    assert await stamps.intervals(number) == [
        (0, 499, farm.lot, "active"),
        (500, 509, "", "damaged"),
        (510, 999, "", "issued"),
    ]
    # The form of the next activation offers what is left.
    form = (await stamps.page(f"{path}/activate", who)).text
    assert 'value="510"' in form
    assert 'value="999"' in form


async def test_a_batch_is_held_and_released_by_forms(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm), stamps.approver()
    path = f"/batches/{number}"
    await stamps.send_form(f"{path}/hold", {"reason": "Nghi sao chép"}, approver)
    (held,) = (await stamps.batch(number))["holds"]
    assert "Nghi sao chép" in (await stamps.page(path, stamps.operator(farm.facility))).text
    lift = f"{path}/holds/{held['id']}/lift"
    assert "Nghi sao chép" in (await stamps.page(lift, approver)).text
    assert came_to(await stamps.send_form(lift, {"reason": "Đã rõ"}, approver)) == path
    assert (await stamps.batch(number))["holds"] == []
    again = await stamps.send_form(lift, {"reason": "Nữa"}, approver)
    assert again.status_code == 409
    assert "đã được gỡ" in again.text
    other = await stamps.a_batch(farm)
    elsewhere = await stamps.page(f"/batches/{other}/holds/{held['id']}/lift", approver)
    assert elsewhere.status_code == 404


async def test_a_file_is_ordered_watched_and_fetched_by_pages(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    form = {"size": "6mm", "first": "0", "last": "9", "key": new_id()}
    sent = await stamps.send_form(f"/batches/{number}/print", form, who)
    twice = await stamps.send_form(f"/batches/{number}/print", form, who)
    path = came_to(sent)
    assert came_to(twice) == path
    first = await stamps.page(path, who)
    if "Tệp in đã xong" not in first.text:
        assert first.headers["refresh"] == "2"
        assert "refresh" not in (await stamps.page(path.split("?")[0], who)).headers

    async def finished() -> httpx2.Response | None:
        page = await stamps.page(path, who)
        return page if "Tệp in đã xong" in page.text else None

    page: httpx2.Response = await eventually(finished, 60)
    assert "refresh" not in page.headers
    (file,) = set(re.findall(r"/print-jobs/[\w-]+/file", page.text))
    answer = await stamps.page(file, who)
    assert answer.content.startswith(b"%PDF-1.7")
    assert f"tem-{number}-0-9-6mm.pdf" in answer.headers["content-disposition"]


async def test_what_a_file_holds_is_not_offered_for_printing_again(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    before = (await stamps.page(f"/batches/{number}/print", who)).text
    assert "Đã có tệp in" not in before
    form = {"size": "6mm", "first": "0", "last": "9", "key": new_id()}
    path = came_to(await stamps.send_form(f"/batches/{number}/print", form, who))

    async def finished() -> bool:
        return "Tệp in đã xong" in (await stamps.page(path, who)).text

    await eventually(finished, 60)
    after = (await stamps.page(f"/batches/{number}/print", who)).text
    assert "Đã có tệp in cho các số sê-ri 0 – 9" in after
    assert re.search(r'name="first"[^>]*value="10"', after) or re.search(
        r'value="10"[^>]*name="first"', after
    )


async def test_a_request_sent_twice_by_its_form_is_one(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    page = (await stamps.page("/requests/new", who)).text
    (key,) = re.findall(r'name="key" value="([\w-]+)"', page)
    fields = {"product_id": farm.product, "quantity": "12", "key": key}
    first = came_to(await stamps.send_form("/requests/new", fields, who))
    assert came_to(await stamps.send_form("/requests/new", fields, who)) == first


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quantity": "0"}, "từ 1 trở lên"),
        ({"quantity": "-3"}, "từ 1 trở lên"),
        ({"quantity": "1.5"}, "số nguyên"),
        ({"quantity": "9" * 40}, "số"),
        ({"quantity": "nhiều"}, "số nguyên"),
        ({"quantity": ""}, "bắt buộc"),
        ({"quantity": "5", "product_id": ""}, "bắt buộc"),
        ({"quantity": "5", "lot_id": "none"}, "Hãy chọn một lô khác"),
        ({"quantity": "5", "state": "approved"}, "không được dùng ở đây"),
    ],
    ids=str,
)
async def test_a_wrong_form_comes_back_as_it_was_typed(
    stamps: Stamps, farm: Farm, fields: dict[str, str], message: str
) -> None:
    before = await stamps.state_of_everything()
    sent = {"product_id": farm.product, "purpose": "Gõ <b>tay</b>", **fields}
    answer = await stamps.send_form("/requests/new", sent, stamps.operator(farm.facility))
    assert answer.status_code == 422
    assert message in answer.text
    assert "Gõ &lt;b&gt;tay&lt;/b&gt;" in answer.text
    assert await stamps.state_of_everything() == before


async def test_refusals_stand_on_the_form(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    path = f"/batches/{number}"
    cases: list[tuple[str, dict[str, str], int, str]] = [
        ("activate", {"first": "5", "last": "20", "lot_id": farm.lot}, 409, "đã được kích hoạt"),
        ("activate", {"first": "50", "last": "100", "lot_id": farm.lot}, 422, "từ 0 đến 99"),
        ("activate", {"first": "50", "last": "60", "lot_id": ""}, 422, "bắt buộc"),
        (
            "change",
            {"first": "0", "last": "20", "change": "return", "reason": "Thử"},
            409,
            "không cho phép",
        ),
        ("change", {"first": "0", "last": "2", "change": "", "reason": ""}, 422, "bắt buộc"),
        ("print", {"size": "5mm", "first": "0", "last": "2"}, 422, "Không có khổ tem"),
        ("print", {"size": "6mm", "first": "0", "last": "100"}, 422, "từ 0 đến 99"),
    ]
    before = await stamps.state_of_everything()
    for form, fields, status, message in cases:
        answer = await stamps.send_form(f"{path}/{form}", fields, who)
        assert answer.status_code == status, fields
        assert message in answer.text
        assert f'value="{fields["last"]}"' in answer.text
    assert await stamps.state_of_everything() == before


async def test_a_decision_without_its_reason_comes_back(stamps: Stamps, farm: Farm) -> None:
    request, approver = await stamps.ask(farm, 100), stamps.approver()
    path = f"/requests/{request['id']}"
    for fields in ({"decision": "reject"}, {"decision": "approve", "quantity": "40"}):
        answer = await stamps.send_form(path, fields, approver)
        assert answer.status_code == 422
        assert "Hãy ghi lý do" in answer.text
    sent = {"decision": "reject", "reason": "Thiếu nhật ký"}
    assert came_to(await stamps.send_form(path, sent, approver)) == path
    page = (await stamps.page(path, stamps.operator(farm.facility))).text
    assert "Thiếu nhật ký" in page
    assert "Bị từ chối" in page


async def test_lists_are_paged_and_a_page_beyond_the_end_is_the_last(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    for number in range(31):
        await stamps.ask(farm, 1000 + number)
    first = (await stamps.page("/requests", who)).text
    assert "1.030" in first
    assert ">1.000<" not in first
    for page in ("2", "99", "x", "-1"):
        text = (await stamps.page(f"/requests?page={page}", who)).text
        assert (">1.000<" in text) == (page in ("2", "99"))
    none = (await stamps.page("/requests?state=rejected", who)).text
    assert "Không có yêu cầu nào ở trạng thái này" in none
    every = (await stamps.page("/requests?state[$ne]=1&state=%7B%7D", who)).text
    assert "1.030" in every


async def test_a_form_without_its_token_does_nothing(stamps: Stamps, farm: Farm) -> None:
    before = await stamps.state_of_everything()
    answer = await stamps.client.post(
        f"{CONSOLE}/requests/new",
        data={"product_id": farm.product, "quantity": "5"},
        headers={
            "Cookie": f"txng_access={stamps.operator(farm.facility)}",
            "Origin": stamps.settings.public_origin,
        },
    )
    assert answer.status_code == 403
    assert await stamps.state_of_everything() == before


def came_to(answer: httpx2.Response) -> str:
    """Where a form that was accepted sends the browser, below the console of stamps."""
    assert answer.status_code == 303, answer.text
    location = str(answer.headers["location"])
    assert location.startswith(CONSOLE)
    return location.removeprefix(CONSOLE)


def test_sizes_tell_their_true_measures_and_what_is_to_be_known() -> None:
    sizes = {key: (label, said) for key, label, said in sizes_for("TXNG.TEST", "9506000134352")}
    assert list(sizes) == list(TEMPLATES)
    assert sizes["6mm-fine"][0].endswith("mã QR 5,29 mm")
    assert "0,212 mm, dưới 0,25 mm" in sizes["6mm-fine"][1]
    assert sizes["6mm"][0].endswith("mã QR 6,35 mm")
    assert sizes["6mm"][1].startswith("Nhỏ nhất nên dùng.")
    assert "dưới 0,25 mm" not in sizes["6mm"][1]
    assert "0,396 mm: chưa đạt chuẩn GS1" in sizes["6mm"][1]
    assert "GS1" not in sizes["20mm"][1]


def test_a_long_address_makes_small_sizes_worse_and_the_advice_larger() -> None:
    host = "truyxuat.quangninh.gov.vn"
    said = {key: text for key, _, text in sizes_for(host, "")}
    assert "0,169 mm, dưới 0,2 mm: nhiều điện thoại không đọc được" in said["6mm-fine"]
    assert "dưới 0,25 mm" not in said["6mm-fine"]
    assert "0,212 mm, dưới 0,25 mm" in said["6mm"]
    assert advisable(host, "") == "12mm"
    assert sizes_for("x" * 300, "") == []

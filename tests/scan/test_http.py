"""What leaves over HTTP: statuses, headers, languages, forms, sizes; what may be typed."""

import base64
import gzip
import hashlib
import re

import pytest

from shared import stampcode
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, name, notice


@pytest.fixture(scope="module")
async def goods(world: World, scans: Scans) -> Goods:
    made = Goods()
    await world.tell(*made.events())
    await becomes(scans, made.batch, 7, "genuine")
    return made


async def test_a_verdict_is_kept_by_nobody_and_runs_nothing(scans: Scans, goods: Goods) -> None:
    code = scans.code(goods.batch, 7)
    page = await scans.http.get(f"/{code}")
    policy = page.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert " style=" not in page.text
    for answer in (page, await scans.http.get(f"/v1/verdicts/{code}")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "Accept-Language" in answer.headers["vary"]
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_the_proxys_request_id_comes_back(scans: Scans, goods: Goods) -> None:
    given = "0123456789abcdef0123456789abcdef"
    path = f"/v1/verdicts/{scans.code(goods.batch, 7)}"
    answer = await scans.http.get(path, headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given
    other = await scans.http.get(path, headers={"X-Request-ID": "<b>not one of ours</b>"})
    assert re.fullmatch(r"[0-9a-f]{32}", other.headers["x-request-id"])


async def test_a_page_is_small(scans: Scans, goods: Goods) -> None:
    page = await scans.http.get(f"/{scans.code(goods.batch, 7)}")
    assert len(gzip.compress(page.content, 4)) < 14_000


async def test_a_page_links_to_what_the_log_says_of_its_stamp_and_to_report_a_problem_with_it(
    scans: Scans, goods: Goods
) -> None:
    code = scans.code(goods.batch, 7)
    for _ in range(2):  # Made, and then kept ready.
        page = await scans.http.get(f"/{code}")
        assert f'href="/log/stamps/{code}"' in page.text
        assert f'href="/bao-van-de/{code}?v=genuine"' in page.text
        assert f'href="/pin/{code}"' in page.text
        assert f'class="code">{stampcode.group(code)}<' in page.text
        assert "hole" not in page.text
        assert int(page.headers["content-length"]) == len(page.content)
    forged = await scans.http.get("/" + "0" * 20)
    assert "/log/stamps" not in forged.text
    assert "/pin" not in forged.text
    assert f'href="/bao-van-de/{"0" * 20}?v=unknown"' in forged.text
    told = (await scans.http.get(f"/v1/verdicts/{code}")).json()
    assert told["code"] == code


async def test_a_page_tells_origin_capacity_and_price_where_they_were_approved(
    scans: Scans, goods: Goods
) -> None:
    """Plan 193/2018, III.3 names them among what stands behind the stamp."""
    page = await scans.page(goods.batch, 7)
    for item in ("Xã An Sinh, Quảng Ninh", "120 tấn mỗi năm", "65.000"):
        assert item in page, item
    told = (await scans.http.get(f"/v1/verdicts/{scans.code(goods.batch, 7)}")).json()["product"]
    assert (told["origin"], told["capacity"], told["price"]) == (
        "Xã An Sinh, Quảng Ninh", "120 tấn mỗi năm", 65_000,
    )  # fmt: skip


async def test_a_page_holds_the_ten_items_of_the_circular(scans: Scans, goods: Goods) -> None:
    """Circular 02/2024/TT-BKHCN: name, picture, producer, address, stages, times, code, brand,
    shelf life, standards."""
    page = await scans.page(goods.batch, 7)
    code = scans.code(goods.batch, 7)
    grouped = "-".join(code[start : start + 5] for start in range(0, 20, 5))
    for item in (
        "Na dai Đông Triều",
        "<figure",
        "Hợp tác xã Cây ăn quả Đồi Nắng",
        "Thôn Đồi Nắng, phường An Sinh",
        "VN-QNOR-0001",
        "18/11/2026",
        grouped,
        "Đồi Nắng",
        "24/11/2099",
        "VietGAP trồng trọt (TCVN 11892-1:2017)",
    ):
        assert item in page, item
    assert "Nguyễn Văn Khởi" not in page


async def test_the_verdict_is_said_in_words_and_by_an_icon_before_all_else(
    world: World, scans: Scans
) -> None:
    recalled = Goods()
    await world.tell(*recalled.events(), notice(name("case"), lots=(recalled.lot,)))
    await becomes(scans, recalled.batch, 7, "recalled")
    page = await scans.page(recalled.batch, 7)
    assert page.index("<svg", page.index('class="verdict bad"')) < page.index("<h1>")
    assert page.index("Đang bị thu hồi") < page.index("Thu hồi na dai lô NA-261118")
    assert page.index("Ngừng sử dụng và trả lại") < page.index("Bạn nên làm gì")


@pytest.mark.parametrize(
    ("accept_language", "expected"),
    [
        ("", "vi"),
        ("en-GB,en;q=0.8", "en"),
        ("en;q=0.3, vi;q=0.9", "vi"),
        ("fr, en;q=0.5", "en"),
        ("fr, de;q=0.5", "vi"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW,zh;q=0.9", "zh-Hans"),
        ("vi;q=0, en", "en"),
    ],
)
async def test_the_readers_language_is_spoken(
    scans: Scans, goods: Goods, accept_language: str, expected: str
) -> None:
    path = f"/{scans.code(goods.batch, 7)}"
    answer = await scans.http.get(path, headers={"Accept-Language": accept_language})
    page = answer.text
    assert f'<html lang="{expected}">' in page
    assert answer.headers["content-language"] == expected
    assert ("Valid stamp" in page) is (expected == "en")
    assert ("标签有效，产品未被召回" in page) is (expected == "zh-Hans")


async def test_a_chinese_page_says_in_chinese_what_the_system_knows(
    world: World, scans: Scans
) -> None:
    recalled = Goods()
    told = notice(name("case"), lots=(recalled.lot,)).model_copy(
        update={"title_zh": "召回：番荔枝", "reason_zh": "农药残留超标"}
    )
    await world.tell(*recalled.events(), told)
    await becomes(scans, recalled.batch, 7, "recalled")
    page = ""

    async def all_is_there() -> None:  # The lot's passport may come after the notice.
        nonlocal page
        page = await scans.page(recalled.batch, 7, **{"Accept-Language": "zh"})
        for text in ("采收", "包装", "召回：番荔枝", "农药残留超标", "1,200 千克"):
            assert text in page, text
        assert "2026年11月18日" in page

    await eventually(all_is_there)
    # What was given in English only is better than nothing.
    assert "Stop using it and return it to the shop." in page
    assert 'hreflang="zh-Hans" aria-current="true"' in page
    for word in ("Thu hoạch", "Đang bị thu hồi", "Harvesting"):
        assert word not in page


async def test_answers_kept_ready_are_each_languages_own(scans: Scans, goods: Goods) -> None:
    path = f"/{scans.code(goods.batch, 7)}"
    said = {"vi": "Tem hợp lệ", "en": "Valid stamp", "zh": "标签有效"}
    for _ in range(3):
        for lang, words in said.items():
            page = (await scans.http.get(path, headers={"Accept-Language": lang})).text
            assert [other for other in said.values() if other in page] == [words]


async def test_a_chosen_language_is_remembered(scans: Scans, goods: Goods) -> None:
    path = f"/{scans.code(goods.batch, 7)}"
    chosen = await scans.http.get(f"{path}?lang=en")
    assert '<html lang="en">' in chosen.text
    assert chosen.headers["set-cookie"].startswith("txng_lang=en;")
    scans.http.cookies.clear()
    kept = await scans.http.get(path, headers={"Cookie": "a=b; txng_lang=en"})
    assert '<html lang="en">' in kept.text
    odd = await scans.http.get(f"{path}?lang=xx", headers={"Cookie": "txng_lang=yy"})
    assert '<html lang="vi">' in odd.text


async def test_json_is_given_to_who_prefers_it(scans: Scans, goods: Goods) -> None:
    path = f"/{scans.code(goods.batch, 7)}"
    for accept, kind in (
        ("application/json", "application/json"),
        ("application/json;q=0.5, text/html", "text/html; charset=utf-8"),
        ("text/html;q=0.2, application/json;q=0.9", "application/json"),
        ("*/*", "text/html; charset=utf-8"),
    ):
        answer = await scans.http.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == kind, accept
    by_name = await scans.http.get(f"/v1/verdicts{path}", headers={"Accept": "text/html"})
    assert by_name.json()["verdict"] == "genuine"


async def test_a_code_may_be_typed_as_people_type_it(scans: Scans, goods: Goods) -> None:
    code = scans.code(goods.batch, 7)
    grouped = "-".join(code[start : start + 5] for start in range(0, 20, 5))
    spelled = code.lower().replace("0", "o").replace("1", "l")
    for text in (grouped, grouped.replace("-", "%20"), spelled, f"{code[:10]}-{code[10:]}"):
        answer = await scans.http.get(f"/v1/verdicts/{text}")
        assert answer.json()["code"] == code, text
        assert answer.json()["verdict"] == "genuine"
        page = await scans.http.get(f"/{text}")
        assert "Tem hợp lệ" in page.text


@pytest.mark.parametrize(
    "text",
    [
        "ABCDE-FGHJK-MNPQR",
        "A" * 21,
        "UUUUUUUUUUUUUUUUUUUU",
        "%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80",
        "%ff%fe%00%01",
        "..%2f..%2fetc%2fpasswd",
        '{"$ne":1}',
        "A" * 5_000,
    ],
)
async def test_what_is_no_code_is_404_with_help_to_read_it_again(
    scans: Scans, goods: Goods, text: str
) -> None:
    answer = await scans.http.get(f"/v1/verdicts/{text}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "malformed_code"


async def test_the_page_for_what_is_no_code_helps(scans: Scans, goods: Goods) -> None:
    answer = await scans.http.get("/ABCDE-FGHJK-MNPQR")
    assert answer.status_code == 404
    assert "Cách đọc lại mã" in answer.text
    assert 'action="/kiem-tra-tem"' in answer.text


async def test_a_malformed_digital_link_is_400(scans: Scans, goods: Goods) -> None:
    code = scans.code(goods.batch, 7)
    for path in (
        f"/01/09520101000119/21/{code}",
        f"/01/123/21/{code}",
        f"/01/09520101000118/10/%5B/21/{code}",
    ):
        answer = await scans.http.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 400, path
        assert answer.json()["code"] == "malformed_link"


async def test_head_answers_like_get_without_counting_a_scan(scans: Scans, goods: Goods) -> None:
    counts = list(scans.hot.counts)
    answer = await scans.http.head(f"/{scans.code(goods.batch, 7)}")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 1_000
    assert scans.hot.counts == counts


async def test_other_methods_are_refused(scans: Scans, goods: Goods) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await scans.http.request(method, f"/v1/verdicts/{scans.code(goods.batch, 7)}")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


async def test_what_a_notice_says_is_shown_as_text(world: World, scans: Scans) -> None:
    made = Goods()
    nasty = notice(name("case"), lots=(made.lot,)).model_copy(
        update={"title": "<script>alert(1)</script>", "reason": '" onload="x'}
    )
    await world.tell(*made.events(), nasty)
    await becomes(scans, made.batch, 7, "recalled")
    page = await scans.page(made.batch, 7)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_an_address_answered_before_is_answered_anew_once_something_changed(
    world: World, scans: Scans
) -> None:
    made = Goods()
    await world.tell(*made.events())
    await becomes(scans, made.batch, 7, "genuine")
    assert "Tem hợp lệ" in await scans.page(made.batch, 7)
    assert "Tem hợp lệ" in await scans.page(made.batch, 7)
    await world.tell(notice(name("case"), lots=(made.lot,)))

    async def red() -> bool:
        return "Đang bị thu hồi" in await scans.page(made.batch, 7)

    await eventually(red)

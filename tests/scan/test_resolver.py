"""The GS1 resolver as its clients meet it (GS1 Digital Link Resolver 1.2)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from services.scan import main
from services.scan.domain.aggregates import PRODUCTS
from services.scan.resolving.linkset import VOCABULARY
from services.scan.store import models
from shared.contracts.registry import ProductWithdrawn, Recording
from shared.ids import now
from tests.gs1 import vectors
from tests.polling import eventually
from tests.scan.labels import Labelled
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, name, notice, product

LINKSET = {"Accept": "application/linkset+json"}
JSON = {"Accept": "application/json"}
VIDEO = {
    "kind": "video", "description": "Hái na", "media_type": "video/mp4", "size": 5,
}  # fmt: skip


async def settled(world: World, scans: Scans, *goods: Labelled) -> None:
    """Told, projected and confirmed."""
    for one in goods:
        await world.tell(*one.events())
        await becomes(scans, one.batch, 7, "genuine")

        async def there(one: Labelled = one) -> bool:
            answer = await scans.http.get(one.lot_path)
            return answer.status_code == 200

        await eventually(there)


@pytest.fixture(scope="module")
async def goods(world: World, scans: Scans) -> Labelled:
    made = Labelled()
    await settled(world, scans, made)
    return made


@pytest.fixture(scope="module")
async def origin(world: World) -> str:
    return world.settings.public_origin


def links(answer: httpx2.Response) -> dict[str, dict[str, Any]]:
    """The contexts of a linkset by anchor."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/linkset+json"
    return {context["anchor"]: context for context in answer.json()["linkset"]}


async def test_a_product_leads_to_its_page_and_passes_the_query_on(
    scans: Scans, goods: Labelled, origin: str
) -> None:
    page = f"{origin}/products/{goods.product}"
    for query, expected in (
        ("", page),
        ("?utm_source=zalo&x=%20", f"{page}?utm_source=zalo&x=%20"),
        ("?linkType=gs1:pip&17=261231", f"{page}?17=261231"),
        ("?linkType=https://gs1.org/voc/pip", page),
        ("?linkType=gs1:defaultLink", page),
    ):
        answer = await scans.http.get(f"/01/{goods.gtin}{query}")
        assert (answer.status_code, answer.headers["location"]) == (307, expected)
        assert 'rel="linkset"' in answer.headers["link"]
    slashed = await scans.http.get(f"/01/{goods.gtin}/")
    assert slashed.headers["location"] == page


async def test_a_place_leads_to_the_facility_that_has_its_number(
    scans: Scans, goods: Labelled, origin: str
) -> None:
    for key in ("414", "417"):
        answer = await scans.http.get(f"/{key}/{goods.gln}")
        assert answer.headers["location"] == f"{origin}/facilities/{goods.facility}"
    part = await scans.http.get(f"/414/{goods.gln}/254/kho-2?linkType=gs1:support")
    assert part.headers["location"] == f"{origin}/facilities/{goods.facility}/inquiry"


async def test_a_lot_has_a_page_that_promises_nothing_of_the_item(
    scans: Scans, goods: Labelled
) -> None:
    page = await scans.http.get(goods.lot_path)
    assert page.status_code == 200
    for text in (
        "Lô hàng có trong hệ thống, không bị thu hồi", "không xác nhận món hàng bạn cầm là thật",
        goods.lot_code, f"GTIN {goods.gtin}", "Na dai Đông Triều", "Thu hoạch",
    ):  # fmt: skip
        assert text in page.text, text
    assert 'class="verdict good"' not in page.text
    assert "<script" not in page.text
    english = await scans.http.get(f"{goods.lot_path}?lang=en")
    assert "This lot is on record and not recalled" in english.text
    assert english.headers["set-cookie"].startswith("txng_lang=en;")
    scans.http.cookies.clear()
    chinese = await scans.http.get(goods.lot_path, headers={"Accept-Language": "zh;q=0.9,en;q=0.1"})
    assert '<html lang="zh-Hans">' in chinese.text


async def test_a_recalled_lot_is_red_for_all_of_it(world: World, scans: Scans) -> None:
    made = Labelled()
    await settled(world, scans, made)
    case = name("case")
    await world.tell(notice(case, lots=(made.lot,)))

    async def red() -> bool:
        page = (await scans.http.get(made.lot_path)).text
        return "Lô hàng đang bị thu hồi" in page and f"/recalls/{case}" in page

    await eventually(red)
    status = await scans.http.get(f"{made.lot_path}?linkType=gs1:recallStatus")
    assert status.headers["location"].endswith(f"/recalls/{case}")
    product_status = await scans.http.get(f"/01/{made.gtin}?linkType=gs1:recallStatus")
    assert product_status.headers["location"].endswith(f"/products/{made.product}")


async def test_a_lot_that_is_not_on_record_is_said_to_be_none(
    world: World, scans: Scans, goods: Labelled
) -> None:
    answer = await scans.http.get(f"/01/{goods.gtin}/10/NOT-OURS")
    assert answer.status_code == 404
    assert "Không có lô này trong hệ thống" in answer.text
    assert f"/products/{goods.product}" in answer.text
    recalled = Labelled()
    await settled(world, scans, recalled)
    await world.tell(notice(name("case"), products=(recalled.product,)))

    async def red() -> bool:
        answer = await scans.http.get(f"/01/{recalled.gtin}/10/NOT-OURS")
        return answer.status_code == 404 and "đang bị thu hồi" in answer.text

    await eventually(red)


async def test_a_lot_is_unconfirmed_while_nothing_is_confirmed(
    world: World, goods: Labelled
) -> None:
    """No replica promises that there is no recall which it may not have heard of."""
    time = [0.0]
    async with world.replica(clock=lambda: time[0]) as scans:

        async def fine() -> bool:
            return "không bị thu hồi" in (await scans.http.get(goods.lot_path)).text

        await eventually(fine)
        time[0] += 6.0
        page = (await scans.http.get(goods.lot_path)).text
        assert "Chưa xác nhận được tình trạng của lô" in page
        assert "không bị thu hồi" not in page


@vectors.needs_standards
async def test_every_linkset_is_valid_by_the_schema_and_has_every_level(
    scans: Scans, goods: Labelled, origin: str
) -> None:
    schema = jsonschema_rs.validator_for(json.loads(vectors.standard("gs1-linkset-schema.json")))
    code = scans.code(goods.batch, 7)
    product_path, stamp = f"/01/{goods.gtin}", f"/01/{goods.gtin}/21/{code}"
    both = f"{goods.lot_path}/21/{code}"
    place = f"/414/{goods.gln}"
    for path, anchors in (
        (product_path, [product_path]),
        (f"{product_path}/22/2A", [product_path]),
        (f"{product_path}/235/TPX", [product_path]),
        (goods.lot_path, [goods.lot_path, product_path]),
        (stamp, [stamp, product_path]),
        (both, [both, goods.lot_path, product_path]),
        (f"{product_path}/10/NOT-OURS", [product_path]),
        (place, [place]),
        (f"{place}/254/kho-2", [place]),
    ):
        for asked in (
            await scans.http.get(path, headers=LINKSET),
            await scans.http.get(f"{path}?linkType=linkset"),
            await scans.http.get(f"{path}?linkType=linkset", headers={"Accept-Language": "zh"}),
        ):
            schema.validate(asked.json())
            found = links(asked)
            assert list(found) == [f"{origin}{anchor}" for anchor in anchors]
            for context in found.values():
                assert len(context[f"{VOCABULARY}defaultLink"]) == 1
            assert "json-ld#context" in asked.headers["link"]
    assert not schema.is_valid({"linkset": [{"anchor": "x"}]})


@vectors.needs_standards
async def test_every_link_type_is_one_of_gs1s_vocabulary(
    world: World, scans: Scans, origin: str
) -> None:
    known = json.loads(vectors.standard("linktypes.json"))
    made = Labelled()
    film = Recording(title="Phim", address="/media/recordings/x.mp4", **VIDEO)
    made.product_changes = {"recordings": (film,)}
    await settled(world, scans, made)
    code = scans.code(made.batch, 7)
    found = links(await scans.http.get(f"{made.lot_path}/21/{code}", headers=LINKSET))
    place = links(await scans.http.get(f"/414/{made.gln}", headers=LINKSET))
    types = {
        key.removeprefix(VOCABULARY)
        for context in (found | place).values()
        for key in context
        if key not in ("anchor", "itemDescription")
    }
    assert types == {
        "defaultLink", "pip", "recallStatus", "verificationService", "certificationInfo",
        "support", "relatedVideo", "traceability", "epcis", "locationInfo",
    }  # fmt: skip
    assert types <= set(known)
    (events,) = found[f"{origin}{made.lot_path}"][f"{VOCABULARY}epcis"]
    assert events["public"] is False


async def test_several_links_that_suit_alike_are_a_choice(
    world: World, scans: Scans, origin: str
) -> None:
    made = Labelled()
    films = [
        Recording(title=f"Phim {n}", address=f"/media/recordings/{n}.mp4", **VIDEO) for n in (1, 2)
    ]
    made.product_changes = {"recordings": tuple(films)}
    await settled(world, scans, made)
    path = f"/01/{made.gtin}?linkType=gs1:relatedVideo"
    page = await scans.http.get(path)
    assert page.status_code == 300
    assert "Phim 1" in page.text
    assert f'href="{origin}/media/recordings/2.mp4"' in page.text
    data = await scans.http.get(path, headers=JSON)
    assert (data.status_code, data.headers["content-type"]) == (300, "application/linkset+json")


async def test_products_that_share_a_number_are_a_choice_unless_one_is_left(
    world: World, scans: Scans, origin: str
) -> None:
    made, second = Labelled(), name("product")
    await settled(world, scans, made)
    await world.tell(product(second, made.facility, gtin=made.gtin))
    await eventually(lambda: models.find(scans.replica.db, PRODUCTS, second))
    async with world.replica() as other:  # Which has kept nothing of it.

        async def two() -> bool:
            answer = await other.http.get(f"/01/{made.gtin}")
            return answer.status_code == 300

        await eventually(two)
        gone = ProductWithdrawn(
            subject=made.product, version=5, time=now(), facility_id=made.facility, reason="Thôi"
        )
        await world.tell(gone)

        async def one() -> bool:
            answer = await other.http.get(f"/01/{made.gtin}")
            return answer.headers.get("location") == f"{origin}/products/{second}"

        await eventually(one)


async def test_the_answer_suits_what_is_taken(scans: Scans, goods: Labelled, origin: str) -> None:
    code = scans.code(goods.batch, 7)
    stamp = f"/01/{goods.gtin}/21/{code}"
    path = f"{stamp}?linkType=gs1:verificationService"
    page = await scans.http.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["location"] == f"{origin}{stamp}"
    data = await scans.http.get(path, headers=JSON)
    assert data.headers["location"] == f"{origin}/v1/verdicts/{code}"
    both = {"Accept": "application/linkset+json;q=0.5, application/json"}
    assert (await scans.http.get(stamp, headers=both)).json()["verdict"] == "genuine"
    assert "linkset" in (await scans.http.get(f"/01/{goods.gtin}", headers=JSON)).json()


async def test_a_stamps_verdict_says_where_its_links_are(scans: Scans, goods: Labelled) -> None:
    code = scans.code(goods.batch, 7)
    for _ in range(2):  # The second time it is ready in memory.
        answer = await scans.http.get(f"/01/{goods.gtin}/21/{code}")
        assert "Tem hợp lệ" in answer.text
        assert answer.headers["link"].startswith("<?linkType=linkset>")
        assert answer.headers["access-control-allow-origin"] == "*"
        plain = await scans.http.get(f"/{code}")
        assert "link" not in plain.headers


async def test_a_stamp_that_is_not_what_the_address_says_has_no_links(
    world: World, scans: Scans, goods: Labelled, origin: str
) -> None:
    other = Labelled()
    await settled(world, scans, other)
    for code in (scans.code(other.batch, 7), "0" * 20, "ABC", scans.code(goods.batch, 700_000)):
        found = links(await scans.http.get(f"/01/{goods.gtin}/21/{code}", headers=LINKSET))
        assert list(found) == [f"{origin}/01/{goods.gtin}"]
        asked = await scans.http.get(f"/01/{goods.gtin}/21/{code}?linkType=gs1:traceability")
        assert asked.status_code == 404


async def test_asking_for_links_is_no_scan(scans: Scans, goods: Labelled) -> None:
    before = list(scans.hot.counts)
    path = f"/01/{goods.gtin}/21/{scans.code(goods.batch, 7)}"
    await scans.http.get(path, headers=LINKSET)
    await scans.http.get(f"{path}?linkType=gs1:pip")
    await scans.http.request("OPTIONS", path)
    assert scans.hot.counts == before


async def test_any_page_of_the_web_may_ask(scans: Scans, goods: Labelled) -> None:
    code = scans.code(goods.batch, 7)
    for path in (
        f"/01/{goods.gtin}", goods.lot_path, f"/01/{goods.gtin}/21/{code}", "/01/123",
        "/.well-known/gs1resolver",
    ):  # fmt: skip
        asked = await scans.http.request("OPTIONS", path)
        assert asked.status_code == 204, path
        assert asked.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
        for method in ("GET", "HEAD"):
            answer = await scans.http.request(method, path)
            assert answer.headers["access-control-allow-origin"] == "*", path
            assert method == "GET" or not answer.content
        if "21" not in path:
            refused = await scans.http.post(path)
            assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        ("/01/09520101000119", "01", "wrong_check_digit"),
        ("/01/9520101000118", "01", "wrong_length"),
        ("/01/09520101000118/21/X/10/Y", "21", "wrong_order"),
        ("/01/09520101000118/10/X/10/Y", "10", "field_twice"),
        ("/01/09520101000118/89/X", "89", "wrong_order"),
        ("/01/09520101000118/10/%D0%90", "10", "forbidden_character"),
        ("/01/09520101000118/21/%00", "21", "forbidden_character"),
        (f"/01/09520101000118/21/{'A' * 21}", "21", "wrong_length"),
        ("/01/09520101000118?89=1", "89", "unknown_field"),
        ("/01/09520101000118?10=%0D%0Ax", "10", "forbidden_character"),
        ("/414/9520123456789", "414", "wrong_check_digit"),
        ("/00/106141411234567898", "00", "wrong_check_digit"),
        ("/01/", "path", "not_a_digital_link"),
        ("/01", "path", "not_a_digital_link"),
        ("/01/" + "9" * 10_000, "path", "wrong_length"),
    ],
)
async def test_a_wrong_address_is_400_and_says_what_to_do(
    scans: Scans, path: str, field: str, code: str
) -> None:
    answer = await scans.http.get(path, headers=JSON)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "malformed_link"
    assert [(error["field"], error["code"]) for error in told["errors"]] == [(field, code)]
    assert "Hãy" in told["detail"] or "Thứ tự đúng" in told["detail"]
    page = await scans.http.get(path)
    assert page.status_code == 400
    assert told["detail"] in page.text


@vectors.needs_standards
@pytest.mark.parametrize(("path", "query", "valid"), vectors.official())
async def test_the_official_vectors_are_refused_or_looked_up(
    scans: Scans, path: str, query: str, valid: bool
) -> None:
    """Of the valid ones nothing is on record; a serial that is no stamp's is answered as such."""
    if path.split("/")[1] in ("b", "006141411234567890", "gtin"):
        pytest.skip("without a primary key it is another service's address")
    answer = await scans.http.get(f"{path}?{query}", headers=LINKSET)
    assert answer.status_code == (404 if valid else 400)


async def test_what_is_wrong_in_the_query_of_a_stamp_is_refused_too(
    scans: Scans, goods: Labelled
) -> None:
    path = f"/01/{goods.gtin}/21/{scans.code(goods.batch, 7)}"
    for query in ("21=X", "17=269999", "999=1", f"01={goods.gtin}", "10=%00"):
        answer = await scans.http.get(f"{path}?{query}")
        assert answer.status_code == 400, query
    for query in ("17=261231", "fbclid=x&17=261231&3103=000189", "utm_source=zalo", "99=x"):
        answer = await scans.http.get(f"{path}?{query}")
        assert (answer.status_code, "Tem hợp lệ" in answer.text) == (200, True), query


async def test_what_is_not_there_is_404(scans: Scans, goods: Labelled) -> None:
    for path, code in (
        ("/01/09506000134352", "key_not_found"),
        ("/01/09506000134352/10/X", "key_not_found"),
        ("/414/9506000134376", "key_not_found"),
        ("/00/106141411234567897", "key_not_found"),
        ("/8004/9520614141234567", "key_not_found"),
        (f"/01/{goods.gtin}?linkType=gs1:epil", "link_type_not_found"),
        (f"/01/{goods.gtin}?linkType=pip", "link_type_not_found"),
        (f"/01/{goods.gtin}?linkType=", "link_type_not_found"),
        (f"/01/{goods.gtin}?linkType=%00%0d%0aX:1", "link_type_not_found"),
    ):
        answer = await scans.http.get(path, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
        assert (await scans.http.get(path)).status_code == 404
    twice = await scans.http.get(f"/01/{goods.gtin}?linkType=gs1:pip&linkType=gs1:epcis")
    assert twice.status_code == 400


async def test_a_compressed_address_is_answered_and_named_in_full(
    scans: Scans, goods: Labelled, origin: str
) -> None:
    code = scans.code(goods.batch, 7)
    short = {
        f"/01/{goods.gtin}": packed("01", gtin(goods.gtin)),
        f"/01/{goods.gtin}/21/{code}": packed("0C", gtin(goods.gtin) + base64_text(code)),
        f"/414/{goods.gln}": packed("414", f"{int(goods.gln):044b}"),
    }
    for long, path in short.items():
        answer = await scans.http.get(path)
        assert f'<{long}>; rel="owl:sameAs"' in answer.headers.get_list("link")[-1]
        whole = await scans.http.get(long)
        assert answer.status_code == whole.status_code
        assert answer.headers.get("location") == whole.headers.get("location")
    verdict = await scans.http.get(list(short.values())[1])
    assert "Tem hợp lệ" in verdict.text
    found = links(await scans.http.get(list(short.values())[1], headers=LINKSET))
    assert next(iter(found)) == f"{origin}/01/{goods.gtin}/21/{code}"


async def test_an_answer_at_once_is_never_that_of_a_short_address(
    scans: Scans, goods: Labelled
) -> None:
    """It would leave without the name of the long one."""
    code = scans.code(goods.batch, 7)
    path = packed("0C", gtin(goods.gtin) + base64_text(code))
    for _ in range(2):
        answer = await scans.http.get(path)
        assert 'rel="owl:sameAs"' in answer.headers.get_list("link")[-1]
    assert scans.hot.at_once(path.encode(), [], None) is None
    # The long one was asked for twice by this, and is ready.
    assert scans.hot.at_once(f"/01/{goods.gtin}/21/{code}".encode(), [], None) is not None


def packed(code: str, bits: str) -> str:
    """As GS1 Digital Link: Compression has it: the code in fours, the values, filled to sixes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    whole = "".join(f"{int(digit, 16):04b}" for digit in code) + bits
    whole = whole.ljust(-(-len(whole) // 6) * 6, "0")
    return "/" + "".join(alphabet[int(whole[n : n + 6], 2)] for n in range(0, len(whole), 6))


def gtin(digits: str) -> str:
    return f"{int(digits):047b}"


def base64_text(text: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return f"011{len(text):05b}" + "".join(f"{alphabet.index(one):06b}" for one in text)


async def test_a_forged_code_stays_unknown_though_it_could_be_a_compressed_address(
    scans: Scans,
) -> None:
    for code in ("0" * 20, "ARFKK4XB0CBNV5VEQG0A"):
        answer = await scans.http.get(f"/v1/verdicts/{code}")
        assert answer.json()["verdict"] == "unknown"
        assert (await scans.http.get(f"/{code}", headers=JSON)).json()["verdict"] == "unknown"


async def test_guessing_numbers_is_slowed_and_known_ones_are_not(
    world: World, goods: Labelled
) -> None:
    async with world.replica(scan_invalid_per_prefix=5) as scans:
        assert (await scans.http.get(goods.lot_path)).status_code == 200
        for guess in ("/414/9506000134376", f"/01/{goods.gtin}/10/X1"):
            statuses = [(await scans.http.get(f"{guess}?n={n}")).status_code for n in range(8)]
            assert statuses[-1] == 429, guess
            slowed = await scans.http.get(guess, headers=JSON)
            assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "60")
        assert (await scans.http.get(f"/01/{goods.gtin}")).status_code == 307
        assert (await scans.http.get(goods.lot_path)).status_code == 200
        elsewhere = {"X-Real-IP": "203.0.113.9"}
        again = await scans.http.get(f"/01/{goods.gtin}/10/X1", headers=elsewhere)
        assert again.status_code == 404


@pytest.fixture(scope="module")
async def behind(world: World, scans: Scans) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole program, to see that what is no GS1 address still reaches its pages."""
    hot = scans.replica.hot_route(main.behind(scans.replica, world.settings))
    transport = httpx2.ASGITransport(app=hot)
    async with httpx2.AsyncClient(transport=transport, base_url="http://SCAN.TEST") as client:
        yield client


@vectors.needs_standards
async def test_the_description_file_is_valid_by_the_schema(
    behind: httpx2.AsyncClient, origin: str
) -> None:
    answer = await behind.get("/.well-known/gs1resolver")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    schema = json.loads(vectors.standard("description-file-schema.json"))
    jsonschema_rs.validator_for(schema).validate(answer.json())
    told = answer.json()
    assert told["resolverRoot"] == origin
    assert {"namespace": VOCABULARY, "prefix": "gs1:"} in told["supportedLinkType"]


async def test_a_host_in_capitals_changes_nothing(
    behind: httpx2.AsyncClient, goods: Labelled, origin: str
) -> None:
    answer = await behind.get(f"/01/{goods.gtin}")
    assert answer.headers["location"] == f"{origin}/products/{goods.product}"
    assert (await behind.get("/kiem-tra-tem")).status_code == 200
    assert (await behind.get("/api/scan/v1/docs")).status_code == 200
    assert (await behind.get("/no-such-page")).status_code == 404


async def test_goods_without_keys_are_found_by_none(world: World, scans: Scans) -> None:
    made = Goods()
    await world.tell(*made.events())
    await becomes(scans, made.batch, 7, "genuine")
    for path in ("/01/00000000000000", "/414/0000000000000"):

        async def absent(path: str = path) -> bool:
            return (await scans.http.get(path, headers=JSON)).status_code == 404

        await eventually(absent)


async def test_what_is_answered_is_described(
    behind: httpx2.AsyncClient, goods: Labelled, scans: Scans
) -> None:
    document = (await behind.get("/api/scan/v1/openapi.json")).json()
    code = scans.code(goods.batch, 7)
    for template, path in {
        "/01/{gtin}": f"/01/{goods.gtin}",
        "/01/{gtin}/10/{lot}": goods.lot_path,
        "/01/{gtin}/21/{code}": f"/01/{goods.gtin}/21/{code}",
        "/414/{gln}": f"/414/{goods.gln}",
    }.items():
        described = document["paths"][template]["get"]["responses"]
        for query in ("", "?linkType=linkset", "?linkType=gs1:epil", "?17=1"):
            answer = await behind.get(path + query, headers=LINKSET)
            (media,) = described[str(answer.status_code)]["content"]
            assert answer.headers["content-type"] == media, (path, query)
            schema = described[str(answer.status_code)]["content"][media]["schema"]
            whole = {**schema, "components": document["components"]}
            jsonschema_rs.validator_for(whole).validate(answer.json())
    page = await behind.get("/api/scan/v1/docs")
    assert "/01/{gtin}/10/{lot}" in page.text

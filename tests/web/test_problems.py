"""APIs say no with problem documents; pages say it with a page; neither tells what is inside."""

import httpx2
import pytest

BEARER = {"Authorization": "Bearer officer"}
LOT = {"code": "L-1", "quantity": 5}


async def test_a_refusal_becomes_a_problem_with_its_stable_code(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/demo/v1/lots/L-7/close")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "lot_already_closed"
    assert body["detail"] == "Lô L-7 đã đóng."
    assert body["status"] == 409
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "errors" not in body


async def test_a_limit_says_when_to_come_back(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/demo/v1/soon")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "30"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"quantity": None}, "quantity", "not_an_integer"),
        ({"quantity": "many"}, "quantity", "not_an_integer"),
        ({"quantity": {"$ne": 1}}, "quantity", "not_an_integer"),
        ({"code": {"$ne": 1}}, "code", "not_text"),
        ({"code": "x"}, "code", "too_short"),
        ({"code": "a\u0000bc"}, "code", "control_character"),
        ({"code": "a\nbc"}, "code", "line_break"),
        ({"code": "ab\u202ecd"}, "code", "control_character"),
        ({"code": "RESERVED"}, "code", "reserved"),
        ({"quantity": 0}, "quantity", "out_of_range"),
        ({"weight": "NaN"}, "weight", "not_a_number"),
        ({"harvested": "31/02/2026"}, "harvested", "not_a_date"),
        ({"harvested": 86_400}, "harvested", "not_a_date"),
        ({"harvested": "86400"}, "harvested", "not_a_date"),
        ({"ripeness": "rotten"}, "ripeness", "not_a_choice"),
        ({"tags": ["a", "b", "c", "d"]}, "tags", "too_many"),
        ({"tags": [{"$where": "1"}]}, "tags.0", "not_text"),
        ({"rows": [{"code": "x", "quantity": "1", "more": 1}]}, "rows.0.more", "unknown_field"),
        ({"a.b": 1}, "a.b", "unknown_field"),
        ({"$where": "1"}, "$where", "unknown_field"),
    ],
)
async def test_wrong_input_is_told_by_field(
    client: httpx2.AsyncClient, changed: dict[str, object], field: str, code: str
) -> None:
    answer = await client.post("/api/demo/v1/lots", json={**LOT, **changed}, headers=BEARER)
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "invalid_input"
    assert (field, code) in [(one["field"], one["code"]) for one in body["errors"]]
    assert all(one["message"] for one in body["errors"])


@pytest.mark.timeout(20)
@pytest.mark.parametrize("marks", ["\u0301\u0323" * 240_000, "\u0301" * 31])
async def test_piled_marks_are_refused_before_they_are_sorted(
    client: httpx2.AsyncClient, marks: str
) -> None:
    answer = await client.post(
        "/api/demo/v1/lots", json={**LOT, "code": f"a{marks}"}, headers=BEARER
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {**answer.json()["errors"][0], "field": "code", "code": "not_text"}
    ]


async def test_a_flood_of_unknown_fields_is_told_once(client: httpx2.AsyncClient) -> None:
    flood = {f"k{number}": number for number in range(1_000)}
    answer = await client.post("/api/demo/v1/lots", json={**LOT, **flood}, headers=BEARER)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["unknown_field"]


@pytest.mark.parametrize("depth", [100, 300, 480, 900, 10_000])
@pytest.mark.parametrize("level", ["[]", "{}"])
async def test_nesting_of_any_depth_is_refused(
    client: httpx2.AsyncClient, depth: int, level: str
) -> None:
    opened, closed = ("[", "]") if level == "[]" else ('{"a":', "}")
    body = f'{{"code": {opened * depth}1{closed * depth}, "quantity": 5}}'
    headers = {**BEARER, "Content-Type": "application/json"}
    answer = await client.post("/api/demo/v1/lots", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) in [
        (400, "malformed_body"),
        (422, "invalid_input"),
    ]


async def test_missing_fields_are_named_in_the_language_asked_for(
    client: httpx2.AsyncClient,
) -> None:
    for header, message in [
        ("vi", "Mục này là bắt buộc. Hãy điền hoặc chọn."),
        ("en-GB,en;q=0.9,vi;q=0.1", "This is required. Enter or choose a value."),
        ("fr;q=0.9,vi;q=0.2,en;q=0.8", "This is required. Enter or choose a value."),
    ]:
        answer = await client.post(
            "/api/demo/v1/lots", json={}, headers={**BEARER, "Accept-Language": header}
        )
        told = {one["field"]: one for one in answer.json()["errors"]}
        assert told["code"] == {"field": "code", "code": "missing", "message": message}
        assert "quantity" in told


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": "L-1", ',
        b'{"code": "\xff\xfe"}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"code": "L-1", "quantity": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut off", "broken UTF-8", "byte order mark", "too deep", "endless number"],
)
async def test_a_body_that_is_no_json_is_malformed(client: httpx2.AsyncClient, body: bytes) -> None:
    answer = await client.post(
        "/api/demo/v1/lots",
        content=body,
        headers={**BEARER, "Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("malformed_body", "invalid_input")
    assert "Traceback" not in answer.text


async def test_a_lone_surrogate_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/api/demo/v1/lots",
        content=b'{"code": "L-\\ud800", "quantity": 1}',
        headers={**BEARER, "Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not_text"


async def test_a_body_without_a_type_is_refused_with_a_remedy(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/demo/v1/lots", content=b"code=1", headers=BEARER)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not_an_object"


async def test_unknown_addresses_and_methods_are_problems_under_api(
    client: httpx2.AsyncClient,
) -> None:
    missing = await client.get("/api/demo/v1/nothing", headers={"Accept": "text/html"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = await client.delete("/api/demo/v1/lots")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


async def test_a_wrong_method_is_told_every_right_one(client: httpx2.AsyncClient) -> None:
    wrong = await client.delete("/sign-in")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "GET, HEAD, POST"
    assert wrong.headers["content-type"].startswith("text/html")


async def test_unknown_pages_are_pages(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nothing", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Không tìm thấy" in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_a_page_address_with_a_wrong_id_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/demo/items/x")).status_code == 404
    assert (await client.get("/api/demo/v1/lots/x")).status_code == 422


@pytest.mark.parametrize("path", ["/api/demo/v1/broken", "/demo/broken"])
async def test_an_unexpected_error_tells_only_the_request_id(
    client: httpx2.AsyncClient, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get(path, headers={"X-Request-ID": "asked-0001"})
    assert answer.status_code == 500
    assert "asked-0001" in answer.text
    for inside in ("secret", "ZeroDivision", "Traceback", "demo.py"):
        assert inside not in answer.text
    logged = capsys.readouterr()
    assert "secret inside" in logged.out + logged.err


async def test_a_database_that_is_away_is_a_503_to_be_tried_again(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get("/api/demo/v1/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "10.0.0.7" not in answer.text


async def test_the_language_of_a_refusal_follows_the_cookie_before_the_header(
    client: httpx2.AsyncClient,
) -> None:
    chosen = await client.get("/?lang=en")
    assert "txng_lang=en" in chosen.headers["set-cookie"]
    assert '<html lang="en">' in chosen.text
    again = await client.get("/nothing", headers={"Accept-Language": "vi"})
    assert "Not found" in again.text


async def test_a_language_nobody_speaks_here_is_not_remembered(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/?lang=xx%0d%0aSet-Cookie:a=b")
    assert "txng_lang" not in answer.headers.get("set-cookie", "")
    assert '<html lang="vi">' in answer.text

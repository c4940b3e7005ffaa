"""Another facility's things do not exist, and what an account may not do is refused on record."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.stamps import keys
from shared import stampcode
from shared.contracts.acts import StampsActRecorded
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps import test_stock as stock
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.tokens import bearer

DESIGN = {"name": "Mẫu", "size": "20mm", "pattern": "mesh", "tint": "blue", "ink": "blue"}
QUOTA: dict[str, Any] = {"act": "set", "period": "year", "limit": 5, "reason": "Phá"}
HAND = {"serials": "0-9", "recipient": "Hoa", "handed_on": stock.today()}
API_CALLS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/requests", {"product_id": "{product}", "quantity": 5}),
    ("GET", "/requests/{request}", None),
    ("POST", "/requests/{request}/decision", {"decision": "approve"}),
    ("POST", "/requests/{request}/printing", {"printed_by": "authority"}),
    ("POST", "/requests/{request}/withdrawal", {"reason": "Phá"}),
    ("GET", "/batches/{batch}", None),
    ("GET", "/batches/{batch}/codes?first=0&last=9", None),
    ("POST", "/batches/{batch}/activations", {"first": 0, "last": 9, "lot_id": "{lot}"}),
    (
        "POST",
        "/batches/{batch}/changes",
        {"first": 0, "last": 9, "change": "revoke", "reason": "Phá"},
    ),
    ("POST", "/batches/{batch}/changes/{change}/undo", {"reason": "Phá"}),
    ("GET", "/batches/{batch}/serials/{serial}", None),
    ("POST", "/codes/lookup", {"code": "{code}"}),
    ("POST", "/batches/{batch}/sales", {"first": 0, "last": 9}),
    ("POST", "/batches/{batch}/sales/{change}/take-back", {"reason": "Phá"}),
    ("POST", "/batches/{batch}/print-jobs", {"size": "6mm", "first": 0, "last": 9}),
    ("GET", "/print-jobs/{job}", None),
    ("GET", "/print-jobs/{job}/file", None),
    ("POST", "/print-jobs/{job}/again", {"first_sheet": 1, "last_sheet": 1}),
    ("GET", "/print-jobs/{job}/manifest", None),
    ("GET", "/designs/{design}", None),
    ("PUT", "/designs/{design}", DESIGN),
    ("POST", "/designs/{design}/submission", {}),
    ("POST", "/designs/{design}/decision", {"decision": "approve"}),
    ("GET", "/designs/{design}/preview", None),
    ("GET", "/batches/{batch}/stock", None),
    ("POST", "/batches/{batch}/handovers", HAND),
    ("POST", "/print-jobs/{job}/stock", {}),
    ("POST", "/print-jobs/{job}/cancellation", {"reason": "Phá"}),
    ("GET", "/handovers/{handover}", None),
    ("GET", "/handovers/{handover}/note", None),
    ("POST", "/handovers/{handover}/withdrawal", {"reason": "Phá"}),
    ("POST", "/handovers/{handover}/receipt", {}),
    ("POST", "/handovers/{handover}/answers", {"agrees": True}),
    ("POST", "/holds", {"batch": "{batch}", "reason": "Phá"}),
    ("POST", "/holds/{hold}/lift", {"reason": "Phá"}),
    ("GET", "/quotas/{facility}", None),
    ("POST", "/quotas/{facility}", QUOTA),
]
PAGE_CALLS: list[tuple[str, str, dict[str, str] | None]] = [
    ("GET", "/requests/{request}", None),
    ("POST", "/requests/{request}", {"decision": "approve"}),
    ("GET", "/requests/{request}/printing", None),
    ("POST", "/requests/{request}/printing", {"printed_by": "authority"}),
    ("GET", "/requests/{request}/withdraw", None),
    ("POST", "/requests/{request}/withdraw", {"reason": "Phá"}),
    ("GET", "/batches/{batch}", None),
    ("GET", "/batches/{batch}/activate", None),
    ("POST", "/batches/{batch}/activate", {"first": "0", "last": "9", "lot_id": "{lot}"}),
    ("GET", "/batches/{batch}/change", None),
    (
        "POST",
        "/batches/{batch}/change",
        {"first": "0", "last": "9", "change": "revoke", "reason": "Phá"},
    ),
    ("GET", "/batches/{batch}/changes/{change}/undo", None),
    ("POST", "/batches/{batch}/changes/{change}/undo", {"reason": "Phá"}),
    ("GET", "/batches/{batch}/serials/{serial}", None),
    ("POST", "/codes", {"code": "{code}"}),
    ("GET", "/batches/{batch}/sold", None),
    ("POST", "/batches/{batch}/sold", {"first": "0", "last": "9"}),
    ("GET", "/batches/{batch}/sales/{change}/take-back", None),
    ("POST", "/batches/{batch}/sales/{change}/take-back", {"reason": "Phá"}),
    ("GET", "/batches/{batch}/print", None),
    ("POST", "/batches/{batch}/print", {"size": "6mm", "first": "0", "last": "9"}),
    ("GET", "/batches/{batch}/hold", None),
    ("POST", "/batches/{batch}/hold", {"reason": "Phá"}),
    ("GET", "/batches/{batch}/holds/{hold}/lift", None),
    ("POST", "/batches/{batch}/holds/{hold}/lift", {"reason": "Phá"}),
    ("GET", "/print-jobs/{job}", None),
    ("GET", "/print-jobs/{job}/file", None),
    ("GET", "/print-jobs/{job}/manifest", None),
    ("POST", "/print-jobs/{job}", {"first_sheet": "1", "last_sheet": "1"}),
    ("GET", "/batches/{batch}/stock", None),
    ("GET", "/batches/{batch}/hand-over", None),
    ("POST", "/batches/{batch}/hand-over", HAND),
    ("GET", "/print-jobs/{job}/stock", None),
    ("POST", "/print-jobs/{job}/stock", {}),
    ("GET", "/print-jobs/{job}/cancel", None),
    ("POST", "/print-jobs/{job}/cancel", {"reason": "Phá"}),
    ("GET", "/handovers/{handover}", None),
    ("GET", "/handovers/{handover}/note", None),
    ("GET", "/handovers/{handover}/receive", None),
    ("POST", "/handovers/{handover}/receive", {}),
    ("GET", "/handovers/{handover}/answer", None),
    ("POST", "/handovers/{handover}/answer", {"agrees": "true"}),
    ("GET", "/handovers/{handover}/withdraw", None),
    ("POST", "/handovers/{handover}/withdraw", {"reason": "Phá"}),
    ("GET", "/designs/{design}", None),
    ("POST", "/designs/{design}", {"decision": "approve"}),
    ("POST", "/designs/{design}/submit", {}),
    ("GET", "/designs/{design}/preview.png", None),
    ("GET", "/designs/{design}/edit", None),
    ("POST", "/designs/{design}/edit", DESIGN),
    ("GET", "/quotas/{facility}", None),
    ("POST", "/quotas/{facility}", {**QUOTA, "limit": "5"}),
]
# A file is sent there: test_designs.py tries it.
WITH_FILE = {("PUT", "/api/stamps/v1/designs/{design}/logo")}
# They name no object of anybody's: lists show the own scope, and a form its own products.
WITHOUT_OBJECT = {
    ("GET", "/api/stamps/v1/requests"),
    ("GET", "/api/stamps/v1/batches"),
    ("GET", "/api/stamps/v1/stock"),
    ("GET", "/api/stamps/v1/handovers"),
    ("GET", f"{CONSOLE}/stock"),
    ("GET", f"{CONSOLE}/handovers"),
    ("GET", CONSOLE),
    ("GET", f"{CONSOLE}/requests"),
    ("GET", f"{CONSOLE}/requests/new"),
    ("POST", f"{CONSOLE}/requests/new"),
    ("GET", f"{CONSOLE}/batches"),
    ("GET", "/api/stamps/v1/designs"),
    ("GET", "/api/stamps/v1/quotas"),
    ("GET", f"{CONSOLE}/quotas"),
    ("POST", "/api/stamps/v1/designs"),
    ("GET", "/api/stamps/v1/print-formats"),
    ("GET", "/api/stamps/v1/print-formats/{key}/calibration"),
    ("GET", "/api/stamps/v1/print-keys"),
    ("GET", f"{CONSOLE}/designs"),
    ("GET", f"{CONSOLE}/designs/new"),
    ("POST", f"{CONSOLE}/designs/new"),
    ("GET", f"{CONSOLE}/designs/preview.png"),
    ("GET", f"{CONSOLE}/formats"),
    ("GET", f"{CONSOLE}/formats/{{key}}/calibration"),
    ("GET", f"{CONSOLE}/codes"),
}

# Parts of addresses that are numbers.
NUMBERED = {"batch", "change", "serial"}


def a_code(stamps: Stamps, batch: int) -> str:
    return stampcode.encode(keys.keyring(stamps.settings), batch, 5)


@dataclass(frozen=True)
class Theirs:
    """Everything that one facility has, by the names used in the addresses above."""

    farm: Farm
    ids: dict[str, Any]

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.fill(one) for name, one in value.items()}
        if value == "{batch}":
            return self.ids["batch"]
        return value.format(**self.ids) if isinstance(value, str) else value


@pytest_asyncio.fixture(scope="module")
async def theirs(stamps: Stamps) -> AsyncIterator[Theirs]:
    farm = await stamps.a_farm()
    request = (await stamps.ask(farm, 50))["id"]
    batch = await stamps.a_batch(farm, 100)
    printing = {"size": "6mm", "first": 0, "last": 9}
    who = stamps.operator(farm.facility)
    job = ok(await stamps.post(f"/batches/{batch}/print-jobs", printing, who), 202)["id"]
    order = {"batch": batch, "reason": "Nghi ngờ"}
    hold = ok(await stamps.post("/holds", order, stamps.approver()), 201)["id"]
    design = ok(await stamps.post("/designs", DESIGN, who), 201)["id"]
    ids = {"request": request, "batch": batch, "job": job, "hold": hold, "design": design}
    ids["facility"] = farm.facility
    ok(await stamps.change(batch, 90, 99, "revoke", stamps.approver()))
    central = await stock.stocked(stamps, farm)
    ids["handover"] = await stock.handed(stamps, central, "0-9")
    ids |= {"change": 1, "serial": 5, "code": a_code(stamps, batch)}
    yield Theirs(farm, {**ids, "product": farm.product, "lot": farm.lot})


@pytest_asyncio.fixture(scope="module")
async def strangers(stamps: Stamps) -> list[str]:
    """Another facility's people with every kind, and officials of another commune and sector."""
    other = await stamps.a_farm()
    every = ("operate", "produce", "system", "report")
    return [
        stamps.token("facility", *every, facility=other.facility, communes=[]),
        stamps.token("commune", "approve", "operate", communes=[builders.OTHER_COMMUNE]),
        stamps.token("department", "approve", sector="health"),
    ]


@pytest.mark.parametrize(("method", "path", "body"), API_CALLS, ids=str)
async def test_by_api_a_foreign_object_does_not_exist(
    stamps: Stamps,
    theirs: Theirs,
    strangers: list[str],
    method: str,
    path: str,
    body: dict[str, Any] | None,
) -> None:
    before = await stamps.state_of_everything()
    for token in strangers:
        answer = await _asked(stamps, method, theirs.fill(path), theirs.fill(body), token)
        refused(answer, 404, "not_found")
        missing = {name: 2**19 if name in NUMBERED else "nothing" for name in theirs.ids}
        missing["code"] = a_code(stamps, 2**26 - 1)
        nowhere = Theirs(theirs.farm, missing)
        same = await _asked(stamps, method, nowhere.fill(path), nowhere.fill(body), token)
        # What is another's and what does not exist answer alike.
        assert {**same.json(), "request_id": ""} == {**answer.json(), "request_id": ""}
    assert _but_printing(await stamps.state_of_everything()) == _but_printing(before)


async def _asked(
    stamps: Stamps, method: str, path: str, body: dict[str, Any] | None, token: str
) -> httpx2.Response:
    address, headers = f"/api/stamps/v1{path}", bearer(token)
    return await stamps.client.request(method, address, json=body, headers=headers)


@pytest.mark.parametrize(("method", "path", "fields"), PAGE_CALLS, ids=str)
async def test_by_page_a_foreign_object_does_not_exist(
    stamps: Stamps,
    theirs: Theirs,
    strangers: list[str],
    method: str,
    path: str,
    fields: dict[str, str] | None,
) -> None:
    before = await stamps.state_of_everything()
    for token in strangers[:2]:
        if method == "GET":
            answer = await stamps.page(theirs.fill(path), token)
        else:
            answer = await stamps.send_form(
                theirs.fill(path), theirs.fill(fields), token, opened="/requests/new"
            )
        assert answer.status_code == 404, answer.text
        assert theirs.farm.product not in answer.text
    assert _but_printing(await stamps.state_of_everything()) == _but_printing(before)


def _but_printing(state: dict[str, Any]) -> dict[str, Any]:
    """The worker may be at a job meanwhile."""
    jobs = [{"_id": job["_id"]} for job in state["print_jobs"]]
    return {**state, "print_jobs": jobs}


def test_every_endpoint_is_among_them(stamps: Stamps) -> None:
    known = {(m, "/api/stamps/v1" + path.split("?")[0]) for m, path, _ in API_CALLS}
    known |= {(m, CONSOLE + path) for m, path, _ in PAGE_CALLS}
    names = {"request_id": "request", "number": "batch", "job_id": "job", "hold_id": "hold"}
    names |= {"design_id": "design", "key": "key", "facility_id": "facility"}
    names["handover_id"] = "handover"
    names |= {name: name for name in NUMBERED}
    found = set()
    for method, path in _endpoints(stamps.app):
        found.add((method, re.sub(r"{(\w+)}", lambda one: f"{{{names[one[1]]}}}", path)))
    assert found == known | WITHOUT_OBJECT | WITH_FILE


def _endpoints(app: Any) -> Iterator[tuple[str, str]]:
    documents = ("/api/stamps/v1/docs", "/api/stamps/v1/openapi.json")
    everybodys = "/api/stamps/v1/log/"
    for route in app.routes:
        included = getattr(route, "effective_route_contexts", None)
        for one in included() if included else [route]:
            path = getattr(one, "path", "")
            if path.startswith(everybodys):
                continue
            if path.startswith(("/api/stamps/v1/", CONSOLE)) and path not in documents:
                yield from ((method, path) for method in set(one.methods) - {"HEAD"})


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("/requests", {"product_id": "{product}", "quantity": 5}, "stamps.request"),
        ("/requests/{request}/withdrawal", {"reason": "Thử"}, "stamps.withdraw"),
        (
            "/batches/{batch}/activations",
            {"first": 0, "last": 9, "lot_id": "{lot}"},
            "stamps.activate",
        ),
        (
            "/batches/{batch}/changes",
            {"first": 0, "last": 9, "change": "revoke", "reason": "Thử"},
            "stamps.revoke",
        ),
        ("/batches/{batch}/print-jobs", {"size": "6mm", "first": 0, "last": 9}, "stamps.print"),
        ("/batches/{batch}/changes/{change}/undo", {"reason": "Thử"}, "stamps.undo"),
        ("/batches/{batch}/sales", {"first": 0, "last": 9}, "stamps.sell"),
    ],
)
async def test_who_only_reads_is_refused_on_record(
    stamps: Stamps, theirs: Theirs, path: str, body: dict[str, Any], action: str
) -> None:
    await _refused_on_record(
        stamps, theirs, path, body, action, stamps.reporter(theirs.farm.facility)
    )


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("/requests/{request}/decision", {"decision": "approve"}, "stamps.decide"),
        ("/holds", {"batch": "{batch}", "reason": "Thử"}, "stamps.hold"),
        ("/holds/{hold}/lift", {"reason": "Thử"}, "stamps.hold"),
        ("/quotas/{facility}", QUOTA, "stamps.quota"),
        (
            "/batches/{batch}/changes",
            {"first": 0, "last": 9, "change": "revoke", "reason": "Thử"},
            "stamps.revoke",
        ),
    ],
)
async def test_an_official_without_the_right_is_refused_on_record(
    stamps: Stamps, theirs: Theirs, path: str, body: dict[str, Any], action: str
) -> None:
    checker = stamps.token("commune", "check", communes=[builders.COMMUNE])
    await _refused_on_record(stamps, theirs, path, body, action, checker)


async def _refused_on_record(
    stamps: Stamps, theirs: Theirs, path: str, body: dict[str, Any], action: str, token: str
) -> None:
    told = len(await stamps.events())
    before = await stamps.state_of_everything()
    refused(await stamps.post(theirs.fill(path), theirs.fill(body), token), 403, "forbidden")
    assert _but_printing(await stamps.state_of_everything()) == _but_printing(before)
    (act,) = (await stamps.events())[told:]
    assert isinstance(act, StampsActRecorded)
    assert (act.action, act.outcome) == (action, "forbidden")


async def test_codes_and_files_leave_on_record_and_refusals_too(
    stamps: Stamps, theirs: Theirs
) -> None:
    reader = stamps.reporter(theirs.farm.facility)
    for path in ("/batches/{batch}/codes?first=0&last=9", "/print-jobs/{job}/file"):
        told = len(await stamps.events())
        refused(await stamps.get(theirs.fill(path), reader), 403, "forbidden")
        (act,) = (await stamps.events())[told:]
        assert (act.action, act.outcome) == ("stamps.print", "forbidden")


async def test_without_a_session_there_is_nothing(stamps: Stamps, theirs: Theirs) -> None:
    answer = await stamps.client.get(theirs.fill("/api/stamps/v1/batches/{batch}"))
    refused(answer, 401, "unauthenticated")
    page = await stamps.client.get(theirs.fill(f"{CONSOLE}/batches/{{batch}}"))
    assert page.status_code == 307
    assert page.headers["location"].startswith("/session/refresh?next=")

"""Every address behind a sign-in is told of to the ledger, or is listed with a reason (R10).

Whatever is not listed is recorded (shared/web/middleware/recorded_reads.py), so a new address can
not be forgotten; here the lists are kept short and true.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from services.identity.main import make_app
from services.identity.settings import IdentitySettings
from services.identity.unrecorded import UNRECORDED as IDENTITY
from services.recall.main import build as recall
from services.recall.settings import RecallSettings
from services.recall.unrecorded import UNRECORDED as RECALL
from services.registry.main import build as registry
from services.registry.unrecorded import UNRECORDED as REGISTRY
from services.reporting.main import build as reporting
from services.reporting.unrecorded import UNRECORDED as REPORTING
from services.stamps.main import build as stamps
from services.stamps.settings import StampsSettings
from services.stamps.unrecorded import UNRECORDED as STAMPS
from shared.settings import Settings
from shared.web.middleware.recorded_reads import RecordedReads, address_of, records_of
from shared.web.routes import all_routes, is_private
from shared.web.session import api_principal, page_principal

Build = Callable[[Settings], FastAPI]
SERVICES: Mapping[str, tuple[Build, Mapping[str, str]]] = {
    "identity": (lambda s: make_app(IdentitySettings(**s.model_dump())), IDENTITY),
    "recall": (lambda s: recall(RecallSettings(**s.model_dump())), RECALL),
    "registry": (registry, REGISTRY),
    "reporting": (reporting, REPORTING),
    "stamps": (lambda s: stamps(StampsSettings(**s.model_dump())), STAMPS),
}
# What is left out though its address names a record: one's own, shared vocabulary, and receipts of
# servers, which tell nothing of the goods.
NAMING_A_RECORD = {
    "/account/carried/{carried_id}",
    "/account/papers/{paper_id}",
    "/console/identity/accounts/{account_id}/handing/qr.svg",
    "/api/registry/v1/catalogues/{name}/changes/{change_id}",
    "/console/registry/catalogues/{name}/changes/{change_id}",
    "/console/recall/{case_id}/spread",
}


def signed_in(dependant: Dependant) -> bool:
    return dependant.call in (api_principal, page_principal) or any(
        map(signed_in, dependant.dependencies)
    )


def behind_a_sign_in(app: FastAPI) -> Iterator[str]:
    for route in all_routes(app):
        reads = "GET" in (getattr(route, "methods", None) or ())
        if reads and hasattr(route, "dependant") and signed_in(route.dependant):
            yield route.path_format


@pytest.mark.parametrize("name", SERVICES)
async def test_what_is_behind_a_sign_in_is_recorded_or_listed_with_a_reason(
    settings: Settings, name: str
) -> None:
    build, left_out = SERVICES[name]
    app = build(settings)
    there = set(behind_a_sign_in(app))
    assert there
    assert {path for path in there if not is_private(path)} == set(), "the recording passes it by"
    assert set(left_out) - there == set(), "there is no such address any more"
    assert all(left_out.values())
    recorder: object = RecordedReads
    (recording,) = [one for one in app.user_middleware if one.cls is recorder]
    assert recording.kwargs["unrecorded"] == frozenset(left_out)


def test_what_names_a_record_is_not_left_out_unseen() -> None:
    found = {
        path
        for _, left_out in SERVICES.values()
        for path in left_out
        if "_id}" in path or "{seq}" in path or "{number}" in path
    }
    assert found == NAMING_A_RECORD


@pytest.mark.parametrize(
    ("params", "records"),
    [
        ({"record_id": "f", "number": "2"}, ("f",)),
        ({"record_id": "l", "test_id": "t"}, ("l", "t")),
        ({"number": 7}, ("7",)),
        ({"word": "lots"}, ()),
    ],
)
def test_ids_are_told_apart_from_words_and_numbers(
    params: dict[str, Any], records: tuple[str, ...]
) -> None:
    assert records_of(params) == records


def test_the_words_of_an_address_are_told_and_its_ids_are_not() -> None:
    template = "/console/registry/{word}/{record_id}"
    told = address_of(template, {"word": "lots", "record_id": "x"})
    assert told == "/console/registry/lots/{record_id}"

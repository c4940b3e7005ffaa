"""Every tier and kind at every address of stamps: let in or refused as the matrix says (R2).

What is asked for lies in everybody's scope here; what lies outside it is test_scope.py's.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest
import pytest_asyncio

from services.stamps import keys
from shared import stampcode
from tests.answers import ok
from tests.roles import (
    PUBLIC,
    SIGNED_IN,
    Cell,
    Tokens,
    cases,
    missing_in,
    not_there,
    one_of_each,
    sends_strangers_away,
    served,
    tried_by_all,
)
from tests.stamps import builders
from tests.stamps import test_stock as stock
from tests.stamps.conftest import API, CONSOLE, Stamps

WHY: Final = {"reason": "Thử xem có được không"}
# The whole batch is revoked and destroyed: nothing in it can be activated or changed any more.
REVOKED: Final = {"first": 0, "last": 9}
CHANGE: Final = {**REVOKED, "change": "revoke", **WHY}
ACTIVATE: Final = {**REVOKED, "lot_id": "{lot}"}
PRINT: Final = {"size": "6mm", **REVOKED}
AGAIN: Final = {"first_sheet": 1, "last_sheet": 1}
SHOWN: Final = {"size": "20mm", "pattern": "waves", "tint": "green", "ink": "black"}
DESIGN: Final = {"name": "Mẫu", **SHOWN}
SEEN: Final = "&".join(f"{name}={value}" for name, value in SHOWN.items())
# One that nobody else writes meanwhile.
UNTOUCHED: Final = {"design_id": "{draft}"}
# One that was never set: ending it is refused to all who may.
QUOTA: Final = {"act": "end", "period": "month", **WHY}
ASK: Final = {"product_id": "{product}", "quantity": 5}
# As it was asked and decided.
CHOOSE: Final = {"printed_by": "facility", **WHY}
# A batch that the authority prints, and its job.
CENTRAL: Final = {"number": "{central}", "job_id": "{central_job}"}
EITHER: Final = "stamps.print or stamps.print_centrally"
HAND: Final = {"serials": "0-9", "recipient": "Hoa", "handed_on": stock.today()}
BATCH: Final = f"{CONSOLE}/batches/{{number}}"

TABLE: Final[Mapping[str, tuple[Cell, ...]]] = {
    f"GET {API}/requests": (Cell("stamps.read"),),
    f"POST {API}/requests": (Cell("stamps.request", ASK),),
    f"GET {API}/requests/{{request_id}}": (Cell("stamps.read"),),
    f"POST {API}/requests/{{request_id}}/decision": (
        Cell("stamps.decide", {"decision": "approve"}),
        Cell("stamps.decide", {"decision": "reject", **WHY}),
    ),
    f"POST {API}/requests/{{request_id}}/printing": (Cell("stamps.decide", CHOOSE),),
    f"POST {API}/requests/{{request_id}}/withdrawal": (Cell("stamps.request", WHY),),
    f"GET {API}/batches": (Cell("stamps.read"),),
    f"GET {API}/batches/{{number}}": (Cell("stamps.read"),),
    f"GET {API}/batches/{{number}}/codes": (Cell("stamps.print", query="first=0&last=9"),),
    f"POST {API}/batches/{{number}}/activations": (Cell("stamps.activate", ACTIVATE),),
    f"POST {API}/batches/{{number}}/changes": (
        Cell("stamps.revoke", CHANGE),
        Cell("stamps.revoke", {**CHANGE, "change": "damaged"}),
    ),
    f"POST {API}/batches/{{number}}/changes/{{change}}/undo": (Cell("stamps.undo", WHY),),
    f"POST {API}/codes/lookup": (Cell("stamps.read", {"code": "{code}"}),),
    f"GET {API}/batches/{{number}}/serials/{{serial}}": (Cell("stamps.read"),),
    f"POST {API}/batches/{{number}}/sales": (Cell("stamps.sell", REVOKED),),
    f"POST {API}/batches/{{number}}/print-jobs": (
        Cell("stamps.print", PRINT),
        Cell("stamps.print_centrally", PRINT, at=CENTRAL),
    ),
    f"GET {API}/print-jobs/{{job_id}}": (
        Cell("stamps.print"),
        Cell("stamps.print_centrally", at=CENTRAL),
    ),
    f"POST {API}/batches/{{number}}/sales/{{change}}/take-back": (Cell("stamps.sell", WHY),),
    f"GET {API}/print-jobs/{{job_id}}/manifest": (Cell("stamps.print", gone=True),),
    f"GET {CONSOLE}/print-jobs/{{job_id}}/manifest": (Cell("stamps.print", gone=True),),
    f"GET {API}/print-keys": (Cell(PUBLIC),),
    f"POST {API}/print-jobs/{{job_id}}/again": (Cell("stamps.print", AGAIN),),
    f"GET {API}/print-formats": (Cell(EITHER),),
    f"GET {API}/print-formats/{{key}}/calibration": (Cell(EITHER, at={"key": "a4-65"}),),
    f"GET {API}/print-jobs/{{job_id}}/file": (Cell("stamps.print"),),
    f"POST {API}/holds": (Cell("stamps.hold", {"batch": "{number}", **WHY}),),
    f"POST {API}/holds/{{hold_id}}/lift": (Cell("stamps.hold", WHY),),
    f"GET {API}/stock": (Cell("stamps.read"),),
    f"GET {API}/batches/{{number}}/stock": (Cell("stamps.read", at=CENTRAL),),
    f"POST {API}/print-jobs/{{job_id}}/stock": (
        Cell("stamps.print_centrally", {"reason": ""}, at=CENTRAL),
    ),
    f"POST {API}/print-jobs/{{job_id}}/cancellation": (
        Cell("stamps.print_centrally", WHY, at=CENTRAL),
    ),
    f"POST {API}/batches/{{number}}/handovers": (Cell("stamps.hand_over", HAND, at=CENTRAL),),
    f"GET {API}/handovers": (Cell("stamps.read"),),
    f"GET {API}/handovers/{{handover_id}}": (Cell("stamps.read"),),
    f"POST {API}/handovers/{{handover_id}}/withdrawal": (
        Cell("stamps.hand_over", WHY, at={"handover_id": "{settled}"}),
    ),
    f"POST {API}/handovers/{{handover_id}}/receipt": (Cell("stamps.receive", {}),),
    f"POST {API}/handovers/{{handover_id}}/answers": (
        Cell("stamps.hand_over or stamps.receive", {"text": "Đã đếm"}),
    ),
    f"GET {API}/handovers/{{handover_id}}/note": (Cell("stamps.read"),),
    f"GET {CONSOLE}/stock": (Cell("stamps.read"),),
    f"GET {BATCH}/stock": (Cell("stamps.read", at=CENTRAL),),
    f"GET {CONSOLE}/print-jobs/{{job_id}}/stock": (Cell("stamps.print_centrally", at=CENTRAL),),
    f"POST {CONSOLE}/print-jobs/{{job_id}}/stock": (
        Cell("stamps.print_centrally", {"reason": ""}, at=CENTRAL),
    ),
    f"GET {CONSOLE}/print-jobs/{{job_id}}/cancel": (Cell("stamps.print_centrally", at=CENTRAL),),
    f"POST {CONSOLE}/print-jobs/{{job_id}}/cancel": (
        Cell("stamps.print_centrally", WHY, at=CENTRAL),
    ),
    f"GET {BATCH}/hand-over": (Cell("stamps.hand_over", at=CENTRAL),),
    f"POST {BATCH}/hand-over": (Cell("stamps.hand_over", HAND, at=CENTRAL),),
    f"GET {CONSOLE}/handovers": (Cell("stamps.read"),),
    f"GET {CONSOLE}/handovers/{{handover_id}}": (Cell("stamps.read"),),
    f"GET {CONSOLE}/handovers/{{handover_id}}/note": (Cell("stamps.read"),),
    f"GET {CONSOLE}/handovers/{{handover_id}}/receive": (Cell("stamps.receive"),),
    f"POST {CONSOLE}/handovers/{{handover_id}}/receive": (Cell("stamps.receive", {}),),
    f"GET {CONSOLE}/handovers/{{handover_id}}/answer": (
        Cell("stamps.hand_over or stamps.receive"),
    ),
    f"POST {CONSOLE}/handovers/{{handover_id}}/answer": (
        Cell("stamps.hand_over or stamps.receive", {"text": "Đã đếm"}),
    ),
    f"GET {CONSOLE}/handovers/{{handover_id}}/withdraw": (Cell("stamps.hand_over"),),
    f"POST {CONSOLE}/handovers/{{handover_id}}/withdraw": (
        Cell("stamps.hand_over", WHY, at={"handover_id": "{settled}"}),
    ),
    f"GET {CONSOLE}": (Cell(SIGNED_IN),),
    f"GET {CONSOLE}/requests": (Cell("stamps.read"),),
    f"GET {CONSOLE}/requests/{{request_id}}/printing": (Cell("stamps.decide"),),
    f"POST {CONSOLE}/requests/{{request_id}}/printing": (Cell("stamps.decide", CHOOSE),),
    f"GET {CONSOLE}/requests/{{request_id}}/withdraw": (Cell("stamps.request"),),
    f"POST {CONSOLE}/requests/{{request_id}}/withdraw": (Cell("stamps.request", WHY),),
    f"GET {CONSOLE}/requests/new": (Cell("stamps.request"),),
    f"POST {CONSOLE}/requests/new": (Cell("stamps.request", ASK),),
    f"GET {CONSOLE}/requests/{{request_id}}": (Cell("stamps.read"),),
    f"POST {CONSOLE}/requests/{{request_id}}": (Cell("stamps.decide", {"decision": "approve"}),),
    f"GET {CONSOLE}/batches": (Cell("stamps.read"),),
    f"GET {BATCH}": (Cell("stamps.read"),),
    f"GET {BATCH}/activate": (Cell("stamps.activate"),),
    f"POST {BATCH}/activate": (Cell("stamps.activate", ACTIVATE),),
    f"GET {BATCH}/change": (Cell("stamps.revoke"),),
    f"POST {BATCH}/change": (Cell("stamps.revoke", CHANGE),),
    f"GET {BATCH}/changes/{{change}}/undo": (Cell("stamps.undo"),),
    f"POST {BATCH}/changes/{{change}}/undo": (Cell("stamps.undo", WHY),),
    f"GET {CONSOLE}/codes": (Cell("stamps.read"),),
    f"POST {CONSOLE}/codes": (Cell("stamps.read", {"code": "{code}"}),),
    f"GET {BATCH}/serials/{{serial}}": (Cell("stamps.read"),),
    f"GET {BATCH}/sold": (Cell("stamps.sell"),),
    f"POST {BATCH}/sold": (Cell("stamps.sell", REVOKED),),
    f"GET {BATCH}/print": (
        Cell("stamps.print"),
        Cell("stamps.print_centrally", at=CENTRAL),
    ),
    f"GET {BATCH}/sales/{{change}}/take-back": (Cell("stamps.sell"),),
    f"POST {BATCH}/sales/{{change}}/take-back": (Cell("stamps.sell", WHY),),
    f"POST {BATCH}/print": (Cell("stamps.print", PRINT),),
    f"GET {BATCH}/hold": (Cell("stamps.hold"),),
    f"POST {BATCH}/hold": (Cell("stamps.hold", WHY),),
    f"GET {BATCH}/holds/{{hold_id}}/lift": (Cell("stamps.hold"),),
    f"POST {BATCH}/holds/{{hold_id}}/lift": (Cell("stamps.hold", WHY),),
    f"GET {API}/designs": (Cell("stamps.read"),),
    f"POST {API}/designs": (Cell("stamps.design", DESIGN),),
    f"GET {API}/designs/{{design_id}}": (Cell("stamps.read"),),
    f"PUT {API}/designs/{{design_id}}": (Cell("stamps.design", DESIGN),),
    f"PUT {API}/designs/{{design_id}}/logo": (
        Cell("stamps.design", files={"file": ("l.png", b"no picture", "image/png")}),
    ),
    f"POST {API}/designs/{{design_id}}/submission": (Cell("stamps.design"),),
    f"POST {API}/designs/{{design_id}}/decision": (
        Cell("stamps.design_decide", {"decision": "approve"}, at=UNTOUCHED),
    ),
    f"GET {API}/designs/{{design_id}}/preview": (Cell("stamps.read"),),
    f"GET {API}/quotas": (Cell("stamps.read"),),
    f"GET {API}/quotas/{{facility_id}}": (Cell("stamps.read"),),
    f"POST {API}/quotas/{{facility_id}}": (Cell("stamps.quota", QUOTA),),
    f"GET {CONSOLE}/quotas": (Cell("stamps.read"),),
    f"GET {CONSOLE}/quotas/{{facility_id}}": (Cell("stamps.read"),),
    f"POST {CONSOLE}/quotas/{{facility_id}}": (Cell("stamps.quota", QUOTA),),
    f"GET {CONSOLE}/designs": (Cell("stamps.read"),),
    f"GET {CONSOLE}/designs/new": (Cell("stamps.design"),),
    f"POST {CONSOLE}/designs/new": (Cell("stamps.design", DESIGN),),
    f"GET {CONSOLE}/designs/preview.png": (Cell(SIGNED_IN, query=SEEN),),
    f"GET {CONSOLE}/designs/{{design_id}}": (Cell("stamps.read"),),
    f"POST {CONSOLE}/designs/{{design_id}}": (
        Cell("stamps.design_decide", {"decision": "approve"}, at=UNTOUCHED),
    ),
    f"GET {CONSOLE}/designs/{{design_id}}/preview.png": (Cell("stamps.read"),),
    f"GET {CONSOLE}/designs/{{design_id}}/edit": (Cell("stamps.design"),),
    f"POST {CONSOLE}/designs/{{design_id}}/edit": (Cell("stamps.design", DESIGN),),
    f"POST {CONSOLE}/designs/{{design_id}}/submit": (Cell("stamps.design"),),
    f"GET {CONSOLE}/formats": (Cell(EITHER),),
    f"GET {CONSOLE}/formats/{{key}}/calibration": (Cell(EITHER, at={"key": "a4-65"}),),
    f"GET {CONSOLE}/print-jobs/{{job_id}}": (Cell("stamps.print"),),
    f"POST {CONSOLE}/print-jobs/{{job_id}}": (Cell("stamps.print", AGAIN),),
    f"GET {CONSOLE}/print-jobs/{{job_id}}/file": (Cell("stamps.print"),),
}

# The transparency log is open to everybody (tests/stamps/log).
OPEN: Final = (
    f"GET {API}/log/checkpoint",
    f"GET {API}/log/key",
    f"GET {API}/log/entries",
    f"GET {API}/log/proofs/inclusion",
    f"GET {API}/log/proofs/consistency",
    f"GET {API}/log/stamps/{{code}}",
    "GET /log",
    "GET /log/stamps",
    "GET /log/stamps/{code}",
    "GET /log/verify.py",
)


@pytest_asyncio.fixture(scope="module")
async def ids(stamps: Stamps) -> dict[str, Any]:
    """One of everything, by the name of its part of an address."""
    farm = await stamps.a_farm()
    request = (await stamps.ask(farm, 50))["id"]
    ok(await stamps.decide(request, "approve"))
    batch = await stamps.a_batch(farm, 100)
    who, approver = stamps.operator(farm.facility), stamps.approver()
    job = ok(await stamps.post(f"/batches/{batch}/print-jobs", PRINT, who), 202)["id"]
    hold = ok(await stamps.post("/holds", {"batch": batch, **WHY}, approver), 201)["id"]
    ok(await stamps.change(batch, 0, 99, "revoke", who))
    ok(await stamps.change(batch, 0, 99, "destroyed", approver))
    design = ok(await stamps.post("/designs", DESIGN, who), 201)["id"]
    draft = ok(await stamps.post("/designs", DESIGN, who), 201)["id"]
    central = await stock.central(stamps, farm)
    # Of the unit of everybody here, so that nothing but the permission refuses.
    clerk = stock.officer(stamps, unit="so-nnmt")
    central_job = await stock.in_stock(stamps, central, 0, 19, clerk)
    handovers = [
        await stock.handed(stamps, central, serials, token=clerk) for serials in ("10-14", "15-19")
    ]
    ok(await stock.receive(stamps, handovers[1], who))
    return {
        "central": central,
        "central_job": central_job,
        "handover_id": handovers[0],
        "settled": handovers[1],
        "draft": draft,
        "design_id": design,
        "facility": farm.facility,
        "facility_id": farm.facility,
        "product": farm.product,
        "lot": farm.lot,
        "request_id": request,
        "number": batch,
        "change": 1,
        "serial": 5,
        "code": stampcode.encode(keys.keyring(stamps.settings), batch, 5),
        "job_id": job,
        "hold_id": hold,
    }


@pytest.fixture(scope="module")
def tokens(stamps: Stamps, ids: dict[str, Any]) -> Tokens:
    return one_of_each(stamps, ids["facility"], builders.COMMUNE)


def filled(value: Any, ids: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if value == "{number}":
        return ids["number"]
    return value.format(**ids) if isinstance(value, str) else value


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    stamps: Stamps, tokens: Tokens, ids: dict[str, Any], address: str, cell: Cell
) -> None:
    path = filled(address, {**ids, **filled(cell.at, ids)}) + (
        f"?{cell.query}" if cell.query else ""
    )
    await tried_by_all(stamps, tokens, path, cell, lambda: filled(cell.body, ids))
    if cell.action != PUBLIC:
        await sends_strangers_away(stamps, path)


def test_no_address_is_missing_in_the_table(stamps: Stamps) -> None:
    there = served(stamps.app)
    assert missing_in([TABLE, OPEN], there) == set(), "say in this table who may use these"
    assert not_there([TABLE, OPEN], there) == set()

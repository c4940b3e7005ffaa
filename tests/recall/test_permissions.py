"""Every tier and kind at every address of recall: let in or refused exactly as the matrix says."""

from typing import Final

import pytest

from tests.recall.builders import lot
from tests.recall.conftest import API, Recall, order
from tests.recall.test_complaints import filed, taken_in
from tests.recall.test_signals import a_cluster
from tests.roles import (
    Cell,
    Tokens,
    cases,
    missing_in,
    not_there,
    one_of_each,
    sends_strangers_away,
    sent,
    served,
    tried_by_all,
)

REASON: Final = {"reason": "x"}
ANSWERED: Final = {"answer": "x", "version": 0}
CLOSE: Final = {"finding": "x", "handling": "destroy"}
ASKED: Final = {"text": "x", "until": "2099-01-01", "version": 999}
HANDED: Final = {"unit_id": "u-none", "reason": "x", "version": 0}
REPORT: Final = "/console/recall/complaints/{complaint_id}"
SUSPECT: Final = {"what": "x", "goods": "stamp", "key": "mx"}
WANT: Final = {"reason": "x", "until": "2099-01-01", "version": 999}
DISMISS: Final = {"why": "x", "version": 999}
OF_CASE: Final = {"case": "{case_id}"}
OF_SUSPICION: Final = {"suspicion": "{suspicion_id}"}
VIOLATION: Final = {
    **{"found": "x", "found_on": "2026-11-01", "basis": "y", "key": "mx"},
    "facility_id": "f1",
}
EDIT: Final = {"found": "x", "found_on": "2026-11-01", "basis": "y", "version": 999}
FILE: Final = {"file": ("x.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}
DECIDE: Final = {"decision": "received", "remark": "x", "version": 999}
VIOLATED: Final = "/console/recall/violations/{report_id}"
SUSPECTED: Final = "/console/recall/suspicions/{suspicion_id}"
AIM: Final = "target_kind=lot&target=mx1"
WORDS: Final = {"kind": "recall", "reason": "x", "instruction": "y", "key": "mx"}
ROW: Final = {
    "lot_id": "mx1", "fate": "sold", "quantity": "1", "day": "2026-10-02", "facility_id": "f1",
}  # fmt: skip
# Others used this key for a report of a violation: whoever may not do this act is not told so.
ROW_FORM: Final = {**ROW, "key": "mx"}
PROOF: Final = {"file": ("bien-ban.pdf", b"%PDF-1.4\n%%EOF")}
PROOFS: Final = {"files": PROOF["file"]}
SHEET: Final = {"file": ("so-lieu.csv", b"x")}
CORRECTION: Final = {
    **{"kind": "recall", "level": "serious", "reason": "x", "instruction": "y"},
    **{"why": "z", "version": "0", "key": "mx-correct"},
}
# Of a version that is not there.
DECISION: Final = {"number": "1", "day": "2026-11-02", "issued_by": "x", "version": 999}
ONE, PAGE = f"{API}/recalls/{{case_id}}", "/console/recall/{case_id}"
# What officials ordered, no facility corrects.
# All acts are refused, to whoever may do them, by the state of the case, which was lifted, or of
# the target, which is recalled; so nothing changes between cells.
TABLE: Final[dict[str, tuple[Cell, ...]]] = {
    f"POST {API}/previews": (Cell("recall.preview", {"target_kind": "lot", "target": "mx1"}),),
    f"GET {API}/inputs": (Cell("recall.preview"),),
    f"GET {API}/sources": (Cell("recall.preview", query="lots=mx1"),),
    f"GET {API}/recalls": (Cell("recall.read"),),
    f"POST {API}/recalls": (Cell("recall.order", order("mx1")),),
    f"GET {ONE}": (Cell("recall.read"),),
    f"POST {ONE}/confirm": (Cell("recall.order", {}),),
    f"POST {ONE}/decline": (Cell("recall.order", REASON),),
    f"POST {ONE}/lift": (Cell("recall.lift", REASON),),
    f"POST {ONE}/lift/confirm": (Cell("recall.lift", {}),),
    f"POST {ONE}/lift/decline": (Cell("recall.lift", REASON),),
    f"POST {ONE}/close": (Cell("recall.close", CLOSE),),
    f"POST {ONE}/acknowledge": (Cell("recall.acknowledge", {}),),
    f"GET {ONE}/recovery": (Cell("recall.read"),),
    f"POST {ONE}/recovery": (Cell("recall.report_recovery", ROW),),
    f"GET {ONE}/recovery/rows": (Cell("recall.read"),),
    f"POST {ONE}/evidence": (Cell("recall.report_recovery", files=PROOF),),
    f"POST {ONE}/recovery/tables": (Cell("recall.report_recovery", files=SHEET),),
    f"GET {ONE}/recovery/tables/{{file_id}}": (Cell("recall.read", gone=True),),
    f"POST {ONE}/recovery/tables/{{file_id}}/count": (Cell("recall.report_recovery", {}),),
    f"GET {ONE}/evidence/{{file_id}}": (Cell("recall.read", gone=True),),
    f"POST {ONE}/explanations": (Cell("recall.close", {"reason": "x"}),),
    f"POST {ONE}/explanations/{{explanation_id}}/decision": (
        Cell("recall.close", {"agreed": False}),
    ),
    f"POST {ONE}/closing-request": (Cell("recall.report_recovery", {"words": "x"}),),
    f"POST {ONE}/handling-request": (
        Cell("recall.report_recovery", {"handling": "destroy", "words": "x"}),
    ),
    f"GET {ONE}/decision": (Cell("recall.read", gone=True),),
    f"POST {ONE}/decision": (Cell("recall.order", DECISION, facility=403),),
    f"POST {ONE}/decision/file": (Cell("recall.order", files=PROOF, facility=403),),
    f"GET {ONE}/decision/file": (Cell("recall.read", gone=True, facility=403),),
    f"GET {PAGE}/decision": (Cell("recall.read"),),
    f"POST {PAGE}/decision": (Cell("recall.order", DECISION, facility=403),),
    f"GET {PAGE}/decision/file": (Cell("recall.read", gone=True, facility=403),),
    f"GET {ONE}/requests": (Cell("recall.read"),),
    f"POST {ONE}/requests/{{request_id}}/answer": (Cell("recall.close", {"agreed": True}),),
    f"GET {ONE}/corrections": (Cell("recall.read"),),
    f"POST {ONE}/corrections": (Cell("recall.correct", {"revision": 0, "why": "x"}, facility=403),),
    f"POST {ONE}/corrections/confirm": (Cell("recall.correct", {}, facility=403),),
    f"POST {ONE}/corrections/decline": (Cell("recall.correct", REASON, facility=403),),
    f"GET {API}/complaints": (Cell("complaint.read"),),
    f"GET {API}/complaints/{{complaint_id}}": (Cell("complaint.read"),),
    f"POST {API}/complaints/{{complaint_id}}/seen": (Cell("complaint.answer", {}),),
    f"POST {API}/complaints/{{complaint_id}}/answer": (Cell("complaint.answer", ANSWERED),),
    f"GET {API}/complaints/{{complaint_id}}/questions": (Cell("complaint.read"),),
    f"POST {API}/complaints/{{complaint_id}}/questions": (Cell("complaint.answer", ASKED),),
    f"POST {API}/complaints/{{complaint_id}}/hand-over": (Cell("complaint.hand_over", HANDED),),
    f"POST {API}/complaints/{{complaint_id}}/join": (Cell("complaint.join", {"other": "mx"}),),
    f"POST {API}/complaints/{{complaint_id}}/part": (Cell("complaint.join", {}),),
    f"GET {REPORT}/suspicion": (Cell("hazard.suspect"),),
    f"POST {REPORT}/suspicion": (Cell("hazard.suspect", SUSPECT),),
    f"POST {REPORT}/evidence": (Cell("hazard.suspect", OF_SUSPICION),),
    f"GET {REPORT}/case": (Cell("complaint.link"),),
    f"POST {REPORT}/case": (Cell("complaint.link", OF_CASE),),
    "GET /console/recall/suspicions": (Cell("hazard.read"),),
    f"GET {SUSPECTED}": (Cell("hazard.read"),),
    f"POST {SUSPECTED}/inspection": (Cell("hazard.ask_inspection", WANT),),
    f"POST {SUSPECTED}/dismissal": (Cell("hazard.suspect", DISMISS),),
    f"POST {SUSPECTED}/case": (Cell("hazard.suspect", OF_CASE),),
    f"GET {PAGE}/complaints": (Cell("recall.read", facility=404),),
    f"POST {PAGE}/complaints": (Cell("complaint.answer", {"answer": "x"}),),
    "GET /console/recall/violations": (Cell("violation.read"),),
    "GET /console/recall/violations.csv": (Cell("violation.read"),),
    "GET /console/recall/violations.xlsx": (Cell("violation.read"),),
    "GET /console/recall/violations/new": (Cell("violation.write", query="facility=f1"),),
    "POST /console/recall/violations/new": (Cell("violation.write", VIOLATION),),
    f"GET {VIOLATED}": (Cell("violation.read"),),
    f"GET {VIOLATED}/files/{{file_id}}": (Cell("violation.read", gone=True),),
    f"GET {VIOLATED}/report.{{format_}}": (Cell("violation.read"),),
    f"POST {VIOLATED}/edit": (Cell("violation.write", EDIT, gone=True),),
    f"POST {VIOLATED}/files": (Cell("violation.write", files=FILE, gone=True),),
    f"POST {VIOLATED}/send": (Cell("violation.write", {"version": 999}, gone=True),),
    f"POST {VIOLATED}/decision": (Cell("violation.receive", DECIDE),),
    "GET /console/recall/complaints": (Cell("complaint.read"),),
    "GET /console/recall/complaints.csv": (Cell("complaint.read"),),
    "GET /console/recall/complaints.xlsx": (Cell("complaint.read"),),
    f"POST {REPORT}/ask": (Cell("complaint.answer", ASKED),),
    f"POST {REPORT}/hand-over": (Cell("complaint.hand_over", HANDED),),
    f"POST {REPORT}/join": (Cell("complaint.join", {"other": "mx"}),),
    f"POST {REPORT}/part": (Cell("complaint.join", {}),),
    "GET /console/recall/complaints/{complaint_id}": (Cell("complaint.read"),),
    "POST /console/recall/complaints/{complaint_id}/seen": (Cell("complaint.answer", {}),),
    "POST /console/recall/complaints/{complaint_id}/answer": (Cell("complaint.answer", ANSWERED),),
    "GET /console/recall": (Cell("recall.read"),),
    "GET /console/recall/reasons": (Cell("recall.read"),),
    "GET /console/recall/deadlines": (Cell("recall.read"),),
    "GET /console/recall/calendar": (Cell("recall.read"),),
    "GET /console/recall/inputs": (Cell("recall.preview"),),
    "GET /console/recall/new": (Cell("recall.preview"),),
    "GET /console/recall/radius": (Cell("recall.preview", query=AIM),),
    "GET /console/recall/radius.csv": (Cell("recall.preview", query=AIM),),
    "GET /console/recall/radius.xlsx": (Cell("recall.preview", query=AIM),),
    "GET /console/recall/sources": (Cell("recall.preview"),),
    "POST /console/recall/radius": (Cell("recall.order", WORDS, query=AIM),),
    f"GET {PAGE}": (Cell("recall.read"),),
    f"GET {PAGE}/spread": (Cell("recall.read"),),
    f"POST {PAGE}/confirm": (Cell("recall.order", {}),),
    f"POST {PAGE}/decline": (Cell("recall.order", REASON),),
    f"POST {PAGE}/lift": (Cell("recall.lift", REASON),),
    f"POST {PAGE}/lift/confirm": (Cell("recall.lift", {}),),
    f"POST {PAGE}/lift/decline": (Cell("recall.lift", REASON),),
    f"POST {PAGE}/close": (Cell("recall.close", CLOSE),),
    f"POST {PAGE}/acknowledge": (Cell("recall.acknowledge", {}),),
    f"GET {PAGE}/report.{{format_}}": (Cell("recall.read"),),
    f"GET {PAGE}/recovery": (Cell("recall.read"),),
    f"GET {PAGE}/recovery/lots/{{lot_id}}": (Cell("recall.read"),),
    f"POST {PAGE}/recovery/lots/{{lot_id}}": (Cell("recall.report_recovery", ROW_FORM),),
    f"POST {PAGE}/recovery/explanations": (Cell("recall.close", {"reason": "x", "key": "mx"}),),
    f"POST {PAGE}/recovery/explanations/{{explanation_id}}": (
        Cell("recall.close", {"decision": "decline"}),
    ),
    f"GET {PAGE}/requests": (Cell("recall.read"),),
    f"POST {PAGE}/requests/closing": (Cell("recall.report_recovery", {"words": "x"}),),
    f"POST {PAGE}/requests/handling": (
        Cell("recall.report_recovery", {"handling": "destroy", "words": "x"}),
    ),
    f"POST {PAGE}/requests/{{request_id}}": (Cell("recall.close", {"decision": "agree"}),),
    f"GET {PAGE}/recovery/template.{{format_}}": (
        Cell("recall.report_recovery", at={"format_": "xlsx"}),
    ),
    f"GET {PAGE}/recovery/tables": (Cell("recall.report_recovery"),),
    f"POST {PAGE}/recovery/tables": (Cell("recall.report_recovery", files=SHEET),),
    f"GET {PAGE}/recovery/tables/{{file_id}}": (Cell("recall.report_recovery", gone=True),),
    f"GET {PAGE}/recovery/tables/{{file_id}}/file": (Cell("recall.read", gone=True),),
    f"POST {PAGE}/recovery/tables/{{file_id}}/files": (
        Cell("recall.report_recovery", files=PROOFS, gone=True),
    ),
    f"POST {PAGE}/recovery/tables/{{file_id}}/{{act}}": (
        Cell("recall.report_recovery", {}, at={"act": "count"}, gone=True),
    ),
    f"GET {PAGE}/recovery/files/{{file_id}}": (Cell("recall.read", gone=True),),
    f"GET {PAGE}/correct": (Cell("recall.correct"),),
    f"POST {PAGE}/correct": (Cell("recall.correct", CORRECTION, facility=403),),
    f"GET {PAGE}/correct/waiting": (Cell("recall.correct"),),
    f"POST {PAGE}/correct/confirm": (Cell("recall.correct", {}, facility=403),),
    f"POST {PAGE}/correct/decline": (Cell("recall.correct", REASON, facility=403),),
}
SIGNAL: Final = "/console/recall/signals/{signal_id}"
TO_SUSPECT: Final = {"what": "x", "goods": "lot:none", "version": 999, "key": "mx-signal"}
TO_INSPECT: Final = {
    **{"reason": "x", "goods": "lot:none", "version": 999, "key": "mx-signal"},
    "until": "2099-01-01",
}
TO_DECIDE: Final = {"decision": "dismissed", "words": "x", "version": 999}
TABLE.update(
    {
        "GET /console/recall/signals": (Cell("signal.read"),),
        "GET /console/recall/signals/rules": (Cell("signal.read"),),
        f"GET {SIGNAL}": (Cell("signal.read"),),
        f"POST {SIGNAL}/dismissal": (Cell("signal.decide", DISMISS),),
        f"POST {SIGNAL}/suspicion": (Cell("signal.decide", TO_SUSPECT),),
        f"POST {SIGNAL}/inspection": (Cell("signal.decide", TO_INSPECT),),
        f"GET {API}/signals": (Cell("signal.read"),),
        f"GET {API}/signals/rules": (Cell("signal.read"),),
        f"GET {API}/signals/{{signal_id}}": (Cell("signal.read"),),
        f"POST {API}/signals/{{signal_id}}/decision": (Cell("signal.decide", TO_DECIDE),),
    }
)
DRILLED, REHEARSED = f"{API}/drills/{{drill_id}}", "/console/recall/drills/{drill_id}"
DRILL: Final = {"target_kind": "lot", "target": "mx1", "scenario": "x", "hours": 2}
# Asked in it, a facility decides nothing on a drill of the authority.
TABLE.update(
    {
        f"GET {API}/drills": (Cell("recall.read"),),
        f"POST {API}/drills": (Cell("recall.drill", DRILL),),
        f"POST {DRILLED}/answers": (
            Cell("recall.drill_answer", {"lots": [{"lot_id": "mx1", "held": "1"}]}),
        ),
        "GET /console/recall/drills": (Cell("recall.read"),),
        **{
            f"GET /console/recall/drills/duties{end}": (Cell("recall.read", facility=403),)
            for end in ("", ".csv", ".xlsx")
        },
        "GET /console/recall/drills/new": (Cell("recall.drill", query=AIM),),
        "POST /console/recall/drills/new": (Cell("recall.drill", {**DRILL, "key": "mx"}),),
        f"GET {REHEARSED}/end": (Cell("recall.drill", facility=404),),
        f"GET {REHEARSED}/report.{{format_}}": (Cell("recall.read"),),
        f"GET {REHEARSED}/lots/{{lot_id}}": (Cell("recall.drill_answer"),),
        f"POST {REHEARSED}/lots/{{lot_id}}": (Cell("recall.drill_answer", {"held": "1"}),),
        **{
            address: cells
            for at in (DRILLED, REHEARSED)
            for address, cells in {
                f"GET {at}": (Cell("recall.read"),),
                f"POST {at}/confirm": (Cell("recall.drill", {}, facility=404),),
                f"POST {at}/decline": (Cell("recall.drill", REASON, facility=404),),
                f"POST {at}/end": (Cell("recall.drill", {}, facility=404),),
                f"POST {at}/call-off": (Cell("recall.drill", REASON, facility=404),),
                f"POST {at}/acknowledge": (Cell("recall.drill_answer", {}),),
            }.items()
        },
    }
)
CONTACT: Final = "/console/recall/contacts"
NOBODYS: Final = {"channel": "mail", "address": "no mail"}
TABLE.update(
    {
        "GET /api/recall/v1/contacts": (Cell("recall.contacts"),),
        "POST /api/recall/v1/contacts": (Cell("recall.contacts", NOBODYS),),
        f"GET {CONTACT}": (Cell("recall.contacts"),),
        f"POST {CONTACT}/mail": (Cell("recall.contacts", {"address": "no mail"}),),
        f"POST {CONTACT}/webhook": (Cell("recall.contacts", {"address": "http://a.vn/"}),),
        "GET /console/recall/deliveries": (Cell("recall_message.read"),),
        **{
            f"POST {path}/{{contact_id}}/{act}": (Cell("recall.contacts", {}, gone=True),)
            for path in (CONTACT, "/api/recall/v1/contacts")
            for act in ("ask", "pause", "resume")
        },
        f"POST {CONTACT}/{{contact_id}}/remove": (Cell("recall.contacts", {}, gone=True),),
        "DELETE /api/recall/v1/contacts/{contact_id}": (Cell("recall.contacts", gone=True),),
        **{
            f"POST /console/recall/deliveries/{{delivery_id}}/{act}": (
                Cell("recall_message.retry", {}, gone=True),
            )
            for act in ("retry", "pause", "resume")
        },
        # Who may, and has nothing to be sent again, is told so.
        "POST /console/recall/deliveries/retry": (
            Cell("recall_message.retry", {"state": "given_up"}),
        ),
    }
)
OPEN: Final = (
    "GET /recalls",
    "GET /recalls.json",
    "GET /recalls.atom",
    "GET /recalls.rss",
    "GET /recalls.feed.json",
    "GET /recalls/{case_id}",
    f"GET {API}/reasons",
    "GET /recalls/webhooks",
    "GET /recalls/webhook-keys.json",
)

# Behind the links of mails: who has the link, whoever that is (tests/recall/test_telling.py).
LINKS: Final = tuple(
    f"{method} /recalls/contacts/{{contact_id}}/{act}"
    for method in ("GET", "POST")
    for act in ("confirm", "stop")
)


@pytest.fixture(scope="module")
async def lifted(province: Recall) -> str:
    """A lifted case of a lot, which then was recalled anew."""
    await province.know(lot("mx1"))
    await taken_in(province, filed("mx"))
    case = await province.order("mx1")
    await province.post(f"/recalls/{case['id']}/lift", REASON)
    await province.post(f"/recalls/{case['id']}/lift/confirm")
    await province.order("mx1")
    return str(case["id"])


@pytest.fixture(scope="module")
async def suspected(province: Recall, lifted: str) -> str:
    """A suspicion that the report bears out."""
    path = "POST /console/recall/complaints/mx/suspicion"
    made = await sent(province, province.token(), path, {**SUSPECT, "key": "first"})
    assert made.status_code == 303, made.text
    return str(made.headers["location"].rpartition("/")[2])


@pytest.fixture(scope="module")
async def reported(province: Recall) -> str:
    """A report that a unit sent, which is not that of any account here."""
    token = province.token(tier="unit", kinds=["check"], unit="u-elsewhere")
    made = await sent(province, token, "POST /console/recall/violations/new", VIOLATION)
    assert made.status_code == 303, made.text
    path = f"POST {made.headers['location']}/send"
    assert (await sent(province, token, path, {"version": 1})).status_code == 303
    return str(made.headers["location"].rpartition("/")[2])


@pytest.fixture(scope="module")
async def raised(province: Recall) -> str:
    """A signal about a lot of f1."""
    return await a_cluster(province, "mx2")


@pytest.fixture(scope="module")
async def drilled(province: Recall, lifted: str) -> str:
    """A drill of the same lot that is over. Nobody stands below who began it."""
    lowest = province.token(tier="commune", kinds=["approve"], communes=["07001"])
    made = await province.post("/drills", DRILL, token=lowest)
    assert made.status_code == 201, made.text
    assert (await province.post(f"/drills/{made.json()['id']}/end")).status_code == 200
    return str(made.json()["id"])


@pytest.fixture(scope="module")
def tokens(province: Recall) -> Tokens:
    return one_of_each(province, "f1", "07001")


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    province: Recall,
    lifted: str,
    suspected: str,
    reported: str,
    raised: str,
    drilled: str,
    tokens: Tokens,
    address: str,
    cell: Cell,
) -> None:
    ids = {"complaint_id": "mx", "lot_id": "mx1", "file_id": "mx", "explanation_id": "mx"}
    ids |= {"request_id": "mx"}
    ids |= {"contact_id": "none", "delivery_id": "none", "format_": "docx"}
    ids |= {"case_id": lifted, "suspicion_id": suspected}
    ids |= {"report_id": reported, "signal_id": raised, "drill_id": drilled}
    path = address.format(**ids | cell.at) + (f"?{cell.query}" if cell.query else "")
    body = cell.body
    if body in (OF_CASE, OF_SUSPICION):
        body = {name: text.format(**ids) for name, text in body.items()}
    before = await province.get(f"/recalls/{lifted}")
    await tried_by_all(province, tokens, path, cell, lambda: body)
    await sends_strangers_away(province, path)
    assert (await province.get(f"/recalls/{lifted}")).json() == before.json()


@pytest.mark.parametrize("address", OPEN)
async def test_what_is_open_needs_no_session(province: Recall, lifted: str, address: str) -> None:
    path = address.removeprefix("GET ").format(case_id=lifted)
    assert (await province.client.get(path)).status_code == 200


def test_no_address_is_missing_in_the_table(province: Recall) -> None:
    there = served(province.app)
    assert missing_in([TABLE, OPEN, LINKS], there) == set(), "say in this table who may use these"
    assert not_there([TABLE, OPEN, LINKS], there) == set()

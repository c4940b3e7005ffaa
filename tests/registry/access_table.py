"""Who may do what at every address of registry: the cells of the role × endpoint test.

A new address needs a row here: `test_permissions.py` compares this table with the application's
routes. A cell names the action of `shared/permissions.toml` that decides, and what is sent so that
nothing but the permission can be what refuses; acts are sent with a version that is long past, or
about something that cannot be done any more, so that whoever may do them changes nothing.
"""

from typing import Any, Final

from tests.registry import builders
from tests.roles import SIGNED_IN, Cell

STALE: Final = 999_999
OLD: Final = {"version": STALE}
WHY: Final = {"reason": "Thử xem có được không"}


def of_kinds(
    path: str,
    action: str,
    body: Any = None,
    *,
    more: dict[str, str] | None = None,
    query: str = "",
) -> tuple[Cell, ...]:
    """One cell for each kind of record, with the right's name of that kind."""
    words = {"facilities": "facility", "products": "product", "lots": "lot"}
    names = {**words, "growing-areas": "growing_area"}
    found = []
    for word, name in names.items():
        right = f"{name}.{action}"
        if word == "growing-areas":
            right = {"read": "facility.read", "check": "growing_area.publish"}.get(action, right)
        if (word, action) == ("lots", "publish"):
            continue
        found.append(Cell(right, body, {path: word, **(more or {})}, query=query))
    return tuple(found)


CLOSING: Final = {"step": "close", "version": STALE, "note": "Thử xem"}
MINUTE: Final = {
    "on": "2026-09-10",
    "kind": "planned",
    "team": "Đoàn số 2",
    "findings": "Thử xem",
    "result": "passed",
}
KNOWN: Final = {
    "name": "Cơ sở của bảng quyền",
    "address": "Thôn Đồi Nắng",
    "commune": builders.COMMUNE,
    "sector": "agriculture",
    "facility_class": "certificate",
    "kinds": ["slaughter"],
}
PDF: Final = ("a.pdf", b"%PDF-1.4 not one that can be read", "application/pdf")
DECIDE: Final = {"decision": "publish", "version": STALE}
EMPTY_FILE: Final = {"file": ("a.xlsx", b"")}
NO_PICTURE: Final = {"file": ("a.png", b"none")}
NO_SOUND: Final = {"file": ("a.mp3", b"none", "audio/mpeg")}
# Officials judge what was reported to them, the facility's own people read all of theirs.
READ_INQUIRY, READ_ARTICLE = "inquiry.read or inquiry.moderate", "article.write or article.publish"
ANSWER: Final = {"text": "Xin chào", **OLD}
ARTICLE: Final = {
    "section": "market",
    "title": "Vào vụ nhãn",
    "summary": "Nhãn chín sớm hơn năm trước.",
    "body": "Năm nay nhãn được mùa ở Quảng Yên.",
}

RETURN: Final = {"id": "table", "at": "2026-08-22T08:00:00+07:00"}
NAMED: Final = {"name": "supplies"}
# A row that says nothing of what it is about: refused after the right was looked at.
PROPOSAL: Final = {
    "key": "thu-quyen",
    "values": {"title": ""},
    "valid_from": "2026-11-01",
    "reason": "Thử xem",
}

API: Final[dict[str, tuple[Cell, ...]]] = {
    "GET /awaiting": (Cell(SIGNED_IN),),
    "GET /catalogues": (Cell("catalogue.read"),),
    "GET /catalogues/{name}": (Cell("catalogue.read", None, NAMED),),
    "GET /catalogues/{name}/versions": (Cell("catalogue.read", None, NAMED),),
    "GET /catalogues/{name}/diff": (Cell("catalogue.read", None, NAMED),),
    "GET /catalogues/{name}/changes": (Cell("catalogue.read", None, NAMED),),
    "GET /catalogues/{name}/changes/{change_id}": (Cell("catalogue.read", None, NAMED),),
    "POST /catalogues/{name}/changes": (Cell("catalogue.propose", PROPOSAL, NAMED),),
    "POST /catalogues/{name}/changes/{change_id}/decisions": (
        Cell("catalogue.approve", {"approved": False, "reason": "Thử xem"}, NAMED),
    ),
    "GET /metadata": (Cell("catalogue.read"),),
    "GET /markets": (Cell("lot.read"),),
    "GET /roadmap": (Cell("product.read"),),
    "GET /quality/{kind}": of_kinds("kind", "read"),
    "GET /{kind}/{record_id}/quality": of_kinds("kind", "read"),
    "GET /lots/{record_id}/findings": (Cell("lot.read"),),
    "GET /shipments/{shipment_id}/obstacles": (Cell("lot.read"),),
    "POST /facilities": (Cell("facility.enter", builders.facility(), facility=404),),
    "PUT /facilities/{record_id}": (Cell("facility.enter", builders.facility(version=STALE)),),
    "POST /products": (Cell("product.enter", "a product"),),
    "PUT /products/{record_id}": (Cell("product.enter", builders.product(version=STALE)),),
    "POST /growing-areas": (Cell("growing_area.enter", "an area"),),
    "PUT /growing-areas/{record_id}": (
        Cell("growing_area.enter", builders.growing_area(version=STALE)),
    ),
    "POST /lots": (Cell("lot.enter", "a lot"),),
    "PUT /lots/{record_id}": (Cell("lot.enter", "an edited lot"),),
    "POST /{kind}/{record_id}/submit": of_kinds("kind", "enter", OLD),
    "POST /{kind}/{record_id}/decisions": (
        *of_kinds("kind", "check", {"decision": "accept", **OLD}),
        *of_kinds("kind", "check", {"decision": "reject", **OLD, **WHY}),
        *of_kinds("kind", "publish", {"decision": "publish", **OLD}),
    ),
    "GET /{kind}": of_kinds("kind", "read"),
    "GET /{kind}/{record_id}": of_kinds("kind", "read"),
    "GET /{kind}/{record_id}/versions": of_kinds("kind", "read"),
    # Of a facility that was never published, which no facility's account belongs to.
    "POST /facilities/{record_id}/stop": (
        Cell("facility.stop", WHY, {"record_id": "draft"}, facility=404),
    ),
    "POST /facilities/{record_id}/resume": (
        Cell("facility.stop", WHY, {"record_id": "draft"}, facility=404),
    ),
    "POST /products/{record_id}/withdraw": (
        Cell("product.withdraw", WHY, {"record_id": "draft_product"}),
    ),
    "POST /imports/{kind}": (
        Cell("import.enter", None, {"kind": "facilities"}, EMPTY_FILE, also="facility.enter"),
        Cell("import.enter", None, {"kind": "products"}, EMPTY_FILE, also="product.enter"),
        Cell(
            "import.enter", None, {"kind": "growing-areas"}, EMPTY_FILE, also="growing_area.enter"
        ),
        Cell("import.enter", None, {"kind": "lots"}, EMPTY_FILE, also="lot.enter"),
        Cell(
            "import.enter",
            None,
            {"kind": "known-facilities"},
            EMPTY_FILE,
            also="known_facility.enter",
        ),
    ),
    "GET /imports/{import_id}": (Cell(SIGNED_IN, facility=404),),
    "GET /imports/{import_id}/rows": (Cell(SIGNED_IN, facility=404),),
    "GET /imports/{import_id}/errors.xlsx": (Cell(SIGNED_IN, facility=404),),
    "POST /imports/{import_id}/rows/{number}/resolution": (
        Cell("import.enter", {"choice": "skip"}, {"number": "1"}, also="facility.enter"),
    ),
    "POST /imports/{import_id}/apply": (Cell("import.enter", OLD, also="facility.enter"),),
    "POST /imports/{import_id}/decisions": (
        Cell("facility.check", {"decision": "accept", **OLD}),
        Cell("facility.publish", DECIDE),
    ),
    "GET /templates/{kind}.{format}": (
        Cell(SIGNED_IN, None, {"kind": "facilities", "format": "xlsx"}),
        Cell(SIGNED_IN, None, {"kind": "products", "format": "csv"}),
        Cell(SIGNED_IN, None, {"kind": "growing-areas", "format": "csv"}),
    ),
    "GET /exports/known-facilities.{format}": (
        Cell("known_facility.read", None, {"format": "csv"}, facility=403),
    ),
    "GET /exports/{kind}.{format}": (
        Cell("facility.read", None, {"kind": "facilities", "format": "csv"}),
        Cell("product.read", None, {"kind": "products", "format": "xlsx"}),
        Cell("facility.read", None, {"kind": "growing-areas", "format": "csv"}),
        Cell("lot.read", None, {"kind": "lots", "format": "csv"}),
    ),
    "POST /documents": (
        Cell("facility.enter", "a certificate", files={"file": PDF}),
        Cell("inspection.record", "a decision", files={"file": PDF}),
    ),
    "GET /documents/{document_id}/file": (Cell("facility.read"),),
    # Only signed papers are taken off by hand; this is the scan of a certificate.
    "POST /documents/{document_id}/remove": (Cell("facility.enter", WHY, gone=True),),
    "GET /facilities/{record_id}/documents": (Cell("facility.read"),),
    "GET /certificates": (Cell("facility.read"),),
    "POST /facilities/{record_id}/inspections": (Cell("inspection.record", MINUTE),),
    "GET /inspections": (Cell("inspection.read"),),
    "GET /inspections/{inspection_id}": (Cell("inspection.read"),),
    "PUT /inspections/{inspection_id}": (Cell("inspection.record", {**MINUTE, **OLD, **WHY}),),
    "POST /inspections/{inspection_id}/papers": (
        Cell("inspection.record", "a scan", files={"file": PDF}),
    ),
    "POST /inspections/{inspection_id}/violations/{number}/settlement": (
        Cell("inspection.record", {"remedy": "Thử xem", "fined": False, **OLD}),
    ),
    "POST /inspections/{inspection_id}/publication": (
        Cell("inspection.publish", {"public": True, **OLD, **WHY}),
    ),
    "GET /known-facilities": (Cell("known_facility.read", facility=403),),
    "GET /known-facilities/counts": (Cell("known_facility.read", facility=403),),
    "POST /known-facilities": (Cell("known_facility.enter", KNOWN),),
    "GET /known-facilities/{known_id}": (Cell("known_facility.read"),),
    "PUT /known-facilities/{known_id}": (Cell("known_facility.enter", {**KNOWN, **OLD}),),
    "POST /known-facilities/{known_id}/steps": (Cell("known_facility.enter", CLOSING),),
    "POST /known-facilities/{known_id}/conversion": (Cell("facility.enter", OLD, facility=404),),
    "GET /inquiries": (Cell(READ_INQUIRY),),
    "GET /inquiries/{inquiry_id}": (Cell(READ_INQUIRY),),
    "POST /inquiries/{inquiry_id}/answer": (Cell("inquiry.answer", ANSWER),),
    "POST /inquiries/{inquiry_id}/close": (Cell("inquiry.answer", OLD),),
    "POST /inquiries/{inquiry_id}/report": (Cell("inquiry.answer", WHY),),
    "POST /inquiries/{inquiry_id}/moderation": (
        Cell("inquiry.moderate", {"decision": "clear", **WHY}, undone="inquiries"),
    ),
    "GET /articles": (Cell(READ_ARTICLE),),
    "POST /articles": (Cell("article.write", ARTICLE),),
    "GET /articles/{article_id}": (Cell(READ_ARTICLE),),
    "PUT /articles/{article_id}": (Cell("article.write", {**ARTICLE, **OLD}),),
    "POST /articles/{article_id}/pictures": (Cell("article.write", files=NO_PICTURE),),
    "POST /articles/{article_id}/remove": (Cell("article.write", OLD),),
    "POST /articles/{article_id}/submit": (Cell("article.write", OLD),),
    "POST /articles/{article_id}/publish": (Cell("article.publish", OLD),),
    "POST /articles/{article_id}/reject": (Cell("article.publish", {**OLD, **WHY}),),
    # It is a draft: nobody reads it.
    "POST /articles/{article_id}/take-down": (Cell("article.publish", WHY),),
    "POST /recordings": (Cell("product.enter", "a recording", files=NO_SOUND),),
    "GET /facilities/{record_id}/recordings": (Cell("product.read"),),
    # A product names it.
    "POST /recordings/{recording_id}/remove": (Cell("product.enter"),),
    "GET /facilities/{record_id}/conversions": (Cell("product.read"),),
    "POST /conversions/{conversion_id}/remove": (Cell("product.enter", undone="conversions"),),
    "POST /media": (Cell("product.enter", "a picture", files={"file": ("a.png", b"none")}),),
    "POST /lots/{record_id}/entries": (
        Cell("lot.enter", {**builders.entry("storing", "2026-08-20"), **OLD}),
    ),
    "POST /lots/{record_id}/entries/{entry_id}/remove": (Cell("lot.enter", OLD, gone=True),),
    "GET /lots/{record_id}/events": (Cell("lot.read"),),
    "GET /lots/{record_id}/label": (Cell("lot.read"),),
    "GET /products/{record_id}/label": (Cell("product.read"),),
    "GET /lots/{record_id}/genealogy": (Cell("lot.read"),),
    # The world's own lot: nobody delivered it to its maker.
    "GET /received/{lot_id}": (Cell("lot.read", gone=True),),
    "GET /received/{lot_id}/events": (Cell("lot.read", gone=True),),
    "POST /lots/{record_id}/tests": (Cell("lot.enter or lot.check", builders.laboratory()),),
    "GET /lots/{record_id}/tests": (Cell("lot.read"),),
    "GET /events": (Cell("lot.read"),),
    "GET /circulation": (Cell("circulation.read"),),
    "GET /facilities/{record_id}/circulation": (Cell("circulation.read"),),
    "POST /facilities/{record_id}/revenue": (
        Cell("revenue.declare", {"month": "2026-08", "amount": 1, **OLD}),
    ),
    "GET /tests": (Cell("lot.read"),),
    "GET /tests/{test_id}/report": (Cell("lot.read", gone=True),),
    "POST /tests/{test_id}/report": (
        Cell("lot.enter or lot.check", files={"file": ("a.pdf", b"none")}),
    ),
    "POST /tests/{test_id}/decisions": (
        Cell("lot.check", {"decision": "confirmed", "reason": "Thử xem"}),
    ),
    "GET /examinations": (Cell("lot.read"),),
    "GET /examinations/{examination_id}": (Cell("lot.read"),),
    # Without a reason: whoever may decide is told so.
    "POST /examinations/{examination_id}/decisions": (Cell("lot.check", {"decision": "cleared"}),),
    "POST /transformations": (Cell("lot.enter", "a transformation"),),
    "GET /transformations": (Cell("lot.read"),),
    "GET /transformations/{transformation_id}": (Cell("lot.read"),),
    "POST /transformations/{transformation_id}/cancel": (Cell("lot.enter", WHY),),
    "GET /shipments": (Cell("lot.read"),),
    "POST /shipments": (Cell("lot.enter", "a shipment"),),
    "GET /shipments/{shipment_id}": (Cell("lot.read"),),
    "POST /shipments/{shipment_id}/receive": (
        Cell("lot.enter", "a count", {"shipment_id": "incoming"}),
    ),
    "POST /shipments/{shipment_id}/cancel": (Cell("lot.enter", WHY),),
    "POST /shipments/{shipment_id}/link": (Cell("lot.enter", {"open": False}),),
    "POST /shipments/{shipment_id}/returns": (Cell("lot.enter", {**RETURN, **WHY}),),
    "GET /shipments/{shipment_id}/units": (Cell("lot.read"),),
    "POST /shipments/{shipment_id}/units": (Cell("lot.enter", {"id": "table"}),),
    "POST /shipments/{shipment_id}/units/{sscc}/remove": (
        Cell("lot.enter", {}, {"sscc": "089350010000000018"}),
    ),
    "POST /shipments/{shipment_id}/units/{sscc}/contents": (
        Cell("lot.enter", {"contents": []}, {"sscc": "089350010000000018"}),
    ),
    # It was sent from here: there is nothing to answer.
    "POST /shipments/{shipment_id}/disown": (Cell("lot.enter", WHY),),
    "POST /shipments/{shipment_id}/acknowledge": (Cell("lot.enter"),),
    "GET /gatherings": (Cell("lot.read", query="facility_id"),),
    "POST /gatherings/{transformation_id}/deny": (Cell("lot.enter", "a denial", gone=True),),
    "POST /receipts": (Cell("lot.enter", "a receipt"),),
    "GET /facilities/{record_id}/doubles": (Cell("facility.read"),),
    "GET /facilities/{record_id}/prints/{name}.pdf": (
        Cell("facility.read", at={"name": "registration"}),
    ),
    "GET /products/{record_id}/print.pdf": (Cell("product.read"),),
    "GET /lots/{record_id}/print.pdf": (Cell("lot.read"),),
    "GET /inspections/{inspection_id}/print.pdf": (Cell("inspection.read"),),
    "GET /articles/{article_id}/recordings": (Cell(READ_ARTICLE),),
    "GET /stock": (Cell("lot.read", query="facility_id"),),
    "GET /keepings": (Cell("lot.read", query="facility_id"),),
    "POST /keepings": (Cell("lot.enter", "a keeping"),),
    # It was struck already.
    "POST /keepings/{keeping_id}/strike": (Cell("lot.enter", WHY),),
    "GET /growing-areas/{record_id}/diary": (Cell("lot.read"),),
    "POST /growing-areas/{record_id}/entries": (
        Cell("lot.enter", {**builders.entry("storing", "2026-08-20"), **OLD}),
    ),
    "POST /growing-areas/{record_id}/entries/{entry_id}/remove": (Cell("lot.enter", OLD),),
}

"""Who may do what at every page of registry: the second half of the role × endpoint table."""

from typing import Any, Final

from tests.registry import builders
from tests.registry.access_table import (
    ANSWER,
    ARTICLE,
    EMPTY_FILE,
    KNOWN,
    MINUTE,
    NAMED,
    NO_SOUND,
    OLD,
    PDF,
    READ_ARTICLE,
    READ_INQUIRY,
    WHY,
    of_kinds,
)
from tests.roles import SIGNED_IN, Cell

C = "/console/registry"
# Read by everybody; the pages of a transporter and of whoever asked a facility have a secret of
# their own in the address.
OPEN: Final = (
    "GET /api/registry/v1/published/products",
    "GET /api/registry/v1/published/facilities",
    "GET /api/registry/v1/published/growing-areas",
    "GET /api/registry/v1/published/lots",
    "GET /",
    "GET /products",
    "GET /products/groups",
    "GET /robots.txt",
    "GET /sitemap.xml",
    "GET /sitemaps/{name}.xml",
    "GET /products/{record_id}",
    "GET /facilities",
    "GET /facilities/{record_id}",
    "GET /facilities/{record_id}/inquiry",
    "POST /facilities/{record_id}/inquiry",
    "GET /growing-areas/{record_id}",
    "GET /inquiries",
    "POST /inquiries",
    "GET /inquiries/{code}",
    "POST /inquiries/{code}/messages",
    "POST /inquiries/{code}/report",
    "POST /inquiries/{code}/erase",
    "GET /news",
    "GET /news/feed.atom",
    "GET /news/{article_id}",
    "GET /media/{name}",
    "GET /media/recordings/{name}",
    "GET /media/documents/{document_id}",
    "GET /transport/worker.js",
    "GET /transport/{shipment_id}/{secret}",
    "POST /transport/{shipment_id}/{secret}/pick-up",
    "POST /transport/{shipment_id}/{secret}/position",
    "POST /transport/{shipment_id}/{secret}/hand-over",
)


def form(body: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A body as a browser sends it: rows as `certificates.0.kind`, a list as repeated inputs."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                found |= form(row, f"{prefix}{name}.{number}.")
        elif isinstance(value, list):
            found[prefix + name] = [str(one) for one in value]
        elif value is True:
            found[prefix + name] = "true"
        elif value is not None and value is not False:
            found[prefix + name] = str(value)
    return found


FACILITY: Final = form(builders.facility())
PRODUCT: Final = form({**builders.product(), "standards": "VietGAP"})
AREA: Final = form({**builders.growing_area(), "area_hectares": "38"})
ENTRY: Final = {"step": "storing", "at": "2026-08-20T08:00", "place": "Đồi Nắng", **OLD}
PLANTED: Final = {**ENTRY, "step": "planting", "material": "Na dai ghép"}
CERTIFICATE: Final = form(builders.facility()["certificates"][0])
STEP_OF_KNOWN: Final = {"step": "close", **OLD, **WHY}
PROPOSED: Final = {"approved": "false", "reason": "Thử xem"}
ONE: Final = {"number": "1"}
BOTH = "lot.enter or lot.check"

PAGES: Final[dict[str, tuple[Cell, ...]]] = {
    f"GET {C}": (Cell(SIGNED_IN),),
    f"GET {C}/review": (Cell(SIGNED_IN),),
    f"GET {C}/roadmap": (Cell("product.read"),),
    f"GET {C}/quality": (Cell("facility.read"),),
    f"GET {C}/certificates": (Cell("facility.read"),),
    f"GET {C}/certificates.csv": (Cell("facility.read"),),
    f"GET {C}/certificates.xlsx": (Cell("facility.read"),),
    f"GET {C}/facilities/{{record_id}}/papers": (Cell("facility.read"),),
    f"POST {C}/facilities/{{record_id}}/papers": (
        Cell("facility.enter", {"title": "Bản cam kết"}, files={"file": PDF}),
    ),
    f"POST {C}/facilities/{{record_id}}/papers/{{entry_id}}/remove": (
        Cell("facility.enter", WHY, gone=True),
    ),
    f"GET {C}/facilities/{{record_id}}/certificates/new": (Cell("facility.enter"),),
    f"POST {C}/facilities/{{record_id}}/certificates/new": (
        Cell("facility.enter", {**CERTIFICATE, **OLD}),
    ),
    f"GET {C}/facilities/{{record_id}}/certificates/{{number}}": (
        Cell("facility.enter", None, ONE),
    ),
    f"POST {C}/facilities/{{record_id}}/certificates/{{number}}": (
        Cell("facility.enter", {**CERTIFICATE, **OLD}, ONE),
    ),
    f"POST {C}/facilities/{{record_id}}/certificates/{{number}}/remove": (
        Cell("facility.enter", OLD, ONE),
    ),
    f"GET {C}/known-facilities": (Cell("known_facility.read"),),
    f"GET {C}/known-facilities.csv": (Cell("known_facility.read"),),
    f"GET {C}/known-facilities.xlsx": (Cell("known_facility.read"),),
    f"GET {C}/known-facilities/new": (Cell("known_facility.enter"),),
    f"POST {C}/known-facilities/new": (Cell("known_facility.enter", form(KNOWN)),),
    f"GET {C}/known-facilities/{{known_id}}": (Cell("known_facility.read"),),
    f"POST {C}/known-facilities/{{known_id}}": (Cell("known_facility.enter", STEP_OF_KNOWN),),
    f"GET {C}/known-facilities/{{known_id}}/edit": (Cell("known_facility.enter"),),
    f"POST {C}/known-facilities/{{known_id}}/edit": (
        Cell("known_facility.enter", {**form(KNOWN), **OLD}),
    ),
    f"POST {C}/known-facilities/{{known_id}}/convert": (Cell("facility.enter", OLD, facility=404),),
    f"GET {C}/inspections": (Cell("inspection.read"),),
    f"GET {C}/inspections.csv": (Cell("inspection.read"),),
    f"GET {C}/facilities/{{record_id}}/inspections": (Cell("inspection.read"),),
    f"GET {C}/facilities/{{record_id}}/inspections/new": (Cell("inspection.record"),),
    f"GET {C}/inspections/new": (Cell("inspection.record"),),
    f"POST {C}/facilities/{{record_id}}/inspections/new": (
        Cell("inspection.record", form(MINUTE)),
    ),
    f"GET {C}/inspections/{{inspection_id}}": (Cell("inspection.read"),),
    f"GET {C}/inspections/{{inspection_id}}/edit": (Cell("inspection.record"),),
    f"POST {C}/inspections/{{inspection_id}}/edit": (
        Cell("inspection.record", {**form(MINUTE), **OLD, **WHY}),
    ),
    f"POST {C}/inspections/{{inspection_id}}/papers": (
        Cell("inspection.record", {"title": "Biên bản đã ký"}, files={"file": PDF}),
    ),
    f"POST {C}/inspections/{{inspection_id}}/violations/{{number}}": (
        Cell("inspection.record", {"remedy": "Thử xem", **OLD}),
    ),
    f"POST {C}/inspections/{{inspection_id}}/publication": (
        Cell("inspection.publish", {"public": "true", **OLD, **WHY}),
    ),
    f"GET {C}/inspections/{{inspection_id}}/print.pdf": (Cell("inspection.read"),),
    f"GET {C}/facilities/{{record_id}}/prints": (Cell("facility.read"),),
    f"GET {C}/facilities/{{record_id}}/prints/registration.pdf": (Cell("facility.read"),),
    f"GET {C}/facilities/{{record_id}}/prints/commitment.pdf": (Cell("facility.read"),),
    f"GET {C}/products/{{record_id}}/print.pdf": (Cell("product.read"),),
    f"GET {C}/lots/{{record_id}}/print.pdf": (Cell("lot.read"),),
    f"GET {C}/lots/{{record_id}}/genealogy": (Cell("lot.read"),),
    f"GET {C}/received/{{lot_id}}": (Cell("lot.read"),),
    f"GET {C}/lots/{{lot_id}}/epcis.json": (Cell("lot.read"),),
    f"GET {C}/lots/{{record_id}}/label": (Cell("lot.read"),),
    f"GET {C}/lots/{{record_id}}/label.svg": (Cell("lot.read"),),
    f"GET {C}/lots/{{record_id}}/label.pdf": (Cell("lot.read"),),
    f"GET {C}/products/{{record_id}}/label": (Cell("product.read"),),
    f"GET {C}/products/{{record_id}}/label.svg": (Cell("product.read"),),
    f"GET {C}/products/{{record_id}}/label.pdf": (Cell("product.read"),),
    f"GET {C}/lots/{{record_id}}/tests/new": (Cell(BOTH),),
    f"POST {C}/lots/{{record_id}}/tests/new": (Cell(BOTH, builders.laboratory()),),
    f"GET {C}/lots/{{record_id}}/tests/{{test_id}}": (Cell("lot.read"),),
    # It has no report: to whoever may read it there is none.
    f"GET {C}/lots/{{record_id}}/tests/{{test_id}}/report": (Cell("lot.read", gone=True),),
    f"POST {C}/lots/{{record_id}}/tests/{{test_id}}/decide": (
        Cell("lot.check", {"decision": "confirmed", "reason": "Thử xem"}),
    ),
    f"GET {C}/bulk/{{word}}": (
        *of_kinds("word", "check", query="decision=accept"),
        *of_kinds("word", "publish", query="decision=publish"),
    ),
    f"POST {C}/bulk/{{word}}": (
        *of_kinds("word", "check", "a bulk accept"),
        *of_kinds("word", "publish", "a bulk publish"),
    ),
    f"GET {C}/imports": (Cell(SIGNED_IN, facility=404),),
    f"POST {C}/imports": (
        Cell("import.enter", {"kind": "facilities"}, files=EMPTY_FILE, also="facility.enter"),
        Cell("import.enter", {"kind": "products"}, files=EMPTY_FILE, also="product.enter"),
        Cell(
            "import.enter", {"kind": "growing-areas"}, files=EMPTY_FILE, also="growing_area.enter"
        ),
        Cell(
            "import.enter",
            {"kind": "known-facilities"},
            files=EMPTY_FILE,
            also="known_facility.enter",
        ),
    ),
    f"GET {C}/imports/templates/{{word}}.{{format_}}": (
        Cell(
            "import.enter", None, {"word": "facilities", "format_": "xlsx"}, also="facility.enter"
        ),
        Cell("import.enter", None, {"word": "products", "format_": "csv"}, also="product.enter"),
        Cell(
            "import.enter",
            None,
            {"word": "growing-areas", "format_": "csv"},
            also="growing_area.enter",
        ),
    ),
    f"GET {C}/exports/{{word}}.{{format_}}": (
        Cell("facility.read", None, {"word": "facilities", "format_": "csv"}),
        Cell("product.read", None, {"word": "products", "format_": "xlsx"}),
        Cell("facility.read", None, {"word": "growing-areas", "format_": "csv"}),
        Cell("lot.read", None, {"word": "lots", "format_": "csv"}),
    ),
    f"GET {C}/imports/{{import_id}}": (Cell(SIGNED_IN, facility=404),),
    f"GET {C}/imports/{{import_id}}/errors.xlsx": (Cell(SIGNED_IN, facility=404),),
    f"GET {C}/imports/{{import_id}}/file": (Cell(SIGNED_IN, facility=404),),
    f"POST {C}/imports/{{import_id}}/answer": (
        Cell("import.enter", {"number": "1", "choice": "skip"}, also="facility.enter"),
    ),
    f"POST {C}/imports/{{import_id}}/{{act}}": (
        Cell("import.enter", OLD, {"act": "apply"}, also="facility.enter"),
        Cell("facility.check", OLD, {"act": "accept"}),
        Cell("facility.publish", OLD, {"act": "publish"}),
    ),
    f"GET {C}/catalogues": (Cell("catalogue.read"),),
    f"GET {C}/catalogues/{{name}}": (Cell("catalogue.read", None, NAMED),),
    f"GET {C}/events": (Cell("lot.read"),),
    **{
        f"GET {C}/{where}{end}": (Cell("circulation.read"),)
        for where in ("circulation", "facilities/{record_id}/circulation")
        for end in ("", ".csv", ".xlsx")
    },
    f"POST {C}/facilities/{{record_id}}/circulation": (
        Cell("revenue.declare", {"month": "2026-08", "amount": "1", **OLD}),
    ),
    f"GET {C}/facilities/{{record_id}}/prints/account.pdf": (Cell("facility.read"),),
    f"GET {C}/transformations": (Cell("lot.read"),),
    f"GET {C}/transformations.csv": (Cell("lot.read"),),
    f"GET {C}/transformations.xlsx": (Cell("lot.read"),),
    f"GET {C}/inspections.xlsx": (Cell("inspection.read"),),
    f"GET {C}/tests": (Cell("lot.read"),),
    f"GET {C}/catalogues/{{name}}/versions": (Cell("catalogue.read", None, NAMED),),
    f"GET {C}/metadata": (Cell("catalogue.read"),),
    f"GET {C}/findings": (Cell("lot.read"),),
    f"GET {C}/markets": (Cell("lot.read"),),
    f"GET {C}/catalogues/{{name}}/change": (Cell("catalogue.propose", None, NAMED),),
    f"POST {C}/catalogues/{{name}}/change": (
        Cell("catalogue.propose", {"row_key": "thu", "title": ""}, NAMED),
    ),
    f"GET {C}/catalogues/{{name}}/changes/{{change_id}}": (Cell("catalogue.read", None, NAMED),),
    f"POST {C}/catalogues/{{name}}/changes/{{change_id}}": (
        Cell("catalogue.approve", PROPOSED, NAMED),
    ),
    f"GET {C}/growing-areas/{{record_id}}/diary": (Cell("lot.read"),),
    f"GET {C}/growing-areas/{{record_id}}/diary/new": (Cell("lot.enter", query="step=planting"),),
    f"GET {C}/growing-areas/{{record_id}}/diary/{{entry_id}}/edit": (Cell("lot.enter", gone=True),),
    f"POST {C}/growing-areas/{{record_id}}/diary/new": (Cell("lot.enter", PLANTED),),
    f"POST {C}/growing-areas/{{record_id}}/diary/{{entry_id}}/remove": (Cell("lot.enter", OLD),),
    f"GET {C}/lots/{{record_id}}/entries/new": (Cell("lot.enter", query="step=storing"),),
    f"GET {C}/lots/{{record_id}}/entries/{{entry_id}}/edit": (Cell("lot.enter", gone=True),),
    f"POST {C}/lots/{{record_id}}/entries/new": (Cell("lot.enter", ENTRY),),
    f"POST {C}/lots/{{record_id}}/entries/{{entry_id}}/remove": (Cell("lot.enter", OLD),),
    f"GET {C}/inquiries": (Cell(READ_INQUIRY),),
    f"GET {C}/inquiries/{{inquiry_id}}": (Cell(READ_INQUIRY),),
    f"POST {C}/inquiries/{{inquiry_id}}/answer": (Cell("inquiry.answer", ANSWER),),
    f"POST {C}/inquiries/{{inquiry_id}}/close": (Cell("inquiry.answer", OLD),),
    f"POST {C}/inquiries/{{inquiry_id}}/report": (Cell("inquiry.answer", WHY),),
    f"POST {C}/inquiries/{{inquiry_id}}/moderation": (
        Cell("inquiry.moderate", {"decision": "clear", **WHY}, undone="inquiries"),
    ),
    f"GET {C}/news": (Cell(READ_ARTICLE),),
    f"GET {C}/news/new": (Cell("article.write"),),
    f"POST {C}/news/new": (Cell("article.write", ARTICLE),),
    f"GET {C}/news/{{article_id}}": (Cell(READ_ARTICLE),),
    f"GET {C}/news/{{article_id}}/edit": (Cell("article.write"),),
    f"POST {C}/news/{{article_id}}/edit": (Cell("article.write", {**ARTICLE, **OLD}),),
    f"POST {C}/news/{{article_id}}/remove": (Cell("article.write", OLD),),
    f"POST {C}/news/{{article_id}}/submit": (Cell("article.write", OLD),),
    f"POST {C}/news/{{article_id}}/publish": (Cell("article.publish", OLD),),
    f"POST {C}/news/{{article_id}}/reject": (Cell("article.publish", {**OLD, **WHY}),),
    f"POST {C}/news/{{article_id}}/take-down": (Cell("article.publish", WHY),),
    f"GET {C}/recordings": (Cell("product.read", query="facility_id"),),
    f"POST {C}/recordings": (Cell("product.enter", "a recording", files=NO_SOUND),),
    f"GET {C}/recordings/{{recording_id}}": (Cell("product.read"),),
    f"POST {C}/recordings/{{recording_id}}/remove": (Cell("product.enter"),),
    f"POST {C}/recordings/conversions/{{conversion_id}}/remove": (
        Cell("product.enter", undone="conversions"),
    ),
    f"GET {C}/facilities/new": (Cell("facility.enter", facility=403),),
    f"POST {C}/facilities/new": (Cell("facility.enter", FACILITY, facility=404),),
    f"POST {C}/facilities/from-application": (Cell("facility.enter", facility=403),),
    f"GET {C}/facilities/{{record_id}}/edit": (Cell("facility.enter"),),
    f"POST {C}/facilities/{{record_id}}/edit": (Cell("facility.enter", {**FACILITY, **OLD}),),
    f"GET {C}/products/new": (Cell("product.enter"),),
    f"POST {C}/products/new": (Cell("product.enter", PRODUCT, query="facility_id"),),
    f"GET {C}/products/{{record_id}}/edit": (Cell("product.enter"),),
    f"POST {C}/products/{{record_id}}/edit": (Cell("product.enter", {**PRODUCT, **OLD}),),
    f"GET {C}/growing-areas/new": (Cell("growing_area.enter"),),
    f"POST {C}/growing-areas/new": (Cell("growing_area.enter", AREA, query="facility_id"),),
    f"GET {C}/growing-areas/{{record_id}}/edit": (Cell("growing_area.enter"),),
    f"POST {C}/growing-areas/{{record_id}}/edit": (Cell("growing_area.enter", {**AREA, **OLD}),),
    f"GET {C}/lots/new": (Cell("lot.enter"),),
    f"POST {C}/lots/new": (Cell("lot.enter", {"code": ""}, query="facility_id"),),
    f"GET {C}/lots/{{record_id}}/edit": (Cell("lot.enter"),),
    f"POST {C}/lots/{{record_id}}/edit": (Cell("lot.enter", {"code": "", **OLD}),),
    f"GET {C}/examinations": (Cell("lot.read"),),
    f"GET {C}/examinations/{{examination_id}}": (Cell("lot.read"),),
    f"POST {C}/examinations/{{examination_id}}/decide": (
        Cell("lot.check", {"decision": "cleared", **WHY}),
    ),
    f"GET {C}/transformations/new": (Cell("lot.enter"),),
    f"POST {C}/transformations/new": (Cell("lot.enter", {"kind": "split"}, query="facility_id"),),
    f"GET {C}/transformations/{{transformation_id}}": (Cell("lot.read"),),
    f"POST {C}/transformations/{{transformation_id}}/cancel": (Cell("lot.enter", WHY),),
    f"GET {C}/shipments": (Cell("lot.read"),),
    f"GET {C}/shipments/new": (Cell("lot.enter"),),
    f"POST {C}/shipments/new": (Cell("lot.enter", {"end": "sale"}, query="facility_id"),),
    f"GET {C}/shipments/{{shipment_id}}": (Cell("lot.read"),),
    # Nobody took a picture at its hand-over.
    f"GET {C}/shipments/{{shipment_id}}/photo": (Cell("lot.read", gone=True),),
    f"POST {C}/shipments/{{shipment_id}}/receive": (
        Cell(
            "lot.enter",
            {"id": "table", "at": "2026-08-22T08:00"},
            {"shipment_id": "incoming"},
        ),
    ),
    f"POST {C}/shipments/{{shipment_id}}/cancel": (Cell("lot.enter", WHY),),
    f"POST {C}/shipments/{{shipment_id}}/returns": (
        Cell("lot.enter", {"id": "table", "at": "2026-08-22T08:00", **WHY}),
    ),
    f"POST {C}/shipments/{{shipment_id}}/link": (Cell("lot.enter", {"open": "false"}),),
    f"GET {C}/shipments/{{shipment_id}}/label": (Cell("lot.read"),),
    f"POST {C}/shipments/{{shipment_id}}/label": (Cell("lot.enter", {"id": "table"}),),
    f"GET {C}/shipments/{{shipment_id}}/label/{{sscc}}.svg": (
        Cell("lot.read", None, {"sscc": "089350010000000018"}, gone=True),
    ),
    f"GET {C}/shipments/{{shipment_id}}/label/{{sscc}}.pdf": (
        Cell("lot.read", None, {"sscc": "089350010000000018"}, gone=True),
    ),
    f"GET {C}/shipments/{{shipment_id}}/label/{{sscc}}/contents": (
        Cell("lot.read", None, {"sscc": "089350010000000018"}, gone=True),
    ),
    f"POST {C}/shipments/{{shipment_id}}/label/{{sscc}}/contents": (
        # There is no such unit, and the page of what was typed needs one.
        Cell("lot.enter", {}, {"sscc": "089350010000000018"}, gone=True),
    ),
    f"POST {C}/shipments/{{shipment_id}}/label/{{sscc}}/remove": (
        Cell("lot.enter", {}, {"sscc": "089350010000000018"}),
    ),
    f"POST {C}/shipments/{{shipment_id}}/disown": (
        Cell("lot.enter", {**WHY, "basis": "Biên bản 12"}),
    ),
    f"POST {C}/shipments/{{shipment_id}}/acknowledge": (
        Cell("lot.enter", {"basis": "Biên bản 12"}),
    ),
    f"GET {C}/gatherings": (Cell("lot.read", query="facility_id"),),
    f"POST {C}/gatherings/{{transformation_id}}/deny": (
        Cell("lot.enter", "a denial", query="facility_id", gone=True),
    ),
    f"GET {C}/receipts/new": (Cell("lot.enter"),),
    f"POST {C}/receipts/new": (Cell("lot.enter", {"lot": "x"}, query="facility_id"),),
    f"GET {C}/stock": (Cell("lot.read", query="facility_id"),),
    f"GET {C}/stock/{{lot_id}}": (Cell("lot.read", query="facility_id"),),
    f"POST {C}/stock/{{lot_id}}": (Cell("lot.enter", {"work": "storing"}, query="facility_id"),),
    f"GET {C}/stock/entries/{{keeping_id}}": (Cell("lot.read"),),
    f"POST {C}/stock/entries/{{keeping_id}}/strike": (Cell("lot.enter", WHY),),
    f"GET {C}/{{word}}": of_kinds("word", "read"),
    f"GET {C}/{{word}}/{{record_id}}": of_kinds("word", "read"),
    f"GET {C}/{{word}}/{{record_id}}/versions/{{number}}": of_kinds("word", "read", more=ONE),
    f"POST {C}/{{word}}/{{record_id}}/submit": of_kinds("word", "enter", OLD),
    f"POST {C}/{{word}}/{{record_id}}/{{decision}}": (
        *of_kinds("word", "check", OLD, more={"decision": "accept"}),
        *of_kinds("word", "check", {**OLD, **WHY}, more={"decision": "reject"}),
        *of_kinds("word", "publish", OLD, more={"decision": "publish"}),
        Cell(
            "facility.stop",
            WHY,
            {"word": "facilities", "record_id": "draft", "decision": "stop"},
            facility=404,
        ),
        Cell(
            "facility.stop",
            WHY,
            {"word": "facilities", "record_id": "draft", "decision": "resume"},
            facility=404,
        ),
        Cell(
            "product.withdraw",
            WHY,
            {"word": "products", "record_id": "draft_product", "decision": "withdraw"},
        ),
    ),
}

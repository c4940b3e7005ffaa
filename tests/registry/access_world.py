"""One object of every kind that registry keeps, for the role × endpoint test to ask about."""

from dataclasses import dataclass
from typing import Any

from services.registry.domain.conversion import Conversion, ConversionState
from services.registry.store import conversions
from shared.ids import new_id, now
from shared.mongo import transact
from tests.answers import ok
from tests.polling import eventually
from tests.registry import builders, clips
from tests.registry.access_table import STALE
from tests.registry.conftest import API, Registry
from tests.registry.sheets import facility_row, judged, xlsx
from tests.registry.test_catalogues import proposed
from tests.registry.test_inquiries import asked, the_one
from tests.registry.test_inspections import recorded
from tests.registry.test_known import entered as entered_known
from tests.registry.test_news import article
from tests.registry.test_recordings import WORDS
from tests.roles import Cell
from tests.tokens import bearer


@dataclass(frozen=True)
class World:
    """`ids` by the name of their part of an address; `records` by the word of their kind."""

    registry: Registry
    facility_id: str
    records: dict[str, str]
    ids: dict[str, str]

    def path(self, template: str, cell: Cell) -> str:
        """The address with everything filled in: by the cell, else by what there is."""
        at = cell.at
        parts = {"number": "0", "entry_id": "no-such-entry", "secret": "no-such-secret", **self.ids}
        parts |= {name: self.ids.get(value, value) for name, value in at.items()}
        word = at.get("kind") or at.get("word") or template.removeprefix(API).split("/")[1]
        if "/console/registry/" in template and not (at.get("word") or at.get("kind")):
            word = template.split("/")[3]
        named = at.get("record_id", "")
        parts["record_id"] = self.ids.get(named) or self.records.get(word, "no-such-record")
        asked = cell.query
        if asked == "facility_id":
            asked = f"facility_id={self.facility_id}"
        elif "/bulk/" in template and asked:
            asked += f"&chosen={self.records[word]}:1"
        return template.format(**parts) + (f"?{asked}" if asked else "")

    def body(self, cell: Cell) -> Any:
        """A body of the table; words stand for those that name objects of this world."""
        wanted = cell.body
        if not isinstance(wanted, str):
            return wanted
        if wanted.startswith("a bulk"):
            chosen = f"{self.records[cell.at['word']]}:{STALE}"
            return {"decision": wanted.rpartition(" ")[2], "chosen": chosen}
        mine = {"facility_id": self.facility_id}
        lot, product = self.records["lots"], self.records["products"]
        bodies: dict[str, Any] = {
            "a product": builders.product(**mine),
            "an area": builders.growing_area(**mine),
            "a lot": builders.lot(product, code=new_id()[-12:], **mine),
            "an edited lot": builders.lot(product, version=STALE),
            "a certificate": {**mine, "kind": "certificate", "title": "Giấy"},
            "a decision": {**mine, "kind": "inspection", "title": "Quyết định"},
            "a scan": {"title": "Biên bản đã ký"},
            "a picture": mine,
            "a recording": {**mine, "title": "Nghe kể", "description": WORDS},
            # More than there is of the lot: whoever may do it is refused by its quantity.
            "a transformation": {
                **mine,
                "kind": "split",
                "at": "2026-08-21T08:00:00+07:00",
                "place": "Nhà sơ chế",
                "given": [{"lot": lot, "quantity": "999999", "unit": "kg"}],
                "made": [
                    {"code": new_id()[-12:], "quantity": "1", "unit": "kg"},
                    {"code": new_id()[-12:], "quantity": "1", "unit": "kg"},
                ],
            },
            "a shipment": {
                **mine,
                "end": "sale",
                "place": "Kho",
                "lines": [{"lot": lot, "quantity": "999999", "unit": "kg"}],
            },
            # Its own lot: whoever may record a receipt is refused by that.
            "a receipt": {
                **mine,
                "lot": lot,
                "quantity": "1",
                "unit": "kg",
                "at": "2026-08-22T08:00:00+07:00",
                "place": "Kho",
            },
            # Split, not bought: whoever may deny a purchase finds none.
            "a denial": {"lot_id": lot, "reason": "Không bán", "basis": "Biên bản 1"},
            # More than there ever was: whoever may write it down is refused by that.
            "a keeping": {
                **mine,
                "lot": lot,
                "work": "storing",
                "quantity": "999999",
                "unit": "kg",
                "at": "2026-08-22T08:00:00+07:00",
                "place": "Kho",
            },
            "a count": {"id": new_id(), "at": "2026-08-22T08:00:00+07:00", "counted": []},
        }
        return bodies[wanted]

    async def undo(self, cell: Cell, row: dict[str, Any] | None) -> dict[str, Any] | None:
        """The row that the cell's act changes, put back as it was where that is given."""
        if not cell.undone:
            return None
        rows = self.registry.db.collection(cell.undone)
        if row is None:
            name = {"inquiries": "inquiry_id", "conversions": "conversion_id"}[cell.undone]
            return await rows.find_one({"_id": self.ids[name]})
        await rows.replace_one({"_id": row["_id"]}, row, upsert=True)
        return row


async def made(registry: Registry) -> World:
    facility = await registry.a_facility()
    mine = facility["id"]
    operator = registry.operator(mine)
    product = await registry.a_product(mine)
    season = {"name": "Năm 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    body = builders.growing_area(facility_id=mine, seasons=[season])
    area = await registry.published("growing-areas", body)
    lot = await registry.a_lot(mine, product["id"], growing_area_id=area["id"])
    draft = await registry.entered("facilities", builders.facility(), registry.clerk())
    recording = await _recording(registry, mine, operator)
    body = builders.product(facility_id=mine, recordings=[recording])
    draft_product = await registry.entered("products", body, registry.clerk())
    inspection = await recorded(registry, mine)
    known = await entered_known(registry)
    test = ok(await registry.post(f"/lots/{lot['id']}/tests", builders.laboratory(), operator), 201)
    one = await judged(registry, xlsx([facility_row(f"Bảng quyền {new_id()}")]), registry.clerk())
    return World(
        registry,
        mine,
        {
            "facilities": mine,
            "products": product["id"],
            "growing-areas": area["id"],
            "lots": lot["id"],
        },
        {
            "draft": draft["id"],
            "draft_product": draft_product["id"],
            "recording_id": recording,
            "conversion_id": await failed_conversion(registry, mine),
            "inquiry_id": await _inquiry(registry, mine, operator),
            "article_id": ok(await registry.post("/articles", article(), registry.clerk()), 201)[
                "id"
            ],
            "inspection_id": inspection["id"],
            "known_id": known["id"],
            "test_id": test["id"],
            "import_id": one["id"],
            "document_id": await _document(registry, mine, operator),
            "change_id": str((await proposed(registry, registry.approver()))["_id"]),
            "examination_id": await _examination(registry, mine, product["id"]),
            "lot_id": lot["id"],
            "product_id": product["id"],
            "keeping_id": await _struck(registry, lot["id"], operator),
            "incoming": await _incoming(registry, facility["code"]),
            **await _goods(registry, mine, product["id"], operator),
        },
    )


async def _document(registry: Registry, facility_id: str, token: str) -> str:
    picture = ("a.png", builders.picture(size=(90, 70)), "image/png")
    answer = await registry.client.post(
        f"{API}/documents",
        data={"facility_id": facility_id, "kind": "certificate", "title": "Giấy chứng nhận"},
        files={"file": picture},
        headers=bearer(token),
    )
    return str(ok(answer, 201)["id"])


async def _recording(registry: Registry, facility_id: str, token: str) -> str:
    answer = await registry.client.post(
        f"{API}/recordings",
        data={"facility_id": facility_id, "title": "Nghe kể", "description": WORDS},
        files={"file": ("a.mp3", clips.mp3(3), "audio/mpeg")},
        headers=bearer(token),
    )
    return str(ok(answer, 201)["id"])


async def failed_conversion(registry: Registry, facility_id: str) -> str:
    """A recording that could not be converted, for somebody to put away."""
    failure = {"code": "conversion_failed", "msgid": "Không đọc được", "params": {}}
    one = Conversion(
        id=new_id(), facility_id=facility_id, title="Thu hoạch", description="x" * 20,
        source="MOV/MP4", size=1, original="", poster="", captions="", by="a", by_name="A",
        at=now(), state=ConversionState.FAILED, failure=failure,
    )  # fmt: skip
    await transact(registry.db, lambda tx: conversions.insert(tx, one))
    return one.id


async def _inquiry(registry: Registry, facility_id: str, token: str) -> str:
    """One that was reported, so that officials may know of it."""
    await asked(registry, facility_id)
    found = await the_one(registry, facility_id)
    why = {"reason": "Kiểm thử quyền"}
    ok(await registry.post(f"/inquiries/{found['id']}/report", why, token))
    return str(found["id"])


async def _struck(registry: Registry, lot_id: str, token: str) -> str:
    """An entry about goods in hand that was struck already."""
    kept = {"lot": lot_id, "work": "storing", "at": "2026-08-22T08:00:00+07:00", "place": "Kho"}
    one = ok(await registry.post("/keepings", kept, token), 201)
    why = {"reason": "Nhập nhầm"}
    ok(await registry.post(f"/keepings/{one['id']}/strike", why, token))
    # One more that stands, and may be struck on its page.
    ok(await registry.post("/keepings", kept, token), 201)
    return str(one["id"])


async def _examination(registry: Registry, facility_id: str, product_id: str) -> str:
    """A lot made from one that failed a test."""
    source = await registry.a_lot(facility_id, product_id)
    made = await registry.a_lot(facility_id, product_id, inputs=[source["id"]])
    failed = builders.laboratory("failed")
    ok(await registry.post(f"/lots/{source['id']}/tests", failed, registry.checker()), 201)
    rows = registry.db.collection("examinations")
    await eventually(lambda: rows.find_one({"lot_id": made["id"]}))
    return str((await rows.find_one({"lot_id": made["id"]}) or {})["_id"])


async def _incoming(registry: Registry, receiver: str) -> str:
    """What another facility sent to the world's own."""
    sender = await registry.a_facility()
    product = await registry.a_product(sender["id"])
    lot = await registry.a_lot(sender["id"], product["id"])
    body = {
        "end": "transfer",
        "place": "Kho",
        "receiver": receiver,
        "lines": [{"lot": lot["id"], "quantity": "5", "unit": "kg"}],
        "carrier": "HTX vận tải",
        "vehicle": "14C-123.45",
    }
    sent = await registry.post("/shipments", body, registry.operator(sender["id"]))
    return str(ok(sent, 201)["id"])


async def _goods(
    registry: Registry, facility_id: str, product_id: str, token: str
) -> dict[str, str]:
    """A split that cannot be cancelled again, and a shipment that was."""
    lot = await registry.a_lot(facility_id, product_id)
    split = {
        "kind": "split",
        "at": "2026-08-21T08:00:00+07:00",
        "place": "Nhà sơ chế",
        "given": [{"lot": lot["id"], "quantity": "20", "unit": "kg"}],
        "made": [
            {"code": new_id()[-12:], "quantity": "10", "unit": "kg"},
            {"code": new_id()[-12:], "quantity": "10", "unit": "kg"},
        ],
    }
    act = ok(await registry.post("/transformations", split, token), 201)
    why = {"reason": "Nhập nhầm"}
    ok(await registry.post(f"/transformations/{act['id']}/cancel", why, token))
    sale = {
        "end": "export",
        "country": "Nhật Bản",
        "documents": "TK-01",
        "place": "Kho",
        "lines": [{"lot": lot["id"], "quantity": "5", "unit": "kg"}],
        "carrier": "HTX vận tải",
        "vehicle": "14C-123.45",
    }
    shipment = ok(await registry.post("/shipments", sale, token), 201)
    ok(await registry.post(f"/shipments/{shipment['id']}/cancel", why, token))
    return {"transformation_id": act["id"], "shipment_id": shipment["id"]}

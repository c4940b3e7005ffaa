"""What registry tells: passports (what a consumer may see), one per aggregate, joined by id.

Everything in a passport was approved. Texts are Vietnamese; `*_en` is the English where given.
"""

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from shared.contracts.event import Event, Fact


class Certificate(Fact):
    """A certificate of a facility: `kind` such as attp, vietgap, haccp, iso22000, commitment.

    `expires_on` is the last day on which it holds; `food_safety` whether it is the food-safety
    paper of this facility (Decree 15/2018, Art. 12; a commitment for the class that signs one);
    `scan` an address below /media/documents/ where its scan was approved for publication, else "".
    """

    kind: str
    number: str
    issuer: str
    issued_on: date
    expires_on: date | None = None
    food_safety: bool = False
    scan: str = ""


class AcceptedMarket(Fact):
    """An importing country (ISO 3166) that accepts the code of an area, a packing house or a plant:
    its own number, until when."""

    country: str
    number: str = ""
    until: date | None = None


class FacilityPublished(Event):
    """A facility (cơ sở) as approved. `subject` is its id; `status` is active or stopped.

    `code` is its identification code (R12); `commune` the five-digit commune code of its address;
    `sector` the competent authority (agriculture, health, industry_trade). `chain` is the name of
    its safe food chain; `marks` ocop, key_product, processed; `codes` of its packing houses, plants
    and areas as authorities gave them (R25); `markets` accept the first of them.
    """

    type = "registry.facility_published.v1"

    code: str
    name: str
    name_en: str = ""
    tax_number: str = ""
    address: str
    commune: str
    commune_name: str
    sector: str
    kinds: tuple[str, ...]
    facility_class: str
    representative: str = ""
    phone: str = ""
    gln: str = ""
    certificates: tuple[Certificate, ...] = ()
    status: str = "active"
    latitude: float | None = None
    longitude: float | None = None
    safe_chain: bool = False
    chain: str = ""
    marks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    markets: tuple[AcceptedMarket, ...] = ()


class FacilityStopped(Event):
    """A facility stopped operating (R7): its accounts and stamps are suspended with it."""

    type = "registry.facility_stopped.v1"

    reason: str


class FacilityResumed(Event):
    type = "registry.facility_resumed.v1"

    reason: str = ""


class ChainParty(Fact):
    """Who has a part in making and selling a product (R15): `role` is producer, processor, packer
    or distributor; `facility_id` and `code` where it is a facility on record, else empty."""

    role: str
    name: str
    address: str = ""
    code: str = ""
    facility_id: str = ""


class Recording(Fact):
    """Video, sound or a document of a product (`kind`), approved with it.

    `address`, `poster` and `captions` (WebVTT) are below /media/, the last two "" without one;
    `description` tells those who cannot see or hear it; `size` in bytes, `seconds` 0 of a document.
    """

    kind: str
    title: str
    description: str
    address: str
    media_type: str
    size: int
    seconds: int = 0
    poster: str = ""
    captions: str = ""


class ProductPublished(Event):
    """A product as approved for publication. `subject` is its id.

    `shelf_life_days` counts from production; `ocop_stars` 3–5 or None; `image` is an address
    below /media/, already approved, and the first of `images`.
    """

    type = "registry.product_published.v1"

    facility_id: str
    code: str
    gtin: str = ""
    name: str
    name_en: str = ""
    brand: str = ""
    category: str = ""
    description: str = ""
    description_en: str = ""
    packaging: str = ""
    net_content: str = ""
    shelf_life_days: int | None = None
    storage: str = ""
    standards: tuple[str, ...] = ()
    ocop_stars: int | None = None
    key_product: bool = False
    image: str = ""
    chain: tuple[ChainParty, ...] = ()
    images: tuple[str, ...] = ()
    recordings: tuple[Recording, ...] = ()


class ProductWithdrawn(Event):
    """A product is no longer offered (R19): violation, unsafe, or production stopped."""

    type = "registry.product_withdrawn.v1"

    facility_id: str
    reason: str


class Stage(Fact):
    """One step of a lot's way (Circular 02/2024: product code, location code, time).

    `step` is a CBV business step or the field's name of it: planting, stocking, input, harvesting,
    catching, slaughtering, collecting, pre_processing, processing, packing, storing, transporting,
    testing. Of `testing` the details are name (of what was looked for), method, quantity (the value
    found), limit, verdict (passed or failed) and note. `photos` are paths on the public origin.
    """

    step: str
    title: str
    title_en: str = ""
    at: AwareDatetime
    place: str
    place_code: str = ""
    facility_id: str = ""
    facility_name: str = ""
    details: dict[str, str] = Field(default_factory=dict)
    photos: tuple[str, ...] = ()


class LotPublished(Event):
    """A lot (lô sản phẩm) whose entries were accepted. `subject` is its id.

    `inputs` are the ids of the lots it was made from; a lot with inputs is *derived*, and is
    shown as genuine only once recall has taken it in. `growing_area_id` joins GrowingAreaPublished.
    `unit` is the unit's key in the shared catalogue, `unit_name` how it is read.
    `supplies` are the ids of lots of supplies used on it (feed, fertiliser, plant protection): a
    recall reaches it through them too.
    `status` is active, withdrawn, examining (a failed laboratory result waits for an official),
    unfit (an official confirmed it) or source_unfit (one of a lot that it was made from was
    confirmed, and nobody examined this one yet). Whatever is not active holds its stamps back.
    """

    type = "registry.lot_published.v1"

    facility_id: str
    product_id: str
    code: str
    quantity: Decimal
    unit: str
    unit_name: str = ""
    unit_name_en: str = ""
    produced_on: date
    expires_on: date | None = None
    growing_area_id: str = ""
    inputs: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    status: str = "active"


class ShippedLot(Fact):
    """What was sent of a lot; `received` is the receiver's count in the same unit, None before.

    `returned` is what came back to the sender.
    """

    lot_id: str
    quantity: Decimal
    unit: str
    received: Decimal | None = None
    unit_name: str = ""
    returned: Decimal = Decimal(0)


class ShipmentPublished(Event):
    """Goods on their way (R24). `subject` is the shipment's id.

    `kind` is transfer (to another facility), export (then `country`), sale (to consumers) or loss
    (lost or destroyed);
    `status` planned, in_transit, handed_over, received or cancelled.
    """

    type = "registry.shipment_published.v1"

    code: str
    kind: str
    status: str
    from_facility_id: str
    to_facility_id: str = ""
    country: str = ""
    lots: tuple[ShippedLot, ...]
    sent_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None


class LotTested(Event):
    """A laboratory result of a lot (R26). `subject` is the result's id.

    `verdict` passed or failed; `decision` waiting, approved (of one that passed), allowed (of one
    that failed, for a reason) or confirmed (it stands in the way of the lot).
    """

    type = "registry.lot_tested.v1"

    lot_id: str
    facility_id: str
    parameter: str
    laboratory: str
    sampled_on: date
    verdict: str
    decision: str
    reason: str = ""


class GrowingAreaPublished(Event):
    """A growing or farming area (vùng trồng, vùng nuôi). `code` such as VN-DTOR-0017 (R25).

    `kind` is growing, farming or fishing; `measured_hectares` follows from the drawn boundary.
    """

    type = "registry.growing_area_published.v1"

    facility_id: str
    code: str
    name: str
    crop: str
    commune: str
    commune_name: str
    area_hectares: Decimal | None = None
    households: int | None = None
    kind: str = "growing"
    measured_hectares: Decimal | None = None
    markets: tuple[AcceptedMarket, ...] = ()


class CertificateExpiring(Event):
    """A certificate runs out within 30 days (R13), told once. `subject` is the facility.

    A renewal is told by the facility's next passport.
    """

    type = "registry.certificate_expiring.v1"

    kind: str
    certificate_number: str
    expires_on: date
    food_safety: bool = False


class CertificateExpired(Event):
    """A certificate ran out: no new stamps until it is renewed (R13). `subject` is the facility.

    `expired_on` is the last day on which it held; `food_safety` as in the passport.
    """

    type = "registry.certificate_expired.v1"

    kind: str
    certificate_number: str
    expired_on: date
    food_safety: bool = False


class MarketExpiring(Event):
    """An importing country's acceptance of a code ends within 30 days (R25), told once.

    `subject` is the growing area, or the facility whose packing house or plant it is; `holder` says
    which: growing_area or facility. `until` is the last day on which it holds, `country` in
    ISO 3166. A renewal is told by the next passport.
    """

    type = "registry.market_expiring.v1"

    holder: str
    facility_id: str
    held_code: str
    country: str
    market_number: str
    until: date
    commune: str
    sector: str


class MarketExpired(Event):
    """An importing country no longer accepts a code (R25), told once; `until` was the last day."""

    type = "registry.market_expired.v1"

    holder: str
    facility_id: str
    held_code: str
    country: str
    market_number: str
    until: date
    commune: str
    sector: str


class InspectionRecorded(Event):
    """An inspection of a facility as it stands (R35): told when recorded and at every change.

    `subject` is the inspection; `result` passed, conditional or failed; `violations` were found,
    `open_violations` of them wait to be remedied, the first until `deadline`. It carries no text of
    the minute.
    """

    type = "registry.inspection_recorded.v1"

    facility_id: str
    commune: str
    sector: str
    kind: str
    on: date
    result: str
    violations: int
    open_violations: int
    deadline: date | None = None
    public: bool = False


class ViolationSettled(Event):
    """A violation was remedied, or fined (R35). `subject` is its inspection.

    `violation` counts those of the inspection from 0; `outcome` remedied or fined.
    """

    type = "registry.violation_settled.v1"

    facility_id: str
    violation: int
    outcome: str
    settled_on: date


class FacilityEntered(Event):
    """A facility's record was begun from an application for an account (R18); it is not published.

    `subject` is the facility, `application_id` identity's application that it was filled in from.
    """

    type = "registry.facility_entered.v1"

    application_id: str
    code: str


class FacilityKnown(Event):
    """A facility that authorities know of and count, whether or not it takes part (R58).

    `subject` is its entry in the list of known facilities; `status` known, invited, registering,
    participating or closed; `facility_id` its record once there is one. It carries no name.
    """

    type = "registry.facility_known.v1"

    commune: str
    sector: str
    facility_class: str
    status: str
    facility_id: str = ""


class ReviewDecided(Event):
    """Someone checked, rejected or published a submission (R17). `subject` is its aggregate.

    `aggregate` is product, lot, facility or growing_area; `decision` accepted, rejected, published.
    """

    type = "registry.review_decided.v1"

    aggregate: str
    decision: str
    decided_by: str
    reason: str = ""

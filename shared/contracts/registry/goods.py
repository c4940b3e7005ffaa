"""Passports of products and lots, and where lots went."""

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from shared.contracts.event import Event, Fact


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
    below /media/, already approved, and the first of `images`. `price` is in đồng for one unit of
    sale, `capacity` what is made, in words (plan 193/2018, III.3: both stand behind the stamp).
    `content_kilograms` is what one package holds, where `net_content` says so.
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
    origin: str = ""
    capacity: str = ""
    price: int | None = None
    content_kilograms: Decimal | None = None


class ProductWithdrawn(Event):
    """A product is no longer offered (R19): violation, unsafe, or production stopped."""

    type = "registry.product_withdrawn.v1"

    facility_id: str
    reason: str


class StageTold(Fact):
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
    facility_name: str = ""
    details: dict[str, str] = Field(default_factory=dict)
    photos: tuple[str, ...] = ()


class Stage(StageTold):
    # What everybody may read, and for the services whose step it was.
    __doc__ = StageTold.__doc__

    facility_id: str = ""


class InputUsed(Fact):
    """A pesticide, fertiliser, feed, veterinary drug or chemical that was used on a lot.

    `key` is equal for what is the same: the key of the catalogue's row where it was chosen there,
    else the name in lower case without marks; it never holds a colon. `kind` is fertiliser, feed,
    pesticide, veterinary_drug or chemical; `lot_number` what its package says, "" where nobody
    wrote it down. `first` and `last` are the days of its first and last use.
    """

    key: str
    kind: str
    name: str
    active_substance: str = ""
    lot_number: str = ""
    first: date
    last: date


class LotPublished(Event):
    """A lot (lô sản phẩm) whose entries were accepted. `subject` is its id.

    `inputs` are the ids of the lots it was made from; a lot with inputs is *derived*, and is
    shown as genuine only once recall has taken it in. `growing_area_id` joins GrowingAreaPublished.
    `unit` is the unit's key in the shared catalogue, `unit_name` how it is read.
    `supplies` are the ids of lots of supplies used on it (feed, fertiliser, plant protection): a
    recall reaches it through them too.
    `used` are the inputs that its accepted entries and those of its growing area name.
    `kilograms` is what it weighs, packages by what they hold; None where that is not known.
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
    kilograms: Decimal | None = None
    used: tuple[InputUsed, ...] = ()


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


class PackedLot(Fact):
    """How much of a lot the sender says is in a logistic unit."""

    sscc: str
    lot_id: str
    quantity: Decimal
    unit: str


class ShipmentPublished(Event):
    """Goods on their way (R24). `subject` is the shipment's id.

    `kind` is transfer (to another facility), export (then `country`), sale (to consumers) or loss
    (lost or destroyed);
    `status` planned, in_transit, handed_over, received or cancelled; `ssccs` are those of its
    logistic units, 18 digits each, and `packed` what is in those of which the sender said so.
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
    ssccs: tuple[str, ...] = ()
    packed: tuple[PackedLot, ...] = ()


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

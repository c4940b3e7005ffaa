"""What was measured of goods on their way to whoever eats them."""

from decimal import Decimal

from pydantic import AwareDatetime

from shared.contracts.event import Event


class TemperatureMeasured(Event):
    """The temperature that goods of a lot were kept or carried at, as somebody wrote it down.
    `subject` is the entry, of a shipment "<report>/<lot>".

    `facility_id` has the goods, of a shipment its sender; `step` is storing, sorting, displaying,
    examining or transporting (then `shipment_id`). In °C, as the product asked when it was written:
    `lowest` and `highest` are None where it names no bound. `struck`: written by mistake.
    """

    type = "registry.temperature_measured.v1"

    lot_id: str
    product_id: str
    facility_id: str
    step: str
    at: AwareDatetime
    celsius: Decimal
    lowest: Decimal | None = None
    highest: Decimal | None = None
    shipment_id: str = ""
    struck: bool = False

"""How a recall is carried out: who says they were told, and what became of the goods."""

from datetime import date
from decimal import Decimal

from shared.contracts.event import Event


class RecallAcknowledged(Event):
    """A facility said that it was told of a recall. `subject`: "<case>/<facility>"."""

    type = "recall.acknowledged.v1"

    case_id: str
    facility_id: str


class GoodsAccounted(Event):
    """What became of some goods of a case. `subject` is the row, which never changes.

    `fate` is recovered, sold, remaining, made_into, exported or lost; `handling`, of recovered
    goods alone, is correct, change_use, re_export or destroy (Circular 17/2021, Art. 13).
    `quantity` is in the lot's `unit`. `corrects` names the row that this one takes the place of,
    which counts no longer. Goods lie at a facility or in a commune.
    """

    type = "recall.recovered.v1"

    case_id: str
    lot_id: str
    fate: str
    handling: str = ""
    quantity: Decimal
    unit: str
    kilograms: Decimal | None = None
    day: date
    facility_id: str = ""
    commune: str = ""
    corrects: str = ""

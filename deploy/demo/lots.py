"""Rows of the files about lots and stamps: diary, inputs, batches, named as the columns."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from deploy.demo.fields import LOCAL, AreaCode, DaysAgo, Key, Line, Quantity, Text, Unit
from deploy.demo.records import Record

SupplyKind = Literal["fertiliser", "feed", "pesticide", "veterinary_drug", "chemical"]


class Step(StrEnum):
    """What was done with a lot; `care` and `inspecting` tell what the others do not."""

    PLANTING = "planting"
    STOCKING = "stocking"
    CARE = "care"
    INPUT = "input"
    HARVESTING = "harvesting"
    CATCHING = "catching"
    SLAUGHTERING = "slaughtering"
    COLLECTING = "collecting"
    PRE_PROCESSING = "pre_processing"
    PROCESSING = "processing"
    INSPECTING = "inspecting"
    PACKING = "packing"
    STORING = "storing"
    TRANSPORTING = "transporting"


# Steps by which goods are taken from field, water or stable.
TAKING = frozenset({Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING})


class DiaryEntry(Record):
    """One step of a lot. `place` is a facility's key or an area's code; so is where it went to."""

    lot: Key
    days_ago: DaysAgo
    time: time
    step: Step
    activity: Text
    place: Line
    person: Line
    input_name: Line | None = None
    input_kind: SupplyKind | None = None
    active_substance: Line | None = None
    dose: Line | None = None
    withdrawal_days: Annotated[int, Field(ge=0, le=365)] | None = None
    quantity: Quantity | None = None
    unit: Unit | None = None
    destination: Key | None = None
    carrier: Key | None = None
    temperature_c: Annotated[int, Field(ge=-45, le=130)] | None = None
    anchor: date = Field(exclude=True)

    @property
    def at(self) -> datetime:
        """The moment in UTC."""
        day = self.anchor - timedelta(days=self.days_ago)
        return datetime.combine(day, self.time, LOCAL).astimezone(UTC)


class LotInput(Record):
    """So much of `input_lot` went into `lot`."""

    lot: Key
    input_lot: Key
    quantity: Quantity
    unit: Unit


class Lot(Record):
    """`anchor` is the day its days are counted back from: today, or the last day of its season."""

    key: Key
    facility: Key
    product: Key
    code_pattern: Annotated[str, Field(alias="code", pattern=r"^[A-Z0-9-]+\{yymmdd\}[A-Z0-9-]*$")]
    area: AreaCode | None = None
    season: Annotated[str, Field(pattern=r"^[01][0-9]-[0-3][0-9]$")] | None = None
    made_days_ago: DaysAgo
    made_time: time
    quantity: Quantity
    unit: Unit
    anchor: date = Field(exclude=True)
    shelf_life_days: int = Field(exclude=True)
    diary: tuple[DiaryEntry, ...] = ()
    inputs: tuple[LotInput, ...] = ()

    @property
    def produced_on(self) -> date:
        return self.anchor - timedelta(days=self.made_days_ago)

    @property
    def produced_at(self) -> datetime:
        """The moment in UTC."""
        return datetime.combine(self.produced_on, self.made_time, LOCAL).astimezone(UTC)

    @property
    def expires_on(self) -> date:
        return self.produced_on + timedelta(days=self.shelf_life_days)

    @property
    def code(self) -> str:
        """The lot code printed on the goods (AI 10), with the day of production in it."""
        return self.code_pattern.format(yymmdd=self.produced_on.strftime("%y%m%d"))


class StampInterval(Record):
    """Serials `first`…`last` of a batch: active for a lot, or lost or destroyed.

    `suspended` ones were active for their lot until the authority that issued the batch suspended
    them; `public_reason` is what buyers are told of it.
    """

    batch: str
    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]
    state: Literal["active", "suspended", "lost", "destroyed"]
    lot: Key | None = None
    reason: Line
    public_reason: Line | None = None


class StampBatch(Record):
    """A request for stamps and what became of its serials 0…quantity-1."""

    key: Annotated[str, Field(pattern=r"^T[0-9]{3}$")]
    facility: Key
    product: Key
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Line
    intervals: tuple[StampInterval, ...] = ()

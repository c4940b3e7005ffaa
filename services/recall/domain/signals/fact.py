"""A fact of early warning: one thing that went wrong, as told, and what it falls under."""

from dataclasses import dataclass
from datetime import datetime

from services.recall.domain.signals.rules import FactKind, Rule, rules
from services.recall.domain.used import SUBSTANCE

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Fact:
    """`id` is "<kind>:<what told it>", the same for each telling of one thing; `at` when it
    happened, not when it was told. `what` is the parameter or the kind of complaint as compared,
    `label` as it is read. `active` is false once it is no longer so: a result that was allowed, a
    copy that was cleared. `source` is the id of the page that shows it; no reporter's words, place
    or picture are part of it. `inputs` are the names by which a recall means what was used on the
    lot. `clerk` stands for the official who entered what somebody reported. `over` is by how much
    it lies beyond what is allowed, in the measure of its kind: of `expired` the days since the
    paper ran out, of `temperature` degrees Celsius, of `balance` the share of what was made, in per
    cent."""

    id: str
    version: int
    kind: FactKind
    at: datetime
    event_id: str
    active: bool = True
    facility_id: str = ""
    product_id: str = ""
    lot_id: str = ""
    commune: str = ""
    what: str = ""
    label: str = ""
    stamp: str = ""
    source: str = ""
    inputs: tuple[str, ...] = ()
    over: float = 0
    clerk: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Each rule and subject that it falls under."""
        return tuple(
            key_of(rule.key, subject)
            for rule in rules().values()
            if rule.facts == self.kind
            for subject in self._subjects(rule)
        )

    @property
    def report(self) -> str:
        """What a report counts as: the stamp that bears it out, else what stands for it."""
        return self.stamp

    @property
    def hand(self) -> str:
        """By whose hand a report came: all that one official entered is one, whatever it names."""
        return f"clerk:{self.clerk}" if self.clerk else self.report

    @property
    def reading(self) -> str:
        """What a temperature was read in: an entry, or a report of a transporter, which is told of
        each lot on the vehicle as "<report>/<lot>"."""
        return self.id.partition("/")[0]

    def unit(self, name: str) -> str:
        """What is counted of it. Where nobody knows it, the fact stands for itself."""
        return str(getattr(self, name)) or (self.id if name != "id" else "")

    def side(self, name: str) -> str:
        """On which side of what facts must come across it lies; what is unknown is one side."""
        return str(getattr(self, name))

    def _subjects(self, rule: Rule) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = [()]
        for part in rule.subject:
            values = self.inputs if part == "input" else (str(getattr(self, part)),)
            found = [(*begun, value) for begun in found for value in values if value]
        return found


def key_of(rule: str, subject: tuple[str, ...]) -> str:
    """Equal for what is the same subject of the same rule."""
    return SEPARATOR.join((rule, *(part.replace(SEPARATOR, "/") for part in subject)))


def rule_of(key: str) -> Rule | None:
    """None for a rule that is in the file no longer."""
    return rules().get(key.partition(SEPARATOR)[0])


def part_of(key: str, name: str) -> str:
    """A part of the subject by its name in the rule; "" where the rule has no such part."""
    rule = rule_of(key)
    if rule is None or name not in rule.subject:
        return ""
    return key.split(SEPARATOR)[1:][rule.subject.index(name)]


SHIPMENTS = "shipments/"


def shipment_of(fact: Fact) -> str:
    """The id of the shipment in which a temperature was read; "" of any other fact."""
    on_its_way = fact.kind == "temperature" and fact.source.startswith(SHIPMENTS)
    return fact.source.removeprefix(SHIPMENTS) if on_its_way else ""


def suspects(names: tuple[str, ...]) -> tuple[str, ...]:
    """By which of its names one input is looked at: its active substances, by which what is sold
    under different names is the same; its key where nobody wrote down a substance."""
    substances = tuple(name for name in names if name.startswith(SUBSTANCE))
    return substances or names[:1]

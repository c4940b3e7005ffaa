"""The area that an order about an input speaks for: that of whoever orders, and no wider."""

from dataclasses import dataclass

ALL = "*"


@dataclass(frozen=True, slots=True)
class Within:
    """A facility's own goods, or those of all facilities in some communes and of one sector.

    `communes` are codes, ("*",) the whole province; `sector` agriculture, health, industry_trade
    or "*". With a `facility_id` it alone counts.
    """

    facility_id: str = ""
    communes: tuple[str, ...] = (ALL,)
    sector: str = ALL

    @property
    def key(self) -> str:
        """Equal for equal areas."""
        return self.facility_id or f"{','.join(sorted(self.communes))}/{self.sector}"

    @property
    def is_everything(self) -> bool:
        return not self.facility_id and ALL in self.communes and self.sector == ALL

    def holds(self, facility_id: str, commune: str, sector: str) -> bool:
        """Whether goods of a facility there are meant; of one not known yet only by everything."""
        if self.facility_id:
            return facility_id == self.facility_id
        in_area = ALL in self.communes or commune in self.communes
        return in_area and self.sector in (ALL, sector)

    def contains(self, other: "Within") -> bool:
        """Whether everything that lies in the other lies in this one."""
        if self.facility_id or other.facility_id:
            return self.facility_id in ("", other.facility_id) and bool(other.facility_id)
        communes = ALL in self.communes or set(other.communes) <= set(self.communes)
        return communes and self.sector in (ALL, other.sector)

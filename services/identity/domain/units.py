"""Units (đơn vị): the tree of authorities, what each answers for, and who may edit it."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.tiers import tiers
from shared.auth import Principal
from shared.contracts.identity import UnitPublished
from shared.errors import Kind, OutOfReach, Refusal

WHOLE = "*"
LONGEST_HISTORY = 100


class UnitTierUnknown(Refusal):
    code = "unit_tier_unknown"
    kind = Kind.INVALID
    message = "Cấp này không được dùng cho đơn vị. Hãy chọn một cấp trong danh sách."


class UnitTierMisplaced(Refusal):
    code = "unit_tier_misplaced"
    kind = Kind.INVALID
    message = "Cấp này không đặt dưới đơn vị cấp trên đã chọn. Hãy chọn lại đơn vị cấp trên."


class UnitReachTooWide(Refusal):
    code = "unit_reach_too_wide"
    kind = Kind.INVALID
    message = (
        "Địa bàn hoặc lĩnh vực rộng hơn của đơn vị cấp trên. "
        "Hãy chọn trong phạm vi của đơn vị cấp trên."
    )


class UnitReachTooNarrow(Refusal):
    code = "unit_reach_too_narrow"
    message = (
        "Đơn vị trực thuộc «{unit}» có địa bàn hoặc lĩnh vực rộng hơn phạm vi mới. "
        "Hãy thu hẹp đơn vị trực thuộc trước."
    )


class UnitReachTakenOver(Refusal):
    code = "unit_reach_taken_over"
    message = (
        "Đơn vị này phụ trách thay các đơn vị đã sáp nhập vào nó, và hồ sơ cũ vẫn mang mã xã "
        "{communes}. Hãy giữ các mã đó, hoặc giao chúng cho một đơn vị khác cùng cấp trước."
    )


class UnitRootNeedsInstallation(Refusal):
    code = "unit_parent_needed"
    kind = Kind.INVALID
    message = "Hãy chọn đơn vị cấp trên. Đơn vị gốc chỉ được lập khi cài đặt hệ thống."


@dataclass(frozen=True, slots=True)
class Reach:
    """What a unit answers for: commune codes (("*",) = the whole province) and a sector."""

    communes: tuple[str, ...]
    sector: str

    def covers(self, other: "Reach") -> bool:
        """Whether everything of the other lies within this one."""
        communes = WHOLE in self.communes or set(other.communes) <= set(self.communes)
        return communes and self.sector in (WHOLE, other.sector)


@dataclass(frozen=True, slots=True)
class Past:
    """What a unit was until a moment: its name, its parent and what it answered for."""

    until: datetime
    name: str
    parent_id: str | None
    reach: Reach


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it now stands. `path` lists the ids from the root to the unit itself.

    `valid_from` and `valid_to` bound its life, `successor_id` is the unit it was merged into,
    `former_names` are its own and those of the units merged into it, `history` what it was.
    """

    id: str
    version: int
    name: str
    tier: str
    parent_id: str | None
    path: tuple[str, ...]
    reach: Reach
    active: bool = True
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    successor_id: str | None = None
    former_names: tuple[str, ...] = ()
    history: tuple["Past", ...] = ()

    @property
    def works(self) -> bool:
        """Whether its accounts may sign in."""
        return self.active and self.tier in tiers() and tiers()[self.tier].enabled

    def lies_under(self, who: Principal) -> bool:
        """Whether it is the account's own unit or one below it."""
        return who.facility_id is None and who.unit_id in self.path

    def edit(self, *, name: str, reach: Reach, active: bool, now: datetime) -> "Unit":
        """The unit renamed, with another reach, taken out of use or back into it."""
        other = (name, reach) != (self.name, self.reach)
        renamed = name != self.name
        return replace(
            self,
            version=self.version + 1,
            name=name,
            reach=reach,
            active=active,
            former_names=(*self.former_names, self.name) if renamed else self.former_names,
            history=self.remembering(now) if other else self.history,
        )

    def remembering(self, now: datetime) -> tuple[Past, ...]:
        """The history with what it is now, about to change."""
        return (*self.history, Past(now, self.name, self.parent_id, self.reach))[-LONGEST_HISTORY:]

    def published(self, now: datetime) -> UnitPublished:
        return UnitPublished(
            subject=self.id,
            version=self.version,
            time=now,
            name=self.name,
            tier=self.tier,
            parent_id=self.parent_id,
            path=self.path,
            communes=self.reach.communes,
            sector=self.reach.sector,
            active=self.active,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            successor_id=self.successor_id,
            former_names=self.former_names,
        )


def found(
    unit_id: str,
    *,
    name: str,
    tier: str,
    parent: Unit | None,
    reach: Reach,
    now: datetime | None = None,
) -> Unit:
    """A new unit under its parent; without one it is the root of the tree."""
    known = tiers().get(tier)
    if known is None or not known.enabled or known.facility:
        raise UnitTierUnknown("tier")
    if (parent.tier if parent else "") not in known.under:
        raise UnitTierMisplaced("tier")
    if parent is not None and not parent.reach.covers(reach):
        raise UnitReachTooWide("communes")
    path = (*(parent.path if parent else ()), unit_id)
    return Unit(
        id=unit_id,
        version=1,
        name=name,
        tier=tier,
        parent_id=parent.id if parent else None,
        path=path,
        reach=reach,
        valid_from=now,
    )


def require_seen(who: Principal, unit: Unit) -> None:
    """A facility's accounts see the unit that keeps them; officials see their part of the tree."""
    if who.unit_id not in unit.path:
        raise OutOfReach()


def require_below(who: Principal, unit: Unit) -> None:
    """A unit that is neither the account's own nor below it does not exist for it."""
    if not unit.lies_under(who):
        raise OutOfReach()

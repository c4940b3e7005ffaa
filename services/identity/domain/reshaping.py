"""Units moved under another parent and merged, as the reform of 2025 did, their history kept (R1).

Nothing of a unit is thrown away: a merged one stays, closed, with the day and its successor.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.domain.accounts import Account
from services.identity.domain.units import (
    WHOLE,
    Reach,
    Unit,
    UnitReachTooWide,
    UnitTierMisplaced,
)
from services.identity.tiers import tiers
from shared.errors import Kind, Refusal


class UnitUnderItself(Refusal):
    code = "unit_under_itself"
    kind = Kind.INVALID
    message = "Không thể đặt một đơn vị dưới chính nó hoặc dưới đơn vị trực thuộc của nó."


class UnitRootStays(Refusal):
    code = "unit_root_stays"
    message = "Đơn vị gốc không chuyển và không sáp nhập được."


class UnitAlreadyThere(Refusal):
    code = "unit_already_there"
    message = "Đơn vị đang ở dưới đơn vị cấp trên này rồi."


class UnitIsMerged(Refusal):
    code = "unit_is_merged"
    message = "Đơn vị này đã được sáp nhập, không thay đổi được nữa."


class UnitsDiffer(Refusal):
    code = "units_differ"
    kind = Kind.INVALID
    message = "Chỉ sáp nhập được các đơn vị cùng cấp. Hãy chọn lại."


class NothingToMerge(Refusal):
    code = "nothing_to_merge"
    kind = Kind.INVALID
    message = "Hãy chọn ít nhất một đơn vị khác để sáp nhập vào đơn vị này."


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit in its new place, with the path of everything below it following."""

    unit: Unit
    old_path: tuple[str, ...]

    def follow(self, other: Unit) -> Unit:
        """A unit below it, one version on."""
        return replace(other, version=other.version + 1, path=self.rebase(other.path))

    def rebase(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The path of something that lay under the old place."""
        return self.unit.path + path[len(self.old_path) :]


def move(unit: Unit, parent: Unit, now: datetime) -> Moved:
    """The unit under another parent; the place before is kept in its history."""
    require_standing(unit)
    if unit.parent_id is None:
        raise UnitRootStays()
    if parent.id == unit.parent_id:
        raise UnitAlreadyThere("parent_id")
    if unit.id in parent.path:
        raise UnitUnderItself("parent_id")
    if parent.tier not in tiers()[unit.tier].under or not parent.active:
        raise UnitTierMisplaced("parent_id")
    if not parent.reach.covers(unit.reach):
        raise UnitReachTooWide("parent_id")
    moved = replace(
        unit,
        version=unit.version + 1,
        parent_id=parent.id,
        path=(*parent.path, unit.id),
        history=unit.remembering(now),
    )
    return Moved(moved, unit.path)


def absorb(target: Unit, merged: tuple[Unit, ...], name: str, now: datetime) -> Unit:
    """The unit that the others are merged into: its reach is that of all, its name may change."""
    require_standing(target)
    if not merged:
        raise NothingToMerge("merged")
    reach = target.reach
    for one in merged:
        require_standing(one)
        if one.parent_id is None:
            raise UnitRootStays("merged")
        if one.tier != target.tier or one.id == target.id:
            raise UnitsDiffer("merged")
        reach = union(reach, one.reach)
    changed = (name or target.name, reach) != (target.name, target.reach)
    return replace(
        target,
        version=target.version + 1,
        name=name or target.name,
        reach=reach,
        history=target.remembering(now) if changed else target.history,
        former_names=(*target.former_names, *(one.name for one in merged)),
    )


def close(unit: Unit, successor: Unit, now: datetime) -> Unit:
    """A merged unit: closed for good, its successor named."""
    return replace(
        unit, version=unit.version + 1, active=False, valid_to=now, successor_id=successor.id
    )


def transfer(account: Account, unit: Unit) -> Account:
    """The account kept by another unit; its person stays, and signs in as before."""
    return replace(account, unit_id=unit.id, unit_path=unit.path)


def union(one: Reach, other: Reach) -> Reach:
    """What both answer for together."""
    communes = tuple(sorted({*one.communes, *other.communes}))
    if WHOLE in communes:
        communes = (WHOLE,)
    return Reach(communes, one.sector if one.sector == other.sector else WHOLE)


def require_standing(unit: Unit) -> None:
    """Raise UnitIsMerged for one that has a successor."""
    if unit.successor_id:
        raise UnitIsMerged()

"""The chain of a product: who produces, processes, packs and distributes it (R15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.errors import Kind, Refusal

# In the order in which the goods pass through their hands.
ROLES: Final = ("producer", "processor", "packer", "distributor")
MAX_PARTIES: Final = 12


class PartyUnknown(Refusal):
    code = "party_unknown"
    kind = Kind.INVALID
    message = (
        "Không có cơ sở nào đang được đăng mang mã {party}. Hãy xem lại mã; nếu đơn vị không có "
        "trong hệ thống, hãy bỏ trống mã và ghi tên, địa chỉ."
    )


class PartyIncomplete(Refusal):
    code = "party_incomplete"
    kind = Kind.INVALID
    message = "Đơn vị không có mã cơ sở thì phải ghi đủ tên và địa chỉ."


class PartyStopped(Refusal):
    code = "party_stopped"
    message = (
        "Cơ sở {name} trong chuỗi của sản phẩm đang dừng hoạt động hoặc chưa được đăng. "
        "Hãy sửa sản phẩm và chọn đơn vị khác."
    )


@dataclass(frozen=True, slots=True)
class Party:
    """One who has a `role` in it: a facility on record by id and code, or an outsider.

    Name and address of a facility are those it was published with when the product was last
    entered: a checker approves these very words, and they are what consumers read.
    """

    role: str
    facility_id: str = ""
    code: str = ""
    name: str = ""
    address: str = ""

    @property
    def is_outside(self) -> bool:
        return not (self.facility_id or self.code)


def in_order(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Without doubles, by role; those of one role as they were entered."""
    return tuple(sorted(dict.fromkeys(parties), key=lambda one: ROLES.index(one.role)))

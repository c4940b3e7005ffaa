"""What stamps knows of facilities, products and lots, and when stamps may be given to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.auth import Scope
from shared.days import local_day
from shared.errors import Kind, Refusal


class FacilityNotActive(Refusal):
    code = "facility_not_active"
    message = "Cơ sở đang ngừng hoạt động hoặc chưa được công bố nên chưa thể cấp tem."


class AskerSuspended(Refusal):
    code = "asker_suspended"
    message = (
        "Tài khoản gửi yêu cầu này đang tạm ngừng hoặc đã khóa nên chưa thể duyệt. Hãy chờ tài "
        "khoản hoạt động lại, hoặc từ chối; người khác của cơ sở có thể rút lại rồi gửi lại."
    )


class FoodSafetyPaperExpired(Refusal):
    code = "food_safety_paper_expired"
    message = (
        "Giấy chứng nhận an toàn thực phẩm {number} của cơ sở đã hết hạn ngày {day} và chưa có "
        "giấy khác còn hạn, nên chưa thể cấp thêm tem. Hãy gia hạn giấy trong hồ sơ cơ sở; "
        "được duyệt đăng là cấp tem lại được ngay."
    )


class ProductNotPublished(Refusal):
    code = "product_not_published"
    message = "Sản phẩm chưa được công bố hoặc đã rút. Hãy hoàn tất việc duyệt sản phẩm trước."


class LotNotUsable(Refusal):
    code = "lot_not_usable"
    kind = Kind.INVALID
    message = (
        "Lô sản phẩm này chưa được duyệt, hoặc không thuộc cơ sở và sản phẩm của lô tem. "
        "Hãy chọn một lô khác."
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """A food-safety paper of a facility (R13); `until` is the last day on which it holds."""

    number: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Facility:
    """Without a commune and a sector it is one that registry has not told of (yet).

    `papers` are its food-safety papers as its newest passport tells them; None where that passport
    was taken in before passports told it: then only `lapsed`, what ran out, is known.
    """

    id: str
    name: str = ""
    commune: str | None = None
    sector: str | None = None
    active: bool = False
    papers: tuple[Paper, ...] | None = None
    lapsed: tuple[Paper, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.id, self.commune, self.sector)

    def must_be_active(self) -> None:
        if not self.active:
            raise FacilityNotActive()

    def expired_paper(self, now: datetime) -> Paper | None:
        """The paper that ran out last, where it had one and none holds today (R13).

        Judged by the day itself, so that nothing is issued between midnight and the news of it.
        A facility of which no such paper was ever recorded is its reviewers' concern.
        """
        today = local_day(now)
        papers = self.lapsed if self.papers is None else self.papers
        ended = [(one.until, one) for one in papers if one.until is not None and one.until < today]
        if not ended or len(ended) < len(papers):
            return None
        return max(ended, key=lambda pair: pair[0])[1]

    def must_have_paper(self, now: datetime) -> None:
        expired = self.expired_paper(now)
        if expired is not None and expired.until is not None:
            day = f"{expired.until:%d/%m/%Y}"
            raise FoodSafetyPaperExpired(number=expired.number, day=day)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the authorities; `communes` and `sector` are what it answers for, as in tokens.

    `successor`: the unit that it was merged into, which has its accounts since.
    """

    id: str
    name: str = ""
    tier: str = ""
    communes: tuple[str, ...] = ()
    sector: str = "*"
    active: bool = False
    successor: str = ""

    def answers_for(self, scope: Scope) -> bool:
        in_area = "*" in self.communes or scope.commune in self.communes
        return self.active and in_area and self.sector in ("*", scope.sector)


def heirs(successors: Mapping[str, str]) -> dict[str, str]:
    """By unit that was merged, the one of today that stands for it: the last of a chain.

    `successors` are of all known units, "" of one that stands. Nothing is said of a chain of which
    a unit was not heard of yet, or which leads back to itself.
    """
    found: dict[str, str] = {}
    for unit in successors:
        chain = [unit]
        while (heir := successors.get(chain[-1], "")) and heir not in chain:
            chain.append(heir)
        if len(chain) > 1 and successors.get(chain[-1]) == "":
            found[unit] = chain[-1]
    return found


@dataclass(frozen=True, slots=True)
class Product:
    """Without a facility it is one of which only the withdrawal has been told (yet).

    `content_kilograms`, decimal, is what one package weighs; "" where that was not told.
    """

    id: str
    facility_id: str = ""
    name: str = ""
    gtin: str = ""
    active: bool = False
    content_kilograms: str = ""

    def must_be_published(self) -> None:
        if not self.active:
            raise ProductNotPublished()


@dataclass(frozen=True, slots=True)
class Lot:
    """`produced_on` is an ISO 8601 day; `quantity`, decimal, in `unit`, is what was made of it, and
    weighs `kilograms`, "" where nobody knows."""

    id: str
    facility_id: str
    product_id: str
    code: str
    produced_on: str = ""
    active: bool = False
    quantity: str = ""
    unit: str = ""
    kilograms: str = ""

    @property
    def day(self) -> date | None:
        """When it was made, if that is known."""
        return date.fromisoformat(self.produced_on) if self.produced_on else None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A recall, withdrawal or warning as recall told it; without title and time where it was taken
    in before these were kept."""

    id: str
    kind: str
    active: bool = False
    title: str = ""
    authority: str = ""
    ordered_at: datetime | None = None

    @property
    def case_id(self) -> str:
        """An id is "<case>/<part>"."""
        return self.id.rpartition("/")[0] or self.id


def must_take_stamps(lot: Lot | None, *, facility_id: str, product_id: str) -> None:
    """Raise LotNotUsable unless the lot is published and of this facility and product."""
    if lot is None or not lot.active:
        raise LotNotUsable("lot_id")
    if (lot.facility_id, lot.product_id) != (facility_id, product_id):
        raise LotNotUsable("lot_id")

"""What the cells of a row mean: lots, places and files by the names that people give them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.rows_file import Cells
from services.recall.domain.target import Lot
from services.recall.goods_words import FATES, HANDLINGS, SHORT_FATES
from services.recall.sheets.columns import PROOFS, plain
from services.recall.store.facts import Facility
from shared.commune_places import names
from shared.errors import Kind, Refusal
from shared.web.shapes import Shape
from shared.web.typed import AMBIGUOUS, Ambiguous, read

SEVERAL: Final = ""
# Files that came with a row are called by so many of their last letters.
NAME_LENGTH: Final = 80
_NUMBER, _DAY = Shape(Decimal), Shape(date)


class NameOfSeveral(Refusal):
    code = "name_of_several"
    kind = Kind.INVALID
    message = "Có nhiều mục cùng tên “{name}”. Hãy ghi mã đầy đủ như trong bảng của tệp mẫu."


class ChoiceUnknown(Refusal):
    code = "not_a_choice"
    kind = Kind.INVALID
    message = "“{value}” không có trong danh sách. Hãy chọn: {choices}."


class NotANumber(Refusal):
    code = "not_a_number"
    kind = Kind.INVALID
    message = "Hãy nhập một số, ví dụ 12 hoặc 12,5."


class NumberAmbiguous(Refusal):
    code = "number_ambiguous"
    kind = Kind.INVALID
    message = AMBIGUOUS


class NotADay(Refusal):
    code = "not_a_date"
    kind = Kind.INVALID
    message = "Hãy nhập ngày có thật, dạng ngày/tháng/năm, ví dụ 22/11/2026."


class CommuneUnknown(Refusal):
    code = "commune_unknown"
    kind = Kind.INVALID
    message = (
        "Không có xã, phường “{value}”. Hãy ghi tên như trong bảng Xã; ngoài tỉnh thì ghi mã, "
        "hoặc tên kèm tên tỉnh."
    )


class ProofNotSent(Refusal):
    code = "proof_not_sent"
    kind = Kind.INVALID
    message = (
        "Chưa có tệp “{name}” trong các ảnh, biên bản đã gửi kèm. "
        "Hãy gửi thêm tệp đó, hoặc sửa tên."
    )


@dataclass
class Meant:
    """Values as the form of a row takes them, and what could not be understood."""

    values: dict[str, Any] = field(default_factory=dict)
    proofs: tuple[str, ...] = ()
    wrong: list[Refusal] = field(default_factory=list)


class Known:
    """What names in a file may mean in a case, for who reports: ids by plain names."""

    def __init__(
        self,
        lots: Iterable[Lot],
        facilities: Mapping[str, Facility],
        communes: Mapping[str, str],
        proofs: Mapping[str, str],
        *,
        date1904: bool = False,
    ) -> None:
        lots = tuple(lots)
        self._lots = _by_name((lot.id, (lot.id, lot.code)) for lot in lots)
        # Excel drops the zeros that a code of digits begins with.
        self._digits = _by_name(
            (lot.id, (lot.code.lstrip("0"),)) for lot in lots if lot.code.isdigit()
        )
        self._facilities = _by_name(
            (id_, (id_, one.code, one.name, place_label(one))) for id_, one in facilities.items()
        )
        near = _by_name(
            (code, (code, name, name.partition(", ")[0], _bare(name)))
            for code, name in communes.items()
        )
        # Goods go everywhere: what lies in another province is called with it.
        self._communes = _everywhere() | near
        self._proofs = _by_name((id_, (name,)) for name, id_ in proofs.items())
        self._exact = dict(proofs)
        self._date1904 = date1904

    def meant(self, cells: Cells) -> Meant:
        """Every cell is looked at, so that all that is wrong is told at once."""
        found = Meant()
        readers: dict[str, Callable[[Any], Any]] = {
            "lot_id": self._lot,
            "facility_id": self._facility,
            "commune": self._commune,
            "fate": partial(_choice, "fate", (FATES, SHORT_FATES)),
            "handling": partial(_choice, "handling", (HANDLINGS,)),
            "quantity": _quantity,
            "day": self._day,
        }
        for name, cell in cells.items():
            try:
                if name == PROOFS:
                    found.proofs = self._named(text_of(cell))
                else:
                    reader: Callable[[Any], Any] = readers.get(name, text_of)
                    found.values[name] = reader(cell)
            except Refusal as refusal:
                found.wrong.append(refusal)
        return found

    def _lot(self, cell: Any) -> str:
        name = text_of(cell)
        found = self._lots.get(plain(name), self._digits.get(name))
        if found == SEVERAL:
            raise NameOfSeveral("lot_id", name=name[:60])
        if found is None:
            raise refusals.LotNotInCase("lot_id")
        return found

    def _facility(self, cell: Any) -> str:
        name = text_of(cell)
        found = self._facilities.get(plain(name))
        if found == SEVERAL:
            raise NameOfSeveral("facility_id", name=name[:60])
        if found is None:
            raise refusals.PlaceNotInCase("facility_id")
        return found

    def _commune(self, cell: Any) -> str:
        name = text_of(cell)
        # Excel drops the zero that a code begins with.
        found = self._communes.get(plain(name), self._communes.get(name.zfill(5)))
        if found == SEVERAL:
            raise NameOfSeveral("commune", name=name[:60])
        if found is None:
            raise CommuneUnknown("commune", value=name[:60])
        return found

    def _named(self, text: str) -> tuple[str, ...]:
        wanted = [one.strip() for one in text.replace("\n", ";").split(";") if one.strip()]
        return tuple(dict.fromkeys(self._proof(name) for name in wanted))

    def _proof(self, name: str) -> str:
        """By its very name, else by what it would be without marks and capitals."""
        found = self._exact.get(name[-NAME_LENGTH:], self._proofs.get(plain(name[-NAME_LENGTH:])))
        if found == SEVERAL:
            raise NameOfSeveral(PROOFS, name=name[:60])
        if found is None:
            raise ProofNotSent(PROOFS, name=name[:80])
        return found

    def _day(self, cell: Any) -> date:
        if isinstance(cell, dict):
            return date.fromisoformat(str(cell["d"]))
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            # Excel counts days from the last of 1899, or on old Macintoshes from 1904.
            first = date(1904, 1, 1) if self._date1904 else date(1899, 12, 30)
            if not 20_000 < cell < 80_000:
                raise NotADay("day")
            return first + timedelta(days=int(cell))
        try:
            return date.fromisoformat(str(read(text_of(cell).replace(" ", ""), _DAY, "vi")))
        except ValueError:
            raise NotADay("day") from None


def place_label(one: Facility) -> str:
    """A facility as people tell it from others of its name."""
    return f"{one.name} ({one.commune_name})" if one.commune_name else one.name


def communes_of(province_of: str) -> dict[str, str]:
    """By code, the communes of the province that this one is in; all where it is unknown."""
    _, _, province = names().get(province_of, "").rpartition(", ")
    return {
        code: name
        for code, name in names().items()
        if not province or name.endswith(f", {province}")
    }


@cache
def _everywhere() -> dict[str, str]:
    """All communes of the country by code and by name with that of the province."""
    return _by_name((code, (code, name)) for code, name in names().items())


def _by_name(given: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Ids by name, SEVERAL where a name is that of more than one."""
    found: dict[str, str] = {}
    for id_, words in given:
        for word in {plain(word) for word in words if word}:
            found[word] = id_ if found.get(word, id_) == id_ else SEVERAL
    return found


def _bare(name: str) -> str:
    """`Phường Hồng Gai, …` as `Hồng Gai`."""
    first = name.partition(", ")[0]
    for kind in ("Phường ", "Xã ", "Đặc khu "):
        first = first.removeprefix(kind)
    return first


def text_of(cell: Any) -> str:
    match cell:
        case bool():
            return "Có" if cell else "Không"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case {"d": str(day)}:
            return "/".join(reversed(day.split("-")))
        case _:
            return str(cell).strip()


def _choice(name: str, labels: Sequence[Mapping[Any, str]], cell: Any) -> str:
    text = text_of(cell)
    for words in labels:
        for key, label in words.items():
            if plain(text) in (plain(label), plain(str(key).replace("_", " ")), plain(str(key))):
                return str(key)
    shown = "; ".join(labels[0].values())
    raise ChoiceUnknown(name, value=text[:60], choices=shown)


def _quantity(cell: Any) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        # What a formula made has noise far behind the thousandths that may be stated.
        return format(Decimal(str(round(cell, 6))).normalize(), "f")
    try:
        text = str(read(text_of(cell), _NUMBER, "vi"))
        if not Decimal(text).is_finite():
            raise NotANumber("quantity")
    except Ambiguous:
        raise NumberAmbiguous("quantity") from None
    except ArithmeticError:
        raise NotANumber("quantity") from None
    return text

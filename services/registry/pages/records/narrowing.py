"""How the console's lists are narrowed beside words: by place, and by what facilities are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from services.registry import catalogue
from services.registry.domain.communes import commune_name, commune_of_today, standing_within
from services.registry.domain.records import Aggregate, Status
from shared.auth import Principal
from shared.mongo import Document
from shared.web.i18n import N_, translate

# The query's name, its label, and the field of the documents.
_PLACE: Final = {"commune": (N_("Xã, phường, đặc khu"), "owner.commune")}
_OF_FACILITIES: Final = {
    "class": (N_("Diện quản lý"), "derived.facility.class"),
    "kind": (N_("Loại hình"), "derived.facility.kinds"),
    "mark": (N_("Nhóm ưu tiên"), "derived.facility.marks"),
    "paper": (N_("Giấy an toàn thực phẩm"), "derived.facility.paper"),
    "sector": (N_("Ngành quản lý"), "owner.sector"),
    "status": (N_("Hoạt động"), "status"),
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "class": catalogue.CLASSES,
    "kind": catalogue.KINDS,
    "mark": catalogue.MARKS,
    "paper": {"recorded": N_("Đã ghi"), "none": N_("Chưa có giấy nào")},
    "sector": catalogue.SECTORS,
    "status": {
        key.value: label for key, label in catalogue.STATUSES.items() if key is not Status.WITHDRAWN
    },
}


@dataclass(frozen=True, slots=True)
class Narrow:
    """One way to narrow a list: what may be chosen, and what is."""

    name: str
    label: str
    field: str
    options: list[tuple[str, str]]
    chosen: str

    @property
    def offers(self) -> bool:
        """Whether there is anything to choose: who answers for one commune needs no list of it."""
        return len(self.options) > 1


def of(request: Request, aggregate: Aggregate, who: Principal) -> list[Narrow]:
    """The ways that make sense for this kind and account; what is no choice narrows nothing."""
    ways = {} if who.facility_id is not None else dict(_PLACE)
    if aggregate is Aggregate.FACILITY and who.facility_id is None:
        ways |= _OF_FACILITIES
    found = []
    for name, (label, field) in ways.items():
        options = _options(name, who)
        asked = request.query_params.get(name, "")
        if name == "commune":
            asked = commune_of_today(asked)
        chosen = asked if asked in dict(options) else ""
        found.append(Narrow(name, translate(label), field, options, chosen))
    return found


def wanted(ways: list[Narrow]) -> Document:
    """The filter that was chosen."""
    return {way.field: way.chosen for way in ways if way.chosen}


def _options(name: str, who: Principal) -> list[tuple[str, str]]:
    if name == "commune":
        return [(code, commune_name(code)) for code in standing_within(who.communes)]
    return [(key, translate(label)) for key, label in _WORDS[name].items()]

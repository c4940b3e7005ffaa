"""The links of a product, lot, stamp or facility: what there is to read about each, and where."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from services.scan.domain.verdict import Case
from services.scan.resolving.found import Things
from shared.gs1 import gtin14
from shared.gs1_link import Uri
from shared.web.i18n import N_, fill, worded

DEFAULT = "defaultLink"
HTML, JSON_LD = "text/html", "application/ld+json"
# Pages speak all of these, by Accept-Language.
PAGES = ("vi", "en", "zh")

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Target:
    """One link: an absolute address, a title, what kind of thing is there and in which languages.

    `public` is False where one has to sign in.
    """

    href: str
    title: str
    media: str = HTML
    languages: tuple[str, ...] = PAGES
    public: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """One entity on the way from the part to the whole. `path` is its own address on this origin;
    `links` are by link type (a name of the GS1 Web Vocabulary)."""

    path: str
    description: str
    links: dict[str, tuple[Target, ...]] = field(default_factory=dict)


class Speaker:
    """Says titles in the reader's language; addresses begin with the public origin."""

    def __init__(self, origin: str, lang: str, say: Say) -> None:
        self.origin = origin
        self.lang = lang
        self._say = say

    def say(self, msgid: str, **params: Any) -> str:
        return fill(self._say(msgid), params)

    def name(self, vietnamese: str, english: str = "") -> str:
        return worded(vietnamese, english, lang=self.lang)

    def page(self, path: str, title: str) -> Target:
        return Target(f"{self.origin}{path}", title)


def levels(uri: Uri, things: Things, speaker: Speaker) -> list[Level]:
    """Every level that is known, the most special first."""
    found = []
    if things.stamp:
        found.append(_of_stamp(uri, things, speaker))
    if things.lot is not None and things.lot.case is not None:
        found.append(_of_lot(uri, things.lot.case, speaker))
    if things.product is not None and things.product.case is not None:
        found.append(_of_product(uri, things.product.case, speaker))
    elif things.products:
        found.append(_of_several(uri, things, speaker))
    if things.facility is not None and things.facility.case is not None:
        found.append(_of_facility(uri, things.facility.case, speaker))
    if things.packed:
        found.append(_of_unit(uri, things, speaker))
    return found


def lot_path(uri: Uri) -> str:
    """The lot's own address, without what the request says beside it."""
    return Uri(uri.key, uri.value, (("10", uri.get("10")),)).path()


def path_of(case: Case) -> str:
    """The address of a lot's own page; "" where its product has no GTIN, or it is not known."""
    lot, product = case.published_lot, case.published_product
    if lot is None or product is None or not product.gtin:
        return ""
    return Uri("01", gtin14(product.gtin), (("10", lot.code),)).path()


def _of_stamp(uri: Uri, things: Things, speaker: Speaker) -> Level:
    ways = [(ai, uri.get(ai)) for ai in ("10", "21") if uri.get(ai)]
    path = Uri(uri.key, uri.value, tuple(ways)).path()
    page = speaker.page(path, speaker.say(N_("Kiểm tra tem này")))
    verdict = Target(
        f"{speaker.origin}/v1/verdicts/{things.stamp}",
        speaker.say(N_("Kết quả kiểm tra tem cho phần mềm (JSON)")),
        "application/json",
    )
    links = {DEFAULT: (page,), "verificationService": (page, verdict)}
    assert things.product is not None
    assert things.product.case is not None
    return Level(path, _product_name(things.product.case, speaker), links)


def _of_lot(uri: Uri, case: Case, speaker: Speaker) -> Level:
    lot, path = case.published_lot, lot_path(uri)
    assert lot is not None
    title = speaker.say(N_("{name}, lô {lot}"), name=_product_name(case, speaker), lot=lot.code)
    page = speaker.page(path, title)
    events = Target(
        f"{speaker.origin}/api/registry/v1/lots/{quote(lot.subject, safe='')}/events",
        speaker.say(N_("Sự kiện EPCIS 2.0 của lô (cần đăng nhập)")),
        JSON_LD,
        (),
        public=False,
    )
    return Level(
        path,
        title,
        {
            DEFAULT: (page,),
            "traceability": (page,),
            "recallStatus": _notices(case, page, speaker),
            "epcis": (events,),
        },
    )


def _of_product(uri: Uri, case: Case, speaker: Speaker) -> Level:
    product = case.published_product
    assert product is not None
    name = _product_name(case, speaker)
    page = _product_page(case, speaker)
    links = {DEFAULT: (page,), "pip": (page,), "recallStatus": _notices(case, page, speaker)}
    typing = speaker.page("/kiem-tra-tem", speaker.say(N_("Kiểm tra tem bằng mã")))
    links["verificationService"] = (typing,)
    if (maker := _facility_page(case, speaker)) is not None:
        links["certificationInfo"] = (maker,)
        links["support"] = (_asking(case, speaker, f"?product={quote(product.subject, safe='')}"),)
    if not _is_stopped(case):
        videos = tuple(
            Target(f"{speaker.origin}{one.address}", one.title, one.media_type, ("vi",))
            for one in product.recordings
            if one.kind == "video"
        )
        links.update({"relatedVideo": videos} if videos else {})
    return Level(Uri(uri.key, uri.value).path(), name, links)


def _of_several(uri: Uri, things: Things, speaker: Speaker) -> Level:
    """A GTIN that several products have. None of their pages is the one that is meant."""
    cases = [one.case for one in things.products if one.case is not None]
    pages = tuple(_product_page(case, speaker) for case in cases)
    description = speaker.say(N_("Nhiều sản phẩm có chung mã GTIN này"))
    path = Uri(uri.key, uri.value).path()
    catalogue = speaker.page(f"/products?q={uri.value}", description)
    return Level(path, description, {DEFAULT: (catalogue,), "pip": pages})


def _of_facility(uri: Uri, case: Case, speaker: Speaker) -> Level:
    facility, page = case.published_facility, _facility_page(case, speaker)
    assert facility is not None
    assert page is not None
    links = {
        DEFAULT: (page,),
        "locationInfo": (page,),
        "certificationInfo": (page,),
        "recallStatus": _notices(case, page, speaker),
        "support": (_asking(case, speaker),),
    }
    name = speaker.name(facility.name, facility.name_en)
    return Level(Uri(uri.key, uri.value).path(), name, links)


def _of_unit(uri: Uri, things: Things, speaker: Speaker) -> Level:
    """A logistic unit: the page with its lots, or with those of its shipment; where it is said what
    is in it, the pages of its own lots too."""
    path = Uri(uri.key, uri.value).path()
    title = speaker.say(N_("Kiện hàng SSCC {sscc}"), sscc=uri.value)
    page = speaker.page(path, title)
    own = things.packed if things.is_said else ()
    lots = tuple(_packed_lot(case, speaker) for one in own if (case := one.case) and path_of(case))
    return Level(path, title, {DEFAULT: (page,), "traceability": lots or (page,)})


def _packed_lot(case: Case, speaker: Speaker) -> Target:
    assert case.published_lot is not None
    name, code = _product_name(case, speaker), case.published_lot.code
    return speaker.page(path_of(case), speaker.say(N_("{name}, lô {lot}"), name=name, lot=code))


def _notices(case: Case, otherwise: Target, speaker: Speaker) -> tuple[Target, ...]:
    """The decisions that stand now; without any, the page that would name them."""
    told = {notice.case_id: notice for notice in case.notices}
    return tuple(
        speaker.page(
            f"/recalls/{quote(one.case_id, safe='')}",
            worded(one.title, one.title_en, one.title_zh, lang=speaker.lang),
        )
        for one in told.values()
    ) or (otherwise,)


def _product_name(case: Case, speaker: Speaker) -> str:
    product = case.published_product
    return speaker.name(product.name, product.name_en) if product else ""


def _product_page(case: Case, speaker: Speaker) -> Target:
    assert case.published_product is not None
    product_id = quote(case.published_product.subject, safe="")
    return speaker.page(f"/products/{product_id}", _product_name(case, speaker))


def _facility_page(case: Case, speaker: Speaker) -> Target | None:
    facility = case.published_facility
    if facility is None:
        return None
    name = speaker.name(facility.name, facility.name_en)
    return speaker.page(f"/facilities/{quote(facility.subject, safe='')}", name)


def _asking(case: Case, speaker: Speaker, query: str = "") -> Target:
    facility = case.published_facility
    assert facility is not None
    path = f"/facilities/{quote(facility.subject, safe='')}/inquiry{query}"
    return speaker.page(path, speaker.say(N_("Hỏi cơ sở sản xuất")))


def _is_stopped(case: Case) -> bool:
    return case.withdrawn_product is not None or bool(case.notices)

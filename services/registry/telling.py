"""Contents of records told field by field: for detail pages, and for what changed between two."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.registry import catalogue
from services.registry.diary_telling import entry_line
from services.registry.domain.accepted import Market
from services.registry.domain.certificates import Certificate
from services.registry.domain.chain import Party
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import centre
from services.registry.domain.growing_area import GrowingArea, Household, Season
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.using import Used
from services.registry.naming import (
    amount,
    category_name,
    certificate_name,
    country_name,
    gtin_text,
    species_name,
)
from services.registry.store import records
from services.registry.store.codec import Content
from shared.mongo import Database
from shared.web.filters import show_date, show_money, show_number, show_place
from shared.web.i18n import N_, translate

Names = Mapping[str, str]
# Fields of several entries, one a line.
LISTS = frozenset(
    {
        "certificates",
        "more_codes",
        "images",
        "recordings",
        "standards",
        "chain",
        "inputs",
        "entries",
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """One field as people read it; "" where nothing is recorded."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    label: str
    before: str
    after: str


def told(content: Content, names: Names) -> list[Told]:
    """All fields of a content, in the order of its form; `names` by id for what it refers to."""
    match content:
        case Facility():
            rows = _facility(content)
        case Product():
            rows = _product(content)
        case GrowingArea():
            rows = _growing_area(content)
        case Lot():
            rows = _lot(content, names)
    return [Told(field, translate(label), text) for field, label, text in rows]


def changes(before: Content, after: Content, names: Names) -> list[Change]:
    """Only the fields that differ; of lists only the entries that went and those that came."""
    pairs = zip(told(before, names), told(after, names), strict=True)
    return [_change(old, new) for old, new in pairs if old.text != new.text]


def _change(old: Told, new: Told) -> Change:
    went, came = old.text, new.text
    if old.field in LISTS:
        before, after = went.splitlines(), came.splitlines()
        gone = [line for line in before if line not in after]
        added = [line for line in after if line not in before]
        if gone or added:  # Else only their order changed, and the whole is shown.
            went, came = "\n".join(gone), "\n".join(added)
    return Change(old.field, old.label, went, came)


async def names_for(db: Database, contents: Iterable[Content]) -> dict[str, str]:
    """Names of the products, areas and lots that some lots refer to."""
    lots = [content for content in contents if isinstance(content, Lot)]
    wanted: list[tuple[Aggregate, set[str], Callable[[Any], str]]] = [
        (Aggregate.PRODUCT, {lot.product_id for lot in lots}, lambda r: known_as(r).name),
        (
            Aggregate.GROWING_AREA,
            {lot.growing_area_id for lot in lots if lot.growing_area_id},
            lambda r: f"{known_as(r).name} ({known_as(r).code or r.code})",
        ),
        (
            Aggregate.LOT,
            {one for lot in lots for one in lot.inputs},
            lambda r: f"{r.owner.code}/{r.code} · {r.owner.name}",
        ),
    ]
    names: dict[str, str] = {}
    for aggregate, ids, name in wanted:
        if ids:
            found = await records.find_many(db, aggregate, tuple(ids))
            names.update({key: name(record) for key, record in found.items()})
    return names


def known_as(record: Record[Any]) -> Any:
    """The content others know a record by: as published, or as drafted before that."""
    return record.published or record.content


Row = tuple[str, str, str]


def _facility(it: Facility) -> list[Row]:
    return [
        ("name", N_("Tên cơ sở"), it.name),
        ("name_en", N_("Tên tiếng Anh"), it.name_en),
        ("form", N_("Hình thức"), _choice(catalogue.FORMS, it.form)),
        ("facility_class", N_("Diện quản lý"), _choice(catalogue.CLASSES, it.facility_class)),
        ("sector", N_("Ngành quản lý"), _choice(catalogue.SECTORS, it.sector)),
        ("kinds", N_("Loại hình"), ", ".join(_choice(catalogue.KINDS, k) for k in it.kinds)),
        ("commune", N_("Xã, phường, đặc khu"), commune_name(it.commune)),
        ("address", N_("Địa chỉ"), it.address),
        ("location", N_("Tọa độ"), _location(it)),
        ("representative", N_("Người đại diện"), it.representative),
        ("phone", N_("Điện thoại"), it.phone),
        ("email", N_("Thư điện tử"), it.email),
        ("tax_number", N_("Mã số thuế"), it.tax_number),
        ("registration_number", N_("Số đăng ký kinh doanh"), it.registration_number),
        ("registration_date", N_("Ngày đăng ký kinh doanh"), _day(it.registration_date)),
        ("gln", N_("Mã GLN"), it.gln),
        ("plant_code", N_("Mã cơ sở đóng gói, nhà máy"), it.plant_code),
        ("more_codes", N_("Mã khác của cơ sở"), "\n".join(it.more_codes)),
        ("markets", N_("Nước nhập khẩu đã chấp nhận mã"), "\n".join(map(market, it.markets))),
        ("safe_chain", N_("Thuộc chuỗi thực phẩm an toàn"), _yes(it.safe_chain)),
        ("chain", N_("Tên chuỗi"), it.chain),
        ("marks", N_("Nhóm ưu tiên"), ", ".join(_choice(catalogue.MARKS, m) for m in it.marks)),
        ("description", N_("Giới thiệu"), it.description),
        ("description_en", N_("Giới thiệu tiếng Anh"), it.description_en),
        ("certificates", N_("Giấy chứng nhận"), "\n".join(map(_certificate, it.certificates))),
    ]


def _product(it: Product) -> list[Row]:
    days = translate(N_("{count} ngày"), count=it.shelf_life_days) if it.shelf_life_days else ""
    stars = translate(N_("{count} sao"), count=it.ocop_stars) if it.ocop_stars else ""
    return [
        ("name", N_("Tên sản phẩm"), it.name),
        ("name_en", N_("Tên tiếng Anh"), it.name_en),
        ("category", N_("Nhóm sản phẩm"), category_name(it.category)),
        ("gtin", N_("Mã GTIN"), gtin_text(it.gtin)),
        ("brand", N_("Nhãn hiệu"), it.brand),
        ("description", N_("Giới thiệu"), it.description),
        ("description_en", N_("Giới thiệu tiếng Anh"), it.description_en),
        ("origin", N_("Nguồn gốc, xuất xứ"), it.origin),
        ("capacity", N_("Năng lực sản xuất"), it.capacity),
        ("packaging", N_("Quy cách đóng gói"), it.packaging),
        ("net_content", N_("Khối lượng tịnh"), it.net_content),
        ("price", N_("Giá bán tham khảo"), show_money(it.price) if it.price is not None else ""),
        ("shelf_life_days", N_("Hạn dùng"), days),
        ("storage", N_("Bảo quản"), it.storage),
        ("storage_from", N_("Nhiệt độ bảo quản thấp nhất"), _degrees(it.storage_from)),
        ("storage_to", N_("Nhiệt độ bảo quản cao nhất"), _degrees(it.storage_to)),
        ("standards", N_("Tiêu chuẩn áp dụng"), "\n".join(it.standards)),
        ("ocop_stars", N_("Hạng OCOP"), stars),
        ("key_product", N_("Sản phẩm chủ lực"), _yes(it.key_product)),
        ("chain", N_("Chuỗi từ sản xuất đến phân phối"), "\n".join(map(party_line, it.chain))),
        ("images", N_("Ảnh"), "\n".join(it.images)),
        ("recordings", N_("Video, âm thanh, tài liệu"), "\n".join(it.recordings)),
    ]


def party_line(one: Party) -> str:
    """One of a product's chain: role, name, code on record, address."""
    code = f"({one.code})" if one.code else translate(N_("(ngoài hệ thống)"))
    return f"{_choice(catalogue.ROLES, one.role)}: {one.name} {code} · {one.address}"


def _growing_area(it: GrowingArea) -> list[Row]:
    households = show_number(it.households) if it.households is not None else ""
    return [
        ("name", N_("Tên vùng"), it.name),
        ("kind", N_("Loại vùng"), _choice(catalogue.AREA_KINDS, it.kind)),
        ("code", N_("Mã số vùng"), it.code),
        ("crop", N_("Cây trồng, vật nuôi"), it.crop),
        ("species", N_("Loài theo danh mục"), species_name(it.species)),
        ("commune", N_("Xã, phường, đặc khu"), commune_name(it.commune)),
        ("area_hectares", N_("Diện tích khai báo"), _hectares(it.area_hectares)),
        ("measured_hectares", N_("Diện tích đo theo ranh giới"), _hectares(it.measured_hectares)),
        ("households", N_("Số hộ tham gia"), households),
        ("members", N_("Các hộ (không công bố)"), "\n".join(map(_household, it.members))),
        ("seasons", N_("Vụ, mùa"), "\n".join(map(_season, it.seasons))),
        ("markets", N_("Nước nhập khẩu đã chấp nhận mã"), "\n".join(map(market, it.markets))),
        ("boundary", N_("Ranh giới"), _corners(it)),
    ]


def _degrees(value: Any) -> str:
    return f"{show_number(value)} °C" if value is not None else ""


def _hectares(size: Any) -> str:
    return f"{show_number(size)} ha" if size is not None else ""


def _household(one: Household) -> str:
    return " · ".join(filter(None, (one.name, _hectares(one.area_hectares))))


def _season(one: Season) -> str:
    return f"{one.name}: {_day(one.starts_on)} – {_day(one.ends_on)}"


def market(one: Market, *, asks: bool = True) -> str:
    """A country with the code it knows the area by, until when, and (`asks`) what it asks for."""
    until = translate(N_("đến {date}"), date=_day(one.until)) if one.until else ""
    country = country_name(one.country)
    asked = one.requirement if asks else ""
    return " · ".join(filter(None, (country, one.number, until, asked)))


def _corners(it: GrowingArea) -> str:
    count = sum(len(ring) - 1 for ring in it.boundary)
    if not count:
        return ""
    longitude, latitude = centre(it.boundary)
    return translate(
        N_("{count} điểm, quanh {place}"), count=count, place=show_place(latitude, longitude)
    )


def _lot(it: Lot, names: Names) -> list[Row]:
    return [
        ("code", N_("Mã lô"), it.code),
        ("product_id", N_("Tên sản phẩm"), names.get(it.product_id, it.product_id)),
        ("quantity", N_("Số lượng"), amount(it.quantity, it.unit)),
        ("produced_on", N_("Ngày sản xuất"), _day(it.produced_on)),
        ("expires_on", N_("Hạn dùng"), _day(it.expires_on)),
        (
            "growing_area_id",
            N_("Vùng trồng, vùng nuôi"),
            names.get(it.growing_area_id, it.growing_area_id),
        ),
        ("inputs", N_("Lô nguyên liệu"), "\n".join(names.get(one, one) for one in it.inputs)),
        ("used", N_("Lượng nguyên liệu đã dùng"), "\n".join(_used(one, names) for one in it.used)),
        ("explanation", N_("Giải trình chênh lệch số lượng"), it.explanation),
        ("entries", N_("Nhật ký"), "\n".join(map(entry_line, it.entries))),
        ("area_entries", N_("Nhật ký của vùng"), "\n".join(map(entry_line, it.area_entries))),
    ]


def _used(one: Used, names: Names) -> str:
    return f"{names.get(one.lot_id, one.lot_id)}: {amount(one.quantity, one.unit)}"


def _certificate(one: Certificate) -> str:
    lasting = N_("chưa ghi ngày hết hạn") if one.end_missing else N_("không thời hạn")
    until = _day(one.expires_on) or translate(lasting)
    kind = certificate_name(one)
    scan = ""
    if one.scan:
        scan = translate(N_("có bản quét, công bố") if one.publish_scan else N_("có bản quét"))
    days = f"{_day(one.issued_on)} – {until}"
    return " · ".join(filter(None, (kind, one.number, one.issuer, one.scope, days, scan)))


def _location(it: Facility) -> str:
    if it.latitude is None or it.longitude is None:
        return ""
    return show_place(it.latitude, it.longitude)


def _choice(labels: Mapping[str, str], key: str) -> str:
    return translate(labels[key]) if key in labels else key


def _yes(value: bool) -> str:
    return translate(N_("Có")) if value else ""


def _day(day: Any) -> str:
    return show_date(day) if day is not None else ""

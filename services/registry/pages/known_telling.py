"""A known facility told field by field, for whoever changed it at the same time as another."""

from services.registry import catalogue
from services.registry.domain.communes import commune_name
from services.registry.domain.known import Particulars
from services.registry.pages.telling import Change
from shared.web.i18n import N_, translate


def differences(stored: Particulars, typed: Particulars) -> list[Change]:
    """The fields in which what is stored and what was typed differ."""
    pairs = zip(_told(stored), _told(typed), strict=True)
    return [
        Change(field, translate(label), now, mine)
        for (field, label, now), (_, _, mine) in pairs
        if now != mine
    ]


def _told(it: Particulars) -> list[tuple[str, str, str]]:
    kinds = ", ".join(translate(catalogue.KINDS[kind]) for kind in it.kinds)
    return [
        ("name", N_("Tên cơ sở"), it.name),
        ("commune", N_("Xã, phường, đặc khu"), commune_name(it.commune)),
        ("address", N_("Địa chỉ"), it.address),
        ("facility_class", N_("Diện quản lý"), translate(catalogue.CLASSES[it.facility_class])),
        ("sector", N_("Ngành quản lý"), translate(catalogue.SECTORS[it.sector])),
        ("kinds", N_("Loại hình"), kinds),
        ("tax_number", N_("Mã số thuế"), it.tax_number),
        ("representative", N_("Người đại diện"), it.representative),
        ("phone", N_("Điện thoại"), it.phone),
        ("source", N_("Biết từ đâu"), it.source),
    ]

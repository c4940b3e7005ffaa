"""What is spoken of a product, a lot and a notice, and the name of the file that says it."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from services.scan.domain.aloud import read_aloud, within
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import FacilityPublished, LotPublished, ProductPublished
from shared.days import later

# What has been sold out for so long nobody listens to any more.
AFTER_EXPIRY: Final = timedelta(days=90)
WITHOUT_EXPIRY: Final = timedelta(days=730)

NOTICES_SAID: Final = {
    "recall": "Lệnh thu hồi",
    "withdrawal": "Lệnh ngừng lưu hành",
    "warning": "Cảnh báo",
}


def of_product(product: ProductPublished, facility: FacilityPublished) -> str:
    """Its name, who makes it and where."""
    place = f" Địa chỉ: {facility.commune_name}" if facility.commune_name else ""
    return _said(f"Sản phẩm: {product.name}", f"Cơ sở: {facility.name}", place)


def of_lot(lot: LotPublished) -> str:
    """Its code, when it was made and until when it is good."""
    until = f"Hạn sử dụng: {lot.expires_on:%d/%m/%Y}" if lot.expires_on else ""
    return _said(f"Mã lô: {lot.code}", f"Sản xuất: {lot.produced_on:%d/%m/%Y}", until)


def of_notice(notice: NoticePublished) -> str:
    """What it is, its title, what to do; "" once it no longer stands."""
    if not notice.active:
        return ""
    kind = NOTICES_SAID.get(notice.kind, NOTICES_SAID["warning"])
    return _said(kind, notice.title, notice.instruction)


def last_day_of(lot: LotPublished) -> date:
    """Until when somebody may still want to hear of a lot."""
    if lot.expires_on is not None:
        return later(lot.expires_on, AFTER_EXPIRY)
    return later(lot.produced_on, WITHOUT_EXPIRY)


def name_of(text: str) -> str:
    """Named by what is said: 24 hexadecimal digits, so that a file never says anything else."""
    return sha256(text.encode()).hexdigest()[:24]


def _said(*sentences: str) -> str:
    ended = (one.strip() for one in sentences if one.strip())
    whole = " ".join(one if one[-1] in ".?!" else f"{one}." for one in ended)
    return within(read_aloud(whole))

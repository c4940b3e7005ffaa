"""What an address of a read shows, in the reader's language: its template is for programmers."""

from collections.abc import Mapping
from typing import Final

from services.reporting.labels import WHATS
from shared.web.i18n import N_, translate

# A part of an address → what it shows. Of several the last one that is known counts.
SHOWN: Final[Mapping[str, str]] = {
    "accesses": N_("Lịch sử truy cập"),
    "accounts": WHATS["account"],
    "account.pdf": N_("Bản in"),
    "activity": N_("Hoạt động của tài khoản"),
    "acts": N_("Việc đã làm"),
    "applications": WHATS["application"],
    "articles": WHATS["article"],
    "audit": WHATS["audit"],
    "awaiting": N_("Việc chờ xử lý"),
    "batches": N_("Lô tem"),
    "certificates": N_("Giấy chứng nhận"),
    "circulation": WHATS["circulation"],
    "clients": WHATS["client"],
    "codes": N_("Mã tem"),
    "commitment.pdf": N_("Bản in"),
    "diary": N_("Nhật ký"),
    "documents": WHATS["document"],
    "events": N_("Sự kiện truy xuất"),
    "examinations": WHATS["lot.examination"],
    "exports": N_("Tệp tải về"),
    "facilities": WHATS["facility"],
    "figures": WHATS["scans"],
    "findings": N_("Chỗ chưa hợp lý trong nhật ký"),
    "genealogy": N_("Nguồn gốc và nơi đến của lô"),
    "growing-areas": WHATS["growing_area"],
    "imports": WHATS["import"],
    "inquiries": WHATS["inquiry"],
    "inspections": WHATS["inspection"],
    "keepings": N_("Hàng đang có"),
    "known-facilities": WHATS["known_facility"],
    "lots": WHATS["lot"],
    "news": WHATS["article"],
    "papers": N_("Giấy tờ"),
    "person": N_("Thông tin cá nhân"),
    "print-jobs": N_("Lệnh in tem"),
    "print.pdf": N_("Bản in"),
    "products": WHATS["product"],
    "readers": N_("Ai đã xem"),
    "recalls": WHATS["recall"],
    "received": N_("Lô đã nhận"),
    "recordings": WHATS["recording"],
    "registration.pdf": N_("Bản in"),
    "requests": N_("Yêu cầu cấp tem"),
    "second-factor": WHATS["factor"],
    "shipments": WHATS["shipment"],
    "stock": N_("Hàng đang có"),
    "tests": WHATS["lot.test"],
    "gatherings": WHATS["lot.transformation"],
    "transformations": WHATS["lot.transformation"],
    "units": WHATS["unit"],
    "versions": N_("Bản trước"),
}
# A part of an address → what the id after it is of, as acts name it.
KINDS: Final[Mapping[str, str]] = {
    "accounts": "account",
    "applications": "application",
    "facilities": "facility",
    "growing-areas": "growing_area",
    "inspections": "inspection",
    "lots": "lot",
    "products": "product",
    "recall": "recall",
    "recalls": "recall",
    "units": "unit",
}


def kind_at(template: str) -> str:
    """What the id that an address ends with, or goes on from, is of; "" where that has no page."""
    parts = template.split("/")
    blanks = [n for n, part in enumerate(parts) if part.startswith("{")]
    if not blanks or not parts[blanks[-1]].endswith("_id}"):
        return ""
    return KINDS.get(parts[blanks[-1] - 1], "")


def shown_at(template: str) -> str:
    """Its words, "" where there are none."""
    known = [SHOWN[part] for part in template.split("/") if part in SHOWN]
    if known:
        return translate(known[-1])
    # A recall's page is named by its service alone.
    return translate(WHATS["recall"]) if "/recall/" in template else ""

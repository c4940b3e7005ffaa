"""The forms of the stamps pages, as they are filled in."""

from typing import Annotated, Literal

from pydantic import Field

from services.stamps.domain import requests as domain
from shared.web.fields import Input, Prose
from shared.web.i18n import N_

Serial = Annotated[int, Field(ge=0, lt=domain.MAX_QUANTITY)]

CHANGES = [
    ("damaged", N_("Hỏng khi in hoặc dán")),
    ("lost", N_("Mất")),
    ("return", N_("Trả lại tem chưa dùng")),
    ("destroyed", N_("Đã tiêu hủy")),
    ("suspend", N_("Tạm ngừng")),
    ("unsuspend", N_("Cho dùng lại sau tạm ngừng")),
    ("revoke", N_("Thu hồi vĩnh viễn")),
]

SIZES = [
    ("6mm", N_("6,35 mm – nhỏ nhất nên dùng"), N_("Dán lên hàng rất nhỏ; cần máy in 600 dpi.")),
    ("6mm-fine", N_("5,3 mm – nhỏ nhất có thể"), N_("Chỉ điện thoại tốt đọc được dễ dàng.")),
    ("12mm", N_("12 mm"), N_("Vừa với hộp nhỏ; có tên sản phẩm.")),
    ("20mm", N_("20 mm"), N_("Có tên sản phẩm, cơ sở; đọc tốt với mọi điện thoại.")),
    ("30mm", N_("30 mm"), N_("Cho thùng, bao bì lớn.")),
    ("40mm", N_("40 mm"), N_("Cho thùng lớn, đọc được từ xa.")),
]


class RequestForm(Input):
    product_id: Annotated[str, Field(min_length=1, max_length=64)]
    lot_id: Annotated[str, Field(max_length=64)] = ""
    quantity: Annotated[int, Field(ge=1, le=domain.MAX_QUANTITY)]
    purpose: Annotated[Prose, Field(max_length=500)] = ""


class DecisionForm(Input):
    decision: domain.Decision
    quantity: Annotated[int, Field(ge=1, le=domain.MAX_QUANTITY)] | None = None
    reason: Annotated[Prose, Field(max_length=1000)] = ""


class ActivationForm(Input):
    first: Serial
    last: Serial
    lot_id: Annotated[str, Field(min_length=1, max_length=64)]


class ChangeForm(Input):
    first: Serial
    last: Serial
    change: Literal["damaged", "lost", "return", "destroyed", "suspend", "unsuspend", "revoke"]
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class PrintForm(Input):
    size: Literal["6mm", "6mm-fine", "12mm", "20mm", "30mm", "40mm"] = "6mm"
    first: Serial
    last: Serial


class HoldForm(Input):
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]

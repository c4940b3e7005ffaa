"""Bản đăng ký cấp, cấp lại tài khoản (Decision 575/QĐ-SNN&MT): one form, from a facility's record,
from an application, or with nothing filled in (R5, R34)."""

from dataclasses import dataclass
from typing import Final

from shared.printing.sheet import Sheet

_SIGN: Final = "(Ký, ghi rõ họ tên)"
OFFICIAL: Final = ("Cán bộ tiếp nhận", _SIGN)
OWNER: Final = ("Chủ cơ sở", "(Ký, ghi rõ họ tên, đóng dấu nếu có)")
_PROMISE: Final = (
    "Cơ sở cam kết giữ bí mật tài khoản, cập nhật thông tin đầy đủ, kịp thời, chính xác và chịu "
    "trách nhiệm trước pháp luật về những gì được đăng bằng tài khoản này."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What is known of who asks; "" becomes a dotted line. `wish`: new, reissue or "" for neither.

    `user` is who will use the account; `place` the commune, ward or special zone.
    """

    name: str = ""
    code: str = ""
    tax_number: str = ""
    registered: str = ""
    address: str = ""
    kinds: str = ""
    representative: str = ""
    phone: str = ""
    email: str = ""
    papers: str = ""
    wish: str = ""
    user: str = ""
    user_phone: str = ""
    place: str = ""


def account_form(it: Applicant) -> Sheet:
    """The form, to be signed and handed in on paper or as a photo of it."""
    return Sheet(
        title="Bản đăng ký",
        subtitle="Cấp/cấp lại tài khoản đăng nhập hệ thống truy xuất nguồn gốc thực phẩm",
        issuer=it.name or "Tên cơ sở: ………………………",
        code=it.code,
        place=it.place,
        addressee=committee(it.place),
        facts=(
            ("Tên cơ sở", it.name),
            ("Mã số thuế", it.tax_number),
            ("Giấy chứng nhận đăng ký kinh doanh số", it.registered),
            ("Địa chỉ", it.address),
            ("Loại hình", it.kinds),
            ("Người đại diện", it.representative),
            ("Điện thoại", it.phone),
            ("Thư điện tử", it.email),
            ("Giấy chứng nhận an toàn thực phẩm/Bản cam kết", it.papers),
            ("Đề nghị (đánh dấu x)", _choice(it.wish)),
            ("Lý do cấp lại", ""),
            ("Người được giao quản lý tài khoản", it.user),
            ("Số điện thoại của người này", it.user_phone),
        ),
        closing=(_PROMISE,),
        signers=(OFFICIAL, OWNER),
    )


def committee(place: str) -> str:
    """The people's committee of a commune, whose kind is written small within a sentence."""
    return f"Ủy ban nhân dân {place[:1].lower()}{place[1:] or '……………………'}"


def _choice(wish: str) -> str:
    """Spaces that do not shrink: room for a cross."""
    boxes = [f"[ {'x' if wish == one else ' '} ] {word}" for one, word in _WISHES]
    return "     ".join(boxes).replace(" ", "\u00a0")


_WISHES: Final = (("new", "cấp mới"), ("reissue", "cấp lại"))

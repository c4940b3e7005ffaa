"""What did not fit into a snapshot, in words: they travel in it, for a telephone has no others."""

from collections.abc import Iterable
from typing import Final

import msgspec
from babel.numbers import format_decimal

from services.scan.domain.offline import LOTS_OF_LISTED, OF_LISTED, Missing
from services.scan.offline import codes
from shared.web.i18n import N_, catalogues, fill

LEFT_OUT: Final = {
    "facilities": N_("Cơ sở có lệnh, cảnh báo hoặc bị dừng, không tìm được theo nhãn: {count}"),
    "products": N_(
        "Sản phẩm có lệnh, cảnh báo hoặc ngừng lưu hành, không tìm được theo nhãn: {count}"
    ),
    "lots": N_("Lô có lệnh, cảnh báo hoặc bị tạm ngừng, không tìm được theo nhãn: {count}"),
    OF_LISTED: N_(
        "Sản phẩm của cơ sở có lệnh, cảnh báo hoặc bị dừng, không tìm được theo nhãn: {count}"
    ),
    LOTS_OF_LISTED: N_(
        "Lô làm cho cơ sở khác bởi cơ sở có lệnh, cảnh báo hoặc bị dừng, không tìm được theo nhãn:"
        " {count}"
    ),
    codes.NAMED: N_("Đợt tem có lệnh hoặc bị tạm ngừng, máy không có mã: {count}"),
    codes.OF_PRODUCTS: N_(
        "Sản phẩm bị thu hồi hoặc ngừng lưu hành, máy không có mã tem, phải so nhãn: {count}"
    ),
    codes.OF_FACILITIES: N_(
        "Cơ sở bị dừng, tạm ngừng hoặc thu hồi hàng, máy không có mã tem, phải so nhãn: {count}"
    ),
    codes.OF_LOTS: N_(
        "Lô bị thu hồi, ngừng lưu hành hoặc tạm ngừng, máy không có mã tem, phải so nhãn: {count}"
    ),
    codes.REVOKED: N_("Tem đã bị thu hồi, máy không có mã: {count}"),
    codes.LOST: N_("Tem báo mất hoặc đang tạm ngừng, máy không có mã: {count}"),
    codes.SPENT: N_("Tem đã trả lại, báo hỏng hoặc tiêu hủy, máy không có mã: {count}"),
    codes.SUSPECTED: N_("Tem nghi bị sao chép, máy không có mã: {count}"),
}
_AT_LEAST: Final = N_("ít nhất {count}")
_UNCOUNTED: Final = N_("một số, chưa đếm")


def worded(missing: Iterable[Missing]) -> tuple[Missing, ...]:
    return tuple(
        msgspec.structs.replace(one, said=(_said(one, "vi"), _said(one, "en"), _said(one, "zh")))
        for one in missing
    )


def _said(one: Missing, lang: str) -> str:
    texts = catalogues("scan")
    count = format_decimal(one.left_out, locale=lang)
    if one.left_out < 0:
        count = texts.text(_UNCOUNTED, lang)
    elif one.at_least:
        count = fill(texts.text(_AT_LEAST, lang), {"count": count})
    return fill(texts.text(LEFT_OUT[one.what], lang), {"count": count})

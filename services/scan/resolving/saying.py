"""What the resolver says where there is nothing to lead to: which field is wrong, what to do."""

from typing import Any

from services.scan.resolving.levels import Say
from shared.gs1 import (
    ForbiddenCharacter,
    Gs1Error,
    NotADigitalLink,
    NotDigits,
    WrongCheckDigit,
    WrongLength,
)
from shared.gs1_fields import UnknownField
from shared.gs1_link import FieldTwice, WrongOrder
from shared.web.i18n import N_, fill

# Fields as they are called on labels; another one is called by its number.
_FIELDS = {
    "00": N_("mã kiện SSCC"),
    "01": N_("mã sản phẩm GTIN"),
    "10": N_("mã lô"),
    "21": N_("mã tem (số sê-ri)"),
    "22": N_("mã biến thể"),
    "254": N_("mã phần mở rộng của địa điểm"),
    "414": N_("mã địa điểm GLN"),
    "417": N_("mã địa điểm GLN"),
}
_OTHER = N_("trường GS1 ({ai})")

# The first class that fits, its code, and what to say of the field.
_FAULTS: tuple[tuple[type[Gs1Error], str, str], ...] = (
    (
        WrongCheckDigit,
        "wrong_check_digit",
        N_("Sai số kiểm tra của {field}. Hãy so từng chữ số với nhãn rồi nhập lại."),
    ),
    (
        FieldTwice,
        "field_twice",
        N_("Địa chỉ ghi {field} hai lần. Hãy chỉ giữ lại một."),
    ),
    (
        WrongOrder,
        "wrong_order",
        N_(
            "Trong địa chỉ, {field} đứng sai chỗ. Thứ tự đúng: mã sản phẩm (01), biến thể (22),"
            " lô (10), sê-ri (21); các trường khác đặt sau dấu hỏi."
        ),
    ),
    (
        UnknownField,
        "unknown_field",
        N_("GS1 không có {field}. Hãy quét lại mã trên nhãn."),
    ),
    (
        ForbiddenCharacter,
        "forbidden_character",
        N_("Có ký tự không được phép trong {field}. Hãy tắt bộ gõ tiếng Việt và nhập lại."),
    ),
    (
        NotDigits,
        "not_digits",
        N_("Chỉ được có chữ số trong {field}. Hãy so với nhãn rồi nhập lại."),
    ),
    (
        WrongLength,
        "wrong_length",
        N_("Sai độ dài của {field}. Hãy so với nhãn rồi nhập lại cho đủ."),
    ),
    (
        NotADigitalLink,
        "not_a_digital_link",
        N_("Địa chỉ không theo chuẩn GS1 Digital Link. Hãy quét lại mã trên nhãn."),
    ),
)
_WHOLE = N_("Địa chỉ quá dài hoặc không theo chuẩn GS1 Digital Link. Hãy quét lại mã trên nhãn.")
# What is under a bar code has mostly 13.
_FOURTEEN = N_(
    "Trong địa chỉ, mã sản phẩm GTIN phải đủ 14 chữ số. Hãy thêm số 0 vào trước mã in dưới mã vạch."
)
BAD_LINK = N_("Địa chỉ trên nhãn không đúng")

# code: (status, tone of the page, headline, meaning)
SAYINGS: dict[str, tuple[int, str, str, str]] = {
    "malformed_link": (400, "none", BAD_LINK, ""),
    "link_type_twice": (
        400,
        "none",
        N_("Yêu cầu không rõ"),
        N_("Địa chỉ hỏi nhiều loại liên kết (linkType) cùng lúc. Hãy hỏi từng loại một."),
    ),
    "key_not_found": (
        404,
        "none",
        N_("Mã này chưa có trong hệ thống"),
        N_(
            "Chưa có sản phẩm, địa điểm hay kiện hàng nào công bố với mã này. Hãy so mã với nhãn;"
            " nếu đúng, hãy hỏi nơi bán. Trên bao bì có tem thì hãy quét tem."
        ),
    ),
    "link_type_not_found": (
        404,
        "none",
        N_("Không có liên kết loại này"),
        N_("Mã có trong hệ thống nhưng không có liên kết loại được hỏi. Xem các liên kết đang có."),
    ),
    "too_many_unknown_keys": (
        429,
        "wait",
        N_("Quá nhiều mã sai"),
        N_("Từ mạng của bạn vừa có quá nhiều mã không đúng. Hãy chờ một phút rồi quét lại."),
    ),
    "cannot_look_up": (
        503,
        "wait",
        N_("Tạm thời chưa tra được"),
        N_("Hệ thống chưa tra được mã này. Mã của bạn không sai; hãy thử lại sau ít phút."),
    ),
    "method_not_allowed": (405, "none", N_("Cách gửi không đúng"), N_("Địa chỉ này chỉ để xem.")),
}


def fault(error: Gs1Error, say: Say) -> dict[str, str]:
    """Field, code and message of what is wrong with an address."""
    if error.field == "path" and not isinstance(error, NotADigitalLink):
        return {"field": "path", "code": "wrong_length", "message": say(_WHOLE)}
    if error.field == "01" and isinstance(error, WrongLength):
        return {"field": "01", "code": "wrong_length", "message": say(_FOURTEEN)}
    code, text = next((code, text) for kind, code, text in _FAULTS if isinstance(error, kind))
    named = _FIELDS.get(error.field)
    field = say(named) if named else fill(say(_OTHER), {"ai": error.field})
    return {"field": error.field, "code": code, "message": fill(say(text), {"field": field})}


def problem(
    code: str, say: Say, request_id: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """An RFC 9457 problem document."""
    status, _, headline, meaning = SAYINGS[code]
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": say(headline),
        "status": status,
        "code": code,
        "detail": " ".join(one["message"] for one in errors) if errors else say(meaning),
        "request_id": request_id,
    }
    return {**told, "errors": errors} if errors else told

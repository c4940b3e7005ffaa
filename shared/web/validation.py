"""Pydantic's errors told to people: a stable code, the field, and a sentence naming the remedy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.web.filters import show_number
from shared.web.i18n import N_, translate

MAX_TOLD = 50


@dataclass(frozen=True)
class FieldError:
    field: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.message}


_NUMBER = ("not_a_number", N_("Hãy nhập một số, ví dụ 12 hoặc 12,5."))
_WHOLE = ("not_an_integer", N_("Hãy nhập một số nguyên, ví dụ 12."))
NOT_A_DATE = ("not_a_date", N_("Hãy nhập ngày có thật, dạng ngày/tháng/năm, ví dụ 22/11/2026."))
NOT_A_TIME = ("not_a_time", N_("Hãy nhập thời điểm có thật, ví dụ 22/11/2026 08:30."))
_PAST = ("not_in_past", N_("Hãy nhập một thời điểm đã qua."))
_FUTURE = ("not_in_future", N_("Hãy nhập một thời điểm còn ở phía trước."))
_CHOICE = ("not_a_choice", N_("Hãy chọn một giá trị trong danh sách."))
_TEXT = ("not_text", N_("Giá trị phải là một đoạn chữ duy nhất."))
_LIST = ("not_a_list", N_("Giá trị phải là một danh sách."))
_OBJECT = ("not_an_object", N_("Giá trị phải là một đối tượng JSON có đúng các trường đã nêu."))
_YES_NO = ("not_yes_or_no", N_("Hãy chọn có hoặc không."))
_ID = ("not_an_id", N_("Mã không đúng dạng. Hãy chép lại nguyên vẹn từ trang chi tiết."))
_URL = ("not_a_url", N_("Hãy nhập địa chỉ đầy đủ, bắt đầu bằng https://."))

_TOLD: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", N_("Mục này là bắt buộc. Hãy điền hoặc chọn.")),
    "extra_forbidden": (
        "unknown_field",
        N_("Trường này không được dùng ở đây. Hãy bỏ đi hoặc sửa lại tên trường."),
    ),
    "string_too_short": ("too_short", N_("Hãy nhập ít nhất {min_length} ký tự.")),
    "string_too_long": ("too_long", N_("Hãy rút ngắn còn tối đa {max_length} ký tự.")),
    "string_pattern_mismatch": (
        "pattern",
        N_("Giá trị chưa đúng dạng. Hãy xem ví dụ bên cạnh ô và nhập lại."),
    ),
    "string_unicode": ("not_text", N_("Có ký tự hỏng trong đoạn chữ. Hãy xóa và nhập lại.")),
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": ("too_long", N_("Hãy nhập số có tối đa {max_digits} chữ số.")),
    "decimal_max_places": (
        "too_precise",
        N_("Hãy nhập tối đa {decimal_places} chữ số sau dấu phẩy."),
    ),
    "decimal_whole_digits": (
        "too_long",
        N_("Hãy nhập tối đa {whole_digits} chữ số trước dấu phẩy."),
    ),
    "greater_than": ("out_of_range", N_("Hãy nhập số lớn hơn {gt}.")),
    "greater_than_equal": ("out_of_range", N_("Hãy nhập số từ {ge} trở lên.")),
    "less_than": ("out_of_range", N_("Hãy nhập số nhỏ hơn {lt}.")),
    "less_than_equal": ("out_of_range", N_("Hãy nhập số không quá {le}.")),
    "multiple_of": ("out_of_range", N_("Hãy nhập bội số của {multiple_of}.")),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "union_tag_invalid": _CHOICE,
    "union_tag_not_found": ("missing", N_("Mục này là bắt buộc. Hãy điền hoặc chọn.")),
    "date_type": NOT_A_DATE,
    "date_parsing": NOT_A_DATE,
    "date_from_datetime_parsing": NOT_A_DATE,
    "date_from_datetime_inexact": NOT_A_DATE,
    "datetime_type": NOT_A_TIME,
    "datetime_parsing": NOT_A_TIME,
    "datetime_from_date_parsing": NOT_A_TIME,
    "timezone_aware": ("not_a_time", N_("Thời điểm phải kèm múi giờ, ví dụ 2026-11-22T08:30:00Z.")),
    "time_type": NOT_A_TIME,
    "time_parsing": NOT_A_TIME,
    "date_past": _PAST,
    "datetime_past": _PAST,
    "date_future": _FUTURE,
    "datetime_future": _FUTURE,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "url_type": _URL,
    "url_parsing": _URL,
    "url_scheme": _URL,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "too_short": ("too_few", N_("Hãy chọn hoặc nhập ít nhất {min_length} mục.")),
    "too_long": ("too_many", N_("Hãy giữ lại tối đa {max_length} mục.")),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "is_instance_of": ("not_a_file", N_("Hãy chọn một tệp rồi gửi lại.")),
}
# What these are to look like is known wherever they are asked for.
_LIKE: Mapping[str, str] = {
    "phone": N_("Hãy nhập số điện thoại chỉ gồm chữ số, ví dụ 0912 345 678."),
    "email": N_("Hãy nhập địa chỉ thư điện tử đầy đủ, ví dụ ten@congty.vn."),
}
_OTHERWISE = ("invalid", N_("Giá trị chưa đúng. Hãy kiểm tra và nhập lại."))


def told(errors: Iterable[Mapping[str, Any]], *, prefix: int = 0) -> list[FieldError]:
    """The errors in the request's language; the first `prefix` parts of each place are left out."""
    found = []
    for error in errors:
        found.append(tell(error, place(error["loc"][prefix:])))
        if len(found) == MAX_TOLD:
            break
    return found


def place(loc: Sequence[int | str]) -> str:
    """`("lots", 0, "code")` as `lots.0.code`; names are the caller's own, so they are cut."""
    return ".".join(str(part) for part in loc)[:120]


def tell(error: Mapping[str, Any], field: str) -> FieldError:
    """One error at `field`, in the request's language."""
    context = error.get("ctx") or {}
    kind = error["type"]
    if "msgid" in context:
        # Raised by `fields.wrong`: the text is a msgid of ours, its code stable already.
        return FieldError(field, kind, translate(context["msgid"], **_readable(context)))
    if kind == "value_error":
        return FieldError(field, "invalid", translate(str(context.get("error", _OTHERWISE[1]))))
    code, msgid = _TOLD.get(kind, _OTHERWISE)
    if code == "pattern":
        msgid = _LIKE.get(field.rpartition(".")[2], msgid)
    return FieldError(field, code, translate(msgid, **_readable(context)))


def _readable(context: Mapping[str, Any]) -> dict[str, Any]:
    """What fills the texts; limits that are numbers are grouped as the reader groups them."""
    return {
        name: show_number(value) if type(value) in (int, float, Decimal) else value
        for name, value in context.items()
        if name not in ("msgid", "error")
    }

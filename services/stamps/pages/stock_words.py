"""What places, acts and hand-overs of centrally printed stamps are called; the texts are msgids."""

from typing import Final

from shared.web.i18n import N_

PLACES: Final = {
    "ordered": N_("Chờ in"),
    "printing": N_("Đang in"),
    "stock": N_("Trong kho"),
    "unusable": N_("Trong kho, không dùng được"),
    "handed": N_("Đã giao, chờ nhận"),
    "received": N_("Cơ sở đã nhận"),
    "spoilt": N_("In hỏng"),
    "missing": N_("Thiếu khi nhận"),
    "damaged": N_("Hỏng khi nhận"),
}

STOCK_ACTS: Final = {
    "order": N_("Đặt in tập trung"),
    "leave": N_("Để cơ sở tự in"),
    "print": N_("Bắt đầu in"),
    "cancel_print": N_("Hủy lần in"),
    "store": N_("Nhập kho"),
    "hand_over": N_("Giao cho cơ sở"),
    "transfer": N_("Chuyển sang kho đơn vị khác"),
    "take_back": N_("Hủy lần giao, về lại kho"),
    "receive": N_("Cơ sở nhận"),
    "take_in": N_("Đơn vị nhận vào kho"),
    "set_aside": N_("Không dùng được, không giao nữa"),
    "bring_back": N_("Dùng lại được, về lại kho"),
    "inherit": N_("Đơn vị giữ tem đã sáp nhập, đơn vị mới giữ"),
}

HANDOVER_STATES: Final = {
    "handed": N_("Chờ bên nhận xác nhận"),
    "received": N_("Đã nhận đủ"),
    "differs": N_("Có chênh lệch"),
    "settled": N_("Đã thống nhất"),
    "withdrawn": N_("Đã hủy"),
}

SIDES: Final = {"authority": N_("Bên giao"), "facility": N_("Bên nhận"), "unit": N_("Bên nhận")}

PRINTED_BY: Final = {
    "facility": N_("Cơ sở tự in"),
    "authority": N_("Cơ quan in tập trung rồi giao"),
}

"""The words for what became of recalled goods, and for how what was recovered is handled."""

from services.recall.domain.recovery import Fate
from services.recall.domain.terms import Handling
from shared.web.i18n import N_

FATES = {
    Fate.RECOVERED: N_("Đã thu hồi"),
    Fate.SOLD: N_("Đã bán tới người tiêu dùng, chưa trả lại"),
    Fate.REMAINING: N_("Còn tồn, đã để riêng"),
    Fate.MADE_INTO: N_("Đã dùng làm ra lô khác"),
    Fate.EXPORTED: N_("Đã xuất khẩu"),
    Fate.LOST: N_("Hao hụt, đã dùng hết"),
}
SHORT_FATES = {
    Fate.RECOVERED: N_("Đã thu hồi"),
    Fate.SOLD: N_("Đã bán"),
    Fate.REMAINING: N_("Còn tồn"),
    Fate.MADE_INTO: N_("Làm lô khác"),
    Fate.EXPORTED: N_("Xuất khẩu"),
    Fate.LOST: N_("Hao hụt"),
}
# Units that no catalogue of registry has.
UNITS = (N_("tem"),)
HANDLINGS = {
    Handling.CORRECT: N_("Khắc phục lỗi sản phẩm hoặc ghi nhãn"),
    Handling.CHANGE_USE: N_("Chuyển mục đích sử dụng"),
    Handling.RE_EXPORT: N_("Tái xuất"),
    Handling.DESTROY: N_("Tiêu hủy"),
}

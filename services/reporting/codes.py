"""Words for what the ledger keeps as codes: kinds of events, and why an act was refused."""

from typing import Final

from shared.web.i18n import N_, translate

# By type, without the version behind it.
EVENTS: Final = {
    "identity.access_revoked": N_("Quyền truy cập bị chặn"),
    "identity.account_published": N_("Tài khoản thay đổi"),
    "identity.application_published": N_("Đăng ký tài khoản thay đổi"),
    "identity.keys_published": N_("Khóa ký của hệ thống thay đổi"),
    "identity.unit_published": N_("Đơn vị thay đổi"),
    "recall.reporter_asked": N_("Người báo phản ánh được hỏi lại"),
    "recall.complaint_answered": N_("Phản ánh được xem xét, trả lời"),
    "recall.acknowledged": N_("Cơ sở xác nhận đã nhận thông báo thu hồi"),
    "recall.closed": N_("Vụ thu hồi kết thúc"),
    "recall.corrected": N_("Thông báo thu hồi được đính chính"),
    "recall.clock_changed": N_("Thời hạn của vụ thu hồi thay đổi"),
    "recall.deadline_missed": N_("Thời hạn của vụ thu hồi bị quá"),
    "recall.deadline_near": N_("Thời hạn của vụ thu hồi sắp đến"),
    "recall.drill_ended": N_("Cuộc diễn tập thu hồi kết thúc"),
    "recall.drill_started": N_("Cuộc diễn tập thu hồi bắt đầu"),
    "recall.inspection_wanted": N_("Đề nghị kiểm tra cơ sở"),
    "recall.violation_reported": N_("Báo cáo vi phạm"),
    "recall.lifted": N_("Lệnh thu hồi được dỡ bỏ"),
    "recall.notice_published": N_("Thông báo thu hồi, cảnh báo"),
    "recall.ordered": N_("Lệnh thu hồi được ban hành"),
    "recall.receipts_complete": N_("Mọi máy chủ quét đã báo nhận thông báo thu hồi"),
    "recall.receipts_missing": N_("Máy chủ quét chưa báo nhận thông báo thu hồi"),
    "recall.recovered": N_("Số lượng hàng thu hồi được báo"),
    "recall.signal_raised": N_("Cảnh báo sớm"),
    "recall.signal_decided": N_("Quyết định về cảnh báo sớm"),
    "recall.scope_changed": N_("Phạm vi thu hồi thay đổi"),
    "registry.certificate_expired": N_("Giấy chứng nhận hết hạn"),
    "registry.certificate_expiring": N_("Giấy chứng nhận sắp hết hạn"),
    "registry.facility_entered": N_("Hồ sơ cơ sở lập từ bản đăng ký"),
    "registry.facility_known": N_("Cơ sở được ghi vào danh sách"),
    "registry.facility_published": N_("Hồ sơ cơ sở được đăng"),
    "registry.facility_resumed": N_("Cơ sở hoạt động lại"),
    "registry.facility_stopped": N_("Cơ sở dừng hoạt động"),
    "registry.growing_area_published": N_("Vùng trồng, vùng nuôi được đăng"),
    "registry.inspection_recorded": N_("Biên bản kiểm tra được ghi"),
    "registry.lot_published": N_("Lô sản phẩm được đăng"),
    "registry.lot_tested": N_("Lô có kết quả kiểm nghiệm"),
    "registry.market_expired": N_("Mã hết hạn với nước nhập khẩu"),
    "registry.market_expiring": N_("Mã sắp hết hạn với nước nhập khẩu"),
    "registry.product_published": N_("Sản phẩm được đăng"),
    "registry.product_withdrawn": N_("Sản phẩm ngừng, rút khỏi danh mục"),
    "registry.review_decided": N_("Quyết định kiểm tra, duyệt đăng"),
    "registry.reviews_waiting": N_("Số bản ghi chờ kiểm tra, duyệt đăng"),
    "registry.shipment_published": N_("Chuyến hàng thay đổi"),
    "registry.temperature_measured": N_("Nhiệt độ giữ, chở hàng được ghi"),
    "registry.violation_settled": N_("Vi phạm được giải quyết"),
    "scan.complaint_filed": N_("Có phản ánh của người dùng"),
    "scan.notice_applied": N_("Máy chủ quét đã hiện thông báo"),
    "scan.reporter_replied": N_("Người báo phản ánh trả lời câu hỏi"),
    "scan.scans_recorded": N_("Lượt quét được ghi"),
    "scan.suspicion_published": N_("Nghi vấn sao chép tem"),
    "stamps.batch_issued": N_("Lô tem được cấp"),
    "stamps.hold_published": N_("Tem tạm giữ hoặc thôi tạm giữ"),
    "stamps.intervals_changed": N_("Trạng thái tem thay đổi"),
    "stamps.pins_ordered": N_("Tem được in kèm số ẩn"),
    "stamps.printing_changed": N_("Đổi nơi in tem"),
    "stamps.request_decided": N_("Yêu cầu cấp tem được quyết định"),
    "stamps.request_withdrawn": N_("Yêu cầu cấp tem được rút lại"),
    "stamps.segment_published": N_("Dải tem thay đổi"),
    "stamps.stock_waiting": N_("Số lô tem và lần giao tem đang chờ"),
    "stamps.stock_moved": N_("Tem in tập trung được in, nhập kho, giao hoặc nhận"),
}
# Refusals that every part of the system has.
REFUSALS: Final = {
    "forbidden": N_("Không có quyền"),
    "not_found": N_("Không có, hoặc ngoài phạm vi"),
    "edit_conflict": N_("Người khác vừa thay đổi"),
    "unauthenticated": N_("Chưa đăng nhập"),
    "proof_needed": N_("Cần xác nhận lại là chính mình"),
    "unavailable": N_("Hệ thống tạm thời chưa phục vụ được"),
    "reason_missing": N_("Thiếu lý do"),
    "gtin_taken": N_("Mã đã có nơi khác dùng"),
}
# All others by how their codes begin or end.
_BEGIN: Final = {
    "own_": N_("Việc của chính mình, phải để người khác quyết định"),
    "already_": N_("Việc đã được làm trước đó"),
    "not_": N_("Chưa đến bước này, hoặc đã qua"),
    "too_": N_("Vượt giới hạn"),
    "wrong_": N_("Thông tin xác nhận không đúng"),
    "no_": N_("Không có điều cần có"),
}
_END: Final = {
    "_taken": N_("Mã đã có nơi khác dùng"),
    "_unknown": N_("Nêu điều không có trong hệ thống"),
    "_invalid": N_("Nội dung nhập chưa đúng"),
    "_missing": N_("Thiếu thông tin"),
    "_needed": N_("Thiếu thông tin"),
    "_stopped": N_("Cơ sở đang dừng hoạt động"),
    "_suspended": N_("Tài khoản đang tạm ngừng"),
    "_closed": N_("Việc đã kết thúc"),
    "_not_published": N_("Chưa được duyệt đăng"),
    "_too_large": N_("Vượt giới hạn"),
}
_OTHERWISE: Final = N_("Không đủ điều kiện")


def event_label(type_: str) -> str:
    """A kind of event in the reader's language."""
    name = type_.rpartition(".v")[0]
    if name.endswith(".act_recorded"):
        return translate(N_("Việc làm được ghi"))
    return translate(EVENTS[name]) if name in EVENTS else type_


def refusal_label(code: str) -> str:
    """Why an act was refused, in the reader's language; the code itself is in the event."""
    if code in REFUSALS:
        return translate(REFUSALS[code])
    for end, words in _END.items():
        if code.endswith(end):
            return translate(words)
    for begin, words in _BEGIN.items():
        if code.startswith(begin):
            return translate(words)
    return translate(_OTHERWISE)

"""Verdicts, states and reasons in words: what was found, what it means, what to do next."""

from dataclasses import dataclass

from shared.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Words:
    """`tone` chooses colour and icon; the icon's shape alone tells the tones apart."""

    tone: str
    headline: str
    meaning: str
    advice: tuple[str, ...]


COMPARE = N_("So tên, hình ảnh, mã lô và hạn sử dụng in trên bao bì với thông tin dưới đây.")
REPORT = N_(
    "Báo cho Ủy ban nhân dân xã, phường hoặc cơ quan an toàn thực phẩm nơi bạn mua,"
    " kèm ảnh chụp tem và bao bì."
)
KEEP = N_("Giữ lại sản phẩm, bao bì và hóa đơn; đừng vứt bỏ trước khi có hướng dẫn.")
DOCTOR = N_("Nếu đã dùng và thấy không khỏe, hãy đến cơ sở y tế gần nhất và mang theo bao bì.")
RETURN = N_("Mang sản phẩm trả lại nơi đã mua.")
SCAN_AGAIN = N_("Quét lại sau ít phút.")
DO_NOT_BUY = N_("Chưa nên mua hoặc sử dụng khi chưa có giải thích rõ ràng.")

VERDICTS: dict[str, Words] = {
    "genuine": Words(
        "good",
        N_("Tem hợp lệ, không bị thu hồi"),
        N_(
            "Tem này do hệ thống cấp và đã được kích hoạt cho lô hàng dưới đây."
            " Không có lệnh thu hồi hay cảnh báo nào."
        ),
        (
            COMPARE,
            N_("Nếu tem bị bóc, dán chồng hoặc không đúng sản phẩm, hãy báo cơ quan quản lý."),
        ),
    ),
    "warning": Words(
        "caution",
        N_("Có cảnh báo về sản phẩm này"),
        N_("Tem là thật, nhưng cơ quan quản lý đã đăng cảnh báo. Hãy đọc kỹ trước khi sử dụng."),
        (COMPARE, N_("Làm theo hướng dẫn trong cảnh báo.")),
    ),
    "expired": Words(
        "caution",
        N_("Lô hàng đã quá hạn sử dụng"),
        N_("Tem là thật, nhưng hạn sử dụng của lô hàng này đã qua."),
        (N_("Không sử dụng và không mua bán."), RETURN),
    ),
    "recalled": Words(
        "bad",
        N_("Đang bị thu hồi – không sử dụng"),
        N_("Cơ quan có thẩm quyền đã ra lệnh thu hồi sản phẩm mang tem này."),
        (N_("Không ăn, không sử dụng, không mua bán hay cho tặng."), RETURN, KEEP, DOCTOR),
    ),
    "withdrawn": Words(
        "bad",
        N_("Đã ngừng lưu hành – không sử dụng"),
        N_("Sản phẩm mang tem này đã bị rút khỏi thị trường."),
        (N_("Không mua và không sử dụng."), RETURN, KEEP),
    ),
    "revoked": Words(
        "bad",
        N_("Tem không còn hiệu lực"),
        N_("Tem này đã bị loại khỏi sử dụng. Hàng đang bán không được mang tem này."),
        (DO_NOT_BUY, REPORT),
    ),
    "suspect_copy": Words(
        "bad",
        N_("Nghi là tem sao chép"),
        N_("Rất có thể tem này bị sao chép, hoặc bị ghép vào hàng khác."),
        (DO_NOT_BUY, REPORT),
    ),
    "suspended": Words(
        "caution",
        N_("Tem đang bị tạm ngừng"),
        N_("Cơ quan quản lý hoặc cơ sở đang tạm ngừng hiệu lực của tem này."),
        (DO_NOT_BUY, N_("Hỏi nơi bán hoặc cơ sở sản xuất, rồi quét lại sau.")),
    ),
    "not_activated": Words(
        "caution",
        N_("Tem chưa được kích hoạt"),
        N_(
            "Tem này đã được cấp nhưng cơ sở chưa gắn cho lô hàng nào."
            " Hàng bày bán mang tem chưa kích hoạt là điều không bình thường."
        ),
        (DO_NOT_BUY, REPORT),
    ),
    "unconfirmed": Words(
        "wait",
        N_("Chưa xác nhận được vào lúc này"),
        N_(
            "Hệ thống chưa thể khẳng định đây là thông tin mới nhất."
            " Chưa có kết luận nào về tem này cho đến khi xác nhận xong."
        ),
        (SCAN_AGAIN, N_("Nếu cần gấp, hãy gọi cho cơ sở hoặc xem danh sách thu hồi.")),
    ),
    "unknown": Words(
        "none",
        N_("Không có tem nào mang mã này"),
        N_("Hệ thống chưa từng cấp mã này. Có thể là tem giả, hoặc mã bị đọc hay gõ nhầm."),
        (
            N_("Quét lại cho rõ, hoặc so từng ký tự của mã với mã in dưới hình vuông."),
            DO_NOT_BUY,
            REPORT,
        ),
    ),
}

STATES: dict[str, str] = {
    "issued": N_("Đã cấp, chưa kích hoạt"),
    "active": N_("Đã kích hoạt"),
    "returned": N_("Đã trả lại cơ quan cấp"),
    "damaged": N_("Đã báo hỏng"),
    "lost": N_("Đã báo mất"),
    "destroyed": N_("Đã tiêu hủy"),
    "suspended": N_("Tạm ngừng"),
    "revoked": N_("Đã thu hồi tem"),
}

# Why a stamp of such a state should not be met in a shop.
ENDINGS: dict[str, str] = {
    "returned": N_("Tem đã được cơ sở trả lại, không dùng để dán lên hàng."),
    "damaged": N_("Tem đã được báo hỏng và bị loại bỏ."),
    "lost": N_("Tem đã được báo mất. Hàng mang tem này không phải do cơ sở dán."),
    "destroyed": N_("Tem đã được tiêu hủy. Tem bạn đang thấy có thể là bản in lại."),
    "revoked": N_("Tem đã bị thu hồi và không còn giá trị."),
}

HOLDS: dict[str, str] = {
    "facility_stopped": N_("Cơ sở đã ngừng hoạt động."),
    "officer_order": N_("Cơ quan quản lý ra lệnh tạm ngừng."),
    "certificate_expired": N_("Giấy chứng nhận của cơ sở đã hết hạn."),
    "lot_examining": N_(
        "Lô này có một kết quả kiểm nghiệm không đạt, đang được cơ quan quản lý xem xét."
    ),
    "lot_source_unfit": N_(
        "Một lô nguyên liệu của lô này được xác nhận kiểm nghiệm không đạt; cơ quan quản lý đang "
        "xem xét lô này."
    ),
    "lot_unfit": N_("Cơ quan quản lý xác nhận lô này kiểm nghiệm không đạt."),
}

DOUBTS: dict[str, str] = {
    "not_confirmed": N_("Chưa liên lạc được với đủ các bộ phận của hệ thống."),
    "incomplete": N_("Dữ liệu mới của tem này đang được cập nhật."),
    "genealogy": N_("Nguồn gốc của các lô nguyên liệu đang được kiểm tra."),
    "address": N_("Địa chỉ in trên nhãn nói về một sản phẩm hoặc lô hàng khác với tem đã cấp."),
    "scans": N_(
        "Mã này được quét ở nhiều nơi, bởi nhiều người, theo cách mà một món hàng duy nhất"
        " không thể có."
    ),
}

NOTICE_KINDS: dict[str, str] = {
    "recall": N_("Lệnh thu hồi"),
    "withdrawal": N_("Lệnh ngừng lưu hành"),
    "warning": N_("Cảnh báo"),
}

CERTIFICATES: dict[str, str] = {
    "attp": N_("Đủ điều kiện an toàn thực phẩm"),
    "commitment": N_("Cam kết sản xuất an toàn"),
    "vietgap": "VietGAP",
    "globalgap": "GlobalG.A.P.",
    "gmp": "GMP",
    "haccp": "HACCP",
    "iso22000": "ISO 22000",
    "tccs": N_("Tiêu chuẩn cơ sở tự công bố"),
    "ifs": "IFS",
    "brc": "BRC",
    "fssc22000": "FSSC 22000",
    "organic": N_("Hữu cơ"),
    "halal": "Halal",
    "ocop": "OCOP",
    "other": N_("Giấy chứng nhận khác"),
}

# Who has a part in making and selling a product.
ROLES: dict[str, str] = {
    "producer": N_("Sản xuất"),
    "processor": N_("Chế biến"),
    "packer": N_("Đóng gói"),
    "distributor": N_("Phân phối"),
}

# Details of a stage, under the names registry gives them.
DETAILS: dict[str, str] = {
    "name": N_("Tên"),
    "active_substance": N_("Hoạt chất"),
    "dose": N_("Liều lượng"),
    "withdrawal_days": N_("Thời gian cách ly (ngày)"),
    "quantity": N_("Số lượng"),
    "material": N_("Nguyên liệu"),
    "source": N_("Nơi đi"),
    "destination": N_("Nơi đến"),
    "vehicle": N_("Phương tiện"),
    "method": N_("Cách làm"),
    "note": N_("Ghi chú"),
}
# The same names mean something of their own at a laboratory test.
TEST_DETAILS: dict[str, str] = {
    "name": N_("Chỉ tiêu"),
    "method": N_("Phương pháp"),
    "quantity": N_("Kết quả"),
    "limit": N_("Giới hạn cho phép"),
    "verdict": N_("Kết luận"),
}
TEST_VERDICTS: dict[str, str] = {
    "passed": N_("Đạt"),
    "failed": N_("Không đạt"),
}

# Units that registry writes into a stage; here only so that they can be said in other languages.
UNITS = (
    *(N_("yến"), N_("tạ"), N_("tấn"), N_("lít"), N_("con"), N_("quả"), N_("bó"), N_("cây")),
    *(N_("chai"), N_("lọ"), N_("hộp"), N_("gói"), N_("túi"), N_("bao"), N_("khay"), N_("thùng")),
    N_("cái"),
)

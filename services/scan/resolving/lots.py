"""The page of a whole lot: what stands against it, and who made what and when."""

from services.scan.answering.facts import holds
from services.scan.answering.forms import Forms
from services.scan.answering.spoken import Heard
from services.scan.answering.words import DOUBTS
from services.scan.knowing.scanner import Known
from shared.gs1_link import Uri
from shared.web.i18n import N_

# verdict: (tone, headline, meaning). No tone is "good": whoever likes can print a lot's address.
WORDS: dict[str, tuple[str, str, str]] = {
    "recalled": (
        "bad",
        N_("Lô hàng đang bị thu hồi – không sử dụng"),
        N_("Cơ quan có thẩm quyền đã ra lệnh thu hồi lô hàng này."),
    ),
    "withdrawn": (
        "bad",
        N_("Lô hàng đã ngừng lưu hành – không sử dụng"),
        N_("Sản phẩm hoặc lô hàng này đã bị rút khỏi thị trường."),
    ),
    "suspended": (
        "caution",
        N_("Lô hàng đang bị tạm ngừng"),
        N_("Chưa nên mua hoặc sử dụng cho đến khi cơ quan quản lý có kết luận."),
    ),
    "expired": (
        "caution",
        N_("Lô hàng đã quá hạn sử dụng"),
        N_("Không sử dụng và không mua bán hàng của lô này."),
    ),
    "warning": (
        "caution",
        N_("Có cảnh báo về lô hàng này"),
        N_("Cơ quan quản lý đã đăng cảnh báo. Hãy đọc kỹ trước khi sử dụng."),
    ),
    "unconfirmed": (
        "wait",
        N_("Chưa xác nhận được tình trạng của lô"),
        N_("Thông tin dưới đây có thể chưa phải mới nhất. Hãy mở lại trang sau ít phút."),
    ),
    "genuine": (
        "ask",
        N_("Lô hàng có trong hệ thống, không bị thu hồi"),
        N_("Không có lệnh thu hồi hay cảnh báo nào về lô hàng này."),
    ),
}
NOT_KNOWN = (
    "none",
    N_("Không có lô này trong hệ thống"),
    N_(
        "Sản phẩm có trong hệ thống, nhưng chưa có lô nào mang mã này. Hãy so mã lô với nhãn;"
        " nếu đúng, hãy hỏi nơi bán trước khi sử dụng."
    ),
)
BAD_FIRST = ("recalled", "withdrawn", "suspended")


class LotPages:
    """Pages of lots that are known, and of those that are not though their product is."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def page(
        self, known: Known, confirmed: bool, uri: Uri, lang: str, as_of: bytes, heard: Heard
    ) -> bytes:
        """`known` is the lot, or the product where there is no such lot."""
        case = known.case
        assert case is not None
        judgement = known.confirmed if confirmed else known.unconfirmed
        lot = case.published_lot
        # Of a lot that is not on record, only what is bad for the whole product can be said.
        is_said = lot is not None or judgement.verdict in BAD_FIRST
        tone, headline, meaning = WORDS[judgement.verdict] if is_said else NOT_KNOWN
        return self._forms.page(
            "lot.html",
            lang,
            tone=tone,
            headline=headline,
            meaning=meaning,
            doubt=DOUBTS.get(judgement.because, "") if lot else "",
            confirmed=confirmed,
            as_of=as_of.decode(),
            case=case,
            lot=lot,
            lot_code=uri.get("10"),
            gtin=uri.value,
            heard=heard,
            holds=holds(case, lambda text: self._forms.say(text, lang)),
        )

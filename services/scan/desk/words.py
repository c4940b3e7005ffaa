"""What things are called at the desk, and what a finding says; the texts are msgids."""

from collections.abc import Callable
from typing import Final

from services.scan.domain import copies
from services.scan.domain.pin import MOST_WRONG, Outcome, Tries
from services.scan.domain.suspicion import HIDDEN_NUMBER
from shared.commune_places import communes_of, names
from shared.contracts.scan import Finding
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

STATES: Final = {
    "suspected": N_("Đang nghi vấn"),
    "held_back": N_("Chờ xem, chưa báo người mua"),
    "confirmed": N_("Xác nhận là tem sao chép"),
    "cleared": N_("Không phải tem sao chép"),
}
TONES: Final = {"suspected": "bad", "held_back": "caution", "confirmed": "bad", "cleared": "good"}

RULES: Final = {
    "many_sources": N_("Quá nhiều nơi quét trong một ngày"),
    "impossible_travel": N_("Ở hai nơi xa nhau gần như cùng lúc"),
    "far_from_sales": N_("Xa nơi sản xuất và nơi bán"),
    "long_after": N_("Quét quá muộn"),
    "before_activation": N_("Quét trước khi kích hoạt"),
    "after_sale": N_("Quét sau khi đã báo bán"),
    HIDDEN_NUMBER: N_("Số ẩn bị khóa sau nhiều lần nhập sai"),
}
_TOLD: Final = {
    "many_sources": N_(
        "{sources} nguồn khác nhau đã quét tem này trong ngày;"
        " một món hàng thường gặp không quá {free}."
    ),
    "impossible_travel": N_(
        "Hai nơi cách nhau {figure} km quét tem này trong khoảng thời gian mà xe chạy"
        " {speed} km/giờ không đi kịp; {sources} nguồn khác nhau cho thấy điều đó."
    ),
    "far_from_sales": N_(
        "{sources} nguồn quét tem ở nơi cách cơ sở và mọi nơi nhận hàng tới {figure} km."
    ),
    "long_after": N_(
        "{sources} nguồn quét tem muộn hơn {figure} ngày so với lúc hàng còn có thể lưu hành."
    ),
    "before_activation": N_(
        "{sources} nguồn đã quét tem khi tem chưa được kích hoạt cho lô hàng nào."
    ),
    "after_sale": N_("{sources} nguồn vẫn quét tem sau khi cơ sở báo món hàng đã bán."),
    HIDDEN_NUMBER: N_(
        "Số ẩn dưới lớp cào của tem này bị nhập sai {figure} lần. Ai cũng có thể nhập sai, kể cả"
        " người muốn làm hại sản phẩm, nên chỉ điều này chưa đủ để kết luận."
    ),
}


_PIN: Final[dict[Outcome, str]] = {
    "right": N_("Đây là số ẩn được tạo riêng cho con tem này."),
    "wrong": N_("Không phải số ẩn của con tem này. Còn {left} trong {most} lần."),
    "locked": N_("Đã có {most} lần nhập sai, nên số ẩn này không kiểm tra được nữa."),
    "none": N_("Tem này được cấp mà không in số ẩn."),
}


def pin_told(outcome: Outcome, tries: Tries) -> str:
    """What came of a hidden number, in a sentence."""
    figures = {"left": show_number(tries.left), "most": show_number(MOST_WRONG)}
    return translate(_PIN[outcome], **figures)


def rule_label(rule: str) -> str:
    return translate(RULES[rule]) if rule in RULES else rule


def told(finding: Finding) -> str:
    """A finding in a sentence with its figures."""
    if finding.rule not in _TOLD:
        return ""
    rules = copies.rules()
    return translate(
        _TOLD[finding.rule],
        sources=show_number(finding.sources),
        figure=show_number(round(finding.figure)),
        free=show_number(rules.many_sources.free),
        speed=show_number(rules.impossible_travel.kilometres_per_hour),
    )


def commune_name(code: str) -> str:
    """A commune with its province; its code where the country has no such commune."""
    return names().get(code, code)


def lettered() -> Callable[[int], str]:
    """Names sources A, B, C … in the order in which they are asked for: a hash tells nobody."""
    known: dict[int, str] = {}

    def letter(source: int) -> str:
        if source not in known:
            place, text = len(known), ""
            while place >= 0:
                text = chr(65 + place % 26) + text
                place = place // 26 - 1
            known[source] = text
        return known[source]

    return letter


PROBLEMS: Final = {
    "looks_fake": (N_("Nghi hàng giả, tem giả"), N_("Tem bị dán lại, hàng khác với ảnh.")),
    "spoiled": (N_("Hàng hỏng, không an toàn"), N_("Ôi thiu, mốc, có vật lạ, bao bì phồng.")),
    "made_ill": (N_("Ăn vào bị ốm"), N_("Nếu đang nguy hiểm, hãy gọi cấp cứu 115 trước.")),
    "wrong_information": (
        N_("Thông tin sai"),
        N_("Tên, hạn dùng, nơi sản xuất không đúng với hàng."),
    ),
    "other": (N_("Việc khác"), ""),
}
CHANNELS: Final = {
    "phone": N_("Điện thoại"),
    "in_person": N_("Đến trực tiếp"),
    "letter": N_("Thư, công văn"),
    "online": N_("Tin nhắn, mạng xã hội, cổng khác"),
}
REPORT_STATES: Final = {
    "new": N_("Đã nhận, chờ xem"),
    "seen": N_("Cán bộ đang xem xét"),
    "closed": N_("Đã trả lời"),
}
REPORT_TONES: Final = {"new": "neutral", "seen": "caution", "closed": "good"}
# The code of the province whose stamps these are.
_HERE: Final = 22


def problems() -> list[tuple[str, str, str]]:
    """What may be reported: key, name and hint, in the language of the page."""
    return [(key, translate(label), translate(hint)) for key, (label, hint) in PROBLEMS.items()]


def communes_here() -> list[tuple[str, str]]:
    """The communes of the province, by name; whoever is elsewhere writes where."""
    return list(communes_of(_HERE))

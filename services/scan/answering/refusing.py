"""What is answered where there is no verdict: not a code, too many wrong ones, another method."""

from typing import Any

import msgspec

from services.scan.answering.forms import Forms, Headers, json_headers, spoken
from services.scan.answering.marks import Variant
from shared.web.i18n import N_
from shared.web.onewrite import laid_out

MALFORMED_CODE, TOO_MANY = "malformed_code", "too_many_invalid_codes"
WRONG_METHOD, TYPE_IT = "method_not_allowed", "type_it"

# code: (status, tone, headline, meaning)
_SAYINGS: dict[str, tuple[int, str, str, str]] = {
    MALFORMED_CODE: (
        404,
        "none",
        N_("Đây không phải mã tem"),
        N_("Mã đọc được không đúng độ dài hoặc có ký tự lạ. Hãy quét lại, hoặc gõ mã vào ô dưới."),
    ),
    TOO_MANY: (
        429,
        "wait",
        N_("Quá nhiều mã sai"),
        N_("Từ mạng của bạn vừa có quá nhiều mã không đúng. Hãy chờ một phút rồi quét lại."),
    ),
    WRONG_METHOD: (
        405,
        "none",
        N_("Cách gửi không đúng"),
        N_("Địa chỉ này chỉ để xem."),
    ),
    TYPE_IT: (
        200,
        "ask",
        N_("Kiểm tra tem bằng mã"),
        N_("Gõ mã gồm 20 ký tự in dưới hình vuông, rồi nhấn Kiểm tra."),
    ),
}
_EXTRA: dict[str, Headers] = {
    TOO_MANY: ((b"retry-after", b"60"),),
    WRONG_METHOD: ((b"allow", b"GET, HEAD"),),
}


# As long as every request id is.
_ID_HOLE = "hole" * 8


class Refusals:
    """Ready answers: who floods us with nonsense costs little."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._pages: dict[tuple[str, str], bytes] = {}
        self._whole: dict[tuple[str, Variant], list[bytes]] = {}

    def whole(self, code: str, variant: Variant, shown: bytes) -> bytes:
        """All of the answer as it is sent; `shown` is the request's id, of 32 characters."""
        parts = self._whole.get((code, variant))
        if parts is None:
            status, headers, body = self.answer(code, variant, _ID_HOLE)
            sized = (*headers, (b"content-length", b"%d" % len(body)))
            start = laid_out(status, (*sized, (b"x-request-id", _ID_HOLE.encode())))
            parts = self._whole[code, variant] = (start + b"\r\n" + body).split(_ID_HOLE.encode())
        return shown.join(parts)

    def answer(self, code: str, variant: Variant, request_id: str) -> tuple[int, Headers, bytes]:
        """Status, headers and body."""
        status = _SAYINGS[code][0]
        extra = (*_EXTRA.get(code, ()), spoken(variant.lang))
        if variant.json:
            headers = json_headers(b"application/problem+json")
            return status, headers + extra, self._problem(code, variant.lang, request_id)
        return status, self._forms.page_headers + extra, self.page(code, variant.lang)

    def page(self, code: str, lang: str) -> bytes:
        """How to read the code again, and a field to type it."""
        made = self._pages.get((code, lang))
        if made is None:
            made = self._pages[code, lang] = self.typed(code, lang, "")
        return made

    def typed(self, code: str, lang: str, text: str) -> bytes:
        """The same with what was typed still in the field, to be mended there."""
        _, tone, headline, meaning = _SAYINGS[code]
        return self._forms.page(
            "reading.html", lang, tone=tone, headline=headline, meaning=meaning, typed=text
        )

    def _problem(self, code: str, lang: str, request_id: str) -> bytes:
        status, _, headline, meaning = _SAYINGS[code]
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": self._forms.say(headline, lang),
            "status": status,
            "code": code,
            "detail": self._forms.say(meaning, lang),
            "request_id": request_id,
        }
        return msgspec.json.encode(problem)

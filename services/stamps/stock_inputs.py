"""What people and programs send of stamps that the authority prints and hands over."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from services.stamps.domain.spans import Ambiguous, spans_written
from services.stamps.inputs import OptionalId, OptionalReason, Reason
from shared.web.fields import Input, wrong
from shared.web.i18n import N_


def _ranges(text: str) -> str:
    try:
        spans_written(text)
    except Ambiguous:
        raise wrong(
            "ranges_comma",
            N_(
                "Không rõ dấu phẩy ngăn hai khoảng hay ngăn hàng nghìn. Hãy ngăn các khoảng bằng "
                "dấu chấm phẩy, hoặc dấu phẩy và dấu cách; viết số liền, không dấu phẩy: 1000-1010."
            ),
        ) from None
    except ValueError:
        raise wrong(
            "ranges",
            N_("Hãy viết các khoảng như 120-143, 200; số nhỏ trước, tối đa 100 khoảng."),
        ) from None
    return text


# Numbers and spans of them: "120-143, 200".
OptionalRanges = Annotated[str, Field(max_length=2_000), AfterValidator(_ranges)]
Ranges = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_ranges)]


class StoreFields(Input):
    """The sheets of a print job are in stock; spoilt are these serials ("120-143, 200") and these
    sheets ("3, 7-9"), which are reported as damaged and need a reason."""

    spoilt_sheets: OptionalRanges = ""
    spoilt: OptionalRanges = ""
    reason: OptionalReason = ""

    def asked(self) -> dict[str, Any]:
        return {
            "spoilt": spans_written(self.spoilt),
            "spoilt_sheets": spans_written(self.spoilt_sheets),
            "reason": self.reason,
        }


class HandOverFields(Input):
    """`serials` ("0-499, 600-699") go to `recipient`, a person of the facility, on a day; or of the
    unit `to_unit_id`, which takes them in its stock."""

    serials: Ranges
    recipient: Annotated[str, Field(min_length=2, max_length=100)]
    handed_on: Annotated[date, Field(strict=False)]  # A day is text in JSON too.
    remark: OptionalReason = ""
    to_unit_id: OptionalId = ""

    def asked(self) -> dict[str, Any]:
        return {
            "serials": spans_written(self.serials),
            "recipient": self.recipient,
            "handed_on": self.handed_on,
            "remark": self.remark,
            "to_unit_id": self.to_unit_id,
        }


class WithdrawalFields(Input):
    reason: Reason


class CancelFields(Input):
    """Why nobody wants a print after all."""

    reason: Reason


class ReceiptFields(Input):
    """All of a hand-over is there, but for the serials `missing` ("17, 20-24") and `damaged`; where
    there are such, `text` says what was found."""

    missing: OptionalRanges = ""
    damaged: OptionalRanges = ""
    text: OptionalReason = ""

    def asked(self) -> dict[str, Any]:
        return {
            "missing": spans_written(self.missing),
            "damaged": spans_written(self.damaged),
            "text": self.text,
        }


class AnswerFields(Input):
    """What a side says of a difference; `agrees` with the other side's last word settles it."""

    agrees: bool = False
    text: OptionalReason = ""


class StoreForm(StoreFields):
    key: OptionalId = ""


class HandOverForm(HandOverFields):
    key: OptionalId = ""


class ReceiptForm(ReceiptFields):
    key: OptionalId = ""

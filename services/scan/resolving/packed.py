"""The page of a logistic unit: the lots of its shipment, each with what stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scan.answering.forms import Forms
from services.scan.domain.verdict import Case
from services.scan.knowing.scanner import Known
from services.scan.resolving.lots import NOT_KNOWN, WORDS
from shared.contracts.scan import VERDICTS
from shared.gs1 import gtin14
from shared.gs1_link import Uri
from shared.web.i18n import N_

_BAD = (
    N_("Trong kiện này có lô đang bị thu hồi hoặc ngừng lưu hành"),
    N_("Không sử dụng và không mua bán hàng của những lô đó. Xem từng lô dưới đây."),
)
_CAUTION = (
    N_("Trong kiện này có lô cần xem lại"),
    N_("Xem từng lô dưới đây trước khi nhận hoặc bán tiếp."),
)
_GENUINE = (
    N_("Các lô trong kiện này không bị thu hồi"),
    N_("Không có lệnh thu hồi hay cảnh báo nào về các lô dưới đây."),
)


@dataclass(frozen=True, slots=True)
class PackedLot:
    """A row of the page; `href` leads to the lot's own page, "" where it has none."""

    case: Case
    tone: str
    state: str
    href: str


class UnitPages:
    """Pages of logistic units: neither quantities nor whom they go to are told."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def page(
        self, lots: Sequence[Known], confirmed: bool, sscc: str, lang: str, as_of: bytes
    ) -> bytes:
        rows, worst = [], "genuine"
        for known in lots:
            judgement = known.confirmed if confirmed else known.unconfirmed
            rows.append(_row(known, judgement.verdict))
            worst = min(worst, judgement.verdict, key=VERDICTS.index)
        tone = WORDS[worst][0] if worst in WORDS else "caution"
        headline, meaning = {
            "bad": _BAD,
            "caution": _CAUTION,
            "wait": WORDS["unconfirmed"][1:],
        }.get(tone, _GENUINE)
        return self._forms.page(
            "unit.html",
            lang,
            tone=tone,
            headline=headline,
            meaning=meaning,
            confirmed=confirmed,
            as_of=as_of.decode(),
            sscc=sscc,
            rows=rows,
        )


def _row(known: Known, verdict: str) -> PackedLot:
    case = known.case
    assert case is not None
    lot, product = case.published_lot, case.published_product
    tone, state, _ = WORDS.get(verdict, NOT_KNOWN) if lot is not None else NOT_KNOWN
    href = ""
    if lot is not None and product is not None and product.gtin:
        href = Uri("01", gtin14(product.gtin), (("10", lot.code),)).path()
    return PackedLot(case, tone, state, href)

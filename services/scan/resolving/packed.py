"""The page of a logistic unit: its lots, or those of its shipment, each with what stands against
it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scan.answering.forms import Forms
from services.scan.domain.verdict import Case
from services.scan.knowing.scanner import Known
from services.scan.resolving.found import Things
from services.scan.resolving.levels import path_of
from services.scan.resolving.lots import NOT_KNOWN, WORDS
from shared.contracts.scan import VERDICTS
from shared.web.i18n import N_

_BAD = (
    N_("Trong kiện này có lô đang bị thu hồi hoặc ngừng lưu hành"),
    N_("Không sử dụng và không mua bán hàng của những lô đó. Xem từng lô dưới đây."),
)
_CAUTION = (
    N_("Trong kiện này có lô cần xem lại"),
    N_("Xem từng lô dưới đây trước khi nhận hoặc bán tiếp."),
)
# Who packs may err: what is bad beside it is told, though less loudly.
_BESIDE = (
    N_("Lô khác của cùng chuyến hàng đang bị thu hồi hoặc ngừng lưu hành"),
    N_(
        "Theo bên gửi, lô đó không ở trong kiện này. Hãy so nhãn từng món trước khi nhận hoặc bán"
        " tiếp."
    ),
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

    def page(self, things: Things, confirmed: bool, sscc: str, lang: str, as_of: bytes) -> bytes:
        rows, tone = _rows(things.packed, confirmed)
        beside, worse = _rows(things.beside, confirmed)
        headline, meaning = {
            "bad": _BAD,
            "caution": _CAUTION,
            "wait": WORDS["unconfirmed"][1:],
        }.get(tone, _GENUINE)
        if worse == "bad" and tone not in ("bad", "caution"):
            tone, (headline, meaning) = "caution", _BESIDE
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
            beside=beside,
            is_said=things.is_said,
        )


def _rows(lots: Sequence[Known], confirmed: bool) -> tuple[list[PackedLot], str]:
    """A row for each, and the tone of the worst."""
    rows, worst = [], "genuine"
    for known in lots:
        judgement = known.confirmed if confirmed else known.unconfirmed
        rows.append(_row(known, judgement.verdict))
        worst = min(worst, judgement.verdict, key=VERDICTS.index)
    return rows, WORDS[worst][0] if worst in WORDS else "caution"


def _row(known: Known, verdict: str) -> PackedLot:
    case = known.case
    assert case is not None
    known_here = case.published_lot is not None
    tone, state, _ = WORDS.get(verdict, NOT_KNOWN) if known_here else NOT_KNOWN
    return PackedLot(case, tone, state, path_of(case))

"""What a case said and what it says since, side by side, in the words of the pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.recall import catalogue
from services.recall.domain.target import Target
from services.recall.domain.terms import Said
from services.recall.pages import labels
from shared.web.filters import show_date
from shared.web.i18n import N_, translate, worded

TEXTS = {
    "title": N_("Tiêu đề"),
    "reason": N_("Lý do"),
    "instruction": N_("Người tiêu dùng cần làm gì"),
}
ENDS = {"": "", "_en": "English", "_zh": "中文"}
# Codes named in one row; more are told by their number.
CODES = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same. `lang` is that of the two texts, "" that of the page."""

    label: str
    before: str
    after: str
    lang: str = ""


def between(
    before: Said, after: Said, added: Sequence[str] = (), removed: Sequence[str] = ()
) -> list[Difference]:
    """All that differs; `added` and `removed` are codes of lots."""
    rows = [
        *_of_terms(before, after),
        *(_of_text(before, after, name, end) for name in TEXTS for end in ENDS),
    ]
    if added:
        rows.append(Difference(translate("Lô được thêm"), "", _codes(added)))
    if removed:
        rows.append(Difference(translate("Lô được bỏ ra"), _codes(removed), ""))
    return [row for row in rows if row.before != row.after]


def _of_terms(before: Said, after: Said) -> list[Difference]:
    return [
        Difference(
            translate("Loại thông báo"),
            translate(labels.KINDS[before.kind]),
            translate(labels.KINDS[after.kind]),
        ),
        Difference(
            translate("Mức cảnh báo"),
            translate(labels.LEVELS[before.level]),
            translate(labels.LEVELS[after.level]),
        ),
        Difference(
            translate("Lý do theo danh mục"), _named(before.reason_key), _named(after.reason_key)
        ),
        Difference(translate("Giới hạn"), _limits(before.target), _limits(after.target)),
    ]


def _of_text(before: Said, after: Said, name: str, end: str) -> Difference:
    language = ENDS[end]
    label = translate(TEXTS[name]) + (f" ({language})" if language else "")
    return Difference(
        label,
        getattr(before.wording, name + end),
        getattr(after.wording, name + end),
        {"": "vi", "_en": "en", "_zh": "zh"}[end],
    )


def _named(key: str) -> str:
    found = catalogue.reasons().get(key)
    return worded(found.name.vi, found.name.en, found.name.zh) if found else "—"


def _limits(target: Target) -> str:
    """The serials or the period; "—" where everything is meant."""
    if target.first is not None or target.last is not None:
        return f"{target.first}–{target.last}"
    if target.has_period:
        return " – ".join(show_date(day) if day else "…" for day in (target.since, target.until))
    return "—"


def _codes(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:CODES])
    rest = len(codes) - CODES
    return shown if rest <= 0 else translate("{shown} và {count} lô khác", shown=shown, count=rest)

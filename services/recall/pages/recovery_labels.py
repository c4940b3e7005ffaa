"""The words that pages and reports use for what became of recalled goods."""

from typing import Final

from services.recall import goods_words
from services.recall.domain.recovery import Fate
from services.recall.domain.terms import Handling
from services.recall.pages import labels
from shared.web.i18n import translate

FATES, SHORT_FATES = goods_words.FATES, goods_words.SHORT_FATES
# Lots that an explanation names; of more their number is told.
MOST_NAMED: Final = 8
# For templates, which have one name for all these words.
amount = labels.amount


def fate_words(fate: Fate, handling: Handling | None) -> str:
    """`Đã thu hồi · Tiêu hủy`."""
    words = translate(FATES[fate])
    return f"{words} · {translate(labels.HANDLINGS[handling])}" if handling else words

"""At how many °C goods are to be kept, in the words of pages."""

from services.registry.domain.degrees import Degrees
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

BETWEEN = N_("Sản phẩm này cần giữ từ {low} đến {high} °C.")
ABOVE = N_("Sản phẩm này cần giữ từ {low} °C trở lên.")
BELOW = N_("Sản phẩm này cần giữ không quá {high} °C.")


def asked_words(asked: Degrees) -> str:
    """Where the product asks for nothing, ""."""
    if asked.lowest is None and asked.highest is None:
        return ""
    if asked.highest is None:
        return translate(ABOVE, low=show_number(asked.lowest))
    if asked.lowest is None:
        return translate(BELOW, high=show_number(asked.highest))
    return translate(BETWEEN, low=show_number(asked.lowest), high=show_number(asked.highest))

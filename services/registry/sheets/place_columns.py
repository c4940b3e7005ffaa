"""Columns of several sheets: which record a row is of, and where it belongs."""

from collections.abc import Mapping
from typing import Final

from services.registry.domain.communes import (
    communes,
    heeded,
    names_of_today,
    standing_communes,
)
from services.registry.sheets.column import CHOICE, Column
from shared.web.i18n import N_


def own_code(header: str, hint: str) -> Column:
    """The code of the record itself: none for a new one, whose row is an example in templates."""
    return Column("code", header, key=True, hint=hint, example="VÍ DỤ")


def _communes() -> Mapping[str, str]:
    return {one.code: one.name for one in standing_communes().values()}


def _called_before() -> Mapping[str, str]:
    """Lists that were written before communes were merged: what these were called then."""
    known, renamed = communes(), names_of_today()
    return {known[code].name: code for code in renamed} | {
        word: present
        for code, present in heeded().into.items()
        for word in (code, known[code].name)
    }


OF_FACILITY: Final = Column(
    "facility",
    N_("Mã cơ sở"),
    key=True,
    required=True,
    hint=N_("Mã cơ sở (CS22-…) hoặc mã số thuế của cơ sở đã có trong hệ thống."),
    example="CS22-00000017",
)
COMMUNE: Final = Column(
    "commune",
    N_("Xã, phường, đặc khu"),
    CHOICE,
    required=True,
    hint=N_("Tên hoặc mã năm chữ số theo danh mục hiện hành."),
    example="Phường An Sinh",
    choices=_communes,
    also=_called_before,
)

"""Entries of the list of known facilities as rows of a sheet: an import reads them as the same."""

from typing import Any

from services.registry.domain.imports import Listed
from services.registry.domain.known import SHARED, Known, KnownStatus
from services.registry.facility_inputs import CertificateInput
from services.registry.sheets.columns import COLUMNS
from services.registry.sheets.given import given
from shared.web.i18n import N_, translate

STATUSES = {
    KnownStatus.KNOWN: N_("Mới biết"),
    KnownStatus.INVITED: N_("Đã mời"),
    KnownStatus.REGISTERING: N_("Đang đăng ký"),
    KnownStatus.PARTICIPATING: N_("Đã tham gia"),
    KnownStatus.CLOSED: N_("Đã đóng"),
}


def cells_of(one: Known) -> list[Any]:
    """The row that tells of an entry."""
    found: dict[str, Any] = {name: getattr(one.it, name) for name in SHARED}
    for paper in one.it.certificates[:1]:
        for name in CertificateInput.model_fields:
            found[f"certificates.0.{name}"] = getattr(paper, name, None)
    found.update(code=one.id, source=one.it.source, status=translate(STATUSES[one.status]))
    return [given(column, found.get(column.field)) for column in COLUMNS[Listed.KNOWN]]

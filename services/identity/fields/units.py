"""Units: founded, edited, moved and merged."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.identity.actions.units import UnitEdit
from services.identity.domain.units import WHOLE, Reach
from services.identity.inputs import Commune, Name, ObjectId, Version, Word
from services.identity.reasons import Reason
from shared.web.fields import Input, wrong
from shared.web.i18n import N_


def _communes(typed: str) -> str:
    codes = [code.strip() for code in typed.replace(";", ",").split(",") if code.strip()]
    if codes != [WHOLE] and not all(len(code) == 5 and code.isdecimal() for code in codes):
        raise wrong(
            "commune_codes",
            N_("Hãy nhập mã xã gồm 5 chữ số, cách nhau bằng dấu phẩy, hoặc * cho toàn tỉnh."),
        )
    return ", ".join(codes)


Communes = Annotated[str, StringConstraints(max_length=3000), AfterValidator(_communes)]


class FoundUnit(Input):
    name: Name
    tier: Word
    parent_id: ObjectId
    communes: Annotated[tuple[Commune, ...], Field(max_length=300)] = ()
    sector: Word = WHOLE

    def reach(self) -> Reach:
        return Reach(tuple(sorted(set(self.communes))), self.sector)


class EditUnit(Input):
    version: Version
    name: Name
    communes: Annotated[tuple[Commune, ...], Field(max_length=300)] = ()
    sector: Word = WHOLE
    active: bool = True

    def edit(self) -> UnitEdit:
        reach = Reach(tuple(sorted(set(self.communes))), self.sector)
        return UnitEdit(self.version, self.name, reach, self.active)


class MoveUnit(Input):
    """The unit as of `version` goes under another parent."""

    version: Version
    parent_id: ObjectId
    reason: Reason


class MergeUnits(Input):
    """`merged` go into the unit as of `version`; an empty name leaves its name as it is."""

    version: Version
    merged: Annotated[list[ObjectId], Field(min_length=1, max_length=50)]
    name: Annotated[str, StringConstraints(max_length=120)] = ""
    reason: Reason


class FoundUnitForm(Input):
    name: Name
    tier: Word
    parent_id: ObjectId
    communes: Communes = ""
    sector: Word = WHOLE

    def reach(self) -> Reach:
        return _reach(self.communes, self.sector)


class EditUnitForm(Input):
    version: Version
    name: Name
    communes: Communes = ""
    sector: Word = WHOLE
    active: bool = True

    def edit(self) -> UnitEdit:
        return UnitEdit(self.version, self.name, _reach(self.communes, self.sector), self.active)


def _reach(communes: str, sector: str) -> Reach:
    codes = {code for code in communes.split(", ") if code}
    return Reach(tuple(sorted(codes)), sector)

"""Field types of the demo data files: keys, codes with check digits, lists, days before today."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from shared.gs1 import gln13, gtin14

# Vietnam keeps one time the whole year, so no time-zone database is needed.
LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
# GS1 gives out this prefix for examples only: no real product or place has such a number.
EXAMPLE_PREFIX = "952"


def _parts(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return value


def _five_digits(value: Any) -> Any:
    # Spreadsheets like to drop the zero at the front of 06994.
    return value.zfill(5) if isinstance(value, str) and value.isdigit() else value


def _example_gtin(value: str) -> str:
    if len(value) not in (13, 14):
        raise ValueError("a GTIN has 13 digits, that of a case 14")
    _example(gtin14(value)[1:])
    return value


def _example_gln(value: str) -> str:
    return _example(gln13(value))


def _example(digits: str) -> str:
    if not digits.startswith(EXAMPLE_PREFIX):
        raise ValueError(f"demo numbers begin with GS1's example prefix {EXAMPLE_PREFIX}")
    return digits


def _tax_number(value: str) -> str:
    try:
        return str(mst.validate(value))
    except ValidationError:
        raise ValueError("not a tax number (MST): its length or check digit is wrong") from None


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
CommuneCode = Annotated[
    str, BeforeValidator(_five_digits), StringConstraints(pattern=r"^[0-9]{5}$")
]
AreaCode = Annotated[str, StringConstraints(pattern=r"^VN-[A-Z]{4}-[0-9]{4}$")]
PlantCode = Annotated[str, StringConstraints(pattern=r"^VN[A-Z]{4}-[0-9]{4}$")]
Gtin = Annotated[str, StringConstraints(pattern=r"^[0-9]+$"), AfterValidator(_example_gtin)]
Gln = Annotated[str, StringConstraints(pattern=r"^[0-9]+$"), AfterValidator(_example_gln)]
TaxNumber = Annotated[str, AfterValidator(_tax_number)]
Phone = Annotated[str, StringConstraints(pattern=r"^0203 000 [0-9]{4}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+@[a-z.]+\.example$")]
Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=64)]
HsCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{2})?$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=10)]
Parts = Annotated[tuple[str, ...], BeforeValidator(_parts)]
# Nothing in the files happens today: a demo loaded just after midnight has no future in it.
DaysAgo = Annotated[int, Field(ge=1, le=4000)]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=3)]
Longitude = Annotated[float, Field(ge=106, le=109)]
Latitude = Annotated[float, Field(ge=20, le=22)]

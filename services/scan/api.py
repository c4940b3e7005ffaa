"""What `/v1/verdicts/<code>` answers, as its OpenAPI document tells it.

The hot route (`answering/hot.py`) answers in bytes before any framework, so these routes describe
and never answer; a test holds the answers that really leave against this description.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.scan.domain.grounds import Ground
from shared.contracts.registry import Certificate, ChainParty, Recording, StageTold
from shared.contracts.scan import VERDICTS
from shared.contracts.stamps import MAX_PUBLIC_REASON
from shared.errors import NotFound
from shared.stampcode import LENGTH


class Told(BaseModel):
    """Nothing is told that does not stand here."""

    model_config = ConfigDict(extra="forbid")


class NoticeView(Told):
    """A recall, withdrawal or warning that touches the stamp, as its authority worded it; the
    English and Chinese may be empty."""

    case: str
    kind: Literal["recall", "withdrawal", "warning"]
    title: str
    reason: str
    instruction: str
    title_en: str
    reason_en: str
    instruction_en: str
    title_zh: str
    reason_zh: str
    instruction_zh: str
    authority: str
    ordered_at: datetime


class HoldView(Told):
    """Why the stamp is suspended; `text` in the reader's language. `reason` is what was ordered, in
    Vietnamese, with its translations where they were given, else ""."""

    kind: str
    text: str
    reason: str
    reason_en: str
    reason_zh: str


class WithdrawnView(Told):
    reason: str


class ProductView(Told):
    """As approved. `shelf_life_days` counts from production; addresses are on the public origin;
    `price` is in đồng for one unit of sale."""

    code: str
    gtin: str
    name: str
    name_en: str
    brand: str
    category: str
    description: str
    description_en: str
    packaging: str
    net_content: str
    shelf_life_days: int | None
    storage: str
    standards: list[str]
    ocop_stars: Annotated[int, Field(ge=3, le=5)] | None
    image: str
    images: list[str]
    recordings: list[Recording]
    chain: list[ChainParty]
    origin: str
    capacity: str
    price: int | None


class StageView(StageTold):
    __doc__ = f"""{StageTold.__doc__}
    `ground`: on what it rests. `laboratory`: measured on a sample; `sensor`: written by a device;
    else `declared` by the facility.
    """
    model_config = ConfigDict(extra="forbid")
    ground: Ground


class LotView(Told):
    """`quantity` is a decimal number in `unit`; `made_from_lots` how many lots it was made from."""

    code: str
    unit: str
    produced_on: date
    expires_on: date | None
    quantity: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
    made_from_lots: int
    stages: list[StageView]


class CertificateView(Certificate):
    """`expired`: it holds no longer on the day of the scan, in Vietnam. `ground`: `inspected` where
    its kind is issued after an inspection, else `declared` by the facility."""

    model_config = ConfigDict(extra="forbid")
    expired: bool
    ground: Ground


class FacilityView(Told):
    code: str
    name: str
    name_en: str
    address: str
    commune: str
    commune_name: str
    phone: str
    gln: str
    certificates: list[CertificateView]


class AreaView(Told):
    code: str
    name: str
    crop: str
    commune: str
    commune_name: str


class ScansView(Told):
    """How often the stamp was scanned, as far as it was counted some seconds ago.

    `recorded` and `first_on` (the day in Vietnam) are told from five scans on; else `fewer_than`.
    """

    recorded: int | None = None
    fewer_than: int | None = None
    first_on: date | None = None


class VerdictView(Told):
    """What is known of a stamp. `as_of` is when that was last confirmed to be current, null if
    never since the start; `genuine` is only said while `confirmed`.

    `headline`, `meaning`, `advice` and `explanation` are for people, in the language asked for.
    `stamp_state_reason` says why this very stamp was suspended or revoked: the authority's own
    words in Vietnamese, absent where it gave none; with `_en` and `_zh` where it translated them.
    `because` says why a verdict is `unconfirmed` or `suspect_copy`.
    From `stamp_state` on the members are absent where the code belongs to no stamp, null where
    there is no such thing (yet). `scans` is null there, and while the replica knows no numbers.
    """

    as_of: datetime | None
    scans: ScansView | None = None
    code: Annotated[str, Field(pattern=rf"^[0-9A-HJKMNP-TV-Z]{{{LENGTH}}}$")]
    verdict: Literal[VERDICTS]  # type: ignore[valid-type]
    confirmed: bool
    headline: str
    meaning: str
    advice: list[str]
    because: Literal["not_confirmed", "incomplete", "genealogy", "address", "scans"] | None = None
    explanation: str | None = None
    stamp_state: str | None = None
    stamp_state_text: str | None = None
    stamp_state_reason: Annotated[str, Field(max_length=MAX_PUBLIC_REASON)] | None = None
    stamp_state_reason_en: Annotated[str, Field(max_length=MAX_PUBLIC_REASON)] | None = None
    stamp_state_reason_zh: Annotated[str, Field(max_length=MAX_PUBLIC_REASON)] | None = None
    notices: list[NoticeView] | None = None
    holds: list[HoldView] | None = None
    product_withdrawn: WithdrawnView | None = None
    product: ProductView | None = None
    lot: LotView | None = None
    facility: FacilityView | None = None
    growing_area: AreaView | None = None


_UNKNOWN: dict[str, Any] = {
    "as_of": "2026-11-26T02:14:07Z",
    "code": "0XZ11HDQVYN9KM0J1234",
    "verdict": "unknown",
    "confirmed": True,
    "headline": "This code was not issued by the system",
    "meaning": "No stamp with this code exists.",
    "advice": ["Do not buy or use it before this is clearly explained."],
}
_RECALLED: dict[str, Any] = {
    **_UNKNOWN,
    "scans": {"recorded": 12, "fewer_than": None, "first_on": "2026-11-20"},
    "verdict": "recalled",
    "headline": "Being recalled",
    "meaning": "The authority has ordered this product to be recalled.",
    "advice": ["Stop using it and return it."],
    "stamp_state": "active",
    "stamp_state_text": "Activated",
    "notices": [
        {
            "case": "01a216a4-c11e-7a00-be2d-0376a4856c4d",
            "kind": "recall",
            "title": "Thu hồi na dai lô NA-261118",
            "reason": "Dư lượng thuốc bảo vệ thực vật vượt mức cho phép",
            "instruction": "Ngừng sử dụng và trả lại nơi đã mua",
            **{
                f"{name}_{lang}": ""
                for name in ("title", "reason", "instruction")
                for lang in ("en", "zh")
            },
            "authority": "Sở Nông nghiệp và Môi trường",
            "ordered_at": "2026-11-25T08:00:00Z",
        }
    ],
    "holds": [],
    "product": None,
    "lot": None,
    "facility": None,
    "growing_area": None,
}
EXAMPLES: dict[str, Any] = {
    "unknown": {"summary": "Forged or never issued", "value": _UNKNOWN},
    "recalled": {"summary": "Being recalled", "value": _RECALLED},
}


def _problem(status: int, code: str, detail: str) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": detail.partition(".")[0],
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": "0123456789abcdef0123456789abcdef",
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {"description": f"`{code}`", "content": {"application/problem+json": content}}


REFUSED: dict[int | str, dict[str, Any]] = {
    404: _problem(404, "malformed_code", "This is not a stamp code. Scan it again."),
    405: _problem(405, "method_not_allowed", "Wrong way of sending. This address only shows."),
    429: {
        **_problem(429, "too_many_invalid_codes", "Too many wrong codes. Wait a minute."),
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "In seconds."}},
    },
}

router = APIRouter(tags=["verdicts"])


@router.get(
    "/v1/verdicts/{code}",
    response_model_exclude_unset=True,
    responses={
        200: {"content": {"application/json": {"examples": EXAMPLES}}},
        **REFUSED,
    },
)
async def verdict(
    code: Annotated[
        str,
        Path(description="The stamp's 20 characters, as people type them: any case, O for 0, …"),
    ],
    lang: Annotated[
        Literal["vi", "en", "zh"] | None, Query(description="Before Accept-Language.")
    ] = None,
    commune: Annotated[
        str | None,
        Query(pattern="^[0-9]{5}$", description="Where it is scanned, if the reader says so."),
    ] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> VerdictView:
    """What is known of a stamp: free, without an account. Every verdict is 200, `unknown` too.

    The same is answered at the address in the stamp itself (`/<CODE>`, `/01/<GTIN>/21/<CODE>`) to
    whoever prefers `application/json` there. A GET is counted as a scan, HEAD is not.
    """
    raise NotFound()

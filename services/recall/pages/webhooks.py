"""How receivers check webhooks, and the public key by which they may."""

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.recall.domain.delivery import CHALLENGES, GIVE_UP, PAUSES
from shared.web.i18n import N_
from shared.web.pages import render
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)
EXAMPLE: Final = Path(__file__).with_name("receiver_example.py")

# As the courier waits where nothing else is set (TXNG_WEBHOOK_SECONDS).
SECONDS: Final = 10
TYPES: Final = (
    ("txng.contact.challenge.v1", N_("Lời thử khi webhook được thêm.")),
    ("txng.recall.ordered.v1", N_("Có vụ việc đụng tới cơ sở hoặc địa bàn của bạn.")),
    ("txng.recall.scope_changed.v1", N_("Phạm vi rộng thêm và đụng tới bạn.")),
    (
        "txng.recall.corrected.v1",
        N_("Thông báo được đính chính: xem “data.correction”."),
    ),
    ("txng.recall.lifted.v1", N_("Thông báo được dỡ bỏ.")),
    ("txng.recall.closed.v1", N_("Vụ việc kết thúc; thông báo vẫn còn hiệu lực.")),
    ("txng.recall.deadline_near.v1", N_("Một thời hạn của bạn sắp hết.")),
    ("txng.recall.deadline_missed.v1", N_("Một thời hạn đã qua.")),
    (
        "txng.drill.started.v1",
        N_("DIỄN TẬP: cơ sở được hỏi trong một cuộc diễn tập; không có hàng nào bị thu hồi."),
    ),
    ("txng.drill.ended.v1", N_("DIỄN TẬP: cuộc diễn tập kết thúc hoặc bị hủy.")),
)
FIELDS: Final = (
    ("id", N_("Giống “webhook-id”; như nhau ở mọi lần thử.")),
    ("subject", N_("Mã vụ việc; với lời thử là mã của webhook.")),
    ("time", N_("Lúc việc xảy ra.")),
    ("data.version", N_("Phiên bản của vụ việc mà tin nói tới.")),
    ("data.kind", N_("recall, withdrawal hoặc warning.")),
    ("data.state, data.active", N_("Trạng thái lúc gửi; “active” là thông báo còn hiệu lực.")),
    ("data.title, data.text, data.language", N_("Lời bằng ngôn ngữ đã chọn cho webhook.")),
    ("data.title_vi, data.reason_vi, data.instruction_vi", N_("Lời tiếng Việt như công bố.")),
    ("data.authority, data.ordered_at, data.corrected_at", N_("Ai ra thông báo, lúc nào.")),
    ("data.correction", N_("Lý do, điều đã đổi, mã các lô thêm và bỏ; null với tin khác.")),
    ("data.lots_total", N_("Số lô trong vụ việc.")),
    (
        "data.facilities, data.facilities_total",
        N_("Cơ sở được nói tới, nhiều nhất 20, và tất cả có bao nhiêu."),
    ),
    (
        "data.drill, data.mark, data.drill_id",
        N_("Chỉ có ở tin diễn tập: luôn là true, lời ghi “DIỄN TẬP”, mã cuộc diễn tập."),
    ),
    (
        "data.lots_asked, data.facilities_asked, data.ends_at, data.ended_at, data.rehearsed",
        N_("Tin diễn tập: số lô được hỏi, hết giờ lúc nào, kết thúc lúc nào, có được tính không."),
    ),
    ("data.links", N_("Trang công khai, trang quản lý và API của vụ việc.")),
)
HEADERS: Final = (
    ("webhook-id", N_("Mã của tin.")),
    ("webhook-timestamp", N_("Giây từ năm 1970, lúc gửi lần này.")),
    (
        "webhook-signature",
        N_("Chữ ký cách nhau bằng dấu cách: “v1,” HMAC-SHA256, “v1a,” Ed25519; dạng base64."),
    ),
)


@cache
def example() -> str:
    """The code that receivers are shown, which tests run."""
    return EXAMPLE.read_text(encoding="utf-8")


@router.get("/recalls/webhooks")
async def show(request: Request, who: VisitorPrincipal) -> Response:
    rules = request.app.state.settings.webhook_rules
    return render(
        request,
        "webhooks.html",
        example=example(),
        ports=sorted(rules.ports),
        days=GIVE_UP.days,
        pauses=PAUSES,
        challenges=CHALLENGES,
        seconds=SECONDS,
        types=TYPES,
        fields=FIELDS,
        heads=HEADERS,
    )


@router.get("/recalls/webhook-keys.json")
async def keys(request: Request) -> Response:
    """A JWK Set."""
    body = request.app.state.courier_keys.public()
    head = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
    return JSONResponse(body, headers=head)

"""A small application that uses everything shared/web offers, for tests and for looking at."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request, Response
from jinja2 import ChoiceLoader, FileSystemLoader
from pydantic import Field, field_validator
from pymongo.errors import ServerSelectionTimeoutError
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse

from shared.auth import Principal
from shared.errors import Kind, NotFound, ProofNeeded, Refusal, Unauthenticated
from shared.settings import Settings
from shared.web.answering import answered
from shared.web.app import create_app
from shared.web.charts import bars, donut, lines
from shared.web.cookies import ACCESS, set_cookie
from shared.web.csrf import PageForm, PassingForm, VisitorForm
from shared.web.fields import Input, Prose, upload, wrong
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import ApiPrincipal, PagePrincipal, VisitorPrincipal, safe_next

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


class LotAlreadyClosed(Refusal):
    code = "lot_already_closed"
    kind = Kind.CONFLICT
    message = "Lô {lot} đã đóng."


class TooSoon(Refusal):
    code = "too_soon"
    kind = Kind.LIMIT
    message = "Hãy đợi."


class Ripeness(StrEnum):
    GREEN = "green"
    RIPE = "ripe"


class Row(Input):
    code: str
    quantity: Decimal = Field(gt=0)


class Lot(Input):
    """A lot as the demonstration's API and form take it."""

    code: str = Field(min_length=3, max_length=20)
    quantity: int = Field(ge=1, le=1_000_000)
    weight: Decimal | None = Field(None, gt=0)
    harvested: date | None = None
    packed: datetime | None = None
    ripeness: Ripeness = Ripeness.RIPE
    note: Prose = ""
    tags: list[str] = Field(default_factory=list, max_length=3)
    rows: list[Row] = Field(default_factory=list)
    organic: bool = True

    @field_validator("code")
    @classmethod
    def _not_reserved(cls, code: str) -> str:
        if code == "RESERVED":
            raise wrong("reserved", N_("Mã {code} đã dành riêng."), code=code)
        return code


class Scan(Input):
    title: str
    picture: Annotated[UploadFile, upload(max_bytes=50_000, kinds=("png", "pdf"))] | None = None


class DemoVerifier:
    """Knows tokens that are names of accounts."""

    def __init__(self, principals: dict[str, Principal]) -> None:
        self.principals = principals

    async def verify(self, token: str) -> Principal:
        if token not in self.principals:
            raise Unauthenticated()
        return self.principals[token]


OFFICER = Principal(
    account_id="a-1",
    name="Nguyễn Thị Hòa",
    tier="department",
    kinds=frozenset({"approve", "system"}),
    unit_id="u-1",
    session_id="s-1",
    communes=("*",),
)
FARMER = Principal(
    account_id="a-2",
    name="Trần Văn Mạnh",
    tier="facility",
    kinds=frozenset({"operate"}),
    unit_id="u-2",
    session_id="s-2",
    facility_id="f-1",
)

api = APIRouter(prefix="/api/demo/v1")
pages = APIRouter()


@api.post("/lots", status_code=201)
async def add_lot(lot: Lot, who: ApiPrincipal) -> dict[str, str]:
    """Registers a lot."""
    return {"code": lot.code, "by": who.account_id}


@api.get("/lots/{number}")
async def show_lot(number: int) -> dict[str, int]:
    """Shows a lot."""
    return {"number": number}


@api.post("/lots/{code}/close")
async def close_lot(code: str) -> None:
    raise LotAlreadyClosed(lot=code)


@api.get("/soon")
async def soon() -> None:
    raise TooSoon(retry_after=30)


@api.get("/broken")
async def broken() -> None:
    raise ZeroDivisionError("secret inside")


@api.get("/away")
async def away() -> None:
    raise ServerSelectionTimeoutError("mongo at 10.0.0.7:27017")


@pages.get("/")
async def home(request: Request, who: VisitorPrincipal) -> Response:
    return render(request, "demo_home.html", now_shown=NOW)


@pages.get("/demo/broken")
async def broken_page() -> None:
    raise ZeroDivisionError("secret inside")


@pages.get("/demo/items/{number}")
async def item(request: Request, number: int) -> Response:
    return redirect(request, f"/console/demo?n={number}")


@pages.get("/console/demo")
async def gallery(request: Request, who: PagePrincipal) -> Response:
    form = new_form(Lot, code="L-2026-0001", quantity=500, weight=Decimal("12.125"), tags=["a"])
    return render(request, "demo_gallery.html", form=form, **_gallery(request))


@pages.post("/console/demo")
async def add(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(lot: Lot) -> Response:
        if lot.code == "CLOSED":
            raise LotAlreadyClosed("code", lot="CLOSED")
        if lot.code == "LATER":
            raise TooSoon("code", retry_after=30)
        if lot.code == "PROOF":
            raise ProofNeeded()
        message = N_("Đã nhận lô {code}: {value}.")
        return redirect(
            request, "/console/demo/done", message, code=lot.code, value=lot.model_dump()
        )

    def show(form: Form[Lot], status: int) -> Response:
        return render(request, "demo_gallery.html", form=form, status=status, **_gallery(request))

    return await answered(await read_form(request, Lot), perform, show)


@pages.get("/console/demo/done")
async def done(request: Request, who: PagePrincipal) -> Response:
    return render(request, "demo_home.html", now_shown=NOW)


@pages.post("/console/demo/approve")
async def approve(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    return redirect(request, "/console/demo", N_("Đã duyệt."))


@pages.post("/console/demo/kept")
async def keep(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    """What it is answered depends on the code; no page takes the form back."""
    raise {
        "AWAY": ServerSelectionTimeoutError("mongo at 10.0.0.7:27017"),
        "BROKEN": ZeroDivisionError("secret inside"),
        "GONE": NotFound(),
    }[dict(sent.pairs)["code"]]  # type: ignore[index]


@pages.post("/console/demo/scan")
async def scan(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    form = await read_form(request, Scan)
    if form.value is None:
        return Response("; ".join(form.errors.values()), 422)
    picture = form.value.picture
    size = len(await picture.read()) if picture else 0
    return Response(f"{form.value.title}:{size}")


@pages.get("/session/refresh")
async def refresh(request: Request) -> Response:
    """As identity does: a new access token, and back in the same way."""
    return _renewed(request)


@pages.post("/session/refresh")
async def refresh_for_a_form(request: Request, _: PassingForm) -> Response:
    return _renewed(request)


@pages.get("/sign-in")
async def sign_in(request: Request) -> Response:
    return render(request, "demo_sign_in.html", form=new_form(Scan))


@pages.post("/sign-in")
async def sign_in_now(request: Request, _: VisitorForm) -> Response:
    return redirect(request, request.query_params.get("next", "/"))


def _renewed(request: Request) -> Response:
    if request.cookies.get("txng_refresh") != "officer":
        return RedirectResponse("/sign-in", 303)
    response = RedirectResponse(safe_next(request.query_params.get("next")), 307)
    set_cookie(response, ACCESS, "officer", secure=False)
    return response


def _gallery(request: Request) -> dict[str, Any]:
    days = [(date(2026, 10, 24) + timedelta(days=day)).strftime("%d/%m") for day in range(30)]
    scans = [220 + (day * 37) % 90 + day * 6 for day in range(30)]
    return {
        "rows": [
            ("L-2026-0001", "Chả mực Hạ Long", 12500, "good", "Đang lưu hành"),
            ("L-2026-0002", "Ruốc hàu Vân Đồn", 800, "caution", "Chờ kiểm tra"),
            ("L-2026-0003", "Na dai Đông Triều", 30250, "bad", "Thu hồi"),
        ],
        "paging": Paging.of(request, 1287),
        "shown_at": NOW,
        "scan_form": new_form(Scan),
        "charts": [
            bars(
                "Tem theo tháng",
                ["Tháng 8", "Tháng 9", "Tháng 10", "Tháng 11"],
                {"Cấp": [12000, 18500, 16200, 21000], "Kích hoạt": [9800, 15100, 15900, 17400]},
                unit="tem",
            ),
            lines("Lượt quét trong 30 ngày", days, {"Lượt quét": scans}),
            donut("Kết quả quét", [("Chính hãng", 8120), ("Chưa kích hoạt", 640), ("Thu hồi", 37)]),
            bars(
                "Cơ sở theo xã",
                ["Phường Hồng Gai", "Xã Quảng La", "Đặc khu Vân Đồn"],
                {"Cơ sở": [42, 17, 31]},
                horizontal=True,
            ),
        ],
    }


def demo_app(secrets_dir: Path, **changed: object) -> FastAPI:
    """The application with two people who may come in: tokens `officer` and `farmer`."""
    settings = Settings(secrets_dir=secrets_dir, **changed)  # type: ignore[arg-type]
    app = create_app(
        "demo", title="Trình diễn", routers=[api, pages], lifespan=None, settings=settings
    )
    app.state.web.templates.loader = ChoiceLoader(
        [FileSystemLoader(Path(__file__).parent / "templates"), app.state.web.templates.loader]
    )
    app.state.verifier = DemoVerifier({"officer": OFFICER, "farmer": FARMER})
    return app

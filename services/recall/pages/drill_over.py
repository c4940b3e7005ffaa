"""Ending a drill, and calling it off: a page of its own, which nothing loads anew while somebody
types why."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.actions import drill_endings as endings
from services.recall.actions.drills import managed_by
from services.recall.drill_inputs import WhyBody
from services.recall.pages.drill_words import words
from services.recall.pages.drills import HOME, ONE
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
OVER: Final = ONE + "/end"


@router.get(OVER)
async def show(request: Request, who: PagePrincipal, drill_id: str) -> Response:
    return await _page(request, who, drill_id, new_form(WhyBody))


@router.post(OVER)
async def end(request: Request, who: PagePrincipal, _: PageForm, drill_id: str) -> Response:
    async def perform(sent: Input) -> Response:
        await endings.end(drill_id, who=who, db=request.app.state.db, at=now())
        said = N_("Cuộc diễn tập đã kết thúc và được chấm điểm.")
        return redirect(request, f"{HOME}/{drill_id}", said)

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, who, drill_id, new_form(WhyBody), form, status),
    )


@router.post(ONE + "/call-off")
async def call_off(request: Request, who: PagePrincipal, _: PageForm, drill_id: str) -> Response:
    async def perform(sent: WhyBody) -> Response:
        db = request.app.state.db
        await endings.call_off(drill_id, sent.reason, who=who, db=db, at=now())
        said = N_("Đã hủy cuộc diễn tập; nó không được tính cho ai.")
        return redirect(request, f"{HOME}/{drill_id}", said)

    return await answered(
        await read_form(request, WhyBody),
        perform,
        lambda form, status: _page(request, who, drill_id, form, None, status),
    )


async def _page(
    request: Request,
    who: PagePrincipal,
    drill_id: str,
    form: Form[WhyBody],
    pressed: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """`form` asks why it is called off; `pressed` is the button that ends it, if it was refused."""
    drill = await managed_by(request.app.state.db, drill_id, who)
    return render(
        request,
        "drill_over.html",
        status=status,
        drill=drill,
        form=form,
        pressed=pressed,
        **words(),
    )

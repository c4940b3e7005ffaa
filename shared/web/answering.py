"""The one way in which a posted form is answered: done, or shown again as it was typed."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.errors import ProofNeeded, Refusal
from shared.web.forms import Form, Model, form_status, read_form
from shared.web.problems import retry_after

Perform = Callable[[Model], Awaitable[Response]]
Show = Callable[[Form[Model], int], Response | Awaitable[Response]]
Redraw = Callable[..., Awaitable[Response]]


async def answered(form: Form[Model], perform: Perform[Model], show: Show[Model]) -> Response:
    """What `perform(value)` answers; with errors or a refusal, what `show(form, status)` does.

    `show` reads afresh what it shows, and so tells what became of it meanwhile: where the page
    itself is gone, or no longer this person's, it refuses in its turn. It may look at
    `form.refusal`, for instance to tell what another editor changed.

    ProofNeeded passes: the framework asks for a proof and then sends the form again.
    """
    if form.value is None:
        return await _shown(show, form, 422)
    try:
        return await perform(form.value)
    except ProofNeeded:
        raise
    except Refusal as refusal:
        response = await _shown(show, form.refused(refusal), form_status(refusal))
        response.headers.update(retry_after(refusal))
        return response


async def answered_among(
    request: Request, name: str, model: type[Model], perform: Perform[Model], page: Redraw, *of: Any
) -> Response:
    """As `answered`, for one of several forms of a page, which knows it by its `name`.

    The page is shown again by `page(request, *of, {name: form}, status)`.
    """

    def show(form: Form[Model], status: int) -> Awaitable[Response]:
        return page(request, *of, {name: form}, status)

    return await answered(await read_form(request, model), perform, show)


async def _shown(show: Show[Model], form: Form[Model], status: int) -> Response:
    response = show(form, status)
    return await response if isawaitable(response) else response

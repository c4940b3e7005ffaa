"""The one way in which a posted form is answered: done, or shown again as it was typed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import ProofNeeded, Refusal
from shared.web.forms import Form, form_status, read_form

Model = TypeVar("Model", bound=BaseModel)


async def answered(
    request: Request,
    model: type[Model],
    perform: Callable[[Model], Awaitable[Response]],
    show: Callable[[Form[Model], int], Awaitable[Response]],
) -> Response:
    """What `perform` answers; with errors or a refusal, what `show(form, status)` does.

    ProofNeeded passes: the framework asks for a proof and then sends the form again.
    """
    form = await read_form(request, model)
    if form.value is None:
        return await show(form, 422)
    try:
        return await perform(form.value)
    except ProofNeeded:
        raise
    except Refusal as refusal:
        return await show(form.refused(refusal), form_status(refusal))

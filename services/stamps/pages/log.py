"""The public log for everybody: what it is, its newest entries, and what it says of one stamp."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import Field

from services.stamps import keys
from services.stamps.log import checkpoints, leaves, reading, sequencing, verify
from services.stamps.log.checkpoints import as_base64
from services.stamps.pages.log_words import names_in, told
from services.stamps.store import log as store
from shared import stampcode
from shared.errors import NotFound, Refusal
from shared.web.fields import Input
from shared.web.forms import new_form
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)

PATH = "/log"
PAGE = 20
FRESH = {"Cache-Control": "no-cache"}
# Only the stamp's holder is to have this page, so nobody else keeps it or learns its address.
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
PROGRAM = Path(verify.__file__)


class CodeSought(Input):
    code: Annotated[str, Field(min_length=1, max_length=stampcode.MAX_TYPED)]


@router.get(PATH)
async def show_log(request: Request, who: VisitorPrincipal) -> Response:
    return await _shown(request)


async def _shown(request: Request, typed: str = "", refusal: Refusal | None = None) -> Response:
    """The page, with what was typed where that is no code."""
    state = request.app.state
    form = new_form(CodeSought, code=typed)
    if refusal is not None:
        form = form.refused(refusal)
    checkpoint = await reading.newest(state.db)
    paging = Paging.of(request, checkpoint.size, size=PAGE)
    end = checkpoint.size - paging.skip
    found = await store.entries(state.db, max(0, end - PAGE), end)
    names = await names_in(found, db=state.db)
    key = checkpoints.key_of(state.settings.secrets_dir)
    return render(
        request,
        "log.html",
        status=404 if refusal else 200,
        headers=PRIVATE if refusal else FRESH,
        form=form,
        checkpoint=checkpoint,
        signed_at=datetime.fromtimestamp(checkpoint.at, UTC),
        root=as_base64(checkpoint.root),
        key=checkpoints.verifier_key(key, sequencing.origin_of(state.settings)),
        rows=[told(entry, names) for entry in reversed(found)],
        paging=paging,
        origin=state.settings.public_origin,
    )


@router.get(f"{PATH}/stamps")
async def find_stamp(request: Request, who: VisitorPrincipal) -> Response:
    """The form's way to a stamp's page."""
    code = request.query_params.get("code", "")[:200].strip()
    ring = keys.keyring(request.app.state.settings)
    canonical = stampcode.normalise(code)
    if canonical is None or stampcode.decode(ring, code) is None:
        return await _shown(request, code, reading.StampNotInLog("code"))
    return RedirectResponse(f"{PATH}/stamps/{canonical}", 303, headers=PRIVATE)


@router.get(f"{PATH}/stamps/{{code}}")
async def show_stamp(request: Request, who: VisitorPrincipal, code: str) -> Response:
    state = request.app.state
    found = await reading.of_stamp(state.db, keys.keyring(state.settings), code)
    canonical = stampcode.normalise(code)
    if canonical is None:
        raise NotFound()
    entries = [one.entry for one in found.told]
    names = await names_in(entries, db=state.db)
    standing = [told(entry, names) for entry in reading.standing(found.told)]
    return render(
        request,
        "log_stamp.html",
        headers=PRIVATE,
        code=canonical,
        found=found,
        rows=[
            (told(one.entry, names), [as_base64(part) for part in one.path]) for one in found.told
        ],
        sound=all(one.is_sound(found) for one in found.told),
        changes=sum(entry.fact["kind"] == leaves.CHANGE for entry in entries),
        notices=sum(entry.fact["kind"] == leaves.NOTICE for entry in entries),
        holds=sum(entry.fact["kind"] == leaves.HOLD for entry in entries),
        standing=standing,
        signed_at=datetime.fromtimestamp(found.checkpoint.at, UTC),
        root=as_base64(found.checkpoint.root),
        origin=state.settings.public_origin,
    )


@router.get(f"{PATH}/{PROGRAM.name}")
async def download_program() -> Response:
    """The verifier, one file that needs Python alone."""
    return FileResponse(PROGRAM, media_type="text/plain; charset=utf-8", filename=PROGRAM.name)

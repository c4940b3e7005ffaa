"""The console's programs of partner systems: registered, rotated, revoked."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from services.identity.action_words import ACTIONS
from services.identity.actions import clients as actions
from services.identity.actions.clients import Registered
from services.identity.domain.clients import grantable
from services.identity.fields.accounts import Because
from services.identity.fields.clients import RegisterClient
from services.identity.request import Db, Id
from services.identity.store import clients as store
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/clients")


class RotateForm(Input):
    overlap_hours: Annotated[int, Field(ge=0, le=24 * 30)] = 24


@router.get("")
async def programs(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, actions.MANAGE)
    return render(request, "clients.html", found=await store.below(db, who), words=ACTIONS)


@router.get("/new")
async def ask(request: Request, who: PagePrincipal) -> Response:
    return _new(request, who, new_form(RegisterClient))


@router.post("/new")
async def register(request: Request, who: PagePrincipal, sent: PageForm, db: Db) -> Response:
    async def perform(given: RegisterClient) -> Response:
        made = await actions.register(
            given.name, given.contact, tuple(given.actions), who=who, db=db, now=now()
        )
        return _secret(request, made)

    return await answered(
        await read_form(request, RegisterClient),
        perform,
        lambda form, status: _new(request, who, form, status),
    )


@router.get("/{client_id}")
async def one(request: Request, client_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _one(request, client_id, who, db, {})


@router.post("/{client_id}/secrets")
async def rotate(
    request: Request, client_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: RotateForm) -> Response:
        overlap = timedelta(hours=given.overlap_hours)
        made = await actions.rotate(client_id, overlap, who=who, db=db, now=now())
        return _secret(request, made)

    return await answered(
        await read_form(request, RotateForm),
        perform,
        lambda form, status: _one(request, client_id, who, db, {"rotate": form}, status),
    )


@router.post("/{client_id}/revoke")
async def revoke(
    request: Request, client_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: Because) -> Response:
        await actions.revoke(client_id, given.reason, who=who, db=db, now=now())
        done = N_("Đã thu hồi quyền của phần mềm.")
        return redirect(request, f"{router.prefix}/{client_id}", done)

    return await answered(
        await read_form(request, Because),
        perform,
        lambda form, status: _one(request, client_id, who, db, {"revoke": form}, status),
    )


def _new(
    request: Request, who: Principal, form: Form[RegisterClient], status: int = 200
) -> Response:
    require(who, actions.MANAGE)
    options = [(action, translate(ACTIONS[action])) for action in grantable()]
    return render(request, "client_new.html", status=status, form=form, options=options)


def _secret(request: Request, made: Registered) -> Response:
    """The one page that shows the secret."""
    return render(request, "client_secret.html", status=201, made=made)


async def _one(
    request: Request,
    client_id: str,
    who: Principal,
    db: Database,
    forms: dict[str, Form[Any]],
    status: int = 200,
) -> Response:
    require(who, actions.MANAGE)
    client = await store.get(db, client_id, who)
    shown = {"rotate": new_form(RotateForm), "revoke": new_form(Because), **forms}
    opened = next(iter(forms), "")
    return render(
        request,
        "client_one.html",
        status=status,
        client=client,
        forms=shown,
        opened=opened,
        living=[one for one in client.secrets if one.alive(now())],
        words=ACTIONS,
    )

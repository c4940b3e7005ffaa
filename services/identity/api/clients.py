"""Programs of partner systems by API, and the token endpoint they call (RFC 6749, 4.4)."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from urllib.parse import unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.identity.actions import clients as actions
from services.identity.domain.clients import Client
from services.identity.fields.accounts import Because
from services.identity.fields.clients import RegisterClient
from services.identity.inputs import ObjectId
from services.identity.request import Db, GuardOf, Id, OriginOf
from services.identity.store import clients as store
from shared.auth import require
from shared.errors import Kind, Refusal
from shared.ids import now
from shared.web.fields import Input
from shared.web.session import ApiPrincipal

router = APIRouter(tags=["clients"])

_STATUS = {Kind.UNAUTHENTICATED: 401, Kind.LIMIT: 429}


class RotateSecret(Input):
    """For how many hours the secret before still works."""

    overlap_hours: Annotated[int, Field(ge=0, le=24 * 30)] = 24


class ClientView(BaseModel):
    id: str
    name: str
    contact: str
    unit_id: str
    actions: list[str]
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, client: Client) -> Self:
        told = {name: getattr(client, name) for name in cls.model_fields}
        return cls(**{**told, "actions": list(client.actions)})


class RegisteredView(BaseModel):
    """`client_secret` is told here and nowhere else."""

    client_id: ObjectId
    client_secret: str


class ClientsView(BaseModel):
    items: list[ClientView]


@router.get("/clients")
async def list_clients(who: ApiPrincipal, db: Db) -> ClientsView:
    """Programs registered by one's own unit and those below it."""
    require(who, actions.MANAGE)
    return ClientsView(items=[ClientView.of(one) for one in await store.below(db, who)])


@router.post("/clients", status_code=201)
async def register(given: RegisterClient, who: ApiPrincipal, db: Db) -> RegisteredView:
    """Register a program that reads what one's unit answers for."""
    made = await actions.register(
        given.name, given.contact, tuple(given.actions), who=who, db=db, now=now()
    )
    return RegisteredView(client_id=made.client.id, client_secret=made.secret)


@router.post("/clients/{client_id}/secrets", status_code=201)
async def rotate(client_id: Id, given: RotateSecret, who: ApiPrincipal, db: Db) -> RegisteredView:
    """A new secret; the one before works for the overlap yet."""
    overlap = timedelta(hours=given.overlap_hours)
    made = await actions.rotate(client_id, overlap, who=who, db=db, now=now())
    return RegisteredView(client_id=made.client.id, client_secret=made.secret)


@router.post("/clients/{client_id}/revoke")
async def revoke(client_id: Id, given: Because, who: ApiPrincipal, db: Db) -> ClientView:
    """Revoke for good; its tokens are void in every service within seconds."""
    changed = await actions.revoke(client_id, given.reason, who=who, db=db, now=now())
    return ClientView.of(changed)


@router.post("/oauth/token", openapi_extra={"security": [{"basic": []}]})
async def token(request: Request, db: Db, guard: GuardOf, origin: OriginOf) -> JSONResponse:
    """An access token for a program: form fields `grant_type=client_credentials` and, if wished,
    `scope`; the program proves itself by HTTP Basic or by `client_id` and `client_secret`."""
    form = await request.form(max_files=0, max_fields=20)
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(pairs)
    twice = len(pairs) != len(fields)
    both = "client_secret" in fields and "authorization" in request.headers
    if twice or both or "grant_type" not in fields:
        # No parameter twice (3.2), no more than one way to prove oneself (2.3).
        return _error(400, "invalid_request")
    if fields.get("grant_type") != "client_credentials":
        return _error(400, "unsupported_grant_type")
    client_id, secret = _credentials(request, fields)
    if not client_id or not secret:
        return _error(401, "invalid_client")
    wanted = tuple(dict.fromkeys(fields.get("scope", "").split()))
    try:
        made = await actions.token(
            client_id, secret, wanted, origin=origin, db=db, guard=guard, now=now()
        )
    except Refusal as refusal:
        return _error(_STATUS.get(refusal.kind, 400), refusal.code, refusal.params)
    body = {
        "access_token": made.access_token,
        "token_type": "Bearer",
        "expires_in": made.seconds,
        "scope": " ".join(made.scope),
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _credentials(request: Request, fields: dict[str, str]) -> tuple[str, str]:
    """By Basic, whose parts are form-encoded (RFC 6749, 2.3.1), else from the body."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return fields.get("client_id", ""), fields.get("client_secret", "")
    try:
        told = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    client_id, _, secret = told.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _error(status: int, code: str, params: dict[str, Any] | None = None) -> JSONResponse:
    """As RFC 6749, 5.2 says it: programs' libraries know this form."""
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="txng"'
    if params and "retry_after" in params:
        headers["Retry-After"] = str(params["retry_after"])
    return JSONResponse({"error": code}, status, headers=headers)

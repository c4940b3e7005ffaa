"""The JSON API of contacts: where the caller's facility or unit is told."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from services.recall.actions import contacts as acts
from services.recall.contact_inputs import ContactBody
from services.recall.domain.contact import Channel, Contact, State
from services.recall.store import contacts
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/contacts", tags=["recall"])
ContactId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class ContactView(BaseModel):
    """A mail address or webhook. It is told only while `state` is active; `secret`, by which a
    webhook checks what it is sent, is answered once, when the webhook is added."""

    id: str
    channel: Channel
    address: str
    language: str
    state: State
    paused_by: str
    added_at: datetime
    confirmed_at: datetime | None
    failing_since: datetime | None
    secret: str = ""


class ContactList(BaseModel):
    items: list[ContactView]


@router.get("")
async def list_contacts(request: Request, who: ApiPrincipal) -> ContactList:
    """Those of the caller's facility or unit."""
    found = await contacts.of_owner(request.app.state.db, acts.owner_of(who))
    return ContactList(items=[_view(one) for one in found])


@router.post("", status_code=201)
async def add_contact(sent: ContactBody, request: Request, who: ApiPrincipal) -> ContactView:
    """Add one; it is asked first whether it wants to be told."""
    state = request.app.state
    made = await acts.add(
        sent.channel,
        sent.address,
        sent.language,
        rules=state.settings.webhook_rules,
        keys=state.courier_keys,
        who=who,
        db=state.db,
        at=now(),
    )
    secret = state.courier_keys.secret(made) if made.channel is Channel.WEBHOOK else ""
    return _view(made, secret)


@router.post("/{contact_id}/ask")
async def ask_again(contact_id: ContactId, request: Request, who: ApiPrincipal) -> ContactView:
    """Another confirming mail or challenge."""
    state = request.app.state
    keys = state.courier_keys
    return _view(await acts.ask_again(contact_id, keys=keys, who=who, db=state.db, at=now()))


@router.post("/{contact_id}/pause")
async def pause(contact_id: ContactId, request: Request, who: ApiPrincipal) -> ContactView:
    """What is told from now on waits."""
    return _view(await acts.pause(contact_id, who=who, db=request.app.state.db))


@router.post("/{contact_id}/resume")
async def resume(contact_id: ContactId, request: Request, who: ApiPrincipal) -> ContactView:
    """What waited is sent."""
    return _view(await acts.resume(contact_id, who=who, db=request.app.state.db, at=now()))


@router.delete("/{contact_id}", status_code=204)
async def remove(contact_id: ContactId, request: Request, who: ApiPrincipal) -> None:
    """Forget the address, with what was not told to it yet."""
    await acts.remove(contact_id, who=who, db=request.app.state.db)


def _view(contact: Contact, secret: str = "") -> ContactView:
    return ContactView(
        id=contact.id,
        channel=contact.channel,
        address=contact.address,
        language=contact.language,
        state=contact.state,
        paused_by=contact.paused_by,
        added_at=contact.added_at,
        confirmed_at=contact.confirmed_at,
        failing_since=contact.failing_since,
        secret=secret,
    )

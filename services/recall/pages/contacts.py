"""Where a facility or a unit is told of recalls, and the pages behind the links of mails."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.actions import contacts as acts
from services.recall.contact_inputs import MailBody, WebhookBody
from services.recall.domain.contact import MOST, READER_DAYS, Channel, Contact
from services.recall.store import contacts, deliveries
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm, VisitorForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import LANGUAGE_NAMES, N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal, VisitorPrincipal

router = APIRouter(include_in_schema=False)
HOME: Final = "/console/recall/contacts"
PUBLIC: Final = "/recalls/contacts/{contact_id}"
CHANNELS: Final = {Channel.MAIL: N_("Thư điện tử"), Channel.WEBHOOK: N_("Webhook")}
STATES: Final = {
    "unconfirmed": N_("Chờ xác nhận"),
    "active": N_("Đang nhận tin"),
    "paused": N_("Tạm ngừng"),
}
TONES: Final = {"unconfirmed": "caution", "active": "good", "paused": "neutral"}
PAUSED_BY: Final = {
    "owner": N_("Tạm ngừng theo yêu cầu của bạn."),
    "official": N_("Cơ quan quản lý tạm ngừng."),
    "reader": N_(
        "Người đọc thư đã bấm ngừng nhận tin. Địa chỉ bị xóa sau {days} ngày nếu bạn không bấm "
        "Nhận lại; trước khi bấm, hãy hỏi người đọc."
    ),
    "failing": N_("Tự tạm ngừng vì gửi hỏng nhiều ngày. Hãy kiểm tra rồi bấm Nhận lại."),
}


class LinkForm(Input):
    token: str = ""


@router.get(HOME)
async def show(request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who)


@router.post(HOME + "/mail")
async def add_mail(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(sent: MailBody) -> Response:
        await _add(request, who, Channel.MAIL, sent)
        done = N_("Đã thêm. Hãy mở thư vừa gửi tới địa chỉ này và bấm xác nhận.")
        return redirect(request, HOME, done)

    return await answered(
        await read_form(request, MailBody),
        perform,
        lambda form, status: _page(request, who, {"mail": form}, status),
    )


@router.post(HOME + "/webhook")
async def add_webhook(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(sent: WebhookBody) -> Response:
        made = await _add(request, who, Channel.WEBHOOK, sent)
        secret = request.app.state.courier_keys.secret(made)
        # The one page that shows it.
        return render(request, "contact_secret.html", status=201, contact=made, secret=secret)

    return await answered(
        await read_form(request, WebhookBody),
        perform,
        lambda form, status: _page(request, who, {"webhook": form}, status),
    )


@router.post(HOME + "/{contact_id}/ask")
async def ask_again(request: Request, who: PagePrincipal, _: PageForm, contact_id: str) -> Response:
    state = request.app.state
    keys = state.courier_keys
    await acts.ask_again(contact_id, keys=keys, who=who, db=state.db, at=now())
    return redirect(request, HOME, N_("Đã gửi lại lời xác nhận."))


@router.post(HOME + "/{contact_id}/pause")
async def pause(request: Request, who: PagePrincipal, _: PageForm, contact_id: str) -> Response:
    await acts.pause(contact_id, who=who, db=request.app.state.db)
    return redirect(request, HOME, N_("Đã tạm ngừng. Tin mới được giữ lại tới khi nhận lại."))


@router.post(HOME + "/{contact_id}/resume")
async def resume(request: Request, who: PagePrincipal, _: PageForm, contact_id: str) -> Response:
    await acts.resume(contact_id, who=who, db=request.app.state.db, at=now())
    return redirect(request, HOME, N_("Đã nhận lại. Tin đang giữ được gửi ngay."))


@router.post(HOME + "/{contact_id}/remove")
async def remove(request: Request, who: PagePrincipal, _: PageForm, contact_id: str) -> Response:
    await acts.remove(contact_id, who=who, db=request.app.state.db)
    return redirect(request, HOME, N_("Đã xóa địa chỉ."))


@router.get(PUBLIC + "/confirm")
async def ask_to_confirm(request: Request, who: VisitorPrincipal, contact_id: str) -> Response:
    """A button, since programs that look through mail open links by themselves."""
    token, state = _token(request), request.app.state
    contact = await acts.to_confirm(
        contact_id, token, keys=state.courier_keys, db=state.db, at=now()
    )
    return _link_page(request, contact, token, "confirm")


@router.post(PUBLIC + "/confirm")
async def confirm(
    request: Request, who: VisitorPrincipal, _: VisitorForm, contact_id: str
) -> Response:
    async def perform(sent: LinkForm) -> Response:
        state = request.app.state
        contact = await acts.confirm(
            contact_id, sent.token, keys=state.courier_keys, db=state.db, at=now()
        )
        return _link_page(request, contact, "", "confirmed")

    form = await read_form(request, LinkForm)
    return await perform(form.value or LinkForm())


@router.get(PUBLIC + "/stop")
async def ask_to_stop(request: Request, who: VisitorPrincipal, contact_id: str) -> Response:
    token, state = _token(request), request.app.state
    contact = await acts.to_stop(contact_id, token, keys=state.courier_keys, db=state.db, at=now())
    return _link_page(request, contact, token, "stop")


@router.post(PUBLIC + "/stop")
async def stop(
    request: Request, who: VisitorPrincipal, _: VisitorForm, contact_id: str
) -> Response:
    form = await read_form(request, LinkForm)
    token, state = (form.value or LinkForm()).token, request.app.state
    contact = await acts.stop(contact_id, token, keys=state.courier_keys, db=state.db, at=now())
    return _link_page(request, contact, "", "stopped")


async def _add(
    request: Request, who: Principal, channel: Channel, sent: MailBody | WebhookBody
) -> Contact:
    state = request.app.state
    return await acts.add(
        channel,
        sent.address,
        sent.language,
        rules=state.settings.webhook_rules,
        keys=state.courier_keys,
        who=who,
        db=state.db,
        at=now(),
    )


def _token(request: Request) -> str:
    return request.query_params.get("token", "")[:100]


def _link_page(request: Request, contact: Contact, token: str, step: str) -> Response:
    return render(
        request,
        "contact_link.html",
        headers={"Cache-Control": "no-store"},
        contact=contact,
        token=token,
        step=step,
        days=READER_DAYS,
    )


async def _page(
    request: Request,
    who: Principal,
    forms: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    owner = acts.owner_of(who)
    courier = await deliveries.courier(db)
    given: dict[str, Form[Any]] = {
        "mail": new_form(MailBody),
        "webhook": new_form(WebhookBody),
        **(forms or {}),
    }
    return render(
        request,
        "contacts.html",
        status=status,
        rows=await contacts.of_owner(db, owner),
        owner=owner,
        most=MOST,
        forms={name: form.named(name) for name, form in given.items()},
        has_mail=courier is not None and courier["mail"],
        channels=CHANNELS,
        states=STATES,
        tones=TONES,
        paused_by=PAUSED_BY,
        days=READER_DAYS,
        keys=request.app.state.courier_keys,
        language_options=list(LANGUAGE_NAMES.items()),
        language_names=LANGUAGE_NAMES,
    )

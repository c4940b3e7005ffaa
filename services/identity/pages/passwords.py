"""Setting the first password with a setup code; below /sign-in, for nobody is signed in yet."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions import passwords
from services.identity.actions.attempts import Attempt
from services.identity.fields.signing_in import SetPasswordForm
from services.identity.request import Db, GuardOf, OriginOf
from shared.errors import Kind, Refusal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render

router = APIRouter()


class PasswordsDiffer(Refusal):
    code = "passwords_differ"
    kind = Kind.INVALID
    message = "Hai lần nhập mật khẩu không giống nhau. Hãy nhập lại cả hai ô."


@router.get("/sign-in/set-password")
async def ask(request: Request) -> Response:
    return _page(request, new_form(SetPasswordForm))


@router.post("/sign-in/set-password")
async def set_password(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: SetPasswordForm) -> Response:
        if given.password != given.again:
            raise PasswordsDiffer("again")
        attempt = Attempt(given.username, origin)
        await passwords.set_password(
            attempt, given.setup_code, given.password, db=db, guard=guard, now=now()
        )
        return redirect(request, "/sign-in", N_("Đã đặt mật khẩu. Bạn có thể đăng nhập ngay."))

    return await answered(
        await read_form(request, SetPasswordForm),
        perform,
        lambda form, status: _page(request, form, status),
    )


def _page(request: Request, form: Form[SetPasswordForm], status: int = 200) -> Response:
    return render(request, "set_password.html", form=form, status=status)

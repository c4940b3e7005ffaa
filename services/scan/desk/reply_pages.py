"""Answering what officials asked, by number and code of the report (R53)."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import replying, reporting
from services.scan.desk.replying import Reply
from services.scan.desk.report_inputs import ReplyForm
from services.scan.desk.report_pages import PRIVATE, REPORT, reporter_of, state_page
from services.scan.domain.asking import digest
from shared.errors import Refusal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.pages import render

HOME = REPORT + "/tra-loi"
router = APIRouter(include_in_schema=False)


@router.get(HOME)
async def ask(request: Request) -> Response:
    return _by_itself(request, new_form(ReplyForm))


@router.post(HOME)
async def reply(request: Request, _: VisitorForm) -> Response:
    reporter, db = reporter_of(request), request.app.state.db

    async def perform(sent: ReplyForm) -> Response:
        said = digest(sent.code, sent.words, await sent.photo.read() if sent.photo else b"")
        found = await replying.admitted(
            sent.number, sent.code, sent.question, said, reporter=reporter, now=now(), db=db
        )
        if sent.photo:
            await sent.photo.seek(0)
        photo, _ = await reporting.drawn_photos(sent.photo, None)
        given = Reply(sent.question, sent.words, said, photo)
        settings = request.app.state.web.settings
        after = await replying.reply(found, given, settings=settings, now=now(), db=db)
        return state_page(request, after, sent.code, said=True)

    async def show(form: Form[ReplyForm], status: int) -> Response:
        """With what was asked, to who holds the code; each such look is counted as any other."""
        if not (form.error("number") or form.error("code")):
            try:
                number, code = form.text("number"), form.text("code")
                found = await reporting.track(number, code, reporter=reporter, now=now(), db=db)
            except Refusal:
                return _by_itself(request, form, status)
            return state_page(request, found, code, form, status)
        return _by_itself(request, form, status)

    return await answered(await read_form(request, ReplyForm), perform, show)


def _by_itself(request: Request, form: Form[ReplyForm], status: int = 200) -> Response:
    return render(request, "desk/report_reply.html", status=status, headers=PRIVATE, form=form)

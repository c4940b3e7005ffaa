"""What the forms of all kinds share: whose it is, saving it, and what a second editor is told."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.registry.actions.rights import RIGHTS, require_for
from services.registry.domain.communes import standing_within
from services.registry.domain.records import Aggregate, Record
from services.registry.pages.records.merging import brought_together
from services.registry.pages.showing import WORDS, show
from services.registry.store import lists, records
from services.registry.store.search.seen import NEWEST, Seen
from services.registry.telling import Change, changes, names_for
from shared.auth import Principal
from shared.errors import EditConflict
from shared.mongo import Database
from shared.once import Once, once
from shared.web.answering import answered
from shared.web.forms import Form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging

BROUGHT_TOGETHER: Final = N_(
    "Người khác vừa thay đổi bản ghi này, nên bản của bạn chưa được lưu. "
    "Hãy xem các mục đã đổi ở trên, sửa nếu cần, rồi lưu lần nữa."
)
# What is done with a form that is right, and the choices that a form needs to be shown.
Save = Callable[[Any], Awaitable[Any]]
Context = Callable[[Form[Any]], Awaitable[dict[str, Any]]]
# The form as it is opened for a record.
Opened = Callable[[Record[Any]], Awaitable[Form[Any]]]


def own_place(who: Principal) -> dict[str, str]:
    """The commune and sector that a new facility has, where the account answers for one alone."""
    own = standing_within(who.communes)
    return {
        "commune": own[0] if len(own) == 1 else "",
        "sector": "" if who.sector == "*" else who.sector,
    }


async def to_edit(
    request: Request, who: Principal, aggregate: Aggregate, record_id: str
) -> Record[Any]:
    """The record whose edit form is asked for; NotFound or Forbidden where it may not be."""
    record = await records.get(request.app.state.db, aggregate, record_id)
    require_for(who, RIGHTS[aggregate].enter, record)
    return record


async def facility_for(
    request: Request, who: Principal, aggregate: Aggregate, given: str
) -> Record[Any] | None:
    """The facility that something new will belong to; None if it has yet to be chosen."""
    facility_id = who.facility_id or given
    if not facility_id:
        return None
    facility = await records.get(request.app.state.db, Aggregate.FACILITY, facility_id)
    require_for(who, RIGHTS[aggregate].enter, facility)
    return facility


async def choose_facility(
    request: Request, who: Principal, aggregate: Aggregate, q: str = ""
) -> Response:
    """For officials: on whose behalf is it entered?"""
    seen = await Seen.now(request.app.state.catalogue)
    found = seen.console(Aggregate.FACILITY, who, q=q)
    paging = Paging.of(request, found.total, size=lists.PAGE_SIZE)
    return show(
        request,
        "console/choose_facility.html",
        aggregate=aggregate,
        word=WORDS[aggregate],
        facilities=await found.page(NEWEST, page=paging.number),
        paging=paging,
        q=q,
    )


def once_of(who: Principal, aggregate: Aggregate, sent: Any) -> Once | None:
    """A form's own key: the same form sent twice enters one record."""
    return once(who, sent.key, aggregate.value, sent)


async def save(
    request: Request,
    form: Form[Any],
    act: Save,
    *,
    aggregate: Aggregate,
    template: str,
    context: Context,
    record: Record[Any] | None = None,
    opened: Opened | None = None,
) -> Response:
    """Save and go to the record; or show the form again with everything that was typed.

    With `opened` what only another editor changed meanwhile is taken over into it.
    """

    async def perform(sent: Any) -> Response:
        saved = await act(sent)
        message = N_("Đã lưu bản nháp. Hãy gửi kiểm tra khi đã xong.")
        return redirect(request, f"/console/registry/{WORDS[aggregate]}/{saved.id}", message)

    async def again(form: Form[Any], status: int) -> Response:
        theirs: list[Change] = []
        taken: frozenset[str] = frozenset()
        if isinstance(form.refusal, EditConflict):
            assert record is not None  # Only what exists can have been changed by another.
            if opened is not None:
                form, taken = await _brought_together(request, form, record, opened)
                form = replace(form, errors={"": translate(BROUGHT_TOGETHER)})
            form, theirs = await conflicted(request, form, record)
        return await show_form(request, form, template, context, status, record, theirs, taken)

    return await answered(form, perform, again)


async def show_form(
    request: Request,
    form: Form[Any],
    template: str,
    context: Context,
    status: int = 200,
    record: Record[Any] | None = None,
    theirs: Iterable[Change] = (),
    taken: frozenset[str] = frozenset(),
) -> Response:
    """The form with its choices; `theirs` is what another editor changed meanwhile, `taken` the
    inputs that have it already."""
    return show(
        request,
        template,
        status=status,
        form=form,
        theirs=list(theirs),
        taken=taken,
        record=record,
        **await context(form),
    )


async def conflicted(
    request: Request, form: Form[Any], record: Record[Any]
) -> tuple[Form[Any], list[Change]]:
    """What the other changed since the form was opened; sent again, the form goes on from there."""
    db: Database = request.app.state.db
    fresh = await records.get(db, record.aggregate, record.id)
    seen = int(form.text("version") or 0)
    base = await records.version(db, record.aggregate, record.id, seen)
    if base is None:
        return form.from_version(fresh.version), []
    names = await names_for(db, [base.content, fresh.content])
    theirs = changes(base.content, fresh.content, names)
    return form.from_version(fresh.version), theirs


async def _brought_together(
    request: Request, form: Form[Any], record: Record[Any], opened: Opened
) -> tuple[Form[Any], frozenset[str]]:
    db: Database = request.app.state.db
    seen = int(form.text("version") or 0)
    base = await records.version(db, record.aggregate, record.id, seen)
    if base is None:
        return form, frozenset()
    fresh = await records.get(db, record.aggregate, record.id)
    before = await opened(replace(fresh, draft=base.content))
    return brought_together(form, before, await opened(fresh))

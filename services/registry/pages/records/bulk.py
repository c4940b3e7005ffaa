"""Several records of one kind decided together: their comparisons first, then one confirmation."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import deciding, truth
from services.registry.actions.deciding import MAX_AT_ONCE, Decided
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.domain.records import Aggregate, Record, State
from services.registry.pages.records.console import aggregate_of
from services.registry.pages.records.detail import attention
from services.registry.pages.showing import show
from services.registry.store import records
from services.registry.telling import Change, Names, Told, changes, names_for, told
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/bulk", include_in_schema=False)

DECISIONS = ("accept", "publish")
Chosen = Annotated[str, Field(max_length=80, pattern=r"^[0-9A-Za-z-]{1,64}:[0-9]{1,9}$")]


@dataclass(frozen=True, slots=True)
class Looked:
    """One record with everything that somebody decides on: nothing is approved unread.

    `changed` is None for what was never published, of which `told` is the whole; `findings` are a
    lot's truth checks.
    """

    record: Record[Any]
    changed: list[Change] | None
    told: list[Told]
    attention: list[str]
    findings: list[Any]


class DecideForm(Input):
    """`chosen`: id and version of each record, as they were shown."""

    decision: Annotated[str, Field(pattern="^(accept|publish)$")]
    chosen: Annotated[list[Chosen], Field(min_length=1, max_length=MAX_AT_ONCE)]


@router.get("/{word}")
async def look(
    request: Request,
    who: PagePrincipal,
    word: str,
    decision: Annotated[str, Query(max_length=10)] = "accept",
    chosen: Annotated[list[str], Query(max_length=MAX_AT_ONCE)] = [],  # noqa: B006
) -> Response:
    """What would be decided, each beside what is published now."""
    ids = [one.partition(":")[0] for one in chosen]
    return await _page(request, who, word, decision, ids, new_form(DecideForm))


@router.post("/{word}")
async def decide(request: Request, who: PagePrincipal, word: str, _: PageForm) -> Response:
    """Each its own transaction and audit; what was refused is told beside its name."""
    aggregate = aggregate_of(word)

    async def perform(sent: DecideForm) -> Response:
        chosen = [
            (record_id, int(version))
            for record_id, _, version in (one.partition(":") for one in sent.chosen)
        ]
        db: Database = request.app.state.db
        before = await _chosen(db, who, aggregate, [record_id for record_id, _ in chosen])
        decided = await deciding.decide_many(
            aggregate, chosen, sent.decision, who=who, now=now(), db=db
        )
        return show(
            request,
            "console/bulk_done.html",
            word=word,
            aggregate=aggregate,
            good=[before[one.record_id] for one in decided if one.refusal is None],
            bad=[(before[one.record_id], _why(one)) for one in decided if one.refusal is not None],
        )

    async def again(form: Form[DecideForm], status: int) -> Response:
        ids = [one.partition(":")[0] for one in form.texts("chosen")][:MAX_AT_ONCE]
        return await _page(request, who, word, form.text("decision"), ids, form, status)

    return await answered(await read_form(request, DecideForm), perform, again)


def _why(one: Decided) -> str:
    assert one.refusal is not None
    return translate(one.refusal.message, **one.refusal.params)


async def _chosen(
    db: Database, who: Principal, aggregate: Aggregate, ids: list[str]
) -> dict[str, Record[Any]]:
    """The records by id, in the order they were chosen; what is not the reader's does not exist."""
    found = await records.find_many(db, aggregate, tuple(ids))
    for record_id in ids:
        if record_id not in found:
            raise NotFound()
        require_for(who, RIGHTS[aggregate].read, found[record_id])
    return {record_id: found[record_id] for record_id in ids}


async def _page(
    request: Request,
    who: Principal,
    word: str,
    decision: str,
    ids: list[str],
    form: Form[Any],
    status: int = 200,
) -> Response:
    aggregate = aggregate_of(word)
    if decision not in DECISIONS:
        raise NotFound()
    deciding.require_any(who, aggregate, decision)
    db: Database = request.app.state.db
    found = await _chosen(db, who, aggregate, ids)
    contents = [c for one in found.values() for c in (one.draft, one.published) if c is not None]
    names = await names_for(db, contents)
    return show(
        request,
        "console/bulk.html",
        status=status,
        form=form,
        word=word,
        aggregate=aggregate,
        decision=decision,
        records=[await _looked(db, one, names) for one in found.values()],
    )


async def _looked(db: Database, one: Record[Any], names: Names) -> Looked:
    open_lot = one.aggregate is Aggregate.LOT and one.state is not State.PUBLISHED
    return Looked(
        record=one,
        changed=changes(one.published, one.content, names) if one.published else None,
        told=told(one.content, names),
        attention=await attention(db, one),
        findings=await truth.findings(db, one, now()) if open_lot else [],
    )

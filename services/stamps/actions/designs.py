"""Designs of stamps: written, handed in, approved or returned; and their pictures."""

from datetime import datetime

from services.stamps import logos
from services.stamps.domain.designs import Decision, Design, Face, Revision, UnknownChoice
from services.stamps.printing.guilloche import PATTERNS
from services.stamps.printing.looks import INKS, TINTS
from services.stamps.printing.templates import TEMPLATES
from services.stamps.store import designs, facts
from shared import audit, once
from shared.auth import Principal, Scope, require
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

_EDIT, _DECIDE = "stamps.design", "stamps.design_decide"


async def scope_of(where: Tx | Database, design: Design) -> Scope:
    """Of an authority's design for all, only the sector is said: it lies in no commune."""
    if design.facility_id:
        return await facts.scope_of(where, design.facility_id)
    return Scope(sector=design.sector)


async def create(
    *,
    name: str,
    face: Face,
    logo: bytes | None = None,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Design:
    """A draft of a facility's own, or of an authority's for all. Raises UnknownChoice, NotALogo."""
    asked = once.once(who, key, "design", name, face, logo)

    async def work(tx: Tx) -> Design:
        if before := await once.answered(tx, asked):
            return await designs.get(tx, before["id"])
        require(who, _EDIT)
        owner = who.facility_id or ""
        if owner:
            require(who, _EDIT, await facts.scope_of(tx, owner))
        else:
            require(who, _EDIT, Scope(sector=who.sector))
        design = Design(
            id=new_id(),
            facility_id=owner,
            sector=who.sector,
            name=name,
            draft=await _faced(tx, face, logo, owner),
            state="draft",
            created_at=now,
            updated_at=now,
            hands=hands_of(who),
        )
        await designs.add(tx, design)
        await once.keep(tx, asked, {"id": design.id}, now)
        await audit.accepted(tx, who, _EDIT, design.id, name=name)
        return design

    async with audit.attempt(db, who, _EDIT, who.facility_id or who.unit_id):
        return await transact(db, work)


async def edit(
    design_id: str,
    *,
    name: str,
    face: Face,
    logo: bytes | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Design:
    """A new draft. Raises DesignWaits, UnknownChoice, NotALogo."""

    async def work(tx: Tx) -> Design:
        design = await designs.get(tx, design_id)
        require(who, _EDIT, await scope_of(tx, design))
        faced = await _faced(tx, face, logo, design.facility_id, design.draft.logo)
        edited = design.edit(name, faced, by=hands_of(who), now=now)
        await designs.put(tx, edited)
        await audit.accepted(tx, who, _EDIT, design_id, name=name)
        return edited

    async with audit.attempt(db, who, _EDIT, design_id):
        return await transact(db, work)


async def submit(design_id: str, *, who: Principal, db: Database, now: datetime) -> Design:
    """Hand a draft in for approval. Raises NothingToSubmit."""

    async def work(tx: Tx) -> Design:
        design = await designs.get(tx, design_id)
        require(who, _EDIT, await scope_of(tx, design))
        handed_in = design.submit(by=hands_of(who), account=who.account_id, now=now)
        await designs.put(tx, handed_in)
        await audit.accepted(tx, who, _EDIT, design_id, state="submitted")
        return handed_in

    async with audit.attempt(db, who, _EDIT, design_id):
        return await transact(db, work)


async def decide(
    design_id: str,
    *,
    decision: Decision,
    reason: str = "",
    who: Principal,
    db: Database,
    now: datetime,
) -> Design:
    """Approve or return. Raises DesignNotSubmitted, OwnDesign, ReturnReasonNeeded."""

    async def work(tx: Tx) -> Design:
        design = await designs.get(tx, design_id)
        require(who, _DECIDE, await scope_of(tx, design))
        decided = design.decide(decision, reason, by=hands_of(who), account=who.account_id, now=now)
        await designs.put(tx, decided)
        if decided.state == "approved":
            await designs.add_revision(tx, _revision(decided, now))
        await audit.accepted(tx, who, _DECIDE, design_id, reason, decision=decision)
        return decided

    async with audit.attempt(db, who, _DECIDE, design_id):
        return await transact(db, work)


def hands_of(who: Principal) -> tuple[str, ...]:
    """The account and whoever holds it: one person with two accounts does not approve their own."""
    return who.account_id, *who.person


def check(face: Face) -> None:
    """Raise UnknownChoice for what is in no list."""
    known = {"size": TEMPLATES, "pattern": PATTERNS, "tint": TINTS, "ink": INKS}
    for name, choices in known.items():
        if (choice := getattr(face, name)) not in choices:
            raise UnknownChoice(name, choice=choice)


async def _faced(tx: Tx, face: Face, logo: bytes | None, owner: str, before: str = "") -> Face:
    """What is kept: with the logo that came, or the one that the draft had and keeps."""
    check(face)
    kept = before if face.logo == before else ""
    if logo:
        png = logos.read(logo)
        kept = logos.id_of(owner, png)
        await designs.keep_logo(tx, kept, png)
    return Face(face.size, face.pattern, face.tint, face.ink, face.caption, kept)


def _revision(design: Design, now: datetime) -> Revision:
    return Revision(
        id=f"{design.id}/{design.revision}",
        design=design.id,
        revision=design.revision,
        face=design.printable(),
        decided_by=design.decided_by,
        decided_at=now,
        reason=design.reason,
        hands=design.hands,
    )

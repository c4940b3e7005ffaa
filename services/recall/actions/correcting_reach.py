"""How far a case reaches once it is corrected: which lots join it and which leave."""

from collections.abc import Sequence
from dataclasses import replace

from services.recall.actions import reach
from services.recall.actions.reach import Subject
from services.recall.domain import refusals
from services.recall.domain.case import Case
from services.recall.domain.correcting import NewReach, left, reached
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Correction
from services.recall.store import corrections, facts, genealogy, targets, tracing
from services.recall.store.stamps import StampCount
from shared.auth import Principal
from shared.mongo import Tx

CORRECT = "recall.correct"


async def subject_of(tx: Tx, target: Target, who: Principal | None) -> Subject:
    """The target, looked up for whoever asks; for who confirms, it has been before."""
    if who is not None:
        return await reach.find_subject(tx, target, who, CORRECT)
    known = await targets.find(tx, target, "")
    return Subject(
        target, known.facility or reach.NOBODY, known.product, known.lots, turns=known.turns
    )


async def after(tx: Tx, case: Case, correction: Correction, who: Principal | None) -> NewReach:
    """Raises LotNotInCase, LotNotFound, LotAmbiguous, LotNamedByWhole, TargetEmpty."""
    target = correction.said.target
    out = await taken_out(tx, case, correction.remove, target)
    joining = await called(tx, correction.add, who)
    excluded = (set(case.excluded) | {lot.id for lot in out}) - {lot.id for lot in joining}
    additions = [*case.additions, *(lot.id for lot in joining)]
    additions = [one for one in dict.fromkeys(additions) if one not in excluded]
    if target == case.target:
        stays = await _left(tx, case, out, additions)
    else:
        stays = await _aimed(tx, case, target, who, additions, excluded)
    below = await _below(tx, joining)
    joined = reached(below.values(), [lot.id for lot in joining], excluded)
    lots = [lot for lot in case.lots if lot in stays or lot in joined]
    lots = list(dict.fromkeys([*lots, *sorted(stays), *joined]))
    new = await genealogy.lots(tx, set(lots) - set(case.lots))
    counts = await _stamps(tx, list(new.values()))
    makers = {lot.facility_id for lot in new.values()}
    facilities = await facts.facilities(tx, makers | counts.receivers)
    return NewReach(
        lots=tuple(lots),
        places=reach.places_of(
            [tracing.Reached(lot.id, lot.facility_id) for lot in new.values()],
            facilities,
            receivers=counts.receivers,
        ),
        stamps=sum((counts.stamps[one] for one in new if one in counts.stamps), _NONE).issued,
        excluded=tuple(sorted(excluded)),
        additions=tuple(additions),
    )


_NONE = StampCount()


async def _stamps(tx: Tx, lots: list[Lot]) -> tracing.Trace:
    return await tracing.downstream(tx, lots) if lots else tracing.Trace({}, [])


async def taken_out(tx: Tx, case: Case, names: tuple[str, ...], target: Target) -> list[Lot]:
    """The lots to leave, by id or code, out of those of the case."""
    if not names:
        return []
    here = await genealogy.lots(tx, case.lots)
    known = {lot.id: lot for lot in here.values()}
    codes: dict[str, list[Lot]] = {}
    for lot in known.values():
        codes.setdefault(lot.code.casefold(), []).append(lot)
    found = []
    for name in names:
        fitting = [known[name]] if name in known else codes.get(name.casefold(), [])
        if not fitting:
            raise refusals.LotNotInCase("remove", lot=name)
        if len(fitting) > 1:
            raise refusals.LotAmbiguous("remove", lot=name)
        found += fitting
    is_whole = target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY) and not target.has_period
    if is_whole and any(target.names(lot) for lot in found):
        raise refusals.LotNamedByWhole("remove")
    return found


async def called(tx: Tx, names: tuple[str, ...], who: Principal | None) -> list[Lot]:
    """The lots to join, by id or code, out of those within the asker's scope."""
    if not names:
        return []
    lots = await corrections.lots_called(tx, names)
    facilities = await facts.facilities(tx, {lot.facility_id for lot in lots})

    def mine(lot: Lot) -> bool:
        facility = facilities.get(lot.facility_id, reach.NOBODY)
        subject = Subject(Target(TargetKind.LOT, lot.id), facility, None, (lot,))
        return who is None or who.covers(CORRECT, subject.scope)

    found = []
    for name in names:
        fitting = [lot for lot in lots if lot.id == name] or [
            lot for lot in lots if lot.code.casefold() == name.casefold() and mine(lot)
        ]
        if not fitting or not all(map(mine, fitting)):
            raise refusals.LotNotFound("add", lot=name)
        if len(fitting) > 1:
            raise refusals.LotAmbiguous("add", lot=name)
        found += fitting
    return found


async def _left(tx: Tx, case: Case, out: list[Lot], additions: list[str]) -> set[str]:
    if not out:
        return set(case.lots)
    kept = set(additions)
    return left(
        set(case.lots),
        await _below(tx, out),
        {lot.id for lot in out},
        lambda lot: lot.id in kept or case.target.names(lot),
    )


async def _aimed(
    tx: Tx,
    case: Case,
    target: Target,
    who: Principal | None,
    additions: list[str],
    excluded: set[str],
) -> set[str]:
    """All lots of another period, and of the lots that were added by hand."""
    subject = await subject_of(tx, target, who)
    found = await reach.of_subject(tx, replace(subject, target=target))
    added = await genealogy.lots(tx, additions)
    below = await _below(tx, list(added.values()))
    own = {} if target.is_of_stamps else await genealogy.lots(tx, found.steps)
    roots = [*(lot.id for lot in subject.lots), *added]
    return set(reached([*own.values(), *below.values()], roots, excluded))


async def _below(tx: Tx, roots: Sequence[Lot]) -> dict[str, Lot]:
    """The lots and all that was made from them, each with what it was made from."""
    if not roots:
        return {}
    return await genealogy.lots(tx, (await tracing.downstream(tx, roots)).steps)

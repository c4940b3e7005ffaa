"""What is wrong with rows of goods, found before any is kept: of a form, or of a whole file."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Self

from services.recall.actions.acting import official
from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.amounts import Made
from services.recall.domain.case import Case
from services.recall.domain.recovery import Row, Spot, Stated, Tally
from services.recall.domain.target import Lot
from services.recall.domain.terms import Place, State
from services.recall.queries import recovery, spots
from services.recall.store import facts, genealogy, goods, recoveries, shipments, weights
from services.recall.store.facts import Facility
from services.recall.store.newest import Reader
from services.recall.store.shipments import Move
from shared.auth import Principal
from shared.days import local_day
from shared.errors import Amount, OutOfReach


@dataclass(slots=True)
class Books:
    """What a case knows of some of its lots, read once, which rows are judged against one after
    another: each that counts is in the sums that the next one meets."""

    case: Case
    who: Principal
    at: datetime
    lots: dict[str, Lot]
    made: dict[str, Made]
    tallies: dict[str, Tally]
    # Of a facility that did not make them: where they were sent, and what it reported of them.
    moves: dict[str, list[Move]] = field(default_factory=dict)
    reported: dict[str, Decimal] = field(default_factory=dict)
    # Of a case of stamps: the lots as registry knows them, for shipments tell of goods.
    whole: dict[str, Made] = field(default_factory=dict)
    _places: Mapping[str, Place] = field(default_factory=dict)
    # For an official: makers of the lots and facilities of spots, as far as they were looked for.
    _facilities: dict[str, Facility] = field(default_factory=dict)
    _looked_for: set[str] = field(default_factory=set)

    @classmethod
    async def of(
        cls, reader: Reader, case: Case, lot_ids: Iterable[str], who: Principal, at: datetime
    ) -> Self:
        named = set(await recovery.open_lots(reader, case))
        lots = await genealogy.lots(reader, sorted(named & set(lot_ids)))
        books = cls(
            case,
            who,
            at,
            lots,
            await goods.made_of(reader, case, lots.values()),
            await recoveries.tallies_of(reader, case.id, lots),
            _places=spots.places_of(case),
        )
        others = [id_ for id_, lot in lots.items() if lot.facility_id != who.facility_id]
        if who.facility_id is not None and others:
            for move in await shipments.of_lots(reader, others):
                books.moves.setdefault(move.lot_id, []).append(move)
            if case.target.is_of_stamps:
                books.whole = await weights.made_of(reader, [lots[id_] for id_ in others])
            mine = await recoveries.counting(reader, case.id, others, who.facility_id)
            books._add_up(mine)
        return books

    async def know(self, reader: Reader, there: Iterable[str]) -> None:
        """Read at once whose the lots and these facilities are, as far as it was not read yet."""
        if self.who.facility_id is not None:
            return
        wanted = {lot.facility_id for lot in self.lots.values()}
        wanted = (wanted | {*there}) - {"", *self._looked_for}
        self._facilities |= await facts.facilities(reader, wanted)
        self._looked_for |= wanted

    async def check(self, reader: Reader, stated: Stated) -> Lot:
        """The lot of a row that may be reported as it is stated; raises what is wrong with it."""
        lot = self.lots.get(stated.lot_id)
        if lot is None and self.case.state is not State.ORDERED:
            raise refusals.NotBeingCarriedOut()
        if lot is None:
            raise refusals.LotNotInCase("lot_id")
        await self._check_place(reader, lot, stated.spot)
        self._known(lot, self.made[lot.id])
        stated.check(produced_on=lot.produced_on, today=local_day(self.at))
        return lot

    def row(self, row_id: str, stated: Stated, evidence: tuple[str, ...]) -> Row:
        """Raises OtherDimension."""
        made = self.made[stated.lot_id]
        return Row(
            id=row_id,
            case_id=self.case.id,
            stated=stated,
            amount=made.in_its_unit(stated.quantity, stated.unit),
            unit=made.unit,
            by=official(self.who),
            at=self.at,
            evidence=evidence,
        )

    def count(self, row: Row, before: Row | None = None) -> Tally:
        """The sums of its lot with the row, `before` being the one that it corrects.

        Raises DestroyedWithoutEvidence, MoreThanSent, MoreThanMade; MoreThanLeft to whoever did not
        make the lot, for its sums are its maker's to see. What is refused counts for nothing.
        """
        lot, made = self.lots[row.stated.lot_id], self.made[row.stated.lot_id]
        known = self._known(lot, made)
        before = self._in_its_unit(before) if before is not None else None
        if row.lacks_evidence:
            raise refusals.DestroyedWithoutEvidence("files")
        is_makers = self.who.facility_id in (None, lot.facility_id)
        reported = self.reported.get(lot.id, Decimal(0)) + row.amount
        reported -= before.amount_in(made) if before is not None else Decimal(0)
        if not is_makers:
            self._check_sent(row, reported, made, lot)
        try:
            counted = known.with_row(row, made, lot.code, before)
        except refusals.MoreThanMade as refusal:
            if is_makers:
                raise
            raise refusals.MoreThanLeft("quantity", lot=lot.code) from refusal
        self.tallies[lot.id], self.reported[lot.id] = counted, reported
        return counted

    def _known(self, lot: Lot, made: Made) -> Tally:
        """Its sums until now, in the unit it has now; raises UnitChanged."""
        known = self.tallies.get(lot.id, Tally(lot.id))
        try:
            return known.told_in(made)
        except refusals.OtherDimension as refusal:
            was, now = known.unit, made.unit
            raise refusals.UnitChanged("lot_id", lot=lot.code, was=was, now=now) from refusal

    def _in_its_unit(self, row: Row) -> Row:
        """A row that was kept without its unit is in the one of the sums that it is in."""
        tally = self.tallies.get(row.stated.lot_id)
        return row if row.unit or tally is None else replace(row, unit=tally.unit)

    def _add_up(self, rows: Iterable[Row]) -> None:
        """What was reported before; a lot whose unit changed takes no row at all."""
        for row in rows:
            lot_id = row.stated.lot_id
            with suppress(refusals.OtherDimension):
                amount = self._in_its_unit(row).amount_in(self.made[lot_id])
                self.reported[lot_id] = self.reported.get(lot_id, Decimal(0)) + amount

    async def _check_place(self, reader: Reader, lot: Lot, spot: Spot) -> None:
        """A facility reports of what it made, wherever that is, and of what it was sent; an
        official of what lies, or was made, in their area."""
        who = self.who
        if spot.facility_id and spot.facility_id not in self._places:
            raise refusals.PlaceNotInCase("facility_id")
        if who.facility_id is not None:
            if lot.facility_id == who.facility_id:
                return
            sent_to = {move.to_facility_id for move in self.moves.get(lot.id, ())}
            if who.facility_id not in sent_to:
                raise refusals.LotNotInCase("lot_id")
            if spot.facility_id not in ("", who.facility_id):
                raise refusals.PlaceNotInCase("facility_id")
            return
        await self.know(reader, (spot.facility_id,))
        case, known = self.case, self._facilities
        if not spots.covers(who, recovery.REPORT, case, lot, spot, self._places, known):
            raise OutOfReach()

    def _check_sent(self, row: Row, reported: Decimal, made: Made, lot: Lot) -> None:
        """Whoever did not make the lot reports no more of it than came there, all that it reported
        together. What came in a unit that tells nothing of the lot's sets no limit."""
        try:
            sent = self._sent(made, lot)
        except refusals.OtherDimension:
            return
        if reported > sent and row.amount:
            left = max(Decimal(0), sent - (reported - row.amount))
            raise refusals.MoreThanSent(
                "quantity", lot=lot.code, sent=Amount(sent), left=Amount(left), unit=made.unit
            )

    def _sent(self, made: Made, lot: Lot) -> Decimal:
        """How much of the lot came to who reports; of stamps as many as its share of the goods may
        bear, none cut in two. Raises OtherDimension."""
        moves = self.moves.get(lot.id, ())
        mine = [move for move in moves if move.to_facility_id == self.who.facility_id]
        told_in = self.whole.get(lot.id, made)
        sent = sum((told_in.in_its_unit(move.amount, move.unit) for move in mine), Decimal(0))
        if told_in is made or not told_in.quantity:
            return sent
        share = min(Decimal(1), sent / told_in.quantity)
        return (made.quantity * share).to_integral_value(ROUND_CEILING)

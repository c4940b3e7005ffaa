"""Lots with what is known of them, in columns: by whom, of what, how much, and where it went."""

import hashlib
from array import array
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

import numpy as np

from services.recall.graph.lines import Lines, Marks
from services.recall.graph.links import Links, Walk
from services.recall.graph.numbers import Numbers

# Quantities are whole thousandths: registry takes three decimals.
PARTS: Final = 1_000
NOWHERE: Final = -1
KINDS: Final = ("transfer", "export", "sale", "loss")
STATUSES: Final = ("planned", "in_transit", "handed_over", "received", "cancelled")

Document = dict[str, Any]


class Graph:
    """Filled with documents of the read model, in any order, each as often as it is told.

    A lot may be known by nothing but its number: another named it, and itself is not told yet.
    """

    def __init__(self) -> None:
        self.lots, self.facilities, self.products = Numbers(), Numbers(), Numbers()
        self.areas, self.units, self.communes = Numbers(), Numbers(), Numbers()
        # Of a lot nothing is known yet where its facility is NOWHERE.
        self.facility, self.product, self.area = array("i"), array("i"), array("i")
        self.unit, self.made = array("i"), array("q")
        self.links = Links()
        # After the lot: sender, receiver, kind, status, unit; sent, received, returned; when.
        self.moves = Lines("i", "i", "b", "b", "i", "q", "q", "q", "q")
        # After the lot: issued, active.
        self.stamps = Lines("i", "i")
        # After the lot: commune, scans, stamps scanned, the hour of the last in seconds.
        self.scans = Lines("i", "q", "q", "q")

    def number(self, lot_id: str) -> int:
        """Of a lot; with a place in every column."""
        number = self.lots.of(lot_id)
        if number == len(self.facility):
            for column in (self.facility, self.product, self.area, self.unit):
                column.append(NOWHERE)
            self.made.append(0)
        return number

    def take_lot(self, document: Document, *, is_new: bool = False) -> None:
        """`is_new`: nothing was taken of it, and `links` are laid out before they are walked."""
        lot = self.number(document["_id"])
        self.facility[lot] = self.facilities.of(document["facility_id"])
        self.product[lot] = self.products.of(document["product_id"])
        area = document.get("growing_area_id", "")
        self.area[lot] = self.areas.of(area) if area else NOWHERE
        self.unit[lot] = self.units.of(document["unit"])
        self.made[lot] = parts(document["quantity"])
        inputs = tuple(self.number(one) for one in document["inputs"])
        if is_new:
            self.links.load(lot, inputs)
            return
        self.links.put(lot, inputs)
        if self.links.has_many_changes:
            self.links.lay_out(len(self.lots))

    def take_move(self, document: Document, *, is_new: bool = False) -> None:
        at = document["sent_at"]
        receiver = document["to_facility_id"]
        common = (
            self.facilities.of(document["from_facility_id"]),
            self.facilities.of(receiver) if receiver else NOWHERE,
            KINDS.index(document["kind"]) if document["kind"] in KINDS else len(KINDS),
            STATUSES.index(document["status"]) if document["status"] in STATUSES else NOWHERE,
        )
        rows = [
            (
                self.number(lot["lot_id"]),
                *common,
                self.units.of(lot["unit"]),
                parts(lot["quantity"]),
                NOWHERE if lot["received"] is None else parts(lot["received"]),
                parts(lot.get("returned", "0")),
                int(at.timestamp()) if at else 0,
            )
            for lot in document["lots"]
        ]
        self.moves.put(key_of(document["_id"]), rows, is_new=is_new)

    def take_segment(self, document: Document, *, is_new: bool = False) -> None:
        rows = [(self.number(r["lot"]), r["issued"], r["active"]) for r in document["lots"]]
        self.stamps.put(key_of(document["_id"]), rows, is_new=is_new)

    def take_scans(self, document: Document, *, is_new: bool = False) -> None:
        if document["lot_id"]:
            lot, commune = self.number(document["lot_id"]), self.communes.of(document["commune"])
            counts = document["scans"], document.get("stamps", 0)
            row = (lot, commune, *counts, int(document["last"].timestamp()))
            self.scans.put(key_of(document["_id"]), [row], is_new=is_new)

    def is_known(self, lot: int) -> bool:
        return self.facility[lot] != NOWHERE

    def known(self, lot_ids: Iterable[str]) -> list[int]:
        return [lot for lot in self.lots.found(lot_ids) if self.is_known(lot)]

    def down(self, roots: Iterable[int], most: int = 0) -> Walk:
        return self.links.down(roots, len(self.lots), most)

    def up(
        self, roots: Iterable[int], most: int = 0, through: Callable[[int], bool] | None = None
    ) -> Walk:
        return self.links.up(roots, len(self.lots), most, through)

    def marked(self, lots: Iterable[int]) -> Marks:
        """For `Lines.of`."""
        marks = np.zeros(len(self.lots) + 1, np.bool_)
        marks[np.fromiter(lots, np.int64)] = True
        return marks


def parts(quantity: str | Decimal) -> int:
    return int(Decimal(quantity) * PARTS)


def key_of(id_: str) -> int:
    """Eight bytes in the place of an id of any length, positive: a million ids meet by chance once
    in ten million times."""
    return int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=8).digest()) >> 1

"""Which feed numbers of a publisher a reader has taken in: a set kept as disjoint ranges."""

from dataclasses import dataclass, field
from typing import Any, Final

from shared.mongo import Database, Tx, Unasked

COLLECTION: Final = Unasked("progress")


@dataclass(slots=True)
class Taken:
    """Numbers taken in, as sorted disjoint ranges [first, last]."""

    ranges: list[list[int]] = field(default_factory=list)

    @property
    def complete_to(self) -> int:
        """The highest n such that 1…n are all here; 0 if 1 is missing."""
        return self.ranges[0][1] if self.ranges and self.ranges[0][0] <= 1 else 0

    @property
    def highest(self) -> int:
        return self.ranges[-1][1] if self.ranges else 0

    def add(self, number: int) -> bool:
        """Take one number in; False if it was here already."""
        ranges = self.ranges
        low, high = 0, len(ranges)
        while low < high:
            middle = (low + high) // 2
            if ranges[middle][1] < number:
                low = middle + 1
            else:
                high = middle
        if low < len(ranges) and ranges[low][0] <= number:
            return False
        joins_left = low > 0 and ranges[low - 1][1] == number - 1
        joins_right = low < len(ranges) and ranges[low][0] == number + 1
        if joins_left and joins_right:
            ranges[low - 1][1] = ranges.pop(low)[1]
        elif joins_left:
            ranges[low - 1][1] = number
        elif joins_right:
            ranges[low][0] = number
        else:
            ranges.insert(low, [number, number])
        return True

    def fill_to(self, number: int) -> None:
        """Take in 1…number at once: a snapshot is known to hold them all."""
        rest = [r for r in self.ranges if r[1] > number]
        if rest and rest[0][0] <= number + 1:
            rest[0][0] = 1
        elif number > 0:
            rest.insert(0, [1, number])
        self.ranges = rest


async def note(tx: Tx, reader: str, numbers: dict[str, list[int]]) -> None:
    """Add the numbers of each publisher to what `reader` has taken in, in this transaction."""
    progress = tx.collection(COLLECTION)
    for publisher, given in numbers.items():
        key = f"{reader}:{publisher}"
        document = await progress.find_one({"_id": key})
        taken = Taken(document["ranges"] if document else [])
        for number in given:
            taken.add(number)
        await progress.update_one(
            {"_id": key},
            {
                "$set": {
                    "reader": reader,
                    "publisher": publisher,
                    "ranges": taken.ranges,
                    "complete_to": taken.complete_to,
                    "highest": taken.highest,
                }
            },
            upsert=True,
        )


async def complete_to(db: Database, reader: str) -> dict[str, int]:
    """Per publisher, the number up to which `reader` has taken in everything."""
    documents: list[dict[str, Any]] = [
        document async for document in db.collection(COLLECTION).find({"reader": reader})
    ]
    return {document["publisher"]: int(document["complete_to"]) for document in documents}

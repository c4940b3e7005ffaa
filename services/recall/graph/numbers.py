"""Whole numbers in the place of ids, in the order in which these were first met."""

from collections.abc import Iterable


class Numbers:
    """Ids by number and numbers by id."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, id_: str) -> int:
        """The number of an id, a new one where it is met for the first time."""
        number = self._numbers.get(id_)
        if number is None:
            number = self._numbers[id_] = len(self._ids)
            self._ids.append(id_)
        return number

    def find(self, id_: str) -> int | None:
        return self._numbers.get(id_)

    def found(self, ids: Iterable[str]) -> list[int]:
        """The numbers of those that were met."""
        return [self._numbers[id_] for id_ in ids if id_ in self._numbers]

    def id(self, number: int) -> str:
        return self._ids[number]

    def ids(self, numbers: Iterable[int]) -> list[str]:
        ids = self._ids
        return [ids[number] for number in numbers]

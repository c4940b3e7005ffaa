"""Lists in pages: which page is asked for, and how many there are."""

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True)
class Paging:
    """Page `number` of lists of `size`; `skip` and `size` go into the query of the store.

    `more`: there are more than `total`, which nobody counted.
    """

    number: int
    size: int
    total: int
    more: bool = False

    @classmethod
    def of(cls, request: Request, total: int, *, size: int = 25, most: int = 0) -> "Paging":
        """The page that `?page=` asks for, held within what there is, or the first `most` of it."""
        more = bool(most) and total > most
        total = most if more else total
        asked = request.query_params.get("page", "1")
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1
        return cls(max(1, min(number, -(-total // size) or 1)), size, total, more)

    @property
    def pages(self) -> int:
        return -(-self.total // self.size) or 1

    @property
    def skip(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.skip + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.skip + self.size, self.total)

    @property
    def shown(self) -> list[int | None]:
        """Page numbers to offer; None stands for a gap."""
        near = {1, self.pages, *range(self.number - 1, self.number + 2)}
        numbers = sorted(n for n in near if 1 <= n <= self.pages)
        found: list[int | None] = []
        for number in numbers:
            if found and number - (found[-1] or 0) > 1:
                found.append(None)
            found.append(number)
        return found

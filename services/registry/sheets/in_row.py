"""One of the rows that a cell of the shape ROWS holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import Phrase
from shared.web.i18n import N_


@dataclass(frozen=True, slots=True)
class InRow:
    """Where it stands: in a sheet, or "" in the cell.

    An empty cell has no value; `EMPTIED` is that of one which says that its field is to be emptied.
    """

    line: int
    sheet: str
    values: Mapping[str, Any]

    def problem(self, said: object) -> Phrase:
        """A problem of this row, with its place."""
        if self.sheet:
            text = N_("trang {sheet}, dòng {line}: {problem}")
            return Phrase(text, {"sheet": self.sheet, "line": self.line, "problem": said})
        return Phrase(N_("dòng {line} trong ô: {problem}"), {"line": self.line, "problem": said})

"""What corrections come as: the API's body and the form's fields."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field

from services.recall.actions.corrections import Asked
from services.recall.domain.case import Case
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Kind, Level
from services.recall.inputs import Id, OptionalText, TargetBody, Text
from shared.stampcode import MAX_SERIAL
from shared.web.fields import Input, Lines

Named = Annotated[str, Field(min_length=1, max_length=100)]
# So many lots join or leave by one correction; more are a matter of the target's period.
MOST_LOTS = 500
# More than any case is ever corrected: a number that a database can hold.
MOST_REVISIONS = 1_000_000
Revision = Annotated[int, Field(ge=0, le=MOST_REVISIONS)]
ReasonKey = Annotated[str, Field(max_length=40)]


class CorrectionBody(Input):
    """What a case is to say instead; what is left out stays. `revision` is the case's, as it was
    read. `add` and `remove` are ids or codes of lots; `target` is the same thing, more or less of
    it: another period of a product or facility, other serials of a stamp batch."""

    revision: Annotated[int, Field(strict=True, ge=0, le=MOST_REVISIONS)]
    why: Text
    kind: Kind | None = None
    level: Level | None = None
    reason_key: ReasonKey | None = None
    target: TargetBody | None = None
    reason: Text | None = None
    instruction: Text | None = None
    reason_en: OptionalText | None = None
    instruction_en: OptionalText | None = None
    reason_zh: OptionalText | None = None
    instruction_zh: OptionalText | None = None
    add: Annotated[tuple[Named, ...], Field(max_length=MOST_LOTS)] = ()
    remove: Annotated[tuple[Named, ...], Field(max_length=MOST_LOTS)] = ()

    def asked(self) -> Asked:
        """Raises InvalidTarget where the parts of the target do not fit one another."""
        return Asked(
            revision=self.revision,
            why=self.why,
            kind=self.kind,
            level=self.level,
            reason_key=self.reason_key,
            target=self.target.aim() if self.target else None,
            reason=self.reason,
            instruction=self.instruction,
            reason_en=self.reason_en,
            instruction_en=self.instruction_en,
            reason_zh=self.reason_zh,
            instruction_zh=self.instruction_zh,
            add=tuple(dict.fromkeys(self.add)),
            remove=tuple(dict.fromkeys(self.remove)),
        )


class CorrectionForm(Input):
    """The whole of what the case says, as the page showed it; `version` is its revision."""

    version: Revision
    key: Id
    kind: Kind
    level: Level
    reason_key: ReasonKey = ""
    reason: Text
    instruction: Text
    reason_en: OptionalText = ""
    instruction_en: OptionalText = ""
    reason_zh: OptionalText = ""
    instruction_zh: OptionalText = ""
    first: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    last: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    since: date | None = None
    until: date | None = None
    add: Annotated[str, Lines(), Field(max_length=20_000)] = ""
    remove: Annotated[str, Lines(), Field(max_length=20_000)] = ""
    why: Text

    def asked(self, case: Case) -> Asked:
        """Raises InvalidSerials, InvalidPeriod."""
        return Asked(
            revision=self.version,
            why=self.why,
            kind=self.kind,
            level=self.level,
            reason_key=self.reason_key,
            target=self._aim(case.target),
            reason=self.reason,
            instruction=self.instruction,
            reason_en=self.reason_en,
            instruction_en=self.instruction_en,
            reason_zh=self.reason_zh,
            instruction_zh=self.instruction_zh,
            add=_lines(self.add),
            remove=_lines(self.remove),
        )

    def _aim(self, target: Target) -> Target:
        if target.is_of_stamps:
            if self.first is None and self.last is None:
                return replace(target, kind=TargetKind.BATCH, first=None, last=None)
            return replace(target, kind=TargetKind.STAMPS, first=self.first, last=self.last)
        if target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY):
            return replace(target, since=self.since, until=self.until)
        return target


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

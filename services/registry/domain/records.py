"""A record under review: draft → submitted → checked → published, every step another person (R17).

The published content stays what consumers see while a newer draft is under review.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Generic, Self, TypeVar

from services.registry.domain.review_refusals import (
    AlreadyInStatus,
    FacilityIsStopped,
    NotADraft,
    NotChecked,
    NotPublished,
    NotSubmitted,
    OwnCheck,
    OwnEntry,
    ReasonMissing,
    StoppedByAuthority,
)
from shared.auth import Scope
from shared.errors import EditConflict
from shared.tiers import is_below, must_not_be_below

C = TypeVar("C")


class Aggregate(StrEnum):
    """What is reviewed; the names of `ReviewDecided.aggregate`."""

    FACILITY = "facility"
    PRODUCT = "product"
    GROWING_AREA = "growing_area"
    LOT = "lot"


class State(StrEnum):
    """Where the working version stands; `published` means there is no newer draft."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    PUBLISHED = "published"


class Status(StrEnum):
    """Whether the published thing is in use: a facility may stop, a product be withdrawn."""

    ACTIVE = "active"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Author:
    """The account that really did it; without a `facility_id` it is an authority's (R9)."""

    account_id: str
    name: str
    tier: str
    unit_id: str
    facility_id: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """The facility a record belongs to, as others need to know it; kept up by its publication."""

    facility_id: str
    name: str
    code: str
    commune: str
    sector: str
    active: bool = True

    def scope(self) -> Scope:
        return Scope(self.facility_id, self.commune, self.sector)

    def must_operate(self) -> None:
        """Raises FacilityIsStopped."""
        if not self.active:
            raise FacilityIsStopped()


@dataclass(frozen=True, slots=True)
class Record(Generic[C]):
    """One aggregate with its draft, its published content and who worked on it.

    `version` counts every change, and is the version of the events that tell of it. `editors` are
    the accounts that entered or submitted the present draft; none of them may check or publish it.
    """

    id: str
    aggregate: Aggregate
    version: int
    state: State
    code: str
    owner: Owner
    draft: C | None
    published: C | None
    created_at: datetime
    updated_at: datetime
    published_version: int = 0
    published_at: datetime | None = None
    status: Status = Status.ACTIVE
    status_reason: str = ""
    status_by_authority: bool = False
    status_by_tier: str = ""  # Who decided it; empty where it was decided before this was kept.
    editors: tuple[Author, ...] = ()
    checked_by: Author | None = None
    reason: str = ""

    @property
    def content(self) -> C:
        """What is being worked on: the draft, or the published content where there is none."""
        found = self.draft if self.draft is not None else self.published
        assert found is not None  # A record begins with a draft and ends only as published.
        return found

    @property
    def shown(self) -> C:
        """What is published of it, for a record that is known to be."""
        assert self.published is not None
        return self.published

    @property
    def is_public(self) -> bool:
        return self.published is not None and self.status is Status.ACTIVE

    def edit(self, content: C, *, version: int, by: Author, now: datetime) -> Self:
        """A newer draft. What waits for review is thereby taken back to be submitted again.

        What is there already is no change, whatever version it was sent with: so a form that comes
        twice is no conflict.
        """
        if content == self.content:
            return self
        self._expect(version)
        if content == self.published:
            # Back to what is published already: there is nothing left to review.
            return self._step(
                now, state=State.PUBLISHED, draft=None, editors=(), checked_by=None, reason=""
            )
        return self._step(
            now, state=State.DRAFT, draft=content, editors=self._with(by), checked_by=None
        )

    def submit(self, *, version: int, by: Author, now: datetime) -> Self:
        self._expect(version)
        if self.state is not State.DRAFT:
            raise NotADraft()
        return self._step(now, state=State.SUBMITTED, editors=self._with(by), reason="")

    def accept(self, *, version: int, by: Author, now: datetime) -> Self:
        """The check: the content is right as far as the checker can tell."""
        self._expect(version)
        self._may_check(by)
        return self._step(now, state=State.CHECKED, checked_by=by)

    def reject(self, *, version: int, by: Author, reason: str, now: datetime) -> Self:
        """Back to draft, with the reason, by the checker or by the approver."""
        self._expect(version)
        if not reason:
            raise ReasonMissing("reason")
        if self.state is State.CHECKED:
            self._may_publish(by)
        else:
            self._may_check(by)
        return self._step(now, state=State.DRAFT, checked_by=None, reason=reason)

    def publish(self, *, version: int, by: Author, now: datetime) -> Self:
        """The approval: the draft becomes what consumers see."""
        self._expect(version)
        self._may_publish(by)
        if self.status is Status.WITHDRAWN:  # This brings it back.
            must_not_be_below(by.tier, self.status_by_tier)
        return self._shown(now)

    def accept_and_publish(self, *, version: int, by: Author, now: datetime) -> Self:
        """For lots, where the check is the approval."""
        self._expect(version)
        self._may_check(by)
        return replace(self, checked_by=by)._shown(now)

    def stop(self, *, by: Author, reason: str, now: datetime) -> Self:
        """Take out of use (R7, R19); `by` decides who may bring a facility back."""
        to = Status.STOPPED if self.aggregate is Aggregate.FACILITY else Status.WITHDRAWN
        if self.published is None:
            raise NotPublished()
        if self.status is not Status.ACTIVE:
            raise AlreadyInStatus()
        if not reason:
            raise ReasonMissing("reason")
        return self._step(
            now,
            status=to,
            status_reason=reason,
            status_by_authority=not by.facility_id,
            status_by_tier=by.tier,
        )

    def decided_above(self, tier: str) -> bool:
        """Whether a higher tier took it out of use: then this one does not bring it back."""
        return self.status is not Status.ACTIVE and is_below(tier, self.status_by_tier)

    def resume(self, *, by: Author, now: datetime) -> Self:
        if self.status is not Status.STOPPED:
            raise AlreadyInStatus()
        if self.status_by_authority and by.facility_id:
            raise StoppedByAuthority()
        must_not_be_below(by.tier, self.status_by_tier)
        return self._step(
            now,
            status=Status.ACTIVE,
            status_reason="",
            status_by_authority=False,
            status_by_tier="",
        )

    def told_again(self) -> Self:
        """The same, one version on, where one act is told by two events that must be ordered."""
        return replace(self, version=self.version + 1)

    def _shown(self, now: datetime) -> Self:
        back = self.status is Status.WITHDRAWN
        return self._step(
            now,
            state=State.PUBLISHED,
            published=self.draft,
            draft=None,
            published_version=self.version + 1,
            published_at=now,
            status=Status.ACTIVE if back else self.status,
            status_reason="" if back else self.status_reason,
            status_by_tier="" if back else self.status_by_tier,
            editors=(),
            checked_by=None,
            reason="",
        )

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _may_check(self, by: Author) -> None:
        if self.state is not State.SUBMITTED:
            raise NotSubmitted()
        self._not_by_editors(by)

    def _may_publish(self, by: Author) -> None:
        if self.state is not State.CHECKED:
            raise NotChecked()
        self._not_by_editors(by)
        if self.checked_by is not None and self.checked_by.account_id == by.account_id:
            raise OwnCheck()

    def _not_by_editors(self, by: Author) -> None:
        if any(editor.account_id == by.account_id for editor in self.editors):
            raise OwnEntry()

    def _with(self, by: Author) -> tuple[Author, ...]:
        return (*(e for e in self.editors if e.account_id != by.account_id), by)

    def _step(self, now: datetime, **changes: object) -> Self:
        changed: Self = replace(
            self,
            version=self.version + 1,
            updated_at=now,
            **changes,  # type: ignore[arg-type]
        )
        return changed


def entered(
    aggregate: Aggregate,
    content: C,
    *,
    record_id: str,
    code: str,
    owner: Owner,
    by: Author,
    now: datetime,
) -> Record[C]:
    """A new record in its first draft."""
    return Record(
        id=record_id,
        aggregate=aggregate,
        version=1,
        state=State.DRAFT,
        code=code,
        owner=owner,
        draft=content,
        published=None,
        created_at=now,
        updated_at=now,
        editors=(by,),
    )

"""What the API answers about the second factor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.identity.actions.grants import Grant
from services.identity.actions.second_step import Enrolled, Enrolling
from services.identity.actions.sign_in import Step
from services.identity.api.views import TokensView
from services.identity.domain.factors import Factor


class StepView(BaseModel):
    """The password was right and a second step follows; `expires_in` seconds."""

    step: str
    ticket: str
    expires_in: int

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(step=step.purpose.value, ticket=step.ticket, expires_in=step.seconds)


class EnrollingView(BaseModel):
    """`secret` in base 32, `uri` as the QR code holds it (SHA-1, 6 digits, 30 s)."""

    secret: str
    uri: str

    @classmethod
    def of(cls, told: Enrolling) -> Self:
        return cls(secret=told.seed, uri=told.address)


class SetupView(EnrollingView):
    ticket: str


class RecoveryCodesView(BaseModel):
    """Each works once, in place of a code of the app; told here and nowhere else."""

    recovery_codes: list[str]

    @classmethod
    def of(cls, codes: Sequence[str]) -> Self:
        return cls(recovery_codes=list(codes))


class EnrolledView(TokensView):
    recovery_codes: list[str]

    @classmethod
    def of_enrolled(cls, enrolled: Enrolled) -> Self:
        tokens = TokensView.of(enrolled.grant).model_dump()
        return cls(**tokens, recovery_codes=list(enrolled.recovery_codes))


class ProofView(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the type's name
    expires_in: int

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(access_token=grant.access_token, expires_in=grant.access_seconds)


class ConfirmedView(ProofView):
    recovery_codes: list[str]

    @classmethod
    def of_enrolled(cls, enrolled: Enrolled) -> Self:
        proof = ProofView.of(enrolled.grant).model_dump()
        return cls(**proof, recovery_codes=list(enrolled.recovery_codes))


class FactorView(BaseModel):
    """The state of one's own second factor."""

    enrolled: bool
    required: bool
    enrolled_at: datetime | None
    last_used_at: datetime | None
    recovery_codes_left: int

    @classmethod
    def of(cls, factor: Factor, *, required: bool) -> Self:
        return cls(
            enrolled=factor.enrolled,
            required=required,
            enrolled_at=factor.enrolled_at,
            last_used_at=factor.last_used_at,
            recovery_codes_left=len(factor.recovery),
        )

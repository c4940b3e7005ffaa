"""Signing in, the second step, passwords and one's own second factor."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.identity.inputs import ClaimedName, Password
from shared.web.fields import Input


class Credentials(Input):
    username: ClaimedName
    password: Password


class SignInForm(Credentials):
    next: str = Field("", max_length=2000)


Ticket = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class ShownTicket(Input):
    ticket: Ticket


class ShownCode(ShownTicket):
    """`code`: the six digits of the app, or a recovery code."""

    code: Code


class SecondStepForm(Input):
    """The ticket is in a cookie."""

    code: Code
    next: str = Field("", max_length=2000)


class Proof(Input):
    """A code for who has a second factor, the password for who has none."""

    code: Code | None = None
    password: Password | None = None


class OwnFactor(Input):
    """`code`: needed where a factor is enrolled."""

    password: Password
    code: Code | None = None


class OwnFactorForm(OwnFactor):
    act: Literal["set_up", "recovery_codes", "off"]


class EnrolledFactorForm(OwnFactorForm):
    code: Code


class RefreshToken(Input):
    refresh_token: str = Field(max_length=200)


class SetPassword(Input):
    username: ClaimedName
    setup_code: str = Field(min_length=1, max_length=40)
    password: Password


class SetPasswordForm(SetPassword):
    """`again`: typed twice where nobody can see what is typed."""

    again: Password


class ChangePassword(Input):
    old: Password
    password: Password


class ChangePasswordForm(ChangePassword):
    again: Password

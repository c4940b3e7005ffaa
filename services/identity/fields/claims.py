"""What people and programs send to take an account over, or to confirm that somebody does (R3)."""

from typing import Annotated

from pydantic import StringConstraints

from services.identity.domain.claims import Seen
from services.identity.inputs import ClaimedName, Password
from shared.web.fields import Input


class AskClaim(Input):
    username: ClaimedName


Claimed = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class ShownClaim(Input):
    """`claim`: the secret that the device was given when it asked."""

    claim: Claimed


class SetClaimedPassword(ShownClaim):
    password: Password


class SetClaimedPasswordForm(Input):
    """The claim is in a cookie."""

    password: Password
    again: Password


class ConfirmClaim(Input):
    """`word`: what the person reads from their device; `seen`: how one made sure who they are."""

    word: Annotated[str, StringConstraints(min_length=8, max_length=20)]
    seen: Seen

"""Single fields of what people and programs send to identity."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.passwords import LONGEST


def _username(typed: str) -> str:
    """Names are kept in lower case, so that nobody is locked out by a capital letter."""
    return typed.casefold()


ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
ClaimedName = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(_username)
]
NewName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$")]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Name = Annotated[str, StringConstraints(min_length=2, max_length=120)]
Position = Annotated[str, StringConstraints(max_length=120)]
PhoneOrNone = Annotated[
    str, StringConstraints(max_length=30, pattern=r"^$|^\+?[0-9][0-9 ().-]{7,28}$")
]
EmailOrNone = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^$|^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
]
Action = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}\.[a-z_]{1,30}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z_*]{1,20}$")]
Commune = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9]{5})$")]
DocumentNumber = Annotated[str, StringConstraints(min_length=1, max_length=60)]

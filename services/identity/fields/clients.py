"""Partner systems and what they may do."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.identity.inputs import Action, Name
from shared.web.fields import Input


class RegisterClient(Input):
    """A partner system's program; `actions` of the permission matrix that it may do."""

    name: Name
    contact: Annotated[str, StringConstraints(min_length=3, max_length=200)]
    actions: Annotated[list[Action], Field(min_length=1, max_length=50)]

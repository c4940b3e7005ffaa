"""What people and programs send of designs."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import Field

from services.stamps import logos
from services.stamps.domain.designs import MAX_CAPTION, MAX_NAME, Decision, Face
from services.stamps.inputs import OptionalId, OptionalReason
from shared.web.fields import Input, upload

Choice = Annotated[str, Field(min_length=1, max_length=20)]
Logo = Annotated[UploadFile, upload(max_bytes=logos.MAX_BYTES, kinds=logos.KINDS)]


class DesignFields(Input):
    """`size` as for printing; `pattern` none, waves, rosette, mesh; `tint` of the background green,
    blue, rose, gold, grey, teal; `ink` of the texts black, green, blue, red, brown, teal."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    size: Choice
    pattern: Choice
    tint: Choice
    ink: Choice
    caption: Annotated[str, Field(max_length=MAX_CAPTION)] = ""

    def face(self, logo: str = "") -> Face:
        return Face(self.size, self.pattern, self.tint, self.ink, self.caption, logo)


class DesignForm(DesignFields):
    key: OptionalId = ""
    logo: Logo | None = None
    remove_logo: bool = False
    act: Annotated[str, Field(pattern="^(save|preview)$")] = "save"


class DesignDecision(Input):
    """A return needs a reason."""

    decision: Decision
    reason: OptionalReason = ""

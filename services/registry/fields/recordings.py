"""What people and programs send with a video, a sound or a document, with its limits."""

from typing import Annotated

from fastapi import UploadFile
from pydantic import Field

from services.registry.actions.belongings import Upload
from services.registry.actions.recordings import LARGEST
from services.registry.domain.recording import MAX_CAPTIONS
from services.registry.inputs import OptionalId
from shared.pictures.limits import MAX_BYTES, PICTURES
from shared.web.fields import Input, Prose, upload

Title = Annotated[str, Field(min_length=3, max_length=150)]
# What is said or shown, in words: for those who cannot see, hear, or pay for so much data.
Description = Annotated[Prose, Field(min_length=20, max_length=5000)]


class RecordingForm(Input):
    """For a facility's products, or for one article."""

    title: Title
    description: Description
    file: Annotated[UploadFile, upload(max_bytes=LARGEST)]
    poster: Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=PICTURES)] | None = None
    captions: Annotated[UploadFile, upload(max_bytes=MAX_CAPTIONS)] | None = None
    facility_id: OptionalId = ""
    article_id: OptionalId = ""
    key: OptionalId = ""

    async def sent(self) -> Upload:
        return await uploaded(self.file, self.title, self.description, self.poster, self.captions)


async def uploaded(
    file: UploadFile,
    title: str,
    description: str,
    poster: UploadFile | None,
    captions: UploadFile | None,
) -> Upload:
    """The file stays where it is; of the rest one byte more than allowed tells that it is too
    much."""
    return Upload(
        file=file.file,
        title=title,
        description=description,
        poster=await poster.read(MAX_BYTES + 1) if poster is not None else None,
        captions=await captions.read(MAX_CAPTIONS + 1) if captions is not None else None,
    )

"""What facilities and units send about where they are told, with its limits."""

from typing import Annotated, Literal

from pydantic import Field

from services.recall.domain.contact import MAX_URL, Channel
from shared.web.fields import Input

Language = Literal["vi", "en", "zh"]


class MailBody(Input):
    address: Annotated[str, Field(min_length=3, max_length=254)]
    language: Language = "vi"


class WebhookBody(Input):
    address: Annotated[str, Field(min_length=8, max_length=MAX_URL)]
    language: Language = "vi"


class ContactBody(Input):
    """`address` is a mail address, or for a webhook its https address."""

    channel: Channel
    address: Annotated[str, Field(min_length=3, max_length=MAX_URL)]
    language: Language = "vi"

"""What people and programs send about inquiries, with its limits."""

from typing import Annotated

from pydantic import AfterValidator, Field

from services.registry.actions.asking import Asked
from services.registry.domain.inquiry import CODE_CHARACTERS, TOPICS, Asker, read_code
from services.registry.inputs import Email, Id, Line, OptionalId, Phone, Reason, Version, one_of
from shared.web.fields import Input, Prose, wrong
from shared.web.i18n import N_

_topic_check, _topic_schema = one_of(TOPICS)
Topic = Annotated[str, _topic_check, _topic_schema]
_judgement_check, _judgement_schema = one_of(("remove", "clear"))
Judgement = Annotated[str, _judgement_check, _judgement_schema]
Text = Annotated[Prose, Field(min_length=10, max_length=3000)]


def _agreed(value: bool) -> bool:
    if not value:
        raise wrong(
            "consent_missing",
            N_("Hãy đánh dấu đồng ý: không có nó, cơ sở không được đọc thông tin của bạn."),
        )
    return value


def _empty(value: str) -> str:
    """People do not see this field; a program that fills every field does."""
    if value:
        raise wrong("trap_filled", N_("Ô này dành để chặn thư rác. Hãy để trống rồi gửi lại."))
    return value


def _code(value: str) -> str:
    if len(read_code(value)) != CODE_CHARACTERS:
        raise wrong("tracking_code", N_("Mã tra cứu gồm 16 chữ và số. Hãy kiểm tra lại."))
    return value


Code = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_code)]


class InquiryForm(Input):
    """`key` is made when the form is shown; `website` is the trap for programs."""

    topic: Topic
    text: Text
    quantity: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(min_length=2, max_length=100)]
    organisation: Line = ""
    phone: Phone = ""
    email: Email = ""
    consent: Annotated[bool, AfterValidator(_agreed), Field(validate_default=True)] = False
    product_id: OptionalId = ""
    key: Id
    website: Annotated[str, Field(max_length=200), AfterValidator(_empty)] = ""

    def asked(self, facility_id: str) -> Asked:
        asker = Asker(self.name, self.organisation, self.phone, self.email)
        return Asked(facility_id, self.product_id, self.topic, self.quantity, asker, self.text)


class CodeForm(Input):
    code: Code


class MessageForm(Input):
    text: Annotated[Prose, Field(min_length=2, max_length=3000)]


class ReportForm(Input):
    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]


class AnswerForm(MessageForm):
    version: Version


class ModerationForm(Input):
    """`remove` erases the inquiry, `clear` says that there is no abuse in it."""

    decision: Judgement
    reason: Reason

"""The forms of the stamps pages: the shared fields, and a key that makes a form sent twice one."""

from services.stamps import inputs
from shared.ids import new_id
from shared.web.fields import Input
from shared.web.forms import Form, Model, new_form


class _SentOnce(Input):
    key: inputs.OptionalId = ""


class RequestForm(_SentOnce, inputs.RequestFields):
    pass


class PrintForm(_SentOnce, inputs.PrintFields):
    pass


class AgainForm(_SentOnce, inputs.AgainFields):
    pass


class QuotaForm(_SentOnce, inputs.QuotaFields):
    pass


class HoldForm(_SentOnce, inputs.PlaceFields):
    pass


def fresh_form(model: type[Model], **initial: object) -> Form[Model]:
    """A form to be filled in, with a new key where it has one."""
    return new_form(model, key=new_id(), **initial)

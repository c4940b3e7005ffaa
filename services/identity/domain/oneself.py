"""Who a person is, as far as contact data tell: nobody grants or confirms what is for themself."""

import re
from dataclasses import dataclass

from shared.errors import Kind, Refusal

_MOBILE = re.compile(r"0[35789]\d{8}")


class OwnPerson(Refusal):
    code = "own_person"
    kind = Kind.FORBIDDEN
    message = (
        "Số di động hoặc thư điện tử ở đây là của chính bạn, nên bạn không tự cấp, trao hay duyệt "
        "được. Hãy ghi số hoặc thư của người nhận, hoặc nhờ cán bộ khác làm."
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """Telephone and e-mail address as somebody typed them."""

    phone: str
    email: str

    @property
    def marks(self) -> frozenset[str]:
        """What is one person's: a mobile number, an e-mail address. Offices share telephones."""
        digits = re.sub(r"\D", "", self.phone)
        national = "0" + digits[2:] if digits.startswith("84") else digits
        mobile = national if _MOBILE.fullmatch(national) else ""
        return frozenset(mark for mark in (mobile, self.email.strip().casefold()) if mark)


def require_another(own: Contact, *others: Contact) -> None:
    """Raise OwnPerson where one of the others is the same person."""
    if any(own.marks & other.marks for other in others):
        raise OwnPerson()

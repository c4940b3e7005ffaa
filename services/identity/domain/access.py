"""The access history (lịch sử truy cập): who, when, from where, what, with which outcome (R10)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address

# How long it is kept; security logs are kept for at least a year.
KEPT_DAYS = 400


class Did(StrEnum):
    """What an account was used for, or what was done to it."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session_ended"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - an act, not a secret
    PASSWORD_SET = "password_set"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    ISSUED = "issued"
    REISSUED = "reissued"
    COLLECTED = "collected"
    HANDED_OVER = "handed_over"
    SUSPENDED = "suspended"
    ACTIVATED = "activated"
    REVOKED = "revoked"
    EDITED = "edited"
    ERASED = "erased"
    FACTOR_ENROLLED = "factor_enrolled"
    FACTOR_OFF = "factor_off"
    FACTOR_REMOVED = "factor_removed"
    PROVEN = "proven"
    RECOVERY_USED = "recovery_used"
    RECOVERY_MADE = "recovery_made"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. `address` is used for limits and never kept in clear."""

    address: str = ""
    device: str = ""

    @property
    def place(self) -> str:
        """The network, not the host: 203.0.113.x, 2001:db8:1::x; "" if it is not known."""
        address = self._ip()
        if isinstance(address, IPv4Address):
            return ".".join(str(address).split(".")[:3]) + ".x"
        return ":".join(_groups(address)[:3]) + "::x" if address else ""

    @property
    def network(self) -> str:
        """What counts as one address for limits: an IPv6 user owns a /64."""
        address = self._ip()
        if isinstance(address, IPv4Address):
            return str(address)
        return ":".join(_groups(address)[:4]) if address else ""

    def _ip(self) -> IPv4Address | IPv6Address | None:
        try:
            address = ip_address(self.address)
        except ValueError:
            return None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return address


def _groups(address: IPv6Address) -> list[str]:
    return [f"{int(group, 16):x}" for group in address.exploded.split(":")]


@dataclass(frozen=True, slots=True)
class Access:
    """One entry. `account_id` is None where no account has the name that was typed."""

    id: str
    at: datetime
    account_id: str | None
    did: Did
    outcome: str
    place: str
    device: str
    by: str = ""


_SYSTEMS = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)
_BROWSERS = (
    ("edg", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("zalo", "Zalo"),
    ("firefox", "Firefox"),
    ("opr/", "Opera"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)


def describe_device(user_agent: str) -> str:
    """A browser and its system in two words, enough to recognise one's own phone."""
    told = user_agent.casefold()
    system = next((name for mark, name in _SYSTEMS if mark in told), "")
    browser = next((name for mark, name in _BROWSERS if mark in told), "")
    return " · ".join(part for part in (browser, system) if part)

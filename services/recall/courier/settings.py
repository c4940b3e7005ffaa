"""What the courier is told by its environment, and what the pages must know of it."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.recall.domain.contact import InvalidAddress, WebhookRules, mail_address
from services.recall.domain.networks import Network
from shared.settings import Settings


def _is_address(text: str) -> bool:
    try:
        return mail_address(text) == text
    except InvalidAddress:
        return False


def _is_here(host: str) -> bool:
    """Whether a mail server is on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class WebhookSettings(Settings):
    """`TXNG_WEBHOOK_PORTS`; `TXNG_WEBHOOK_HTTP` and `TXNG_WEBHOOK_NETWORKS` (private networks that
    may be reached all the same) are for an intranet and for tests."""

    webhook_ports: frozenset[int] = frozenset({443, 8443})
    webhook_http: bool = False
    webhook_networks: tuple[Network, ...] = ()

    @property
    def webhook_rules(self) -> WebhookRules:
        return WebhookRules(
            ports=self.webhook_ports,
            http=self.webhook_http,
            origin=self.public_origin,
            own_hosts=frozenset({self.stamp_host.lower()}),
            networks=self.webhook_networks,
        )


class CourierSettings(WebhookSettings):
    """`TXNG_SMTP_*`: the mail server; without a host mail waits. `TXNG_MAIL_DROP`: a folder where
    mails are put as files instead, for trying the system out.

    `smtp_tls` is starttls, tls (from the first byte) or none, which is for a server on the same
    machine. `smtp_ca_file` and `webhook_ca_file` are certificates to trust besides the system's.
    `dkim_selector` and `dkim_key_file` (an RSA private key in PEM) sign mails for the sender's
    domain; without them the relay does.
    """

    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_password_file: Path | None = None
    smtp_sender: str = ""
    smtp_ca_file: Path | None = None
    smtp_seconds: float = Field(30.0, gt=0, le=60)
    dkim_selector: str = Field("", pattern=r"^([a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?)?$")
    dkim_key_file: Path | None = None
    mail_drop: Path | None = None
    webhook_ca_file: Path | None = None
    webhook_seconds: float = Field(10.0, gt=0, le=60)

    @field_validator(
        *("smtp_password_file", "smtp_ca_file", "dkim_key_file", "mail_drop", "webhook_ca_file"),
        mode="before",
    )
    @classmethod
    def _given(cls, path: object) -> object:
        """Containers are told an empty name where none is set."""
        return path or None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A mail server without a sender stops the start, not the first mail."""
        if self.smtp_host and not self.smtp_sender:
            raise ValueError("TXNG_SMTP_SENDER must be set where TXNG_SMTP_HOST is")
        if self.smtp_sender and not _is_address(self.smtp_sender):
            raise ValueError("TXNG_SMTP_SENDER must be an address alone, such as txng@example.vn")
        if self.smtp_user and self.smtp_tls == "none" and not _is_here(self.smtp_host):
            raise ValueError(
                "TXNG_SMTP_USER needs TXNG_SMTP_TLS starttls or tls: without it the password is "
                "sent as it is to whoever listens"
            )
        if bool(self.dkim_selector) != (self.dkim_key_file is not None):
            raise ValueError("TXNG_DKIM_SELECTOR and TXNG_DKIM_KEY_FILE are set together or not")
        if self.dkim_selector and not self.smtp_sender:
            raise ValueError("TXNG_SMTP_SENDER must be set where TXNG_DKIM_SELECTOR is")
        return self

    @property
    def has_mail(self) -> bool:
        return bool(self.smtp_host or self.mail_drop)

    def password(self) -> str:
        """That of the file, read anew each time so that it can be changed, else the variable's."""
        if self.smtp_password_file is not None:
            return self.smtp_password_file.read_text(encoding="utf-8").strip()
        return self.smtp_password.get_secret_value()

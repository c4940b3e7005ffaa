"""What a process is told by its environment; every name begins with `TXNG_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one process. A wrong or missing one stops the start with its name."""

    model_config = SettingsConfigDict(env_prefix="TXNG_", frozen=True)

    mongo_url: str = "mongodb://127.0.0.1:27117/?replicaSet=rs0"
    amqp_url: str = Field("amqp://guest:guest@127.0.0.1:5772/", description="comma = more hosts")
    db_prefix: str = "txng"
    bus_prefix: str = ""
    bind: str = "127.0.0.1"
    port: int = 8000
    public_origin: str = "http://localhost:8080"
    stamp_host: str = "TXNG.TEST"
    secrets_dir: Path = Path(".txng/secrets")
    replica: str = "scan-1"
    spool_dir: Path = Path(".txng/spool")
    feeds: dict[str, str] = Field(default_factory=dict, description="publisher -> base URL")
    checkpoint_file: Path | None = Field(None, description="signed heads of the audit ledger")
    trust_proxy: bool = True
    access_token_seconds: int = 600
    refresh_token_seconds: int = 12 * 3600
    # How long a proof of who it is lets somebody do what shared/permissions.toml marks `fresh`.
    fresh_proof_seconds: int = Field(600, ge=30)

    @property
    def amqp_hosts(self) -> tuple[str, ...]:
        return tuple(url.strip() for url in self.amqp_url.split(",") if url.strip())

    @property
    def secure(self) -> bool:
        """Whether the public origin has TLS: `__Host-` cookies and HSTS are used only then."""
        return self.public_origin.startswith("https://")

    def database(self, service: str) -> str:
        return f"{self.db_prefix}_{service}"

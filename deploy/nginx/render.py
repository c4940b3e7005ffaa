"""Fills in nginx's configuration for the system that runs on this machine."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[1] / "shared" / "web" / "static"
PLACEHOLDER = re.compile(r"\$\{(TXNG_[A-Z_]+)\}")

# Requests an address may make: generous, for thousands of phones share one behind a carrier.
RATES = {"TXNG_SCAN_RATE": "200r/s", "TXNG_PAGE_RATE": "50r/s", "TXNG_SIGN_IN_RATE": "5r/s"}

# How long a public page may let its reader wait before it is said that it takes too long.
PUBLIC_TIMEOUT = "15s"

# A replica that refuses connections is left out for a second, not for nginx's default of ten: two
# that restart one after the other must not both be out at once. A frozen one takes connections and
# never answers, so leaving none out would make every second scan wait for it.
PATIENCE = "max_fails=3 fail_timeout=1s"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every ${TXNG_…} replaced; a name without a value is an error."""
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], template)


def servers(ports: Sequence[int]) -> str:
    return " ".join(f"server 127.0.0.1:{port} {PATIENCE};" for port in ports)


def write_local(
    folder: Path,
    *,
    listen: Sequence[str],
    upstreams: Mapping[str, Sequence[int]],
    access_log: Path,
    scheme: str = "$scheme",
    public_timeout: str = PUBLIC_TIMEOUT,
) -> Path:
    """Writes nginx.conf and txng.conf into the folder; returns the path of nginx.conf.

    `upstreams` maps identity, registry, stamps, recall, reporting, scan and desk to their ports.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        **{name: os.environ.get(name, rate) for name, rate in RATES.items()},
        **{f"TXNG_{name.upper()}_SERVERS": servers(ports) for name, ports in upstreams.items()},
        "TXNG_LISTEN": " ".join(f"listen {address};" for address in listen),
        "TXNG_RESOLVER": "",  # Only addresses here, no names.
        "TXNG_SCHEME": scheme,
        "TXNG_PUBLIC_TIMEOUT": os.environ.get("TXNG_PUBLIC_TIMEOUT", public_timeout),
        "TXNG_ACCESS_LOG": str(access_log),
        "TXNG_ERRORS": str(HERE / "errors"),
        "TXNG_STATIC": str(STATIC),
        "TXNG_RUN": str(folder),
        # Started by root, the workers keep its rights: the clone may lie where only root can read.
        "TXNG_USER": "user root;" if os.geteuid() == 0 else "",
    }
    for template, target in (("main", "nginx"), ("txng", "txng")):
        text = (HERE / f"{template}.conf.template").read_text()
        (folder / f"{target}.conf").write_text(fill(text, values))
    return folder / "nginx.conf"


def command(configuration: Path) -> list[str]:
    """Runs nginx in the foreground with this configuration alone."""
    folder = configuration.parent
    return ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(configuration)]

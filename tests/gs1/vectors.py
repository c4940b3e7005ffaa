"""GS1's own Digital Link URIs with their verdicts, where the folder with the standards is named."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

# Of these the host is wrong, which a server never sees: the request does not reach it.
WRONG_HOSTS = ("https://[fe80::1%25lo]/", "https://$a/")
# Addresses here have no stem before the primary key.
STEM = "/stem"

needs_standards = pytest.mark.skipif(
    not os.environ.get("TXNG_STANDARDS_DIR"),
    reason="the official vectors are in the folder that TXNG_STANDARDS_DIR names; it is not set",
)


def standard(name: str) -> str:
    return (Path(os.environ["TXNG_STANDARDS_DIR"]) / "gs1" / name).read_text()


def official() -> list[tuple[str, str, bool]]:
    """Path, query and verdict of each vector that hangs on these."""
    if not os.environ.get("TXNG_STANDARDS_DIR"):
        return []
    found = []
    for vector in json.loads(standard("digital-link-uri-vectors.json")):
        if not vector["uri"].startswith(WRONG_HOSTS):
            url = urlsplit(vector["uri"])
            found.append((url.path.removeprefix(STEM), url.query, vector["valid"]))
    return found

"""`/.well-known/gs1resolver`: what this resolver can do, for programs that look for one."""

from typing import Any

import msgspec

from services.scan.resolving.linkset import CONTEXT, VOCABULARY

PATH = "/.well-known/gs1resolver"
# What anything here may be found by; other valid keys are read, and not found.
KEYS = ("01", "414", "417")


def description(origin: str) -> bytes:
    told: dict[str, Any] = {
        "name": "Truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh",
        "resolverRoot": origin,
        "supportedPrimaryKeys": KEYS,
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT,
        "contact": {
            "fn": "Cổng truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh",
            "hasAddress": {"region": "Quảng Ninh"},
        },
    }
    return msgspec.json.encode(told)

"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

API: Final = "/api/registry/v1"
CONSOLE: Final = "/console/registry"

FORM: Final = "an empty form"
WORDS: Final = "shared vocabulary, which names no record"
FIGURES: Final = "figures only"

UNRECORDED: Final[Mapping[str, str]] = {
    CONSOLE: "counts of what waits, and the way to the lists",
    f"{API}/catalogues": WORDS,
    f"{API}/catalogues/{{name}}": WORDS,
    f"{API}/catalogues/{{name}}/changes": WORDS,
    f"{API}/catalogues/{{name}}/changes/{{change_id}}": WORDS,
    f"{API}/catalogues/{{name}}/diff": WORDS,
    f"{API}/catalogues/{{name}}/versions": WORDS,
    f"{API}/metadata": WORDS,
    f"{API}/templates/{{kind}}.{{format}}": FORM,
    f"{API}/known-facilities/counts": FIGURES,
    f"{CONSOLE}/catalogues": WORDS,
    f"{CONSOLE}/catalogues/{{name}}": WORDS,
    f"{CONSOLE}/catalogues/{{name}}/change": WORDS,
    f"{CONSOLE}/catalogues/{{name}}/changes/{{change_id}}": WORDS,
    f"{CONSOLE}/catalogues/{{name}}/versions": WORDS,
    f"{CONSOLE}/metadata": WORDS,
    f"{CONSOLE}/imports/templates/{{word}}.{{format_}}": FORM,
    f"{CONSOLE}/facilities/new": FORM,
    f"{CONSOLE}/growing-areas/new": FORM,
    f"{CONSOLE}/inspections/new": FORM,
    f"{CONSOLE}/known-facilities/new": FORM,
    f"{CONSOLE}/lots/new": FORM,
    f"{CONSOLE}/news/new": FORM,
    f"{CONSOLE}/products/new": FORM,
    f"{CONSOLE}/receipts/new": FORM,
    f"{CONSOLE}/shipments/new": FORM,
    f"{CONSOLE}/transformations/new": FORM,
}

"""The certificates of a facility in a row: numbered columns over those that the record has."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.registry.domain.certificates import Certificate
from services.registry.facility_inputs import CertificateInput
from services.registry.sheets.facility_columns import CERTIFICATES


def laid_over(before: Any, cells: Mapping[str, Any]) -> tuple[list[int], list[dict[str, Any]]]:
    """The numbered certificates of the row over those of the record, without empty ones; and the
    number of each, from 0."""
    known = CertificateInput.model_fields
    rows = [
        {name: value for name, value in asdict(one).items() if name in known}
        for one in getattr(before, "certificates", ())
    ]
    for number in range(CERTIFICATES):
        start = f"certificates.{number}."
        parts = {name.removeprefix(start): cells[name] for name in cells if name.startswith(start)}
        if not parts:
            continue
        rows += [{}] * (number + 1 - len(rows))
        filled = any(value is not None for value in parts.values())
        rows[number] = {**rows[number], **parts} if filled else {}
    kept = [
        (number, {name: value for name, value in row.items() if value is not None})
        for number, row in enumerate(rows)
        if row
    ]
    return [number for number, _ in kept], [row for _, row in kept]


def changed(one: Certificate) -> dict[str, Any]:
    """What sheets say of a certificate; anything else stays with the one on record."""
    return {
        name: getattr(one, name) for name in CertificateInput.model_fields if hasattr(one, name)
    }


def numbered(field_name: str, places: Sequence[int]) -> str:
    """`certificates.0.number` by the number of its columns, which empty ones before it shift."""
    parts = field_name.split(".")
    if parts[0] == "certificates" and len(parts) > 1 and int(parts[1]) < len(places):
        parts[1] = str(places[int(parts[1])])
    return ".".join(parts)

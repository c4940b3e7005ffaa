"""Rows of the data files as records; whatever is wrong is noted with its file and line."""

import csv
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from deploy.demo.records import GrowingArea, Record

Kind = TypeVar("Kind", bound=Record)
Row = dict[str, Any]


def nothing(row: Row) -> Mapping[str, Any]:
    """What most rows get beside their cells."""
    return {}


class Reader:
    """Reads files of one folder; `problems` collects a sentence for each thing amiss."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def rows(self, name: str) -> list[tuple[int, Row]]:
        """Line number and cells of each row; empty cells are left out, texts are in NFC."""
        try:
            # A spreadsheet may put a byte order mark in front.
            text = (self.folder / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}: cannot be read as UTF-8 text: {error}")
            return []
        reader = csv.DictReader(unicodedata.normalize("NFC", text).splitlines())
        return [(reader.line_num, _cells(row)) for row in reader]

    def records(
        self, name: str, model: type[Kind], extra: Callable[[Row], Mapping[str, Any]] = nothing
    ) -> tuple[Kind, ...]:
        """Every right row of a file as a record; `extra` adds what the file does not hold."""
        found = (
            self.record(f"{name}:{line}", model, {**row, **extra(row)})
            for line, row in self.rows(name)
        )
        return tuple(record for record in found if record is not None)

    def record(self, where: str, model: type[Kind], values: Row) -> Kind | None:
        """One record, or None and a note of each field that is wrong."""
        try:
            return model.model_validate(values)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_context=False):
                field = ".".join(str(part) for part in one["loc"])
                self.problems.append(f"{where}: {field}: {one['msg']} (here: {one['input']!r:.60})")
            return None

    def areas(self, name: str) -> tuple[GrowingArea, ...]:
        """The features of a GeoJSON file, each a polygon of one ring."""
        try:
            text = (self.folder / name).read_text(encoding="utf-8-sig")
            features = json.loads(unicodedata.normalize("NFC", text))["features"]
            rows = [
                {**one["properties"], "ring": one["geometry"]["coordinates"][0]} for one in features
            ]
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            self.problems.append(f"{name}: not GeoJSON with polygons: {error!r}")
            return ()
        found = (self.record(f"{name}: {row.get('code')}", GrowingArea, row) for row in rows)
        return tuple(record for record in found if record is not None)


def _cells(row: Mapping[str | None, Any]) -> Row:
    """What stands in the cells, trimmed; cells beyond the last column fail as an unknown field."""
    beyond = {"beyond the last column": row[None]} if None in row else {}
    texts = {key: (value or "").strip() for key, value in row.items() if key is not None}
    return {key: text for key, text in texts.items() if text} | beyond


def by(records: tuple[Kind, ...], field: str) -> dict[str, tuple[Kind, ...]]:
    """Records by the value of a field, each group in the order of the file."""
    groups: dict[str, list[Kind]] = {}
    for record in records:
        groups.setdefault(getattr(record, field), []).append(record)
    return {key: tuple(group) for key, group in groups.items()}

"""Every Vietnamese text that people see has its English, and no catalogue keeps what is gone."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
SHARED = "shared"
SERVICES = sorted(
    folder.name
    for folder in (ROOT / "services").iterdir()
    if folder.is_dir() and any(folder.glob("*.py"))
)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Names that mark or translate a text in Python; the text is their first argument.
MARKERS = {"N_", "_", "translate", "wrong"}


def folder_of(part: str) -> Path:
    return ROOT / "shared" if part == SHARED else ROOT / "services" / part


def catalogue_path(part: str) -> Path:
    folder = folder_of(part)
    return (folder / "web" if part == SHARED else folder) / "locale" / "en.po"


def texts_of_templates(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("templates/**/*")):
        if path.suffix not in (".html", ".txt", ".xml", ".svg"):
            continue
        options = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"}
        with path.open("rb") as file:
            for _, message, _, _ in extract(babel_extract, file, KEYWORDS, options=options):
                yield message[0] if isinstance(message, tuple) else message


def texts_of_python(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _marked(node)
            elif isinstance(node, ast.ClassDef) and _is_refusal(node):
                yield from _message(node)


def _marked(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    position = 1 if name == "wrong" else 0
    if name in MARKERS and len(call.args) > position:
        text = call.args[position]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value


def _is_refusal(node: ast.ClassDef) -> bool:
    """A class with a `message` and a `code` or `kind` of its own, or one derived from a Refusal."""
    names = {name for name, _ in _assigned(node)}
    bases = {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
    return "message" in names and (bool(names & {"code", "kind"}) or "Refusal" in bases)


def _message(node: ast.ClassDef) -> Iterator[str]:
    for name, value in _assigned(node):
        if name == "message" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr | None]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value


def used(part: str) -> set[str]:
    folder = folder_of(part)
    return {*texts_of_templates(folder), *texts_of_python(folder)} - {""}


def english(part: str) -> dict[str, Message]:
    path = catalogue_path(part)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    found = {}
    for message in catalogue:
        if message.id:
            msgid = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            found[msgid] = message
    return found


def forms(message: Message) -> list[str]:
    many = isinstance(message.string, (tuple, list))
    return list(message.string) if many else [message.string]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


PARTS = [SHARED, *SERVICES]


@pytest.mark.parametrize("part", PARTS)
def test_every_text_has_its_english(part: str) -> None:
    known = english(part) if part == SHARED else {**english(SHARED), **english(part)}
    done = {msgid for msgid, message in known.items() if all(forms(message)) and not message.fuzzy}
    missing = sorted(used(part) - done)
    assert not missing, "no English for:\n" + "\n".join(missing)


@pytest.mark.parametrize("part", PARTS)
def test_no_catalogue_keeps_a_text_that_nothing_uses(part: str) -> None:
    # Services may lean on shared texts, so those count as used when any part uses them.
    everywhere = set().union(*map(used, PARTS)) if part == SHARED else used(part)
    obsolete = sorted(set(english(part)) - everywhere)
    assert not obsolete, "obsolete:\n" + "\n".join(obsolete)


@pytest.mark.parametrize("part", PARTS)
def test_a_translation_has_the_same_placeholders(part: str) -> None:
    wrong = [
        msgid
        for msgid, message in english(part).items()
        for form in forms(message)
        if not names_in(form) <= names_in(msgid) | {"count"}
        or (names_in(msgid) - {"count"}) - names_in(form)
    ]
    assert not wrong, "placeholders differ:\n" + "\n".join(wrong)

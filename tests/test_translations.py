"""Every Vietnamese text that people see has its translations; no catalogue keeps what is gone."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from services.registry.stages import INPUT_TITLES, TEST_TITLE

ROOT = Path(__file__).resolve().parents[1]
SHARED = "shared"
# Each language with the number of its plural forms.
LANGUAGES = {"en": 2, "zh": 1}
SERVICES = sorted(
    folder.name
    for folder in (ROOT / "services").iterdir()
    if folder.is_dir() and any(folder.glob("*.py"))
)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Names that mark or translate a text in Python; the text is their first argument.
MARKERS = {"N_", "_", "translate", "wrong", "Phrase"}


def folder_of(part: str) -> Path:
    return ROOT / "shared" if part == SHARED else ROOT / "services" / part


def catalogue_path(part: str, lang: str) -> Path:
    folder = folder_of(part)
    return (folder / "web" if part == SHARED else folder) / "locale" / f"{lang}.po"


def texts_of_templates(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("templates/**/*")):
        if path.suffix not in (".html", ".txt", ".xml", ".svg"):
            continue
        options = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"}
        with path.open("rb") as file:
            for _, message, _, _ in extract("jinja2", file, KEYWORDS, options=options):
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


@cache
def used(part: str) -> frozenset[str]:
    folder = folder_of(part)
    return frozenset({*texts_of_templates(folder), *texts_of_python(folder)} - {""})


@cache
def names_of_data() -> frozenset[str]:
    """What the first data brings in Vietnamese and English only: steps, categories, crops, …

    A third language has these names from the shared catalogue.
    """
    found = {title for title, _ in (*INPUT_TITLES.values(), TEST_TITLE)}
    for path in sorted((ROOT / "services/registry/domain/seed").glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8")).values():
            within = row.get("categories")
            for one in (row, *(within.values() if isinstance(within, dict) else ())):
                if "name_en" in one or "title_en" in one:
                    found.add(one.get("name") or one["title"])
    return frozenset(found)


def wanted(part: str, lang: str) -> frozenset[str]:
    return used(part) | names_of_data() if part == SHARED and lang != "en" else used(part)


@cache
def translated(part: str, lang: str) -> dict[str, Message]:
    path = catalogue_path(part, lang)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    found = {}
    for message in catalogue:
        if message.id:
            msgid = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            found[msgid] = message
    return found


def forms(message: Message) -> list[str]:
    text = message.string or ""
    return [text] if isinstance(text, str) else list(text)


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def markup_in(text: str) -> list[str]:
    """Tags, addresses and printf places; they stay as they are in every language."""
    return sorted(re.findall(r"</?[a-z][^>]*>|https?://[A-Za-z0-9./_-]*(?<!\.)|%\(\w+\)[sd]", text))


PARTS = [SHARED, *SERVICES]
CATALOGUES = [(part, lang) for part in PARTS for lang in LANGUAGES]


@pytest.mark.parametrize(("part", "lang"), CATALOGUES)
def test_every_text_has_its_translation(part: str, lang: str) -> None:
    known = {**translated(SHARED, lang), **translated(part, lang)}
    done = {msgid for msgid, message in known.items() if all(forms(message)) and not message.fuzzy}
    missing = sorted(wanted(part, lang) - done)
    assert not missing, f"no {lang} for:\n" + "\n".join(missing)


@pytest.mark.parametrize(("part", "lang"), CATALOGUES)
def test_no_catalogue_keeps_a_text_that_nothing_uses(part: str, lang: str) -> None:
    # Services may lean on shared texts, so those count as used when any part uses them.
    everywhere = frozenset().union(*map(used, PARTS)) if part == SHARED else frozenset()
    obsolete = sorted(set(translated(part, lang)) - everywhere - wanted(part, lang))
    assert not obsolete, "obsolete:\n" + "\n".join(obsolete)


@pytest.mark.parametrize(("part", "lang"), CATALOGUES)
def test_a_translation_has_the_same_placeholders(part: str, lang: str) -> None:
    wrong = [
        msgid
        for msgid, message in translated(part, lang).items()
        for form in forms(message)
        if not names_in(form) <= names_in(msgid) | {"count"}
        or (names_in(msgid) - {"count"}) - names_in(form)
    ]
    assert not wrong, "placeholders differ:\n" + "\n".join(wrong)


@pytest.mark.parametrize(("part", "lang"), CATALOGUES)
def test_a_translation_keeps_markup_and_addresses(part: str, lang: str) -> None:
    wrong = [
        msgid
        for msgid, message in translated(part, lang).items()
        for form in forms(message)
        if markup_in(form) != markup_in(msgid)
    ]
    assert not wrong, "markup differs:\n" + "\n".join(wrong)


@pytest.mark.parametrize(("part", "lang"), CATALOGUES)
def test_a_plural_has_as_many_forms_as_the_language(part: str, lang: str) -> None:
    wrong = [
        msgid
        for msgid, message in translated(part, lang).items()
        if isinstance(message.id, (tuple, list)) and len(forms(message)) != LANGUAGES[lang]
    ]
    assert not wrong, "plural forms:\n" + "\n".join(wrong)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_written_in_vietnamese_is_not_left_so_in_chinese(part: str) -> None:
    left = [
        msgid
        for msgid, message in translated(part, "zh").items()
        for form in forms(message)
        if re.search("[\u1ea0-\u1ef9ăđĩũơư]", msgid) and not re.search("[\u4e00-\u9fff]", form)
    ]
    assert not left, "no Chinese in:\n" + "\n".join(left)

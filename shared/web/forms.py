"""Forms of pages: what was typed, the model it makes, errors by field in the user's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined
from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.errors import EditConflict, Refusal
from shared.ids import new_id
from shared.once import KeyReused
from shared.web import shapes, typed
from shared.web.assembly import assemble
from shared.web.formdata import Submitted
from shared.web.i18n import N_, language_of, translate
from shared.web.problems import status_of
from shared.web.validation import MAX_TOLD, tell

Model = TypeVar("Model", bound=BaseModel)
Raw = Mapping[str, Sequence[str]]
# Names of the hidden input that holds a form's own key: sent twice, it is one act (shared/once.py).
KEYS = ("key", "repeat_key", "id")


@dataclass(frozen=True)
class Form(Generic[Model]):
    """`value` is None if anything is wrong; `errors` under "" concern the form as a whole.

    `files` names the inputs in which a file was sent: no page can show one again, so that a form
    with errors asks for it again. `refusal` is what the domain said, where it was asked. `at` tells
    the forms of one page apart that have inputs of the same name: it is part of their ids.
    """

    model: type[Model]
    value: Model | None = None
    raw: Raw = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    refusal: Refusal | None = None
    at: str = ""

    def text(self, name: str) -> str:
        """What the input shows."""
        found = self.raw.get(name, ())
        return found[0] if found else ""

    def texts(self, name: str) -> Sequence[str]:
        """What repeated inputs show."""
        return self.raw.get(name, ())

    def typed(self) -> Sequence[str]:
        """What was written in words, for a page that has no input any more to show it in."""
        return [text for texts in self.raw.values() for text in texts if " " in text.strip()]

    def error(self, name: str) -> str:
        """The error of an input, "" if it has none."""
        return self.errors.get(name, "")

    def required(self, name: str) -> bool:
        return shapes.required(self.model, name)

    def limit(self, name: str, constraint: str) -> int | None:
        return shapes.limit(self.model, name, constraint)

    def rows(self, name: str, at_least: int = 1, extra: int = 0) -> range:
        """Indices of the rows to show for a list of rows: those typed, and empty ones after."""
        seen = [int(key.split(".")[1]) for key in self.raw if _is_row(key, name)]
        return range(max(at_least, (max(seen) + 1 if seen else 0) + extra))

    def refused(self, refusal: Refusal) -> "Form[Model]":
        """The same form, with a refusal of the domain at its field (or on top)."""
        message = translate(refusal.message, **refusal.params)
        found = {**self.errors, self._as_typed(refusal.field or ""): message}
        errors = _with_lost_files(found, self.files)
        refused = replace(self, value=None, errors=errors, refusal=refusal)
        # Changed and sent again after it had been done: that is something new.
        return refused._with_new_key() if isinstance(refusal, KeyReused) else refused

    def without_errors(self) -> "Form[Model]":
        """What was typed so far, before anybody said that it was finished."""
        return replace(self, value=None, errors={})

    def unfinished(self) -> "Form[Model]":
        """As `without_errors`, but that chosen files are asked for again: no page can keep them."""
        return replace(self, value=None, errors=_with_lost_files({}, self.files))

    def is_begun(self) -> bool:
        """Whether nothing is wrong with it but what has not been filled in yet."""
        return all(
            name and (name in self.files or not self.text(name).strip()) for name in self.errors
        )

    def named(self, at: str) -> "Form[Model]":
        """The same form, told apart from others of its page."""
        return replace(self, at=at)

    def kept_files(self, *names: str) -> "Form[Model]":
        """The form whose files of these inputs are kept elsewhere already."""
        return replace(self, files=self.files - set(names))

    def from_version(self, version: int) -> "Form[Model]":
        """The form as it was typed, which sent again goes on from this version."""
        return self.with_raw(version=str(version))

    def caught_up(self, version: int) -> "Form[Model]":
        """After an edit conflict the form goes on from the version that is shown now."""
        return self.from_version(version) if isinstance(self.refusal, EditConflict) else self

    def with_raw(self, **texts: str) -> "Form[Model]":
        """The form with other texts in these inputs."""
        return replace(self, raw={**self.raw, **{name: [text] for name, text in texts.items()}})

    def _with_new_key(self) -> "Form[Model]":
        return self.with_raw(**{name: new_id() for name in KEYS if name in self.raw})

    def _as_typed(self, name: str) -> str:
        """`lots.0.code` of the domain, which knows no empty rows, as the row that was typed."""
        first, _, rest = name.partition(".")
        number, _, last = rest.partition(".")
        if not number.isdecimal() or not last:
            return name
        typed = {
            int(key.split(".")[1])
            for key, texts in self.raw.items()
            if _is_row(key, first) and any(text.strip() for text in texts)
        }
        places = sorted(typed)
        found = places[int(number)] if int(number) < len(places) else int(number)
        return f"{first}.{found}.{last}"


def _is_row(key: str, name: str) -> bool:
    parts = key.split(".")
    return len(parts) > 2 and parts[0] == name and parts[1].isdecimal()


def form_status(refusal: Refusal) -> int:
    """The HTTP status of a form that comes back with this refusal."""
    return status_of(refusal)


async def read_form(request: Request, model: type[Model]) -> Form[Model]:
    """The posted form. The route must have `PageForm` or `VisitorForm`, which has checked it."""
    submitted: Submitted | None = getattr(request.state, "submitted", None)
    if submitted is None:
        raise RuntimeError("read_form needs PageForm or VisitorForm among the route's parameters")
    return parse(submitted, model)


def parse(submitted: Submitted, model: type[Model]) -> Form[Model]:
    """The form made of submitted pairs."""
    assembled = assemble(submitted.pairs, model, language_of())
    errors = {name: translate(msgid) for name, msgid in assembled.errors.items()}
    value: Model | None = None
    try:
        value = model.model_validate(assembled.data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[:MAX_TOLD]:
            told = tell(error, assembled.input_name(error["loc"]))
            errors.setdefault(told.field, told.message)
    files = _files(submitted)
    if errors:
        return Form(model, None, _typed(submitted), _with_lost_files(errors, files), files)
    return Form(model, value, _typed(submitted), errors, files)


def _with_lost_files(errors: Mapping[str, str], files: frozenset[str]) -> Mapping[str, str]:
    lost = translate(N_("Tệp đã chọn không giữ lại được. Hãy chọn lại tệp rồi gửi."))
    return {**errors, **{name: lost for name in sorted(files) if name not in errors}}


def _files(submitted: Submitted) -> frozenset[str]:
    """An input without a chosen file sends an empty one without a name."""
    return frozenset(
        name
        for name, value in submitted.pairs
        if isinstance(value, UploadFile) and (value.filename or value.size)
    )


def _typed(submitted: Submitted) -> Raw:
    raw: dict[str, list[str]] = {}
    for name, value in submitted.pairs:
        if not isinstance(value, UploadFile):
            raw.setdefault(name, []).append(value)
    return raw


def new_form(model: type[Model], source: object = None, /, **initial: object) -> Form[Model]:
    """A form to be filled in: from the model's defaults, an object's attributes, and `initial`."""
    values: dict[str, object] = {}
    for name, info in model.model_fields.items():
        if name in initial:
            values[name] = initial[name]
        elif source is not None:
            values[name] = _attribute(source, name)
        elif info.default is not PydanticUndefined:
            values[name] = info.default
    lang = language_of()
    raw: dict[str, list[str]] = {}
    for name, text in _flat(values, lang):
        raw.setdefault(name, []).append(text)
    return Form(model, raw=raw)


def _attribute(source: object, name: str) -> object:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)


def _flat(values: Mapping[str, Any], lang: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Values as (input name, text) pairs, rows as `lots.0.code`."""
    for name, value in values.items():
        key = prefix + name
        if isinstance(value, (list, tuple, set, frozenset)):
            yield from _flat_many(key, list(value), lang)
        elif isinstance(value, (BaseModel, Mapping)):
            yield from _flat(_mapping(value), lang, f"{key}.")
        elif text := typed.write(value, lang):
            yield key, text


def _flat_many(key: str, values: Sequence[Any], lang: str) -> Iterator[tuple[str, str]]:
    for index, value in enumerate(values):
        if isinstance(value, (BaseModel, Mapping)):
            yield from _flat(_mapping(value), lang, f"{key}.{index}.")
        else:
            yield key, typed.write(value, lang)


def _mapping(value: BaseModel | Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(value) if isinstance(value, BaseModel) else value

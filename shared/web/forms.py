"""Forms of pages: what was typed, the model it makes, errors by field in the user's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined
from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.errors import Refusal
from shared.web import shapes, typed
from shared.web.assembly import assemble
from shared.web.formdata import Submitted
from shared.web.i18n import language_of, translate
from shared.web.problems import status_of
from shared.web.validation import MAX_TOLD, tell

Model = TypeVar("Model", bound=BaseModel)
Raw = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Form(Generic[Model]):
    """`value` is None if anything is wrong; `errors` under "" concern the form as a whole."""

    model: type[Model]
    value: Model | None = None
    raw: Raw = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What the input shows."""
        found = self.raw.get(name, ())
        return found[0] if found else ""

    def texts(self, name: str) -> Sequence[str]:
        """What repeated inputs show."""
        return self.raw.get(name, ())

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
        field_name = self._as_typed(refusal.field or "")
        return replace(self, value=None, errors={**self.errors, field_name: message})

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
    return Form(model, None if errors else value, _typed(submitted), errors)


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

"""What was typed in a form that no page takes back: shown beside the refusal, and sent again."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.web.formdata import Submitted, is_secret
from shared.web.refusals import CrossSiteForm

# After these nothing is wrong with the form itself: pressed again later, it may be taken.
_PASSING = (429, 503)


@dataclass(frozen=True)
class Kept:
    """`words` are shown; `fields` is what a press of the button sends to `action`, if it may."""

    action: str
    words: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    had_files: bool


def kept(request: Request, facts: Mapping[str, object]) -> Kept | None:
    """The form of this request, if it came from a page of ours; nobody's password is in it.

    `facts` are the status and code of the refusal.
    """
    submitted: Submitted | None = getattr(request.state, "submitted", None)
    if submitted is None or not getattr(request.state, "from_here", False):
        return None
    fields = tuple(
        (name, value)
        for name, value in submitted.pairs
        if isinstance(value, str) and not is_secret(name, request.url.path)
    )
    words = tuple(value for _, value in fields if " " in value.strip())
    had_files = any(isinstance(it, UploadFile) and it.filename for _, it in submitted.pairs)
    again = facts["status"] in _PASSING or facts["code"] == CrossSiteForm.code
    if not words and not (again and fields):
        return None
    action = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Kept(action, words, fields if again else (), had_files)

"""Asks a signed-in person to prove who they are, and goes on with the form they sent.

The page holds what was typed in hidden fields and sends it, with the code, to identity; identity
checks the code and sends the browser back to where the form was going, method and body kept (307).
Nothing is stored on the way and nothing is typed twice. Only chosen files have to be chosen again.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from shared.web.formdata import Submitted
from shared.web.pages import render

PROOF_PATH = "/account/proof"


def ask_for_proof(
    request: Request,
    *,
    going_to: str | None = None,
    by_code: bool | None = None,
    error: str = "",
    status: int = 401,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page that asks for a code (or, without a second factor, for the password).

    `going_to` is where the form was going, by default this request's own address.
    """
    submitted: Submitted | None = getattr(request.state, "submitted", None)
    pairs = submitted.pairs if submitted is not None else []
    principal = getattr(request.state, "principal", None)
    if by_code is None:
        by_code = principal is not None and principal.has_factor
    target = going_to if going_to is not None else _here(request)
    return render(
        request,
        "proof.html",
        status=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        action=f"{PROOF_PATH}?{urlencode({'next': target})}",
        fields=[(name, value) for name, value in pairs if not isinstance(value, UploadFile)],
        had_files=any(isinstance(value, UploadFile) and value.filename for _, value in pairs),
        by_code=by_code,
        error=error,
        cancel=target if request.method == "GET" else "/console",
    )


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")

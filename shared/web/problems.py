"""Every no as an answer: RFC 9457 problem documents for APIs, an HTML page for people."""

from collections.abc import Mapping, Sequence

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.errors import (
    Forbidden,
    InvalidInput,
    Kind,
    NotFound,
    ProofNeeded,
    Refusal,
    Unauthenticated,
    Unavailable,
)
from shared.mongo import is_outage
from shared.web.i18n import N_, language_of, language_tag, translate
from shared.web.idempotency import NAME as IDEMPOTENCY_KEY
from shared.web.kept import kept
from shared.web.pages import render
from shared.web.proof import ask_for_proof
from shared.web.refusals import (
    BodyIsTooLarge,
    IdempotencyKeyMissing,
    InternalError,
    MalformedBody,
    MethodNotAllowed,
    SessionNotAccepted,
    TooManyRequests,
)
from shared.web.refused_reads import note_refused_read
from shared.web.routes import is_api, methods_at
from shared.web.session import SessionNeeded, ask_for_session
from shared.web.validation import FieldError, told

_log = structlog.get_logger("http")

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.FORBIDDEN: 403,
    Kind.UNAUTHENTICATED: 401,
    Kind.LIMIT: 429,
    Kind.TOO_LARGE: 413,
    Kind.UNAVAILABLE: 503,
}

TITLES: Mapping[int, str] = {
    400: N_("Không đọc được nội dung"),
    401: N_("Cần đăng nhập"),
    403: N_("Không có quyền"),
    404: N_("Không tìm thấy"),
    405: N_("Cách gửi không đúng"),
    409: N_("Không làm được lúc này"),
    413: N_("Nội dung quá lớn"),
    422: N_("Dữ liệu nhập chưa đúng"),
    429: N_("Quá nhiều yêu cầu"),
    500: N_("Hệ thống gặp lỗi"),
    503: N_("Tạm thời chưa phục vụ được"),
}

# Not a matter of single fields: a body that cannot be read at all, a header that must be there.
_BAD_REQUESTS = (MalformedBody, IdempotencyKeyMissing)

# What the framework itself refuses, in our words; its own texts are never shown.
_FRAMEWORK: Mapping[int, Refusal] = {
    400: MalformedBody(),
    401: Unauthenticated(),
    403: Forbidden(),
    404: NotFound(),
    405: MethodNotAllowed(),
    413: BodyIsTooLarge(),
    429: TooManyRequests(),
    503: Unavailable(),
}


def install(app: FastAPI) -> None:
    """Sets the handlers; `Unexpected` (middleware) takes what they do not."""
    app.exception_handler(Refusal)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_framework_refused)
    app.exception_handler(SessionNeeded)(_session_needed)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return 400 if isinstance(refusal, _BAD_REQUESTS) else STATUS[refusal.kind]


def retry_after(refusal: Refusal) -> Mapping[str, str]:
    """The header by which whoever has to wait is told how long; none for any other refusal."""
    wait = refusal.params.get("retry_after")
    return {"Retry-After": str(wait)} if wait is not None else {}


def refuse(
    request: Request,
    refusal: Refusal,
    *,
    status: int | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for a refusal, as the address asks for it."""
    status = status or status_of(refusal)
    detail = translate(refusal.message, **refusal.params)
    if refusal.field and not errors:
        errors = [FieldError(refusal.field, refusal.code, detail)]
    sent = dict(headers or {})
    if status == 401 and is_api(request.url.path):
        # RFC 9470: a program is told apart from an expired token what it has to do.
        step_up = ' error="insufficient_user_authentication"'
        challenge = step_up if isinstance(refusal, ProofNeeded) else ""
        sent.setdefault("WWW-Authenticate", f"Bearer{challenge}")
    sent = {**retry_after(refusal), **sent}
    facts = {"status": status, "code": refusal.code, "detail": detail, "errors": errors}
    if is_api(request.url.path):
        return _document(request, facts, errors, sent)
    return _page(request, facts, status, sent)


def _document(
    request: Request,
    facts: Mapping[str, object],
    errors: Sequence[FieldError],
    headers: Mapping[str, str],
) -> Response:
    body = {
        "type": "about:blank",
        "title": _title(facts["status"]),
        **facts,
        "request_id": _request_id(request),
    }
    if errors:
        body["errors"] = [error.as_dict() for error in errors]
    else:
        del body["errors"]
    sent = {"Content-Language": language_tag(language_of()), **headers}
    return JSONResponse(
        body, int(str(facts["status"])), sent, media_type="application/problem+json"
    )


def _page(
    request: Request, facts: Mapping[str, object], status: int, headers: Mapping[str, str]
) -> Response:
    # What only has to be waited for opens by itself, without a script too; what was sent does not.
    again = headers.get("Retry-After") if status == 503 and request.method == "GET" else None
    refresh = {"Refresh": again} if again else {}
    return render(
        request,
        "error.html",
        status=status,
        headers={"Cache-Control": "no-store", **headers, **refresh},
        again=again,
        title=_title(status),
        request_id=_request_id(request),
        **{name: value for name, value in facts.items() if name != "status"},
        shown_status=status,
        kept=kept(request, facts),
    )


def _title(status: object) -> str:
    return translate(TITLES.get(int(str(status)), N_("Yêu cầu không được chấp nhận")))


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    await note_refused_read(request, refusal)
    if isinstance(refusal, ProofNeeded) and not is_api(request.url.path):
        return ask_for_proof(request)
    return refuse(request, refusal)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return refuse(request, MalformedBody())
    if any(one["type"] == "missing" and one["loc"] == ("header", IDEMPOTENCY_KEY) for one in found):
        return refuse(request, IdempotencyKeyMissing())
    if not is_api(request.url.path) and any(one["loc"][:1] == ("path",) for one in found):
        # A person followed or typed an address that names nothing.
        return refuse(request, NotFound())
    return refuse(request, InvalidInput(), errors=told(found, prefix=1))


async def _framework_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = _FRAMEWORK.get(error.status_code, Refusal())
    headers = error.headers
    if error.status_code == 405:
        # The framework names the methods of one route only, though an address may have several.
        headers = {"Allow": ", ".join(sorted(methods_at(request.app, request.url.path)))}
    return refuse(request, refusal, status=error.status_code, headers=headers)


async def _session_needed(request: Request, _: Exception) -> Response:
    return ask_for_session(request) or refuse(request, SessionNotAccepted(retry_after=5))


async def unexpected(request: Request, error: Exception) -> Response:
    """A database that is away is said to be away; everything else is logged and not told."""
    if is_outage(error):
        _log.warning("database is away", error=type(error).__name__)
        return refuse(request, Unavailable(retry_after=5))
    _log.error("unexpected error", exc_info=error)
    return refuse(request, InternalError(), status=500)

"""Cookies: their names and the attributes they all share."""

from starlette.responses import Response

ACCESS = "txng_access"
REFRESH = "txng_refresh"
VISIT = "txng_visit"
FLASH = "txng_flash"
HOPS = "txng_hops"


def cookie_name(name: str, *, secure: bool) -> str:
    """With TLS the browser itself enforces Secure, Path=/ and no Domain (`__Host-`)."""
    return f"__Host-{name}" if secure else name


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, max_age: int | None = None
) -> None:
    """A cookie no script can read; `max_age` in seconds, None = until the browser closes."""
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Removes what `set_cookie` set."""
    set_cookie(response, name, "", secure=secure, max_age=0)

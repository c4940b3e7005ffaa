"""The address a request came from, as the trusted proxy says it."""

from ipaddress import ip_address

from starlette.requests import Request


def client_address(request: Request) -> str:
    """The caller's IP address; `X-Real-IP` counts only where settings trust the proxy before us."""
    peer = request.client.host if request.client else ""
    if not request.app.state.web.settings.trust_proxy:
        return peer
    told = request.headers.get("x-real-ip", "").strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return peer

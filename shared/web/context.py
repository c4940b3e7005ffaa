"""What `create_app` prepares once and every page of the process uses: `app.state.web`."""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request

from shared.settings import Settings
from shared.web.i18n import Catalogues
from shared.web.keys import WebKeys


@dataclass(frozen=True)
class Web:
    service: str
    title: str
    settings: Settings
    keys: WebKeys
    catalogues: Catalogues
    templates: Environment


def web(request: Request) -> Web:
    """The process's web context."""
    prepared: Web = request.app.state.web
    return prepared

"""The stylesheet, the icons and the small script: addresses with a content hash, and serving."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"


@lru_cache
def static_url(name: str) -> str:
    """`/static/app.css?v=<hash>`: changes with the content, so browsers may keep it for ever."""
    digest = sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/{name}?v={digest}"


class Static(StaticFiles):
    """For runs without nginx in front, which otherwise serves the same folder."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if versioned else "public, max-age=300"
        )
        return response

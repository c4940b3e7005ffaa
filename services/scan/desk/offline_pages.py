"""The page for places without signal: itself, its files, and what keeps both on a telephone.

The files are served under an address with the version of them all, so that those of two versions
never run together; the worker takes a whole version or none.
"""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path as Folder
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from markupsafe import Markup

from services.scan.offline import signing
from shared.errors import NotFound
from shared.settings import Settings
from shared.web.i18n import N_, language_tag, translate
from shared.web.pages import render
from shared.web.static_files import FOLDER as STATIC
from shared.web.static_files import static_url

PATH = "/kiem-tra-ngoai-tuyen"
FILES = Folder(__file__).parent / "offline_files"
_ROOT = Folder(__file__).parents[3]
LANGUAGES = ("vi", "en", "zh")
# Of the shared files what every page loads.
SHARED = ("app.css", "app.js", "icons.svg", "favicon.svg")
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
    ".LICENSE": "text/plain",
}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASKED_ANEW = {"Cache-Control": "no-cache"}
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show(request: Request) -> Response:
    settings = request.app.state.web.settings
    lang = request.state.lang
    return render(
        request,
        "desk/offline.html",
        headers={"Cache-Control": "no-cache"},
        key=signing.public_key(signing.key_of(settings.secrets_dir)),
        files=_files(settings),
        manifest=f"{PATH}/{lang}.webmanifest",
        worker=f"{PATH}/worker.js",
        scope=PATH,
        worded_link=Markup('<a href="/kiem-tra-tem">{}</a>').format(
            translate(N_("trang kiểm tra tem"))
        ),
    )


@router.get(PATH + "/worker.js")
async def worker(request: Request) -> Response:
    """The service worker; its bytes change with whatever it keeps."""
    settings = request.app.state.web.settings
    kept = {
        "version": version(settings),
        "path": PATH,
        "languages": LANGUAGES,
        "files": _kept(settings),
    }
    text = f"self.KEPT = {json.dumps(kept)};\n{(FILES / 'worker.js').read_text()}"
    return Response(
        text,
        media_type="text/javascript",
        headers={**ASKED_ANEW, "Service-Worker-Allowed": PATH},
    )


@router.get(PATH + "/{lang}.webmanifest")
async def manifest(request: Request, lang: Literal["vi", "en", "zh"]) -> Response:
    files = _files(request.app.state.web.settings)
    icons = [
        {"src": f"{files}/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    told = {
        "id": PATH,
        "start_url": PATH,
        "scope": PATH,
        "name": translate(N_("Kiểm tra khi không có mạng"), lang),
        "short_name": translate(N_("Kiểm tra tem"), lang),
        "lang": language_tag(lang),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b4f48",
        "icons": icons,
    }
    return JSONResponse(told, media_type="application/manifest+json", headers=ASKED_ANEW)


@router.get(PATH + "/files/{of}/{name:path}")
async def file(request: Request, of: str, name: Annotated[str, Path(max_length=100)]) -> Response:
    """A file of the page; of another version than this process has there is none."""
    if of != version(request.app.state.web.settings) or name not in names():
        raise NotFound()
    path = FILES / name
    media_type = MEDIA_TYPES[path.suffix]
    return Response(path.read_bytes(), media_type=media_type, headers=FOR_EVER)


@cache
def names() -> frozenset[str]:
    """What may be asked for, relative to the folder."""
    return frozenset(
        path.relative_to(FILES).as_posix()
        for path in FILES.rglob("*")
        if path.suffix in MEDIA_TYPES and path.name != "worker.js"
    )


def version(settings: Settings) -> str:
    return _version(settings.secrets_dir)


@cache
def _version(secrets: Folder) -> str:
    """Changes with all that the page is made of: its files, its words and the key it trusts."""
    made_of = [
        *(FILES / name for name in sorted(names())),
        FILES / "worker.js",
        _ROOT / "services" / "scan" / "templates" / "desk" / "offline.html",
        *sorted((_ROOT / "services" / "scan" / "locale").glob("*.po")),
        *sorted((_ROOT / "shared" / "web" / "locale").glob("*.po")),
        *sorted((_ROOT / "shared" / "web" / "templates").glob("*.html")),
        *(STATIC / name for name in SHARED),
    ]
    digest = sha256(signing.public_key(signing.key_of(secrets)).encode())
    for path in made_of:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(settings: Settings) -> str:
    return f"{PATH}/files/{version(settings)}"


def _kept(settings: Settings) -> list[tuple[str, str]]:
    """Addresses with what their content must be (W3C Subresource Integrity), "" for whatever it is:
    a server of another release, or a proxy that puts its own page there, is not believed."""
    files = _files(settings)
    listed = [name for name in sorted(names()) if not name.endswith(".LICENSE")]
    return [
        *((static_url(name), _integrity(STATIC / name)) for name in SHARED),
        *((f"{files}/{name}", _integrity(FILES / name)) for name in listed),
        *((f"{PATH}/{lang}.webmanifest", "") for lang in LANGUAGES),
    ]


def _integrity(path: Folder) -> str:
    return f"sha256-{b64encode(sha256(path.read_bytes()).digest()).decode()}"

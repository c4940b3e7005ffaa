"""What inspectors carry along to places without signal, and the key that it is signed with.

Anybody may have it: all that it tells, the pages of stamps and of recalls tell everybody, and the
filter answers only whoever has a code already (ADR 28).
"""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.scan.offline import signing
from services.scan.offline.serving import Ready, Shelf

router = APIRouter(prefix="/api/scan/v1/snapshot", tags=["offline"])
MEDIA_TYPE = "application/octet-stream"
# Kept by whoever likes, but asked for anew: it is a minute old at most.
FRESH = {
    "Cache-Control": "public, no-cache",
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
}


class KeyView(BaseModel):
    """A JWK (RFC 8037); `x` are the 32 bytes of the Ed25519 public key in base64url."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    x: str


@router.get(
    "",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}, 304: {"description": "No newer one is there."}},
)
async def get_snapshot(request: Request) -> Response:
    """The newest signed snapshot: recalled and withdrawn products, lots and facilities as printed
    on labels, and a filter of codes that are revoked, suspected or recalled (form: ADR 28).

    It tells what is known to be bad; that something is genuine it never tells.
    """
    shelf: Shelf = request.app.state.snapshots
    ready = await shelf.newest(request.app.state.db)
    headers = {**FRESH, "ETag": ready.etag, "X-Snapshot-Number": str(ready.number)}
    if ready.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _sent(ready, request.headers.get("accept-encoding", ""), headers)


@router.get("/key")
async def get_snapshot_key(request: Request, response: Response) -> KeyView:
    """The public key that snapshots are signed with."""
    response.headers.update(FRESH)
    key = signing.key_of(request.app.state.web.settings.secrets_dir)
    return KeyView(x=signing.public_key(key))


def _sent(ready: Ready, accepted: str, headers: dict[str, str]) -> Response:
    if "gzip" in accepted:
        headers = {**headers, "Content-Encoding": "gzip"}
        return Response(ready.squeezed, media_type=MEDIA_TYPE, headers=headers)
    return Response(ready.file, media_type=MEDIA_TYPE, headers=headers)

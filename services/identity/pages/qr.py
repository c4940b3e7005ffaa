"""The QR code of a new seed as a picture of its own: pages hold no inline styles or scripts."""

from io import BytesIO

import segno
from starlette.responses import Response


def qr_image(address: str) -> Response:
    """An SVG that is kept by no cache; black on white in dark mode too, for cameras."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=6, border=4, dark="#000", light="#fff", xmldecl=False
    )
    headers = {"Cache-Control": "no-store"}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)

"""Kept papers on their way out: always to be saved, never shown within the site."""

from starlette.responses import Response

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg"}


def file_answer(name: str, media_type: str, data: bytes) -> Response:
    """What a PDF holds is not ours: it is neither opened here nor given anything of the site."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{ENDINGS[media_type]}"',
        "Content-Security-Policy": "sandbox",
    }
    return Response(data, media_type=media_type, headers=headers)

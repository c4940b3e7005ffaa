"""What everybody reads: the catalogue, news, files, and what is behind a link or a code."""

from fastapi import APIRouter

from services.registry.pages.public import (
    asking,
    catalogue,
    files,
    news,
    recording_files,
    searching,
    sitemaps,
    transport,
)

router = APIRouter()
for part in (files, recording_files, sitemaps, asking, news, searching, catalogue, transport):
    router.include_router(part.router)

"""The JSON API of stamps, a module per concern."""

from fastapi import APIRouter

from services.stamps.api import batches, codes, holds, life, log, printing, requests

router = APIRouter(prefix="/api/stamps/v1", tags=["stamps"])
for part in (requests, batches, codes, life, printing, holds, log):
    router.include_router(part.router)

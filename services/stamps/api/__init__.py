"""The JSON API of stamps, a module per concern."""

from fastapi import APIRouter

from services.stamps.api import (
    batches,
    codes,
    designs,
    formats,
    holds,
    life,
    log,
    printing,
    quotas,
    requests,
    stock,
)

router = APIRouter(prefix="/api/stamps/v1", tags=["stamps"])
for part in (requests, batches, codes, life, printing, formats, designs, holds, quotas, stock, log):
    router.include_router(part.router)

"""The design that others use: FastAPI, and one read of MongoDB for every request.

It is written as one would write it well: one process under uvloop, pymongo's asynchronous client
with its pool of connections, one read by the primary key for one document that already holds the
whole verdict, answered as the bytes that were stored (`Response`, no model, no validation, no
middleware). The code's tag is verified before. It counts nothing, limits nothing, negotiates
nothing, and does not know how old its document is.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response
from pymongo import AsyncMongoClient

from shared.stampcode import Keyring, decode

DATABASE, VERDICTS = "bench_each", "verdicts"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncMongoClient[dict[str, bytes]](os.environ["TXNG_MONGO_URL"]) as client:
        app.state.verdicts = client[DATABASE][VERDICTS]
        app.state.keyring = Keyring.load(Path(os.environ["TXNG_SECRETS_DIR"]) / "stamp-keys.json")
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/v1/verdicts/{code}")
async def verdict(code: str) -> Response:
    stamp = decode(app.state.keyring, code)
    found = await app.state.verdicts.find_one({"_id": code}) if stamp else None
    if found is None:
        return Response(b'{"verdict":"unknown"}', media_type="application/json")
    return Response(found["body"], media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )

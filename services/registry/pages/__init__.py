"""The pages of registry: the public catalogue and the console."""

from fastapi import APIRouter

router = APIRouter()

"""The pages of recall: the console's and the public's."""

from fastapi import APIRouter

ROUTERS: list[APIRouter] = []

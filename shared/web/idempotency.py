"""The header by which a client makes an act that it sends twice happen once; see shared/once.py."""

from typing import Annotated, Final

from fastapi import Header

NAME: Final = "Idempotency-Key"
_HEADER: Final = Header(
    alias=NAME,
    # As short a key as nobody guesses: what an answer holds may be sealed under it.
    min_length=8,
    max_length=200,
    description="Cùng khóa và cùng nội dung: trả lại câu trả lời đầu tiên, không tạo thêm.",
)
IdempotencyKey = Annotated[str | None, _HEADER]
# Where an act sent twice could not be taken back: without it, 400 `idempotency_key_missing`.
NeededIdempotencyKey = Annotated[str, _HEADER]

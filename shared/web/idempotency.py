"""The header by which a client makes an act that it sends twice happen once; see shared/once.py."""

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        # As short a key as nobody guesses: what an answer holds may be sealed under it.
        min_length=8,
        max_length=200,
        description="Cùng khóa và cùng nội dung: trả lại câu trả lời đầu tiên, không tạo thêm.",
    ),
]

"""What a service answered: as it should have, or with a refusal; and the forms in its pages."""

import re
from typing import Any

import httpx2


def ok(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
    """The body of an act that must succeed."""
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an act that must not."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["code"] == code, body
    return body


def token_in(html: str) -> str:
    """The CSRF token of a page's forms."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    assert found, f"the page has no form with a token: {html}"
    return found.group(1)

"""Asking the feeds of recall, stamps and registry: the one call from scan to other services."""

import asyncio

import httpx2

from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing.envelope import FeedAnswer, open_answer

TIMEOUT_SECONDS = 2.0


class Unanswered(Exception):
    """The feed did not answer in time, or not with an answer."""


class Feeds:
    """One HTTP client for the three feeds; `urls` maps publishers to their own base addresses."""

    def __init__(self, urls: dict[str, str], replica: str = "") -> None:
        missing = [publisher for publisher in PUBLISHERS if publisher not in urls]
        if missing:
            raise ValueError(f"TXNG_FEEDS names no address for {', '.join(missing)}")
        self.urls = dict(urls)
        self._replica = replica
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)

    async def ask(self, publisher: str, after: int) -> FeedAnswer:
        """Everything committed after `after`, a page of it at a time; raises Unanswered.

        An answer whose head lies before what we hold comes from a server that lags behind.
        """
        parameters = {"after": str(after), "replica": self._replica}
        try:
            # The client's own time-outs are per step; ours is for the whole answer.
            response = await asyncio.wait_for(
                self._client.get(f"{self.urls[publisher]}/v1/feed", params=parameters),
                TIMEOUT_SECONDS,
            )
            if response.status_code != 200:
                raise Unanswered(f"{publisher} answered {response.status_code}")
            answer = open_answer(response.content)
        except (httpx2.HTTPError, TimeoutError, ValueError) as error:
            raise Unanswered(f"{publisher}: {type(error).__name__} {error}") from error
        if answer.publisher != publisher or answer.head < after:
            raise Unanswered(f"{publisher}: head {answer.head} of {answer.publisher} after {after}")
        return answer

    async def close(self) -> None:
        await self._client.aclose()
